//! What goes wrong on demand, seen from the outside.

use std::time::Duration;

use axum::http::StatusCode;
use handover_protocol::EventBody;
use handover_sim::{Fault, FaultRule, Person, SimulatedApp, Simulator, SimulatorBuilder};
use handover_testkit::http;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE, SHOP};

const TOKEN: &str = "a-token";

fn simulator(bot: &Bot) -> SimulatorBuilder {
    let app = SimulatedApp::new(BOT, "Bot").token(TOKEN);
    Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(app.webhook(bot.webhook()))
        .retry_after([Duration::from_millis(1)])
        .seed(7)
}

async fn with_fault(bot: &Bot, rule: FaultRule) -> (Simulator, Person) {
    let sim = simulator(bot).faults([rule]).start().await.unwrap();
    let ana = sim.person("Ana");
    (sim, ana)
}

/// The texts of the messages in one webhook after the other.
fn texts(bot: &Bot) -> Vec<Vec<String>> {
    let webhooks = bot.webhooks().into_iter();
    webhooks
        .map(|request| {
            let webhook = handover_protocol::read(&request.body).unwrap();
            let events = webhook.received.into_iter();
            events
                .filter_map(|received| match received.event.body {
                    EventBody::Message(message) => message.text,
                    _ => None,
                })
                .collect()
        })
        .collect()
}

async fn says(ana: &Person, texts: &[&str]) {
    for text in texts {
        ana.says(text).await.unwrap();
    }
}

async fn arrive(sim: &Simulator, bot: &Bot, count: usize) {
    let through = || bot.webhooks().len() == count;
    sim.wait_until(&format!("{count} webhooks arrive"), through)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_webhook_comes_more_than_once() {
    let bot = Bot::start().await;
    let rule = FaultRule::webhook(Fault::Duplicate { copies: 2 }).times(1);
    let (sim, ana) = with_fault(&bot, rule).await;
    says(&ana, &["one", "two"]).await;
    arrive(&sim, &bot, 4).await;
    assert_eq!(texts(&bot), [["one"], ["one"], ["one"], ["two"]]);
    let bodies = bot.webhooks();
    assert_eq!(bodies[0].body, bodies[2].body, "the same bytes");
    let row = &sim.timeline()[0];
    assert_eq!((row.fault, row.attempts), (Some("duplicate"), 3));
}

#[tokio::test]
async fn a_webhook_is_overtaken() {
    let bot = Bot::start().await;
    let reorder = Fault::Reorder {
        window: 2,
        wait_ms: 60_000,
    };
    let (sim, ana) = with_fault(&bot, FaultRule::webhook(reorder).times(1)).await;
    says(&ana, &["one", "two", "three", "four"]).await;
    arrive(&sim, &bot, 4).await;
    assert_eq!(texts(&bot), [["two"], ["three"], ["one"], ["four"]]);
}

#[tokio::test]
async fn what_nothing_overtakes_comes_all_the_same() {
    let bot = Bot::start().await;
    let reorder = Fault::Reorder {
        window: 2,
        wait_ms: 1,
    };
    let (sim, ana) = with_fault(&bot, FaultRule::webhook(reorder)).await;
    says(&ana, &["one"]).await;
    arrive(&sim, &bot, 1).await;
    assert_eq!(texts(&bot), [["one"]]);
}

#[tokio::test]
async fn a_webhook_gets_lost() {
    let bot = Bot::start().await;
    let (sim, ana) = with_fault(&bot, FaultRule::webhook(Fault::Drop).times(1)).await;
    says(&ana, &["one", "two"]).await;
    arrive(&sim, &bot, 1).await;
    assert_eq!(texts(&bot), [["two"]]);
    let lost = &sim.timeline()[0];
    assert_eq!(
        (lost.fault, lost.status, lost.attempts),
        (Some("drop"), None, 0)
    );
    assert!(lost.to_string().contains("[drop on demand]"), "{lost}");
}

#[tokio::test]
async fn webhooks_come_together() {
    let bot = Bot::start().await;
    let batch = Fault::Batch {
        items: 3,
        gather_ms: 60_000,
    };
    let (sim, ana) = with_fault(&bot, FaultRule::webhook(batch).times(1)).await;
    says(&ana, &["one", "two", "three", "four"]).await;
    arrive(&sim, &bot, 2).await;
    assert_eq!(texts(&bot), [vec!["one", "two", "three"], vec!["four"]]);
    let request = &bot.webhooks()[0];
    let hmac = super::webhooks::hmac_sha256(format!("secret-{BOT}").as_bytes(), &request.body);
    let signature = request.headers["x-hub-signature-256"].to_str().unwrap();
    assert_eq!(signature, format!("sha256={}", hex::encode(hmac)));
    let rows = sim.timeline();
    let together: Vec<_> = rows.iter().map(|row| row.fault == Some("batch")).collect();
    assert_eq!(together, [true, true, true, false]);
    assert_eq!(rows[0].request, rows[2].request);
}

#[tokio::test]
async fn a_webhook_comes_later_and_so_does_what_follows() {
    let bot = Bot::start().await;
    let hour = FaultRule::webhook(Fault::Delay { ms: 3_600_000 }).times(1);
    let (sim, ana) = with_fault(&bot, hour).await;
    says(&ana, &["one", "two"]).await;
    assert_eq!(texts(&bot).len(), 0);
    sim.pass_time(Duration::from_secs(3600)).await;
    arrive(&sim, &bot, 2).await;
    assert_eq!(texts(&bot), [["one"], ["two"]]);
}

#[tokio::test]
async fn faults_are_for_an_app_and_a_kind() {
    let (bot, shop) = (Bot::start().await, Bot::start().await);
    let sim = simulator(&bot)
        .app(SimulatedApp::new(SHOP, "Shop").webhook(shop.webhook()))
        .faults([
            FaultRule::webhook(Fault::Drop).app(SHOP),
            FaultRule::webhook(Fault::Drop).kind("messaging_handovers"),
        ])
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    says(&ana, &["one"]).await;
    sim.inbox().take(&ana).await.unwrap();
    says(&ana, &["two"]).await;
    arrive(&sim, &bot, 2).await;
    assert_eq!(bot.kinds(), ["message", "message"]);
    let dropped = || {
        sim.timeline()
            .iter()
            .filter(|row| row.error.is_some())
            .count()
            == 3
    };
    sim.wait_until("the others are dropped", dropped)
        .await
        .unwrap();
    assert_eq!(shop.webhooks().len(), 0);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bot = Bot::start().await;
        let (sim, ana) = with_fault(&bot, FaultRule::webhook(Fault::Drop).chance(0.5)).await;
        for number in 0..20 {
            ana.says(&number.to_string()).await.unwrap();
        }
        let rows = sim.timeline();
        runs.push(rows.iter().map(|row| row.fault).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&Some("drop")) && runs[0].contains(&None));
}

/// A call as bytes, for an HTTP client would hide some of this. Answers all that comes back.
async fn call(sim: &Simulator, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(sim.address()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: graph\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut may end with an error.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn send(sim: &Simulator, ana: &Person, text: &str) -> String {
    let body = json!({"recipient": {"id": ana.id()}, "message": {"text": text}});
    call(sim, "POST", "/v26.0/me/messages", &body.to_string()).await
}

/// A simulator in which Ana has written, and this befalls the first call.
async fn calling(fault: Fault) -> (Simulator, Person) {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot").token(TOKEN))
        .faults([FaultRule::call(fault).kind("messages").times(1)])
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    (sim, ana)
}

fn heard(ana: &Person) -> usize {
    ana.messages().len() - 1
}

#[tokio::test]
async fn the_connection_is_cut_before_anything_happens() {
    let (sim, ana) = calling(Fault::CloseBefore).await;
    assert_eq!(send(&sim, &ana, "hi").await, "");
    assert_eq!(heard(&ana), 0);
    let row = &sim.timeline()[0];
    assert_eq!((row.fault, row.status), (Some("close_before"), None));
    assert!(send(&sim, &ana, "hi").await.starts_with("HTTP/1.1 200"));
    assert_eq!(heard(&ana), 1);
}

#[tokio::test]
async fn the_connection_is_cut_after_all_has_happened() {
    let (sim, ana) = calling(Fault::CloseAfter).await;
    assert_eq!(send(&sim, &ana, "hi").await, "");
    assert_eq!(heard(&ana), 1, "it is in the thread");
    let row = &sim.timeline()[0];
    assert_eq!((row.fault, row.status), (Some("close_after"), Some(200)));
}

fn json_of(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn a_gateway_answers_in_place_of_the_platform() {
    let fault = Fault::Status {
        code: 502,
        body: "<h1>Bad Gateway</h1>".to_owned(),
        executed: false,
    };
    let (sim, ana) = calling(fault).await;
    let answer = send(&sim, &ana, "hi").await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(answer.ends_with("<h1>Bad Gateway</h1>"), "{answer}");
    assert!(answer.contains("content-type: text/html"), "{answer}");
    assert_eq!(heard(&ana), 0);
    assert_eq!(sim.timeline()[0].status, Some(502));
}

#[tokio::test]
async fn the_platform_answers_with_any_error() {
    let fault = Fault::Error {
        code: 10,
        subcode: Some(2_018_108),
        message: Some("(#10) This person cannot receive messages now".to_owned()),
        is_transient: false,
    };
    let (sim, ana) = calling(fault).await;
    let answer = send(&sim, &ana, "hi").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let error = &json_of(&answer)["error"];
    assert_eq!(
        (&error["code"], &error["error_subcode"]),
        (&json!(10), &json!(2_018_108))
    );
    assert_eq!(
        error["message"],
        "(#10) This person cannot receive messages now"
    );
    assert_eq!(heard(&ana), 0);
}

#[tokio::test]
async fn a_gateway_answers_although_all_has_happened() {
    let fault = Fault::Status {
        code: 502,
        body: "<h1>Bad Gateway</h1>".to_owned(),
        executed: true,
    };
    let (sim, ana) = calling(fault).await;
    let answer = send(&sim, &ana, "hi").await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(answer.ends_with("<h1>Bad Gateway</h1>"), "{answer}");
    assert_eq!(heard(&ana), 1, "it is in the thread");
    let row = &sim.timeline()[0];
    assert_eq!((row.fault, row.status), (Some("status"), Some(502)));
}

#[tokio::test]
async fn the_platform_asks_to_try_again() {
    for (code, subcode) in [(1200, 2_018_024), (-1, 2_018_012)] {
        let fault = Fault::Error {
            code,
            subcode: Some(subcode),
            message: None,
            is_transient: true,
        };
        let (sim, ana) = calling(fault).await;
        let answer = send(&sim, &ana, "hi").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        let error = &json_of(&answer)["error"];
        assert_eq!(
            (&error["code"], &error["error_subcode"]),
            (&json!(code), &json!(subcode))
        );
        assert_eq!(error["is_transient"], true);
        assert_eq!(heard(&ana), 0);
        assert!(send(&sim, &ana, "hi").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn the_echo_comes_before_the_answer() {
    let bot = Bot::start().await;
    let (sim, ana) = with_fault(&bot, FaultRule::call(Fault::AnswerAfterWebhooks)).await;
    says(&ana, &["hello"]).await;
    let answer = send(&sim, &ana, "hi").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Without the fault the answer is there before the webhooks have been sent.
    assert_eq!(bot.kinds(), ["message", "echo", "delivery"]);
}

#[tokio::test]
async fn the_app_is_throttled() {
    let fault = Fault::Throttle {
        code: 80_001,
        minutes: 5,
    };
    let (sim, ana) = calling(fault).await;
    let answer = send(&sim, &ana, "hi").await;
    assert_eq!(json_of(&answer)["error"]["code"], 80_001);
    let header = |name: &str| -> Value {
        let line = answer.lines().find_map(|line| line.strip_prefix(name));
        serde_json::from_str(line.unwrap()).unwrap()
    };
    assert_eq!(header("x-app-usage: ")["call_count"], 100);
    let usage = &header("x-business-use-case-usage: ")["1744550565845823"][0];
    assert_eq!(usage["estimated_time_to_regain_access"], 5);
    assert_eq!(heard(&ana), 0);
}

#[tokio::test]
async fn the_token_has_expired() {
    let (sim, ana) = calling(Fault::ExpiredToken).await;
    let error = json_of(&send(&sim, &ana, "hi").await)["error"].clone();
    assert_eq!(
        (&error["code"], &error["error_subcode"]),
        (&json!(190), &json!(463))
    );
    assert_eq!(heard(&ana), 0);
}

#[tokio::test]
async fn half_of_the_answer_comes_later() {
    let (sim, ana) = calling(Fault::SlowBody { ms: 30 }).await;
    let answer = send(&sim, &ana, "hi").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let chunks = answer.matches("\r\n").count();
    assert!(
        answer.contains("transfer-encoding: chunked") && chunks > 6,
        "{answer}"
    );
    assert_eq!(heard(&ana), 1);
}

#[tokio::test]
async fn an_answer_comes_later() {
    let (sim, ana) = calling(Fault::Delay { ms: 3_600_000 }).await;
    let sending = async { send(&sim, &ana, "hi").await };
    let hour = async {
        // Passing time too early does no harm, for it is passed again.
        while heard(&ana) == 0 {
            sim.pass_time(Duration::from_secs(3600)).await;
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(sending, hour);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn faults_come_and_go_over_the_control_api() {
    let (sim, ana) = calling(Fault::CloseBefore).await;
    let put = async |faults: Value| {
        let url = format!("{}control/faults", sim.page_url());
        let request = http::Client::new().put(url).json(&faults);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let rule = json!({"on": "call", "app": BOT, "fault": {"type": "status", "code": 503}});
    let (status, faults) = put(json!({"seed": 3, "rules": [rule]})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&faults["seed"], &faults["rules"][0]["id"]),
        (&json!(3), &json!(1))
    );
    assert!(send(&sim, &ana, "hi").await.starts_with("HTTP/1.1 503"));
    let state = http::get(format!("{}control/state", sim.page_url())).await;
    let state: Value = state.unwrap().json().await.unwrap();
    assert_eq!(state["faults"]["rules"][0]["fired"], 1);
    for (rule, why) in [
        (
            json!({"on": "call", "fault": {"type": "drop"}}),
            "webhooks only",
        ),
        (
            json!({"on": "webhook", "fault": {"type": "close_after"}}),
            "calls only",
        ),
        (
            json!({"on": "call", "fault": {"type": "status", "code": 99}}),
            "from 200",
        ),
        (
            json!({"on": "webhook", "fault": {"type": "drop"}, "chance": 2}),
            "between 0 and 1",
        ),
        (json!({"on": "webhook", "fault": {"type": "burn"}}), "burn"),
        (
            json!({"on": "webhook", "fault": {"type": "drop"}, "often": 2}),
            "often",
        ),
    ] {
        let (status, answer) = put(json!({ "rules": [rule] })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{why}");
        assert!(answer["error"].as_str().unwrap().contains(why), "{answer}");
    }
    assert_eq!(put(json!({"rules": []})).await.0, StatusCode::OK);
    assert!(send(&sim, &ana, "hi").await.starts_with("HTTP/1.1 200"));
}
