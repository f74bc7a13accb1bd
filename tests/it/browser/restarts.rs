//! The bot comes and goes, and so does the simulator.

use std::net::Ipv4Addr;
use std::time::Duration;

use handover_sim::Simulator;
use tokio::net::TcpListener;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::{PlayedBot, app, listen};

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
        let desk = Desk::open(client, &bot.page()).await;
        desk.write("person-input", "Anybody there?", "person-send")
            .await;
        desk.has_row("a webhook that waits", |row| {
            row.title == "message" && row.state == "waiting"
        })
        .await;
        desk.shows("timeline", "is the bot running?").await;

        let listener = TcpListener::bind(address).await.unwrap();
        listen(listener);
        desk.has_row("a webhook that arrived", |row| {
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
        let desk = Desk::open(client, &page).await;
        desk.write("person-input", "Before", "person-send").await;
        desk.shows("inbox-messages", "Before").await;
        first.sim.stop().await;
        desk.shows("connection", "Reconnecting").await;

        let again = PlayedBot::on(Simulator::builder().app(app()).address(address)).await;
        let sim = &second.insert(again).sim;
        desk.shows("connection", "Live").await;
        desk.gives(
            "return document.querySelectorAll('#person-messages > li').length",
            0,
        )
        .await;
        desk.write("person-input", "After", "person-send").await;
        desk.shows("inbox-messages", "After").await;
        assert_eq!(sim.person("Ana").messages().len(), 1);
        // Nobody answered for a while, which is no mistake of the page.
        desk.forget_console().await;
    })
    .await;
}
