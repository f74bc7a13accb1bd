//! The platform's clock.

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

#[tokio::test]
async fn after_a_day_nobody_owns_the_thread() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("clock", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("owner", "Bot").await;
        desk.shows("owner-window", "Open").await;
        desk.click("clock-open").await;
        desk.click("clock-25h").await;
        desk.shows("owner", "Nobody").await;
        desk.shows("owner-until", "the next message goes to Bot")
            .await;
        desk.shows("owner-window", "Closed").await;
        desk.shows("clock-offset", "+25 h").await;
    })
    .await;
}
