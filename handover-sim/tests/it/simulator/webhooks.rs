//! Webhooks on the wire: verification, signatures, encoding, order, retries.

use std::time::Duration;

use handover_testkit::http;
use axum::http::StatusCode;
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder, TimelineKind, TimelineState};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::support::bot::{Bot, VERIFY_TOKEN};
use crate::support::rules::{BOT, INBOX, PAGE, SHOP};

/// HMAC-SHA256 written out, so that the simulator's is checked by another one.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}

fn simulator(bot: &Bot) -> SimulatorBuilder {
    Simulator::builder().page(PAGE, "Kaffeehaus").app(
        SimulatedApp::new(BOT, "Bot")
            .secret("app secret")
            .webhook(bot.webhook())
            .verify_token(VERIFY_TOKEN),
    )
}

fn impatient(builder: SimulatorBuilder) -> SimulatorBuilder {
    builder.retry_after([Duration::from_millis(1), Duration::from_millis(1)])
}

#[tokio::test]
async fn a_webhook_is_verified_before_it_gets_anything() {
    let bot = Bot::start().await;
    let sim = simulator(&bot).start().await.unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    sim.wait_until("the message arrives", || bot.requests().len() == 2)
        .await
        .unwrap();
    let requests = bot.requests();
    assert_eq!(requests[0].method, "GET");
    let query: Vec<_> =
        url::form_urlencoded::parse(requests[0].uri.query().unwrap().as_bytes()).collect();
    assert_eq!(query[0], ("hub.mode".into(), "subscribe".into()));
    assert_eq!(query[1].0, "hub.challenge");
    assert!(
        query[1].1.parse::<u64>().is_ok(),
        "an integer: {}",
        query[1].1
    );
    assert_eq!(query[2], ("hub.verify_token".into(), VERIFY_TOKEN.into()));
    assert_eq!(requests[1].method, "POST");

    let verification = &sim.timeline()[0];
    assert_eq!(verification.kind, TimelineKind::Verification);
    assert_eq!(verification.state, TimelineState::Succeeded);
    assert!(
        !serde_json::to_string(verification)
            .unwrap()
            .contains(VERIFY_TOKEN)
    );
}

#[tokio::test]
async fn a_wrong_verify_token_is_reported_and_nothing_is_delivered() {
    let bot = Bot::start().await;
    let sim = Simulator::builder()
        .app(
            SimulatedApp::new(BOT, "Bot")
                .webhook(bot.webhook())
                .verify_token("wrong"),
        )
        .start()
        .await
        .unwrap();
    sim.person("Ana").says("hello").await.unwrap();
    let failed = || sim.timeline()[0].state == TimelineState::Failed;
    sim.wait_until("the verification fails", failed)
        .await
        .unwrap();
    assert_eq!(sim.timeline()[0].status, Some(403));
    let trouble = sim.timeline()[0].error.clone().unwrap();
    assert!(trouble.contains("verify token"), "{trouble}");
    sim.wait_until("it is tried again", || bot.requests().len() > 1)
        .await
        .unwrap();
    assert_eq!(bot.webhooks().len(), 0);
}

#[tokio::test]
async fn a_bot_may_come_later_and_gets_what_waited_in_order() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sim = Simulator::builder()
        .app(
            SimulatedApp::new(BOT, "Bot")
                .webhook(format!("http://{address}/webhook"))
                .verify_token(VERIFY_TOKEN),
        )
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    for text in ["one", "two", "three"] {
        ana.says(text).await.unwrap();
    }
    let tried = || {
        sim.timeline()
            .iter()
            .any(|row| row.attempts > 0 && row.status.is_none())
    };
    sim.wait_until("the bot is looked for", tried)
        .await
        .unwrap();

    let bot = Bot::on(TcpListener::bind(address).await.unwrap());
    sim.wait_until("all three arrive", || bot.webhooks().len() == 3)
        .await
        .unwrap();
    assert_eq!(texts(&bot), ["one", "two", "three"]);
}

fn texts(bot: &Bot) -> Vec<String> {
    let webhooks = bot.webhooks().into_iter();
    webhooks
        .map(|request| match request.event().event.body {
            handover_protocol::EventBody::Message(message) => message.text.unwrap(),
            other => panic!("not a message: {}", other.kind()),
        })
        .collect()
}

#[tokio::test]
async fn both_signatures_are_over_the_bytes_that_are_sent() {
    let bot = Bot::start().await;
    let sim = simulator(&bot).start().await.unwrap();
    sim.person("Ana").says("Käse/Brot 👋").await.unwrap();
    sim.wait_until("the message arrives", || bot.webhooks().len() == 1)
        .await
        .unwrap();
    let request = &bot.webhooks()[0];
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();

    let hmac = hex::encode(hmac_sha256(b"app secret", &request.body));
    assert_eq!(header("x-hub-signature-256"), format!("sha256={hmac}"));
    let old = header("x-hub-signature");
    let digits = old.strip_prefix("sha1=").unwrap();
    assert_eq!(hex::decode(digits).unwrap().len(), 20);
    assert_eq!(header("content-type"), "application/json");

    let body = std::str::from_utf8(&request.body).unwrap();
    assert!(
        body.contains(r#""text":"K\u00e4se\/Brot \ud83d\udc4b""#),
        "{body}"
    );
    assert!(body.is_ascii());

    let row = sim
        .timeline()
        .into_iter()
        .find(|row| row.title == "message")
        .unwrap();
    assert_eq!(
        row.request.as_deref(),
        Some(body),
        "the timeline has the same bytes"
    );
    assert_eq!(row.signature, Some(header("x-hub-signature-256")));
}

#[tokio::test]
async fn the_older_signature_is_hmac_sha1() {
    let bot = Bot::start().await;
    let sim = Simulator::builder()
        .app(
            SimulatedApp::new(BOT, "Bot")
                .secret("key")
                .webhook(bot.webhook()),
        )
        .start()
        .await
        .unwrap();
    sim.person("Ana").says("hello").await.unwrap();
    sim.wait_until("the message arrives", || bot.webhooks().len() == 1)
        .await
        .unwrap();
    let request = &bot.webhooks()[0];
    let mut block = [0; 64];
    block[..3].copy_from_slice(b"key");
    let hash = |pad: u8, message: &[u8]| {
        let start = sha1::Sha1::new().chain_update(block.map(|byte| byte ^ pad));
        start.chain_update(message).finalize()
    };
    let hmac = hex::encode(hash(0x5c, &hash(0x36, &request.body)));
    assert_eq!(request.headers["x-hub-signature"], format!("sha1={hmac}"));
}

#[tokio::test]
async fn what_is_not_answered_200_is_sent_again_before_the_next() {
    let bot = Bot::start().await;
    let sim = impatient(simulator(&bot)).start().await.unwrap();
    bot.answers([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::ACCEPTED]);
    let ana = sim.person("Ana");
    ana.says("one").await.unwrap();
    ana.says("two").await.unwrap();
    sim.wait_until("both are through", || bot.webhooks().len() == 4)
        .await
        .unwrap();
    assert_eq!(texts(&bot), ["one", "one", "one", "two"]);
    let [one, again, ..] = &bot.webhooks()[..] else {
        panic!("four webhooks")
    };
    assert_eq!(one.body, again.body, "the same bytes");
    let settled = || {
        let timeline = sim.timeline();
        let mut messages = timeline.iter().filter(|row| row.title == "message");
        messages.all(|row| row.state == TimelineState::Succeeded)
    };
    sim.wait_until("both are settled", settled).await.unwrap();
    let attempts: Vec<_> = sim.timeline().iter().map(|row| row.attempts).collect();
    assert_eq!(attempts, [1, 3, 1], "verification, one, two");
}

#[tokio::test]
async fn what_never_succeeds_is_given_up_and_the_next_comes_through() {
    let bot = Bot::start().await;
    let sim = impatient(simulator(&bot)).start().await.unwrap();
    bot.answers([StatusCode::BAD_GATEWAY; 3]);
    let ana = sim.person("Ana");
    ana.says("one").await.unwrap();
    ana.says("two").await.unwrap();
    sim.wait_until("the second is through", || bot.webhooks().len() == 4)
        .await
        .unwrap();
    assert_eq!(texts(&bot), ["one", "one", "one", "two"]);
    let row = sim
        .timeline()
        .into_iter()
        .find(|row| row.title == "message")
        .unwrap();
    assert_eq!(row.state, TimelineState::Failed);
    assert_eq!(row.status, Some(502));
    assert_eq!(row.response.as_deref(), Some("EVENT_RECEIVED"));
}

#[tokio::test]
async fn each_app_gets_its_own_order_on_its_own_channel() {
    let (bot, shop) = (Bot::start().await, Bot::start().await);
    let sim = simulator(&bot)
        .app(SimulatedApp::new(SHOP, "Shop").webhook(shop.webhook()))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    sim.inbox().take(&ana).await.unwrap();
    ana.says("hello?").await.unwrap();
    sim.inbox().done(&ana).await.unwrap();
    ana.says("back?").await.unwrap();
    let through = || bot.webhooks().len() == 5 && shop.webhooks().len() == 3;
    sim.wait_until("everything is through", through)
        .await
        .unwrap();
    assert_eq!(
        bot.kinds(),
        [
            "message",
            "take_thread_control",
            "message",
            "pass_thread_control",
            "message"
        ]
    );
    let channels = |bot: &Bot| -> Vec<String> {
        let webhooks = bot.webhooks().into_iter();
        webhooks
            .map(|request| request.event().channel.to_string())
            .collect()
    };
    assert_eq!(
        channels(&bot),
        [
            "messaging",
            "messaging",
            "standby",
            "messaging",
            "messaging"
        ]
    );
    assert_eq!(channels(&shop), ["standby", "standby", "standby"]);
    let take = serde_json::to_value(&bot.webhooks()[1].event().event).unwrap();
    assert_eq!(
        take["take_thread_control"]["new_owner_app_id"],
        INBOX.to_number().unwrap()
    );
}

#[tokio::test]
async fn a_reset_cancels_what_is_on_its_way() {
    let bot = Bot::start().await;
    let sim = simulator(&bot)
        .retry_after([Duration::from_millis(1); 1000])
        .start()
        .await
        .unwrap();
    bot.answers([StatusCode::INTERNAL_SERVER_ERROR; 100_000]);
    let ana = sim.person("Ana");
    ana.says("one").await.unwrap();
    ana.says("two").await.unwrap();
    sim.wait_until("the first is being tried", || bot.webhooks().len() > 1)
        .await
        .unwrap();
    let client = http::Client::new();
    let reset = client
        .post(format!("{}control/reset", sim.page_url()))
        .json(&serde_json::json!({}));
    assert_eq!(reset.send().await.unwrap().status(), 200);
    let ana_again = sim.person("Ana");
    assert_ne!(ana.id(), ana_again.id());
    ana_again.says("three").await.unwrap();
    let third = || texts(&bot).contains(&"three".to_owned());
    sim.wait_until("only the third comes through", third)
        .await
        .unwrap();
    assert!(!texts(&bot).contains(&"two".to_owned()));
}
