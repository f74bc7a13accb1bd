//! The bot comes and goes, and so does the simulator.

use std::net::Ipv4Addr;
use std::time::Duration;

use handover_sim::Simulator;
use tokio::net::TcpListener;

use crate::support::browser::play;
use crate::support::played_bot::{PlayedBot, app, listen};
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn a_bot_that_is_not_there_yet_gets_everything_later() {
    let place = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let webhook = format!("http://{address}/webhook");
    let soon = std::iter::repeat_n(Duration::from_millis(100), 500);
    let builder = Simulator::builder()
        .app(app().webhook(&webhook))
        .retry_after(soon);
    let bot = PlayedBot::on(builder).await;
    play("bot_restart", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.write("person-input", "Anybody there?", "person-send")
            .await;
        page.has_row("a webhook that waits", |row| {
            row.title == "message" && row.state == "waiting"
        })
        .await;
        page.shows("timeline", "is the bot running?").await;

        let listener = TcpListener::bind(address).await.unwrap();
        listen(listener);
        page.has_row("a webhook that arrived", |row| {
            row.title == "message" && row.state == "succeeded"
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_page_finds_the_simulator_again() {
    let first = PlayedBot::start().await;
    let address = first.sim.address();
    let page = first.page();
    // Until the browser is closed: it would report that nobody answers.
    let mut second = None;
    play("restart", async |client| {
        let page = SimulatorPage::open(client, &page).await;
        page.write("person-input", "Before", "person-send").await;
        page.shows("inbox-messages", "Before").await;
        first.sim.stop().await;
        page.shows("connection", "Reconnecting").await;

        let again = PlayedBot::on(Simulator::builder().app(app()).address(address)).await;
        let sim = &second.insert(again).sim;
        page.shows("connection", "Live").await;
        page.gives(
            "return document.querySelectorAll('#person-messages > li').length",
            0,
        )
        .await;
        page.write("person-input", "After", "person-send").await;
        page.shows("inbox-messages", "After").await;
        assert_eq!(sim.person("Ana").messages().len(), 1);
        // Nobody answered for a while, which is no mistake of the page.
        page.forget_console().await;
    })
    .await;
}
