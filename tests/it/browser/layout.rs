//! Room, light, and what outlives a reload.

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

const WIDTHS: [(u32, u32); 3] = [(1440, 900), (1024, 768), (400, 800)];

#[tokio::test]
async fn it_fits_a_phone() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("narrow", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("person-messages", "Hello").await;
        for (width, height) in WIDTHS {
            page.resize(width, height).await;
            page.gives("return innerWidth", width).await;
            page.gives(
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
            page.click(tab).await;
            page.gives(
                &format!(
                    "return Boolean(document.querySelector('[data-testid={shown}]').offsetParent)"
                ),
                true,
            )
            .await;
            page.gives(
                "return document.documentElement.scrollWidth <= innerWidth",
                true,
            )
            .await;
            page.gives(OUTSIDE, Vec::<String>::new()).await;
        }
        page.click("tab-phone").await;
        page.write("person-input", "Still there?", "person-send")
            .await;
        page.shows("person-messages", "Still there?").await;
        for panel in ["faults-open", "settings-open"] {
            page.click(panel).await;
            page.gives(OUTSIDE, Vec::<String>::new()).await;
            page.click("drawer-close").await;
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
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.fill("people-search", "Ana").await;
        page.gives("return document.querySelectorAll('.person-row').length", 1)
            .await;
        page.click("inbox-thread").await;
        page.shows("person-messages", "Hello").await;
        page.gives(GROUND, "rgb(244, 244, 246)".to_owned()).await;
        page.click("theme-switch").await;
        page.gives(GROUND, "rgb(11, 11, 13)".to_owned()).await;

        ben.says("And again").await.unwrap();
        page.reload().await;
        page.shows("inbox-name", "Ana").await;
        page.shows("person-messages", "Hello").await;
        page.gives(GROUND, "rgb(11, 11, 13)".to_owned()).await;
        assert!(page.address().await.contains('#'));
    })
    .await;
}

const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";

#[tokio::test]
async fn from_700_pixels_on_phone_and_inbox_stand_side_by_side() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("tablet", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("person-messages", "Hello").await;
        for width in [700, 768, 860, 861, 1024, 1279, 1280] {
            page.resize(width, 800).await;
            page.gives("return innerWidth", width).await;
            page.gives(SIDE_BY_SIDE, true).await;
            page.gives(OUTSIDE, Vec::<String>::new()).await;
        }
        page.resize(768, 800).await;
        page.click("tab-people").await;
        page.shows("people-list", "Ana").await;
        page.click("tab-timeline").await;
        page.shows("timeline", "message").await;
        page.gives(OUTSIDE, Vec::<String>::new()).await;
        page.click("tab-business").await;
        page.gives(SIDE_BY_SIDE, true).await;
        page.resize(699, 800).await;
        page.gives(SIDE_BY_SIDE, false).await;
    })
    .await;
}

const SIDE_BY_SIDE: &str = "const [phone, inbox] = ['phone', 'business']
        .map(id => document.getElementById(id).getBoundingClientRect());
    return phone.width > 200 && inbox.width > 200
        && phone.right <= inbox.left && inbox.right <= innerWidth";
