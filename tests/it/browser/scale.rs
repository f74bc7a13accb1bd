//! Ten thousand threads and a hundred thousand rows.

use std::time::Duration;

use handover_sim::{SimulatedApp, Simulator};

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

const THREADS: usize = 10_000;
const ROWS: usize = 100_000;

/// The page has fewer elements than that, whatever there is to show.
const FEW: usize = 1_500;

#[tokio::test]
async fn what_is_not_in_sight_is_not_on_the_page() {
    let bot = busy().await;
    play("scale", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("timeline-count", "100,000 rows").await;
        desk.gives("return document.querySelectorAll('.person-row').length > 5", true).await;
        assert_few(&desk).await;

        for place in [0.5, 1.0, 0.0] {
            desk.read::<()>(&format!(
                "const list = document.querySelector('[data-testid=timeline]'); list.scrollTop = list.scrollHeight * {place}; return null"
            ))
            .await;
            desk.gives("return document.querySelectorAll('.list-row.missing').length", 0).await;
            desk.gives("return document.querySelectorAll('[data-testid=timeline-item]').length > 10", true)
                .await;
            assert_few(&desk).await;
        }

        desk.gives(
            "const list = document.querySelector('[data-testid=people-list]');
             list.scrollTop = list.scrollHeight;
             return list.scrollHeight > 500 * 56",
            true,
        )
        .await;
        assert_few(&desk).await;
        desk.fill("people-search", "Person 1234").await;
        desk.gives("return [...document.querySelectorAll('.person-name')].map(name => name.textContent)", vec!["Person 1234".to_owned()])
            .await;
        desk.click("inbox-thread").await;
        desk.shows("inbox-name", "Person 1234").await;
        desk.write("person-input", "Am I still quick?", "person-send").await;
        desk.shows("inbox-messages", "Am I still quick?").await;
        assert_few(&desk).await;
    })
    .await;
}

/// As many apps as it takes, behind webhooks where nobody answers: a row each for every message.
async fn busy() -> PlayedBot {
    let apps = ROWS / THREADS;
    let builder = (0..apps).fold(Simulator::builder(), |builder, number| {
        let app = SimulatedApp::new(1_000_000_000 + number as u64, format!("App {number}"));
        builder.app(app.webhook("http://127.0.0.1:9/webhook"))
    });
    let bot = PlayedBot::on(builder.retry_after([Duration::from_secs(3600)])).await;
    for number in 0..THREADS {
        let person = bot.sim.person(&format!("Person {number}"));
        person.says("Hello").await.unwrap();
    }
    bot
}

async fn assert_few(desk: &Desk) {
    let elements: usize = desk
        .read("return document.querySelectorAll('*').length")
        .await;
    assert!(elements < FEW, "{elements} elements");
}
