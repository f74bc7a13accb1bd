//! The platform's clock.

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn after_a_day_nobody_owns_the_thread() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("clock", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("owner", "Bot").await;
        page.shows("owner-window", "Open").await;
        page.click("clock-open").await;
        page.click("clock-25h").await;
        page.shows("owner", "Nobody").await;
        page.shows("owner-until", "Next message: Bot").await;
        page.shows("owner-window", "Closed").await;
        page.shows("clock-offset", "+25 h").await;
    })
    .await;
}
