//! What takes hours on the platform, and a moment here.

use std::time::Duration;

use axum::http::StatusCode;
use handover_sim::{SimulatedApp, Simulator, TimelineState};
use handover_testkit::http;
use handover_testkit::http::Client;
use serde_json::{Value, json};

use crate::support::bot::{Bot, VERIFY_TOKEN};
use crate::support::rules::{BOT, PAGE};

const HOUR: Duration = Duration::from_secs(3600);

async fn failing(bot: &Bot) -> Simulator {
    bot.answers([StatusCode::INTERNAL_SERVER_ERROR; 1000]);
    Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(
            SimulatedApp::new(BOT, "Bot")
                .webhook(bot.webhook())
                .verify_token(VERIFY_TOKEN),
        )
        .retry_like_the_platform()
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_app_that_fails_for_an_hour_is_unsubscribed() {
    let bot = Bot::start().await;
    let sim = failing(&bot).await;
    let ana = sim.person("Ana");
    ana.says("one").await.unwrap();
    ana.says("two").await.unwrap();
    let tried = |times| sim.timeline()[1].attempts == times;
    sim.wait_until("it is tried at once a few times", || tried(4))
        .await
        .unwrap();
    assert!(sim.is_subscribed(BOT, PAGE));
    sim.pass_time(HOUR / 2).await;
    sim.wait_until("it is tried again", || tried(5))
        .await
        .unwrap();
    assert!(sim.is_subscribed(BOT, PAGE), "not yet");
    sim.pass_time(HOUR / 2).await;
    sim.wait_until("it is unsubscribed", || !sim.is_subscribed(BOT, PAGE))
        .await
        .unwrap();
    let failed = || {
        let rows = sim.timeline();
        let mut messages = rows.iter().filter(|row| row.title == "message");
        messages.all(|row| row.state == TimelineState::Failed)
    };
    sim.wait_until("nothing is delivered any more", failed)
        .await
        .unwrap();
    let tried = bot.webhooks().len();
    assert_eq!(tried, 6, "the second message was not tried at all");
    let rows = sim.timeline();
    let first = rows.iter().find(|row| row.title == "message").unwrap();
    assert!(
        first.error.as_ref().unwrap().contains("unsubscribed"),
        "{first}"
    );

    ana.says("three").await.unwrap();
    assert_eq!(sim.timeline().len(), rows.len(), "the bot gets nothing");
    assert!(sim.subscribe(BOT, PAGE).await);
    assert!(!sim.subscribe("42", PAGE).await, "there is no such app");
    ana.says("four").await.unwrap();
    sim.wait_until("the bot gets it again", || bot.webhooks().len() > tried)
        .await
        .unwrap();
}

#[tokio::test]
async fn one_success_restarts_the_hour() {
    let bot = Bot::start().await;
    let sim = failing(&bot).await;
    let ana = sim.person("Ana");
    ana.says("one").await.unwrap();
    let tried = |times| sim.timeline()[1].attempts == times;
    sim.wait_until("it fails", || tried(4)).await.unwrap();
    sim.pass_time(HOUR / 2).await;
    sim.wait_until("it still fails", || tried(5)).await.unwrap();
    bot.answers_no_more();
    sim.pass_time(HOUR / 4).await;
    let through = || sim.timeline()[1].state == TimelineState::Succeeded;
    sim.wait_until("it is through", through).await.unwrap();
    bot.answers([StatusCode::INTERNAL_SERVER_ERROR]);
    sim.pass_time(HOUR).await;
    ana.says("two").await.unwrap();
    let through = || sim.timeline()[2].state == TimelineState::Succeeded;
    sim.wait_until("so is the next", through).await.unwrap();
    assert!(sim.is_subscribed(BOT, PAGE));
}

#[tokio::test]
async fn the_clock_is_moved_on_over_the_control_api() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let before = sim.now();
    let url = format!("{}control/clock", sim.page_url());
    let advance = async |body: Value| {
        let request = Client::new().post(&url).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(advance(json!({"advance_ms": 25 * 3_600_000})).await, 200);
    assert!(sim.now().as_millis() - before.as_millis() >= 25 * 3_600_000);
    assert_eq!(sim.owner_of(&ana), None, "control has run out");
    assert_eq!(advance(json!({"advance_ms": -1})).await, 400);
    assert_eq!(advance(json!({"advance_ms": u64::MAX})).await, 400);
    assert_eq!(advance(json!({})).await, 400);
}

#[tokio::test]
async fn the_clock_can_be_moved_to_its_end() {
    let sim = Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(SimulatedApp::new(BOT, "Bot").token("a-token"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    sim.pass_time(Duration::MAX).await;
    ana.says("hello").await.unwrap();
    let call = async |path: &str, body: Value| {
        let url = format!("{}/me/{path}", sim.graph_url());
        let call = Client::new().post(url).bearer_auth("a-token").json(&body);
        call.send().await.unwrap().status().as_u16()
    };
    let recipient = json!({"id": ana.id()});
    let typing = json!({"recipient": recipient, "sender_action": "typing_on"});
    let question = json!({"recipient": recipient, "message": {"attachment": {"type": "template",
        "payload": {"template_type": "notification_messages", "title": "News", "payload": "NEWS",
                    "image_url": "https://cdn.example/1.png"}}}});
    // Nothing ends later than the clock, so the messaging window is closed.
    for (body, status) in [(typing, 200), (question, 400)] {
        assert_eq!(call("messages", body.clone()).await, status, "{body}");
    }
    let state = http::get(format!("{}control/state", sim.page_url())).await;
    assert_eq!(state.unwrap().status(), 200);
}
