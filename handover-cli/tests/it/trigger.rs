//! `handover trigger`.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use handover::protocol::{Channel, Received};
use handover::{Bot, Routes, Store};
use handover_sim::Simulator;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{Folder, config, handover, serve};

pub(crate) const SECRET: &str = "the app's own secret";

/// The address of a webhook that is served.
async fn webhook(router: Router) -> String {
    format!("http://{}/webhook", serve(router).await)
}

pub(crate) async fn bot() -> String {
    let config = config("http://127.0.0.1:9", Store::Memory).app_secret(SECRET);
    let router = Bot::new(Routes::default()).config(config).into_parts();
    webhook(router.expect("the bot starts").0).await
}

/// A stub that answers everything like this.
async fn stub(status: StatusCode, answer: &'static str) -> String {
    webhook(Router::new().route("/webhook", post(move || async move { (status, answer) }))).await
}

/// What a bot understands of an event.
async fn understood(arguments: &[&str]) -> Received {
    let mut all = vec!["trigger", "--dry-run"];
    all.extend(arguments);
    let body = handover(&all).run().await;
    let mut read = handover::protocol::read(body.good().as_bytes()).expect("JSON");
    assert_eq!(read.received.len(), 1, "{}", body.stdout);
    read.received.remove(0)
}

#[tokio::test]
async fn a_bot_believes_the_signature_and_takes_every_kind() {
    let webhook = bot().await;
    let kinds = handover(&["trigger", "--list", "--json"]).run().await;
    kinds.good();
    let kinds = kinds.json();
    assert!(kinds.len() > 40, "{kinds:?}");
    for kind in kinds {
        let name = kind["event"].as_str().expect("a name");
        let sent = handover(&["trigger", name, "--json", "--url", &webhook])
            .env("MESSENGER_PAGE_ID", "1744550565845823")
            .env("MESSENGER_APP_ID", "1517776481860111")
            .env("MESSENGER_APP_SECRET", SECRET)
            .run()
            .await;
        sent.good();
        assert_eq!(sent.json()[0]["status"], 200, "{name}");
    }
}

#[tokio::test]
async fn each_kind_is_what_the_platform_calls_it() {
    let expected = [
        ("message", "message"),
        ("quick_reply", "message"),
        ("attachment", "message"),
        ("story_reply", "message"),
        ("message_from_ad", "message"),
        ("message_echo", "echo"),
        ("message_edit", "message_edit"),
        ("reaction", "reaction"),
        ("unreact", "reaction"),
        ("read", "read"),
        ("delivery", "delivery"),
        ("postback", "postback"),
        ("get_started", "postback"),
        ("referral", "referral"),
        ("optin", "optin"),
        ("optin_checkbox", "optin"),
        ("account_linking", "account_linking"),
        ("pass_thread_control", "pass_thread_control"),
        ("take_thread_control", "take_thread_control"),
        ("request_thread_control", "request_thread_control"),
        ("app_roles", "app_roles"),
        ("policy_enforcement", "policy_enforcement"),
        ("messaging_feedback", "messaging_feedback"),
        (
            "messaging_customer_information",
            "messaging_customer_information",
        ),
        ("response_feedback", "response_feedback"),
        ("order", "order"),
        ("template", "template"),
        ("form", "form"),
        ("game_play", "game_play"),
        ("payment", "payment"),
        ("pre_checkout", "pre_checkout"),
        ("checkout_update", "checkout_update"),
        ("group_feed", "group_feed"),
        ("feed", "feed"),
        ("leadgen", "leadgen"),
        ("inbox_labels", "inbox_labels"),
        ("comments", "comments"),
        ("mentions", "mentions"),
    ];
    for (name, kind) in expected {
        let received = understood(&[name]).await;
        assert_eq!(received.event.body.kind(), kind, "{name}");
        assert_eq!(received.account, "1744550565845823", "{name}");
    }
}

#[tokio::test]
async fn what_is_said_is_in_the_event() {
    let arguments = [
        "pass_thread_control",
        "--app",
        "page_inbox",
        "--metadata",
        "done",
        "--psid",
        "42",
    ];
    let received = serde_json::to_value(understood(&arguments).await.event).expect("JSON");
    assert_eq!(received["sender"]["id"], "42");
    assert_eq!(
        received["pass_thread_control"],
        serde_json::json!({
            "previous_owner_app_id": 263_902_037_430_900_u64,
            "new_owner_app_id": 1_517_776_481_860_111_u64,
            "metadata": "done",
        })
    );

    let received = understood(&["message", "--text", "Grüß dich / 👋", "--standby"]).await;
    assert_eq!(received.channel, Channel::Standby);
    let received = serde_json::to_value(received.event).expect("JSON");
    assert_eq!(received["message"]["text"], "Grüß dich / 👋");

    let received = understood(&["message", "--instagram"]).await;
    assert_eq!(received.object.as_str(), "instagram");
}

#[tokio::test]
async fn with_a_simulator_it_is_whoever_was_last_active_there() {
    let simulator = Simulator::builder().start().await.expect("it starts");
    for name in ["Ben", "Ana"] {
        let person = simulator.person(name);
        person.says("hello").await.expect("it is said");
        let body = handover(&["trigger", "message", "--dry-run"])
            .env("GRAPH_API_URL", simulator.page_url())
            .env("MESSENGER_PAGE_ID", "1744550565845823")
            .env("MESSENGER_APP_ID", "1517776481860111");
        let body: Value = serde_json::from_str(body.run().await.good()).expect("JSON");
        let sender = body.pointer("/entry/0/messaging/0/sender/id");
        assert_eq!(
            sender.expect("a sender"),
            &person.id().to_string(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_body_is_escaped_as_the_platform_does() {
    let body = handover(&["trigger", "message", "--text", "ä/👋", "--dry-run"])
        .run()
        .await;
    assert!(
        body.good().contains(r"\u00e4\/\ud83d\udc4b"),
        "{}",
        body.stdout
    );
}

#[tokio::test]
async fn a_wrong_secret_is_named() {
    let webhook = bot().await;
    let refused = handover(&["trigger", "message", "--url", &webhook])
        .env("MESSENGER_PAGE_ID", "1")
        .env("MESSENGER_APP_ID", "2")
        .env("MESSENGER_APP_SECRET", "another secret")
        .run()
        .await;
    let said = refused.fault();
    assert!(
        said.contains("403") && said.contains("MESSENGER_APP_SECRET differs"),
        "{said}"
    );
    assert!(!said.contains("another secret"), "{said}");
}

#[tokio::test]
async fn what_a_refusal_means_is_said() {
    let cases = [
        (StatusCode::BAD_REQUEST, "refuses the request"),
        (StatusCode::UNAUTHORIZED, "MESSENGER_APP_SECRET differs"),
        (StatusCode::NOT_FOUND, "its path is /webhook"),
        (StatusCode::SERVICE_UNAVAILABLE, "could not store the event"),
        (StatusCode::INTERNAL_SERVER_ERROR, "its log says why"),
        (StatusCode::NO_CONTENT, "anything but 200"),
    ];
    for (status, expected) in cases {
        let webhook = stub(status, "").await;
        let refused = handover(&["trigger", "message", "--url", &webhook])
            .run()
            .await;
        let said = refused.fault();
        assert!(said.contains(expected), "{status}: {said}");
    }
}

#[tokio::test]
async fn a_stopped_bot_is_distinguished_from_one_that_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let free = listener.local_addr().expect("an address");
    drop(listener);
    let url = format!("http://{free}/webhook");
    let refused = handover(&["trigger", "message", "--url", &url]).run().await;
    let said = refused.fault();
    assert!(said.contains("nothing listens"), "{said}");
}

#[tokio::test]
async fn a_file_is_sent_as_it_is() {
    let (heard, mut bodies) = tokio::sync::mpsc::unbounded_channel();
    let keep = move |body: String| async move {
        let _ = heard.send(body);
        "EVENT_RECEIVED"
    };
    let webhook = webhook(Router::new().route("/webhook", post(keep))).await;
    let folder = Folder::new("trigger");
    folder.write("body.json", "{ \"object\": \"page\",\n \"entry\": [] }");
    folder.write(".env", "MESSENGER_APP_SECRET=from the file\n");
    let sent = handover(&["trigger", "--file", "body.json", "--url", &webhook])
        .within(folder.path())
        .run()
        .await;
    sent.good();
    assert_eq!(
        bodies.recv().await.as_deref(),
        Some("{ \"object\": \"page\",\n \"entry\": [] }")
    );
    assert!(!sent.stderr.contains("dead letter"), "{}", sent.stderr);

    folder.write("cut.json", "{ \"object\": ");
    let cut = handover(&["trigger", "--file", "cut.json", "--url", &webhook])
        .within(folder.path())
        .run()
        .await;
    cut.good();
    assert!(
        cut.stderr.contains("is not JSON, at line 1"),
        "{}",
        cut.stderr
    );
    assert_eq!(bodies.recv().await.as_deref(), Some("{ \"object\": "));

    let missing = handover(&["trigger", "--file", "no.json"])
        .within(folder.path())
        .run()
        .await;
    assert!(
        missing.fault().contains("no.json cannot be read"),
        "{}",
        missing.stderr
    );
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_write() {
    let misspelt = handover(&["trigger", "postbak"]).run().await;
    assert!(
        misspelt.misuse().contains("'postback'"),
        "{}",
        misspelt.stderr
    );

    let nothing = handover(&["trigger"]).run().await;
    assert!(nothing.misuse().contains("EVENT"), "{}", nothing.stderr);

    let app = handover(&["trigger", "message_echo", "--app", "inbox"])
        .run()
        .await;
    assert!(app.misuse().contains("write page_inbox"), "{}", app.stderr);

    let elsewhere = handover(&["trigger", "message", "--url", "https://bot.example/webhook"])
        .run()
        .await;
    assert!(
        elsewhere.misuse().contains("put MESSENGER_APP_SECRET"),
        "{}",
        elsewhere.stderr
    );

    let partly = handover(&["trigger", "message"])
        .env("MESSENGER_PAGE_ID", "1")
        .run()
        .await;
    assert!(
        partly.misuse().contains("MESSENGER_APP_ID is not set"),
        "{}",
        partly.stderr
    );
}

/// A bot that listens on all addresses is reached at one of this machine.
#[tokio::test]
async fn the_webhook_is_where_the_bot_listens() {
    for (host, address) in [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
    ] {
        let sent = handover(&["trigger", "message"]).env("HOST", host);
        let nobody = sent.env("PORT", "9").run().await;
        let url = format!("http://{address}:9/webhook");
        assert!(nobody.fault().contains(&url), "{host}: {}", nobody.stderr);
    }
}
