//! What comes in over HTTP: who is let in, and what is answered to good and bad bodies.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover_testkit::http;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{PAGE, PERSON, SECRET, VERIFY_TOKEN, message, signature};
use crate::support::prometheus::Scrape;
use crate::support::root;
use crate::support::wait::until;
use handover::journal::{DeadLetterContent, Journal};
use handover::prelude::*;
use handover::protocol::InboxLabel;
use handover::testing::Clock;
use handover_runtime::journal_file::{Replay, ReplayRefusal};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[on_message]
async fn echo(text: Text) -> String {
    format!("heard {text}")
}

/// Every event of a kind without a specific handler.
#[on_event]
async fn anything(event: Event) -> Option<String> {
    let seen = format!(
        "saw {} of {}",
        event.event.body.kind(),
        event.object.as_str()
    );
    event.event.sender.is_some().then_some(seen)
}

async fn start() -> RunningBot {
    RunningBot::start(routes![echo, anything]).await
}

async fn get(url: String) -> (u16, String) {
    let response = http::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_challenge_is_repeated_with_the_right_verify_token() {
    let bot = start().await;
    let verify = |query: &str| get(format!("{}?{query}", bot.webhook));
    let token = VERIFY_TOKEN.replace(' ', "%20");
    let right = format!("hub.mode=subscribe&hub.challenge=007%20x&hub.verify_token={token}");
    assert_eq!(verify(&right).await, (200, "007 x".into()));
    assert_eq!(
        verify(&right.replace("subscribe", "unsubscribe")).await.0,
        403
    );
    assert_eq!(
        verify("hub.mode=subscribe&hub.challenge=1&hub.verify_token=guess")
            .await
            .0,
        403
    );
    assert_eq!(
        verify("hub.mode=subscribe&hub.challenge=1&hub.verify_token=")
            .await
            .0,
        403
    );
    assert_eq!(
        verify(&format!("hub.mode=subscribe&hub.verify_token={token}"))
            .await
            .0,
        400
    );
    assert_eq!(get(bot.webhook.clone()).await.0, 400);
}

#[tokio::test]
async fn other_paths_and_methods_are_not_served() {
    let bot = start().await;
    assert_eq!(get(bot.webhook.replace("/webhook", "/")).await.0, 404);
    assert_eq!(
        get(bot.webhook.replace("/webhook", "/webhook/more"))
            .await
            .0,
        404
    );
    let client = http::Client::new();
    for method in [http::Method::PUT, http::Method::DELETE, http::Method::PATCH] {
        let response = client.request(method, &bot.webhook).send().await.unwrap();
        assert_eq!(response.status(), 405);
    }
}

#[tokio::test]
async fn without_a_valid_signature_nothing_is_read() {
    let bot = start().await;
    let body = json!({ "object": "page", "entry": [{ "id": PAGE, "messaging": [message(PERSON, "let me in")] }] })
        .to_string()
        .into_bytes();
    let of_other_body = signature(b"{}");
    let right = signature(&body);
    let upper_case_scheme = right.replace("sha256", "SHA256");
    let sha1 = right.replace("sha256", "sha1");
    let short = &right[..right.len() - 2];
    for wrong in [
        "",
        "sha256=",
        "sha256=zz",
        &of_other_body,
        &upper_case_scheme,
        &sha1,
        short,
    ] {
        assert_eq!(
            bot.platform.post_signed(body.clone(), Some(wrong)).await,
            403,
            "{wrong}"
        );
    }
    assert_eq!(bot.platform.post_signed(body.clone(), None).await, 403);
    // Even what is not JSON is not looked at.
    assert_eq!(
        bot.platform.post_signed(b"{".to_vec(), Some(&right)).await,
        403
    );

    assert_eq!(bot.platform.post_signed(body, Some(&right)).await, 200);
    let calls = bot.graph.wait_for_calls(1).await;
    assert_eq!(calls.len(), 1, "only the last one was handled: {calls:#?}");
}

#[tokio::test]
async fn the_signature_is_of_the_bytes_as_sent() {
    let bot = start().await;
    // The platform escapes what is not ASCII, and slashes.
    let body = format!(
        r#"{{"object":"page","entry":[{{"id":"{PAGE}","messaging":[{{"sender":{{"id":"{PERSON}"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1458692752478,"message":{{"mid":"m_escaped","text":"gr\u00fc\u00df dich \ud83d\udc4b http:\/\/x"}}}}]}}]}}"#
    );
    assert_eq!(bot.platform.post_bytes(body).await, 200);
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["heard grüß dich 👋 http://x"]);
}

#[tokio::test]
async fn what_is_not_json_is_accepted_once_and_kept_as_a_dead_letter() {
    let directory = Directory::new();
    let file = directory.path().join("handover.db");
    let nested = "[".repeat(10_000) + &"]".repeat(10_000);
    let long = "x".repeat(100_000);
    let not_json: [(&[u8], &str); 7] = [
        (b"", "is empty"),
        (b"   ", "is empty"),
        (b"hello", "is not JSON, at line 1, column 1"),
        (b"{\"object\":\"page\"", "is not JSON, at line 1"),
        (b"{\"object\":\"\xff\xfe\"}", "is not UTF-8 from byte 11 on"),
        (nested.as_bytes(), "is not JSON"),
        (long.as_bytes(), "is not JSON"),
    ];
    for journal in [
        Journal::in_memory(Clock::default()),
        Journal::open(&file).unwrap(),
    ] {
        let bot = Bot::new(routes![echo, anything]).journal(journal.clone());
        let bot = RunningBot::start_with(bot).await;
        for (body, _) in not_json {
            for _ in 0..2 {
                let status = bot.platform.post_bytes(body).await;
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(body));
            }
        }
        let dead = journal.dead_letters().await.unwrap();
        assert_eq!(dead.len(), not_json.len(), "{dead:#?}");
        for (letter, (body, cause)) in dead.iter().zip(not_json) {
            assert!(letter.cause.contains(cause), "{letter}");
            assert!(letter.to_string().contains("`unreadable_body`"), "{letter}");
            let DeadLetterContent::Event(event) = &letter.content else {
                panic!("{letter}");
            };
            let kept = event.event.body.content().unwrap();
            let text = String::from_utf8_lossy(body);
            let start: String = text.chars().take(64 * 1024).collect();
            assert_eq!(kept, json!({ "bytes": body.len(), "text": start }));
        }
        Scrape::shows(
            &bot.operations,
            &[
                ("handover_webhook_unreadable_total{reason=\"empty\"}", 4.0),
                (
                    "handover_webhook_unreadable_total{reason=\"not_utf8\"}",
                    2.0,
                ),
                (
                    "handover_webhook_unreadable_total{reason=\"not_json\"}",
                    8.0,
                ),
                ("handover_webhook_requests_total{code=\"200\"}", 14.0),
                ("handover_events_duplicate_total{kind=\"other\"}", 7.0),
                ("handover_events_failed_total{kind=\"other\"}", 7.0),
                ("handover_events_handled_total{kind=\"other\"}", 0.0),
                ("handover_dead_letters", 7.0),
                ("handover_inbox_events", 0.0),
            ],
        )
        .await;
        // No handler has seen any of them, and the bot goes on.
        bot.platform.says("hello").await;
        bot.graph.wait_for_calls(1).await;
        assert_eq!(bot.graph.texts(), ["heard hello"]);
        bot.handle.stop().await;
    }
    // There is nothing to handle again.
    let found = Replay::dead_letters().preview(&file).unwrap();
    assert_eq!(found.len(), not_json.len());
    let refusals = found.iter().map(|found| found.refusal);
    let mut refusals = refusals.filter(|refusal| *refusal != Some(ReplayRefusal::Unreadable));
    assert_eq!(refusals.next(), None);
}

#[tokio::test]
async fn what_is_unknown_is_accepted() {
    let bot = start().await;
    let unknown = [
        json!(null),
        json!(42),
        json!("page"),
        json!([]),
        json!({}),
        json!({ "object": "page" }),
        json!({ "object": "page", "entry": [] }),
        json!({ "object": "page", "entry": "none" }),
        json!({ "object": "page", "entry": [null, 1, { "messaging": "no" }, { "messaging": [] }] }),
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {} }] }] }),
        json!({ "object": "something_new", "entry": [{ "id": "1" }] }),
    ];
    for body in unknown {
        assert_eq!(
            bot.platform.post_bytes(body.to_string()).await,
            200,
            "{body}"
        );
    }
}

#[tokio::test]
async fn good_events_are_handled_beside_bad_ones() {
    let bot = start().await;
    let odd = [
        Value::Null,
        json!("text"),
        json!([]),
        json!({}),
        json!({ "sender": 7, "recipient": [], "timestamp": "later", "message": 5 }),
        json!({ "message": { "mid": 1, "text": ["not", "text"] } }),
        json!({ "postback": "GET_STARTED" }),
        json!({ "pass_thread_control": [] }),
    ];
    let mut items = odd.to_vec();
    items.insert(4, message(PERSON, "first"));
    items.push(message(PERSON, "second"));
    bot.platform.deliver(items).await;
    let is_heard = |text: &String| text.starts_with("heard");
    for count in 2.. {
        bot.graph.wait_for_calls(count).await;
        let heard: Vec<_> = bot.graph.texts().into_iter().filter(is_heard).collect();
        if heard.len() == 2 {
            assert_eq!(heard, ["heard first", "heard second"]);
            break;
        }
    }
}

#[tokio::test]
async fn fifty_events_in_one_body_are_all_handled_in_order() {
    let bot = start().await;
    let texts: Vec<_> = (0..50).map(|n| format!("number {n}")).collect();
    bot.platform
        .deliver(texts.iter().map(|text| message(PERSON, text)))
        .await;
    bot.graph.wait_for_calls(50).await;
    let heard: Vec<_> = texts.iter().map(|text| format!("heard {text}")).collect();
    assert_eq!(bot.graph.texts(), heard);
}

#[tokio::test]
async fn a_kind_nobody_knows_reaches_on_event() {
    let bot = start().await;
    bot.platform
        .deliver([crate::support::platform::item(
            "brand_new",
            json!({ "a": 1 }),
        )])
        .await;
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["saw brand_new of page"]);
}

#[tokio::test]
async fn an_object_nobody_knows_does_not_reach_typed_handlers() {
    let bot = start().await;
    let body = json!({ "object": "telegram", "entry": [{ "id": PAGE, "messaging": [message(PERSON, "hi")] }] });
    assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["saw message of telegram"]);
}

#[tokio::test]
async fn eight_mebibytes_are_read_and_no_more() {
    let bot = start().await;
    let padded = |length: usize| {
        let mut body = b"{}".to_vec();
        body.resize(length, b' ');
        body
    };
    assert_eq!(bot.platform.post_bytes(padded(8 * 1024 * 1024)).await, 200);
    assert_eq!(
        bot.platform.post_bytes(padded(8 * 1024 * 1024 + 1)).await,
        413
    );

    // Without a length up front, too.
    let chunks = (0..9).map(|_| vec![b' '; 1024 * 1024]);
    let body = http::Body::chunks(chunks);
    let request = http::Client::new().post(&bot.webhook).body(body);
    let response = request
        .header("X-Hub-Signature-256", signature(b""))
        .send()
        .await;
    // The bot may close the connection before the rest was sent.
    if let Ok(response) = response {
        assert_eq!(response.status(), 413);
    }
}

#[tokio::test]
async fn the_same_event_is_handled_once_however_often_it_is_delivered() {
    let bot = start().await;
    let hello = message(PERSON, "hello");
    bot.platform.deliver([hello.clone(), hello.clone()]).await;
    bot.platform.deliver([hello]).await;
    let read = crate::support::platform::item("read", json!({ "watermark": 1 }));
    bot.platform.deliver([read.clone()]).await;
    bot.platform.deliver([read]).await;
    bot.platform.says("bye").await;
    bot.graph.wait_for_calls(3).await;
    assert_eq!(
        bot.graph.texts(),
        ["heard hello", "saw read of page", "heard bye"]
    );
}

#[tokio::test]
async fn the_dashboards_test_button_is_understood() {
    let bot = start().await;
    let body = json!({ "object": "page", "entry": [{ "id": "0", "time": 1_527_459_824, "changes": [{
        "field": "messages",
        "value": { "sender": { "id": PERSON }, "recipient": { "id": "23245" }, "timestamp": "1527459824",
                   "message": { "mid": "test_message_id", "text": "test_message" } } }] }] });
    assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["heard test_message"]);
}

/// Bodies collected from public documentation and fixtures, where they lie beside the repository or
/// where `HANDOVER_PAYLOADS` says.
#[tokio::test]
async fn every_collected_body_is_accepted() {
    let beside = root().join("../shared/payloads");
    let directory = std::env::var_os("HANDOVER_PAYLOADS").map_or(beside, PathBuf::from);
    let Ok(files) = std::fs::read_dir(&directory) else {
        println!("skipped: no bodies at {}", directory.display());
        return;
    };
    let bot = start().await;
    let files = files.map(|file| file.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|e| e == "json")) {
        let status = bot.platform.post_bytes(std::fs::read(&file).unwrap()).await;
        assert_eq!(status, 200, "{}", file.display());
    }
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let graph = handover_testkit::graph::GraphStub::start().await;
    let config = crate::support::bot::config(&graph);
    let bot = Bot::new(routes![echo]).config(config.clone());
    for shown in [format!("{config:?}"), format!("{bot:?}")] {
        for secret in [SECRET, VERIFY_TOKEN, crate::support::platform::ACCESS_TOKEN] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[tokio::test]
async fn what_is_stored_after_the_platform_hung_up_is_handled_all_the_same() {
    let directory = Directory::new();
    let path = directory.path().join("handover.db");
    let journal = Journal::open(&path).unwrap();
    let bot = Bot::new(routes![echo]).journal(journal.clone());
    let bot = RunningBot::start_with(bot).await;
    let body = json!({ "object": "page", "entry": [{ "id": PAGE, "messaging": [message(PERSON, "hello")] }] });
    let body = body.to_string();
    let address = bot
        .webhook
        .trim_start_matches("http://")
        .trim_end_matches("/webhook");
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /webhook HTTP/1.1\r\nhost: {address}\r\nx-hub-signature-256: {}\r\ncontent-length: {}\r\n\r\n{body}",
        signature(body.as_bytes()),
        body.len()
    );
    // Nothing can be stored while somebody else writes.
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    until("the journal waits", async || {
        let backlog = timeout(Duration::from_millis(20), journal.backlog()).await;
        backlog
            .is_err()
            .then_some(())
            .ok_or("it is idle".to_owned())
    })
    .await;

    connection.shutdown().await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty(), "the bot has hung up, too");
    writer.execute_batch("ROLLBACK").unwrap();
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["heard hello"]);
}

/// The event of a label has no time, so that of the webhook tells one from the next.
#[tokio::test]
async fn a_label_that_is_given_again_is_not_a_repetition() {
    #[on_event(name = "inbox_labels")]
    async fn label(Content(label): Content<InboxLabel>, seen: State<Seen>) {
        let action = label.action.unwrap_or_default();
        seen.0.0.lock().unwrap().push(action);
    }
    #[derive(BotState)]
    struct Labels {
        seen: Seen,
    }
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<String>>>);

    let seen = Seen::default();
    let state = Labels { seen: seen.clone() };
    let bot = RunningBot::start_with(Bot::with_state(state, routes![label])).await;
    for (action, time) in [("add", 1), ("remove", 2), ("add", 3), ("add", 3)] {
        let value = json!({ "user": { "id": PERSON }, "action": action, "label": { "id": "7" } });
        let change = json!({ "field": "inbox_labels", "value": value });
        let entry = json!({ "id": PAGE, "time": 1_520_383_570 + time, "changes": [change] });
        let body = json!({ "object": "page", "entry": [entry] });
        assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
    }
    until("all are handled", async || {
        let seen = seen.0.lock().unwrap().clone();
        match seen.len() == 3 {
            true => Ok(()),
            false => Err(format!("{seen:?}")),
        }
    })
    .await;
    assert_eq!(*seen.0.lock().unwrap(), ["add", "remove", "add"]);
}
