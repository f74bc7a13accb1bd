//! Room, light, and what outlives a reload.

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

const WIDTHS: [(u32, u32); 3] = [(1440, 900), (1024, 768), (400, 800)];

#[tokio::test]
async fn it_fits_a_phone() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("narrow", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("person-messages", "Hello").await;
        for (width, height) in WIDTHS {
            desk.resize(width, height).await;
            desk.gives("return innerWidth", width).await;
            desk.gives(
                "return document.documentElement.scrollWidth <= innerWidth",
                true,
            )
            .await;
        }
        for (tab, shown) in [
            ("tab-people", "people-list"),
            ("tab-phone", "person-input"),
            ("tab-business", "inbox-input"),
            ("tab-timeline", "timeline"),
        ] {
            desk.click(tab).await;
            desk.gives(
                &format!(
                    "return Boolean(document.querySelector('[data-testid={shown}]').offsetParent)"
                ),
                true,
            )
            .await;
            desk.gives(
                "return document.documentElement.scrollWidth <= innerWidth",
                true,
            )
            .await;
            desk.gives(OUTSIDE, Vec::<String>::new()).await;
        }
        desk.click("tab-phone").await;
        desk.write("person-input", "Still there?", "person-send")
            .await;
        desk.shows("person-messages", "Still there?").await;
        for panel in ["faults-open", "settings-open"] {
            desk.click(panel).await;
            desk.gives(OUTSIDE, Vec::<String>::new()).await;
            desk.click("drawer-close").await;
        }
    })
    .await;
}

/// Buttons and fields that stick out at the sides.
const OUTSIDE: &str = "return [...document.querySelectorAll('button, input, select')]
    .filter(one => one.offsetParent && !one.closest('.cards'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
    .map(one => one.outerHTML)";

#[tokio::test]
async fn a_reload_keeps_theme_and_thread() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    let ben = bot.sim.person("Ben");
    ben.says("Good day").await.unwrap();
    play("reload", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.fill("people-search", "Ana").await;
        desk.gives("return document.querySelectorAll('.person-row').length", 1)
            .await;
        desk.click("inbox-thread").await;
        desk.shows("person-messages", "Hello").await;
        desk.gives(GROUND, "rgb(244, 244, 246)".to_owned()).await;
        desk.click("theme-switch").await;
        desk.gives(GROUND, "rgb(11, 11, 13)".to_owned()).await;

        ben.says("And again").await.unwrap();
        desk.reload().await;
        desk.shows("inbox-name", "Ana").await;
        desk.shows("person-messages", "Hello").await;
        desk.gives(GROUND, "rgb(11, 11, 13)".to_owned()).await;
        assert!(desk.address().await.contains('#'));
    })
    .await;
}

const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";

#[tokio::test]
async fn from_700_pixels_on_phone_and_inbox_stand_side_by_side() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("tablet", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("person-messages", "Hello").await;
        for width in [700, 768, 860, 861, 1024, 1279, 1280] {
            desk.resize(width, 800).await;
            desk.gives("return innerWidth", width).await;
            desk.gives(SIDE_BY_SIDE, true).await;
            desk.gives(OUTSIDE, Vec::<String>::new()).await;
        }
        desk.resize(768, 800).await;
        desk.click("tab-people").await;
        desk.shows("people-list", "Ana").await;
        desk.click("tab-timeline").await;
        desk.shows("timeline", "message").await;
        desk.gives(OUTSIDE, Vec::<String>::new()).await;
        desk.click("tab-business").await;
        desk.gives(SIDE_BY_SIDE, true).await;
        desk.resize(699, 800).await;
        desk.gives(SIDE_BY_SIDE, false).await;
    })
    .await;
}

const SIDE_BY_SIDE: &str = "const [phone, inbox] = ['phone', 'business']
        .map(id => document.getElementById(id).getBoundingClientRect());
    return phone.width > 200 && inbox.width > 200
        && phone.right <= inbox.left && inbox.right <= innerWidth";
