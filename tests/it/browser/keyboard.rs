//! Everything without a mouse.

use fantoccini::key::Key;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

#[tokio::test]
async fn a_handover_needs_no_mouse() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana");
    play("keyboard", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("connection", "Live").await;
        desk.shows("inbox-name", "Ana").await;

        desk.press("?").await;
        desk.shows("keys", "Timeline alone").await;
        desk.press(&Key::Escape.to_string()).await;

        desk.press("2").await;
        desk.press(&format!("Hello{}", Key::Enter)).await;
        desk.shows("owner", "Bot").await;
        desk.press(&Key::Escape.to_string()).await;

        desk.press("m").await;
        desk.shows("owner", "Page Inbox").await;
        desk.press("3").await;
        desk.press(&format!("This is Ben.{}", Key::Enter)).await;
        desk.shows("person-messages", "This is Ben.").await;
        desk.press(&Key::Escape.to_string()).await;
        desk.press("d").await;
        desk.shows("owner", "Bot").await;

        desk.has_row("the answer", |row| row.title == "message")
            .await;
        desk.press("4").await;
        assert_eq!(desk.focus().await.as_deref(), Some("timeline"));
        desk.press(&format!("{}{}{}", Key::Down, Key::Down, Key::Enter))
            .await;
        desk.gives(
            "return document.querySelector('[data-testid=detail]').hidden",
            false,
        )
        .await;
        desk.press("u").await;
        desk.shows("detail-curl-text", "curl").await;
        desk.press(&Key::Escape.to_string()).await;
        desk.gives(
            "return document.querySelector('[data-testid=detail]').hidden",
            true,
        )
        .await;

        desk.press("x").await;
        desk.shows("drawer", "Faults").await;
        desk.press(&Key::Escape.to_string()).await;
        desk.gives(
            "return document.querySelector('[data-testid=drawer]').hidden",
            true,
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn tab_reaches_all_there_is() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("tab", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("person-messages", "Hello").await;
        let mut reached = Vec::new();
        for _ in 0..60 {
            desk.press(&Key::Tab.to_string()).await;
            reached.extend(desk.focus().await);
        }
        for id in [
            "clock-open", "faults-open", "settings-open", "theme-switch", "people-search", "people-list",
            "person-input", "message-more", "act-as", "inbox-take", "inbox-input", "filter-search", "timeline",
        ] {
            assert!(reached.iter().any(|one| one == id), "Tab does not reach {id}: {reached:?}");
        }
        let nameless: Vec<String> = desk
            .read(
                "return [...document.querySelectorAll('button, input, select, [role=listbox]')]
                    .filter(one => one.offsetParent && !(one.textContent.trim() || one.ariaLabel || one.labels?.length || one.title))
                    .map(one => one.outerHTML)",
            )
            .await;
        assert!(nameless.is_empty(), "without a name: {nameless:#?}");
    })
    .await;
}
