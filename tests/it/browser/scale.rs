//! Ten thousand threads and a hundred thousand rows.

use std::time::Duration;

use handover_sim::{SimulatedApp, Simulator};

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

const THREADS: usize = 10_000;
const ROWS: usize = 100_000;

/// The page has fewer elements than that, whatever there is to show.
const FEW: usize = 1_500;

#[tokio::test]
async fn what_is_not_in_sight_is_not_on_the_page() {
    let bot = busy().await;
    play("scale", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("timeline-count", "100,000 rows").await;
        page.gives("return document.querySelectorAll('.person-row').length > 5", true).await;
        assert_few(&page).await;

        for place in [0.5, 1.0, 0.0] {
            page.read::<()>(&format!(
                "const list = document.querySelector('[data-testid=timeline]'); list.scrollTop = list.scrollHeight * {place}; return null"
            ))
            .await;
            page.gives("return document.querySelectorAll('.list-row.missing').length", 0).await;
            page.gives("return document.querySelectorAll('[data-testid=timeline-item]').length > 10", true)
                .await;
            assert_few(&page).await;
        }

        page.gives(
            "const list = document.querySelector('[data-testid=people-list]');
             list.scrollTop = list.scrollHeight;
             return list.scrollHeight > 500 * 56",
            true,
        )
        .await;
        assert_few(&page).await;
        page.fill("people-search", "Person 1234").await;
        page.gives("return [...document.querySelectorAll('.person-name')].map(name => name.textContent)", vec!["Person 1234".to_owned()])
            .await;
        page.click("inbox-thread").await;
        page.shows("inbox-name", "Person 1234").await;
        page.write("person-input", "Am I still quick?", "person-send").await;
        page.shows("inbox-messages", "Am I still quick?").await;
        assert_few(&page).await;
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

async fn assert_few(page: &SimulatorPage) {
    let elements: usize = page
        .read("return document.querySelectorAll('*').length")
        .await;
    assert!(elements < FEW, "{elements} elements");
}
