//! A person asks the platform to have their data deleted.

use std::time::Duration;

use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use handover::{HistoryLimits, ThreadKey};
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::platform::{APP, PAGE, PERSON, SECRET};
use crate::support::wait::until;

const PUBLIC: &str = "https://bot.example.com/meta/data-deletion";
/// The person's id at the app.
const USER: &str = "10159999999999991";

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let groups = bytes.chunks(3).map(|chunk| {
        let mut group = [0; 4];
        group[1..=chunk.len()].copy_from_slice(chunk);
        let value = u32::from_be_bytes(group);
        let digit = |at: u32| char::from(DIGITS[(value >> (18 - 6 * at)) as usize & 63]);
        (0..=u32::try_from(chunk.len()).unwrap())
            .map(digit)
            .collect::<String>()
    });
    groups.collect()
}

fn signed(secret: &str, claims: &Value) -> String {
    let payload = base64url(claims.to_string().as_bytes());
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let digest = mac.chain_update(&payload).finalize().into_bytes();
    format!("{}.{payload}", base64url(&digest))
}

fn claims() -> Value {
    json!({ "algorithm": "HMAC-SHA256", "issued_at": 1_700_000_000, "user_id": USER })
}

/// The callback of a bot, as the platform reaches it.
fn callback(bot: &RunningBot) -> String {
    bot.webhook.replace("/webhook", "/meta/data-deletion")
}

async fn post(bot: &RunningBot, request: &str) -> (u16, Value) {
    post_to(callback(bot), request).await
}

async fn post_to(url: String, request: &str) -> (u16, Value) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let form = form.append_pair("signed_request", request).finish();
    let request = http::Client::new().post(url).body(form).header(
        http::header::CONTENT_TYPE,
        "application/x-www-form-urlencoded",
    );
    let answer = request.send().await.unwrap();
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}

async fn page(bot: &RunningBot, code: &str) -> (u16, String) {
    let answer = http::get(format!("{}/{code}", callback(bot)))
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn start(journal: &Journal, clock: &Clock) -> RunningBot {
    let graph = GraphStub::start().await;
    let config = config(&graph).data_deletion(PUBLIC.parse().unwrap());
    let bot = Bot::new(routes![echo]).history(HistoryLimits::default());
    let bot = bot
        .config(config)
        .clock(clock.clone())
        .journal(journal.clone());
    RunningBot::serve(bot, graph).await
}

/// Who the person is at the Page, in two pieces.
fn answer_ids(graph: &GraphStub) {
    graph.next_answer(
        200,
        json!({
            "data": [{ "id": "1", "page": { "id": "2", "name": "Another" } }],
            "paging": { "cursors": { "after": "A" }, "next": "https://graph.example/next" },
        }),
    );
    graph.next_answer(
        200,
        json!({ "data": [{ "id": PERSON, "page": { "id": PAGE } }] }),
    );
}

#[tokio::test]
async fn a_person_is_forgotten_at_every_page_however_long_it_takes() {
    let directory = Directory::new();
    let file = directory.path().join("handover.db");
    let clock = Clock::default();
    let journal = Journal::open(&file).unwrap();
    let bot = start(&journal, &clock).await;
    bot.platform.says("my secret").await;
    bot.graph.wait_for_calls(1).await;
    let refusal = json!({ "error": { "message": "temporary", "code": 2, "is_transient": true, "fbtrace_id": "A" } });
    for _ in 0..2 {
        bot.graph.next_answer(500, refusal.clone());
    }
    let (status, answer) = post(&bot, &signed(SECRET, &claims())).await;
    assert_eq!(status, 200);
    let code = answer["confirmation_code"].as_str().unwrap().to_owned();
    assert_eq!(answer["url"], format!("{PUBLIC}/{code}"));
    bot.graph.wait_for_calls(2).await;
    let (status, text) = page(&bot, &code).await;
    assert!(
        status == 200 && text.contains("is being carried out"),
        "{text}"
    );
    assert!(!text.contains(USER) && !text.contains(PERSON), "{text}");
    // When they asked, as people read it.
    assert!(
        text.contains("request of 20") && text.contains("Z is"),
        "{text}"
    );

    // The bot is restarted before the Graph API answers.
    bot.handle.stop().await;
    let journal = Journal::open(&file).unwrap();
    let bot = start(&journal, &clock).await;
    answer_ids(&bot.graph);
    until("the data are deleted", async || {
        clock.advance(Duration::from_secs(10));
        let (_, text) = page(&bot, &code).await;
        if text.contains("were deleted") {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
    let asked = bot.graph.calls();
    let asked = &asked[0];
    assert!(
        asked.path.contains(&format!("/{USER}/ids_for_pages")),
        "{asked:?}"
    );
    let requests = bot.graph.take_requests();
    let proved = |uri: String| uri.contains("appsecret_proof=");
    assert!(
        requests.iter().all(|it| proved(it.uri.to_string())),
        "{requests:?}"
    );
    assert_eq!(asked.authorization, format!("Bearer {APP}|{SECRET}"));
    let export = journal.export(ThreadKey::new(PAGE, PERSON)).await.unwrap();
    assert!(
        export.history.is_empty() && export.events.is_empty(),
        "{export:?}"
    );
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for text in [USER, PERSON, "my secret"] {
            assert!(
                !bytes.windows(text.len()).any(|it| it == text.as_bytes()),
                "{text}"
            );
        }
    }
    let (status, _) = page(&bot, "unknown").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn only_the_platform_is_believed() {
    let clock = Clock::default();
    let journal = Journal::in_memory(clock.clone());
    let bot = start(&journal, &clock).await;
    let other_algorithm = json!({ "algorithm": "none", "user_id": USER });
    let no_user = json!({ "algorithm": "HMAC-SHA256" });
    let odd_user = json!({ "algorithm": "HMAC-SHA256", "user_id": "../me" });
    let right = signed(SECRET, &claims());
    let wrong = [
        signed("another secret", &claims()),
        signed(SECRET, &other_algorithm),
        signed(SECRET, &no_user),
        signed(SECRET, &odd_user),
        right.replace('.', ""),
        format!("{right}A"),
        String::new(),
        "A".repeat(100_000),
    ];
    for request in wrong {
        let (status, _) = post(&bot, &request).await;
        assert!(status == 403 || status == 400, "{status}: {request:.80}");
    }
    let answer = http::Client::new()
        .post(callback(&bot))
        .body("nothing")
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 403);
    assert!(bot.graph.calls().is_empty());
    // The id may be a number, and the base64 padded.
    let number = json!({ "algorithm": "HMAC-SHA256", "user_id": 10_159_999_999_999_991_u64 });
    let (status, answer) = post(&bot, &signed(SECRET, &number)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn without_the_setting_there_is_no_callback() {
    let bot = RunningBot::start(routes![echo]).await;
    for path in ["data-deletion", "meta/data-deletion"] {
        let url = bot.webhook.replace("webhook", path);
        let answer = http::Client::new().post(url).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn its_route_can_be_another_than_the_public_one() {
    let graph = GraphStub::start().await;
    let config = config(&graph)
        .data_deletion(PUBLIC.parse().unwrap())
        .data_deletion_route("/deletion");
    let bot = RunningBot::serve(Bot::new(routes![echo]).config(config), graph).await;
    let url = bot.webhook.replace("webhook", "deletion");
    let (_, answer) = post_to(url, &signed(SECRET, &claims())).await;
    assert!(
        answer["url"].as_str().unwrap().starts_with(PUBLIC),
        "{answer}"
    );
}

#[tokio::test]
async fn a_path_that_is_taken_is_an_error() {
    for path in ["", "/", "/webhook", "/readyz/", "/{x}"] {
        let graph = GraphStub::start().await;
        let config = config(&graph)
            .data_deletion(PUBLIC.parse().unwrap())
            .data_deletion_route(path);
        let error = Bot::new(routes![echo])
            .config(config)
            .into_parts()
            .unwrap_err();
        assert!(error.to_string().contains("/data-deletion"), "{error}");
    }
}
