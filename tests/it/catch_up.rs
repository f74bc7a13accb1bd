//! Messages that the platform did not deliver while the bot was down.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Json, Response};
use handover::Config;
use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::support::bot::serve;
use crate::support::platform::{
    ACCESS_TOKEN, APP, PAGE, PERSON, Platform, SECRET, VERIFY_TOKEN, item,
};
use crate::support::wait::until;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// ISO 8601, as the platform writes it.
fn time(ms: i64) -> String {
    let days = ms.div_euclid(24 * HOUR_MS);
    let of_day = ms.rem_euclid(24 * HOUR_MS) / 1000;
    // A day that a test does not live to see: from 2026-01-01, which is day 20454.
    let (mut year, mut day) = (2026, days - 20_454);
    let leap = |year: i64| i64::from(year % 4 == 0);
    while day >= 365 + leap(year) {
        day -= 365 + leap(year);
        year += 1;
    }
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}+0000",
        month + 1,
        day + 1
    )
}

/// A Graph API with conversations: what is asked for, and the texts that are sent.
#[derive(Clone, Default)]
struct Graphs {
    conversations: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    sent: Arc<Mutex<Vec<String>>>,
    /// Conversations in one answer, if fewer than are asked for.
    rows: Option<usize>,
    /// Errors to answer with first.
    errors: Arc<Mutex<Vec<Value>>>,
}

async fn answer(State(graph): State<Graphs>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let query: HashMap<String, String> = url::form_urlencoded::parse(query).into_owned().collect();
    let get = |name: &str| query.get(name).cloned().unwrap_or_default();
    if path.ends_with("/messages") && request.method() == "POST" {
        let body = axum::body::to_bytes(request.into_body(), 1 << 20)
            .await
            .unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let text = body["message"]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        graph.sent.lock().unwrap().push(text);
        return Json(json!({ "recipient_id": PERSON, "message_id": "m_out" })).into_response();
    }
    if let Some(error) = graph.errors.lock().unwrap().pop() {
        let status = axum::http::StatusCode::BAD_REQUEST;
        return (status, Json(json!({ "error": error }))).into_response();
    }
    if path.ends_with("/messages") {
        graph.asked.lock().unwrap().push(path.clone());
        if path.contains("t_refused") {
            let gone = json!({ "message": "(#9000001) deleted", "code": 9_000_001 });
            let status = axum::http::StatusCode::BAD_REQUEST;
            return (status, Json(json!({ "error": gone }))).into_response();
        }
        let ids = json!([{ "id": "old_1" }, { "id": "old_2" }]);
        return Json(json!({ "data": ids, "paging": paging("oldest") })).into_response();
    }
    if !path.ends_with("/conversations") {
        return Json(json!({ "id": PAGE })).into_response();
    }
    let (platform, after) = (get("platform"), get("after"));
    graph
        .asked
        .lock()
        .unwrap()
        .push(format!("{platform} {after}"));
    assert!(get("fields").contains("messages"), "{query:?}");
    let conversations = graph.conversations.lock().unwrap().clone();
    let of_platform = conversations
        .into_iter()
        .filter(|one| one["platform"] == platform.as_str());
    let of_platform = of_platform.filter(|_| platform == "instagram" || path.contains(PAGE));
    let all: Vec<_> = of_platform.collect();
    let at: usize = after.parse().unwrap_or(0);
    let limit: usize = get("limit").parse().unwrap_or(25);
    let limit = graph.rows.map_or(limit, |rows| rows.min(limit));
    let piece: Vec<_> = all.iter().skip(at).take(limit).cloned().collect();
    let mut answer = json!({ "data": piece });
    if at + limit < all.len() {
        answer["paging"] = paging(&(at + limit).to_string());
    }
    let json = (axum::http::header::CONTENT_TYPE, "application/json");
    ([json], escaped(&answer)).into_response()
}

fn paging(next: &str) -> Value {
    json!({ "cursors": { "after": next }, "next": format!("https://graph.example/?after={next}") })
}

/// The platform writes what is not ASCII as `\uXXXX`.
fn escaped(json: &Value) -> String {
    let mut text = String::new();
    for unit in json.to_string().encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(byte.into()),
            _ => text += &format!("\\u{unit:04x}"),
        }
    }
    text
}

impl Graphs {
    fn conversation(&self, platform: &str, person: &str, messages: &[(&str, &str, &str, i64)]) {
        let account = if platform == "instagram" {
            "17841405793187218"
        } else {
            PAGE
        };
        let messages: Vec<_> = messages
            .iter()
            .rev()
            .map(|(mid, from, text, at)| {
                let from = if *from == "account" { account } else { from };
                json!({ "id": mid, "created_time": time(*at), "from": { "id": from }, "message": text })
            })
            .collect();
        let updated = messages[0]["created_time"].clone();
        self.conversations.lock().unwrap().push(json!({
            "id": format!("t_{person}"), "platform": platform, "updated_time": updated,
            "participants": { "data": [{ "id": account }, { "id": person }] },
            "messages": { "data": messages },
        }));
    }
}

#[on_message]
async fn echo(sender: Sender, text: Text) -> String {
    format!("{sender}: {text}")
}

#[on_standby]
async fn overheard() {}

struct Running {
    platform: Platform,
    handle: handover::BotHandle,
    journal: Journal,
}

async fn start(graph: &Graphs, change: impl FnOnce(Bot) -> Bot) -> Running {
    let router = Router::new().fallback(answer).with_state(graph.clone());
    let url = format!("http://{}", serve(router).await);
    let config = Config::new(PAGE, APP)
        .access_token(ACCESS_TOKEN)
        .app_secret(SECRET)
        .verify_token(VERIFY_TOKEN)
        .account(handover::Account::new("1063254873751024", "EAAC").instagram("17841405793187218"))
        .graph_url(url.parse().unwrap());
    let journal = Journal::in_memory(Clock::default());
    let bot = Bot::new(routes![echo, overheard])
        .config(config)
        .journal(journal.clone());
    let (router, handle) = change(bot).into_parts().unwrap();
    let webhook = format!("http://{}/webhook", serve(router).await);
    Running {
        platform: Platform::new(webhook),
        handle,
        journal,
    }
}

impl Running {
    async fn sends(&self, graph: &Graphs, count: usize) -> Vec<String> {
        until("all is sent", async || {
            let sent = graph.sent.lock().unwrap().clone();
            let backlog = self.journal.backlog().await.unwrap();
            let is_done = sent.len() == count && (backlog.events, backlog.calls) == (0, 0);
            is_done
                .then(|| sent.clone())
                .ok_or(format!("{sent:?} {backlog:?}"))
        })
        .await
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn what_is_missing_is_handled_in_order_and_once() {
    let graph = Graphs {
        rows: Some(1),
        ..Graphs::default()
    };
    let at = |minutes: i64| now() - minutes * 60_000;
    graph.conversation(
        "messenger",
        PERSON,
        &[
            ("m0", PERSON, "too old", at(200)),
            ("m1", PERSON, "known", at(50)),
            ("e1", "account", "said by the bot", at(49)),
            ("m2", PERSON, "missed", at(40)),
            ("m3", PERSON, "missed, too", at(40)),
            ("m4", PERSON, "overheard", at(30)),
        ],
    );
    graph.conversation("messenger", "other", &[("m5", "other", "hello", at(20))]);
    graph.conversation(
        "messenger",
        "silent",
        &[("m6", "silent", "long ago", at(300))],
    );
    graph.conversation(
        "messenger",
        "older",
        &[("m7", "older", "longer ago", at(400))],
    );
    graph.conversation(
        "instagram",
        "ben",
        &[
            ("i1", "ben", "hi", at(10)),
            ("i2", "account", "Hello!", at(9)),
        ],
    );
    let bot = start(&graph, |bot| bot).await;
    bot.platform
        .deliver([item("message", json!({ "mid": "m1", "text": "known" }))])
        .await;
    bot.platform
        .deliver_on_standby([item("message", json!({ "mid": "m4", "text": "overheard" }))])
        .await;
    bot.sends(&graph, 1).await;
    graph
        .errors
        .lock()
        .unwrap()
        .push(json!({ "message": "temporary", "code": 1200 }));

    let caught = bot.handle.catch_up(Duration::from_secs(2 * 3600)).await;
    assert_eq!(
        (caught.new, caught.failed, caught.cut_off),
        (4, 0, 0),
        "{caught}"
    );
    let sent = bot.sends(&graph, 5).await;
    let of = |person: &str| {
        let begin = format!("{person}: ");
        let texts = sent.iter().filter_map(|text| text.strip_prefix(&begin));
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(PERSON), ["known", "missed", "missed, too"]);
    assert_eq!(
        (of("other"), of("ben")),
        (vec!["hello".to_owned()], vec!["hi".to_owned()])
    );
    // Those after one that is too old are not asked for: the platform lists the newest first.
    let asked = graph.asked.lock().unwrap().clone();
    assert!(!asked.contains(&"messenger 3".to_owned()), "{asked:?}");

    // What a webhook brings later is known, and so is what a second run finds.
    bot.platform
        .deliver([item("message", json!({ "mid": "m2", "text": "missed" }))])
        .await;
    let again = bot.handle.catch_up(Duration::from_secs(2 * 3600)).await;
    assert_eq!(again.new, 0, "{again}");
    bot.sends(&graph, 5).await;
}

#[tokio::test]
async fn a_bot_can_do_so_at_its_start_and_knows_when_it_was_said() {
    let graph = Graphs::default();
    graph.conversation(
        "messenger",
        PERSON,
        &[("m1", PERSON, "hello", now() - HOUR_MS)],
    );
    let before = now();
    let bot = start(&graph, |bot| bot.catch_up(Duration::from_secs(2 * 3600))).await;
    assert_eq!(bot.sends(&graph, 1).await, [format!("{PERSON}: hello")]);
    let thread = bot
        .journal
        .thread(handover::ThreadKey::new(PAGE, PERSON))
        .await
        .unwrap();
    let wrote_at = thread.person_wrote_at.unwrap().as_millis();
    assert!((wrote_at - (before - HOUR_MS)).abs() < 60_000, "{wrote_at}");
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_said_and_keeps_nobody_else_from_it() {
    let graph = Graphs::default();
    graph.conversation("instagram", "ben", &[("i1", "ben", "hi", now() - 60_000)]);
    let denied = json!({ "message": "(#200) no permission", "code": 200 });
    // The first call asks for the Instagram account of the Page, the second for conversations.
    graph
        .errors
        .lock()
        .unwrap()
        .extend([denied.clone(), denied]);
    let bot = start(&graph, |bot| bot).await;
    let caught = bot.handle.catch_up(Duration::from_secs(3600)).await;
    assert_eq!((caught.new, caught.failed), (1, 1), "{caught}");
}

#[tokio::test]
async fn conversations_full_of_long_answers_are_read() {
    let graph = Graphs::default();
    let (answer, at) = ("я".repeat(1900), now() - 60_000);
    for person in ["one", "two", "three", "four", "five", "six"] {
        let mids: Vec<_> = (1..20).map(|number| format!("{person}_{number}")).collect();
        let asked = format!("{person}_0");
        let mut messages = vec![(asked.as_str(), person, "hello", at)];
        let answers = mids.iter();
        messages.extend(answers.map(|mid| (mid.as_str(), "account", answer.as_str(), at)));
        graph.conversation("messenger", person, &messages);
    }
    let bot = start(&graph, |bot| bot).await;
    let caught = bot.handle.catch_up(Duration::from_secs(3600)).await;
    assert_eq!((caught.new, caught.failed), (6, 0), "{caught}");
}

#[tokio::test]
async fn messages_that_the_platform_does_not_show_keep_no_others_back() {
    let graph = Graphs::default();
    let at = now() - 60_000;
    for person in ["refused", "ids_only"] {
        let mids: Vec<_> = (0..20).map(|number| format!("{person}_{number}")).collect();
        let messages: Vec<_> = mids
            .iter()
            .map(|mid| (mid.as_str(), person, "hello", at))
            .collect();
        graph.conversation("messenger", person, &messages);
        let mut conversations = graph.conversations.lock().unwrap();
        conversations.last_mut().unwrap()["messages"]["paging"] = paging("older");
    }
    graph.conversation("messenger", "other", &[("m1", "other", "hello", at)]);
    let bot = start(&graph, |bot| bot).await;
    let caught = bot.handle.catch_up(Duration::from_secs(3600)).await;
    assert_eq!(
        (caught.new, caught.failed, caught.cut_off),
        (41, 0, 2),
        "{caught}"
    );
    let asked = graph.asked.lock().unwrap().clone();
    let older = asked.iter().filter(|it| it.ends_with("/messages"));
    assert_eq!(older.count(), 2, "{asked:?}");
}
