//! Secrets that rotate: several at once, in files, and what is done with them.

use std::sync::Arc;

use handover::prelude::*;
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, PERSON, SECRET, message};
use crate::support::wait::until;

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

/// The status of the platform's verification with this token.
async fn verified(webhook: &str, token: &str) -> u16 {
    let token: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let url = format!("{webhook}?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}");
    http::get(url).await.unwrap().status().as_u16()
}

/// The status of a webhook that is signed with this secret.
async fn signed(webhook: &str, secret: &str) -> u16 {
    let item = message(PERSON, "hello");
    let body =
        json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1, "messaging": [item] }] });
    let body = body.to_string();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let digest = hex::encode(mac.chain_update(&body).finalize().into_bytes());
    let request = http::Client::new()
        .post(webhook)
        .header("X-Hub-Signature-256", format!("sha256={digest}"))
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn any_of_several_verify_tokens_is_right() {
    let graph = GraphStub::start().await;
    let config = config(&graph).verify_tokens(["the new one", " ", "the old one"]);
    let bot = RunningBot::serve(Bot::new(routes![echo]).config(config), graph).await;
    for (token, status) in [
        ("the new one", 200),
        ("the old one", 200),
        ("", 403),
        (" ", 403),
        ("the new one,the old one", 403),
        ("the new on", 403),
    ] {
        assert_eq!(verified(&bot.webhook, token).await, status, "{token:?}");
    }
}

/// A rotation without a gap: the new secret is added, then the old one is taken away.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_files_are_in_use_when_the_files_change() {
    let graph = GraphStub::start().await;
    let directory = Arc::new(Directory::new());
    let file = |name: &str| directory.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(file(name), text).unwrap();
    write("app-secret", "old\n");
    write("verify-token", "old word\n");
    write("access-token", &format!("{ACCESS_TOKEN}\n"));
    let path = |name: &str| file(name).display().to_string();
    let environment = [
        ("MESSENGER_PAGE_ID", PAGE.to_owned()),
        ("MESSENGER_ACCESS_TOKEN_FILE", path("access-token")),
        ("MESSENGER_APP_ID", APP.to_string()),
        ("MESSENGER_APP_SECRET_FILE", path("app-secret")),
        ("MESSENGER_VERIFY_TOKEN_FILE", path("verify-token")),
        ("GRAPH_API_URL", graph.url()),
        ("HANDOVER_OPERATIONS", "off".to_owned()),
        ("PORT", "0".to_owned()),
    ];
    let mut bot = Example::start_in(&directory, "live_chat", &environment);
    let webhook = bot.webhook();
    let statuses = async || {
        [
            signed(&webhook, "old").await,
            signed(&webhook, "new").await,
            verified(&webhook, "old word").await,
            verified(&webhook, "new word").await,
        ]
    };
    let becomes = async |what: &str, expected: [u16; 4]| {
        until(what, async || {
            let now = statuses().await;
            (now == expected).then_some(()).ok_or(format!("{now:?}"))
        })
        .await;
    };
    assert_eq!(statuses().await, [200, 403, 200, 403]);
    write("app-secret", "new\nold\n");
    write("verify-token", "new word,old word");
    becomes("both are right", [200, 200, 200, 200]).await;
    write("app-secret", "new");
    write("verify-token", "new word");
    becomes("only the new ones are right", [403, 200, 403, 200]).await;
    write("access-token", "EAAB-another\n");
    until("calls are made with the other token", async || {
        signed(&webhook, "new").await;
        let calls = graph.calls();
        let last = &calls[calls.len() - 1].authorization;
        let is_other = last == "Bearer EAAB-another";
        is_other.then_some(()).ok_or(last.clone())
    })
    .await;
    // A file that is being replaced may be missing or empty for a moment.
    write("app-secret", "\n");
    write("access-token", "");
    std::fs::remove_file(file("verify-token")).unwrap();
    bot.logs("what it held stays in use");
    assert_eq!(statuses().await, [403, 200, 403, 200]);
    assert_eq!(
        graph.calls()[0].authorization,
        format!("Bearer {ACCESS_TOKEN}")
    );
    assert!(bot.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_named() {
    let directory = Arc::new(Directory::new());
    let environment = [
        ("MESSENGER_PAGE_ID", PAGE.to_owned()),
        ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
        ("MESSENGER_APP_ID", APP.to_string()),
        (
            "MESSENGER_APP_SECRET_FILE",
            "/nowhere/app-secret".to_owned(),
        ),
        ("MESSENGER_VERIFY_TOKEN", "word".to_owned()),
        ("HANDOVER_STORE_FILE", "/nowhere/store".to_owned()),
        ("PORT", "0".to_owned()),
    ];
    let ended = Example::run_in(directory.path(), "live_chat", &[], &environment);
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        said.contains("/nowhere/app-secret") && said.contains("MESSENGER_APP_SECRET"),
        "{said}"
    );
    // It would acknowledge webhooks on an empty store.
    assert!(
        said.contains("HANDOVER_STORE_FILE: /nowhere/store"),
        "{said}"
    );
    assert!(!directory.path().join("handover.db").exists());
}

/// The proof in the address of a request, if it has one.
fn proof(uri: &str) -> Option<&str> {
    let (_, proof) = uri.split_once("appsecret_proof=")?;
    proof.split('&').next()
}

#[tokio::test]
async fn calls_are_proved_with_the_app_secret() {
    let bot = RunningBot::start(routes![echo]).await;
    bot.platform.says("hello").await;
    bot.graph.wait_for_calls(1).await;
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let expected = hex::encode(mac.chain_update(ACCESS_TOKEN).finalize().into_bytes());
    let requests = bot.graph.take_requests();
    let uris: Vec<_> = requests
        .iter()
        .map(|request| request.uri.to_string())
        .collect();
    assert!(
        uris.iter().all(|uri| proof(uri) == Some(&expected)),
        "{uris:?}"
    );
}

/// The token of another app has no proof that this one could make.
#[tokio::test]
async fn a_proof_that_the_platform_refuses_is_left_out() {
    let message = "Invalid appsecret_proof provided in the API argument";
    let refusal = json!({ "message": message, "type": "GraphMethodException", "code": 100 });
    let refusal = json!({ "error": refusal });
    for setting in [None, Some(false)] {
        let graph = GraphStub::start().await;
        let mut config = config(&graph);
        if let Some(on) = setting {
            config = config.appsecret_proof(on);
        } else {
            graph.next_answer(400, refusal.clone());
        }
        let bot = RunningBot::serve(Bot::new(routes![echo]).config(config), graph).await;
        for text in ["one", "two"] {
            bot.platform.says(text).await;
        }
        let calls = bot
            .graph
            .wait_for_calls(2 + usize::from(setting.is_none()))
            .await;
        assert_eq!(calls.last().unwrap().text(), Some("two"));
        let requests = bot.graph.take_requests();
        let uris: Vec<_> = requests.iter().map(|it| it.uri.to_string()).collect();
        let proved = uris.iter().map(|uri| proof(uri).is_some());
        let proved = proved.filter(|is_proved| *is_proved).count();
        assert_eq!(proved, usize::from(setting.is_none()), "{uris:?}");
    }
}
