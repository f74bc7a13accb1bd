//! Everything without a mouse.

use fantoccini::key::Key;

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn a_handover_needs_no_mouse() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana");
    play("keyboard", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("connection", "Live").await;
        page.shows("inbox-name", "Ana").await;

        page.press("?").await;
        page.shows("keys", "Timeline alone").await;
        page.press(&Key::Escape.to_string()).await;

        page.press("2").await;
        page.press(&format!("Hello{}", Key::Enter)).await;
        page.shows("owner", "Bot").await;
        page.press(&Key::Escape.to_string()).await;

        page.press("m").await;
        page.shows("owner", "Page Inbox").await;
        page.press("3").await;
        page.press(&format!("This is Ben.{}", Key::Enter)).await;
        page.shows("person-messages", "This is Ben.").await;
        page.press(&Key::Escape.to_string()).await;
        page.press("d").await;
        page.shows("owner", "Bot").await;

        page.has_row("the answer", |row| row.title == "message")
            .await;
        page.press("4").await;
        assert_eq!(page.focus().await.as_deref(), Some("timeline"));
        page.press(&format!("{}{}{}", Key::Down, Key::Down, Key::Enter))
            .await;
        page.gives(
            "return document.querySelector('[data-testid=detail]').hidden",
            false,
        )
        .await;
        page.press("u").await;
        page.shows("detail-curl-text", "curl").await;
        page.press(&Key::Escape.to_string()).await;
        page.gives(
            "return document.querySelector('[data-testid=detail]').hidden",
            true,
        )
        .await;

        page.press("x").await;
        page.shows("drawer", "Faults").await;
        page.press(&Key::Escape.to_string()).await;
        page.gives(
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
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("person-messages", "Hello").await;
        let mut reached = Vec::new();
        for _ in 0..60 {
            page.press(&Key::Tab.to_string()).await;
            reached.extend(page.focus().await);
        }
        for id in [
            "clock-open", "faults-open", "settings-open", "theme-switch", "people-search", "people-list",
            "person-input", "message-more", "action-as", "inbox-take", "inbox-input", "filter-search", "timeline",
        ] {
            assert!(reached.iter().any(|one| one == id), "Tab does not reach {id}: {reached:?}");
        }
        let nameless: Vec<String> = page
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
