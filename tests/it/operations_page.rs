//! The operations page: its data, who may ask for it, and what an operator changes. How it looks is in
//! `browser/operations.rs`.

use std::time::Duration;

use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use handover::{Bot, HistoryLimits};
use handover_runtime::operations_token;
use handover_testkit::http;
use serde_json::{Value, json};

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{PAGE, PAGE_INBOX, PERSON, SECRET, item, message};
use crate::support::simulated::{self, CAFE, Simulated, token_of};
use crate::support::wait::until;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_message(text = "break")]
async fn broken() -> Result<&'static str, &'static str> {
    Err("it is broken")
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("heard {text}")
}

#[on_pass_thread_control]
async fn back() -> &'static str {
    "I am back."
}

fn bot() -> Bot {
    Bot::new(routes![to_agent, broken, echo, back]).retries(0)
}

/// The data of a bot's page.
struct OperationsData {
    address: String,
    client: http::Client,
}

impl OperationsData {
    fn of(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            client: http::Client::new(),
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.address)).send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// With the token of an operator.
    async fn ask(&self, method: http::Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .client
            .request(method, format!("{}{path}", self.address))
            .bearer_auth(operations_token(SECRET))
            .json(body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(http::Method::POST, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Waits until this path gives something that is enough.
    async fn shows(&self, path: &str, is_enough: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{path} shows it"), async || {
            let answer = self.get(path).await;
            match is_enough(&answer) {
                true => Ok(answer),
                false => Err(format!("{answer:#}")),
            }
        })
        .await
    }
}

/// The status of a request with these headers, and the code of its error.
async fn asked_with(address: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut request = http::Client::new().get(format!("{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body["error"]["code"].clone())
}

#[tokio::test]
async fn a_page_of_the_web_cannot_ask_from_a_browser() {
    let bot = RunningBot::start_with(bot()).await;
    let address = &bot.operations;
    let host = address.trim_start_matches("http://");
    let paths = [
        "/overview".to_owned(),
        "/threads".to_owned(),
        format!("/threads/{PAGE}/{PERSON}"),
        "/dead_letters".to_owned(),
    ];
    for path in &paths {
        let ask = async |headers: &[(&str, &str)]| asked_with(address, path, headers).await;
        assert_eq!(ask(&[]).await.0, 200, "{path}");
        let own = format!("http://{host}");
        let from_here = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
        assert_eq!(ask(&from_here).await.0, 200, "{path}");
        // A website has its own name point at this machine.
        let rebound = [("host", "evil.example:9464")];
        assert_eq!(ask(&rebound).await, (403, "foreign_host".into()), "{path}");
        let rebound = [
            ("host", "evil.example"),
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert_eq!(ask(&rebound).await, (403, "foreign_host".into()), "{path}");
        for headers in [
            [("origin", "https://evil.example")].as_slice(),
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:3000")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert_eq!(
                ask(headers).await,
                (403, "other_origin".into()),
                "{path} {headers:?}"
            );
        }
        // Who has the token may use any name.
        let token = format!("Bearer {}", operations_token(SECRET));
        let named = [
            ("host", "ops.example.com"),
            ("authorization", token.as_str()),
        ];
        assert_eq!(ask(&named).await.0, 200, "{path}");
        let wrong = [("host", "ops.example.com"), ("authorization", "Bearer x")];
        assert_eq!(ask(&wrong).await.0, 403, "{path}");
    }
    // What programs ask is not affected.
    for path in ["/livez", "/readyz", "/metrics"] {
        let named = [("host", "bot.example.com")];
        assert_eq!(asked_with(address, path, &named).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn what_changes_something_needs_the_token_and_another_origin_does_not_help() {
    let bot = RunningBot::start_with(bot()).await;
    let address = &bot.operations;
    let thread = format!("/threads/{PAGE}/{PERSON}");
    for path in [
        "/dead_letters/preview".to_owned(),
        "/dead_letters/discard".to_owned(),
        "/replay".to_owned(),
        format!("{thread}/pause/60"),
        format!("{thread}/resume"),
    ] {
        let post = async |headers: &[(&str, &str)]| {
            let request = http::Client::new().post(format!("{address}{path}"));
            let headers = headers.iter();
            let request = headers.fold(request, |request, (name, value)| {
                request.header(*name, *value)
            });
            let body = json!({ "ids": [], "source": "dead_letters" });
            let answer = request.body(body.to_string()).send().await;
            answer.unwrap().status().as_u16()
        };
        assert_eq!(post(&[]).await, 401, "{path}");
        assert_eq!(
            post(&[("authorization", "Bearer wrong")]).await,
            401,
            "{path}"
        );
        let token = format!("Bearer {}", operations_token(SECRET));
        let abused = [
            ("authorization", token.as_str()),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(post(&abused).await, 403, "{path}");
        // A form of another website sends this without asking first.
        let form = [
            ("content-type", "text/plain"),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(post(&form).await, 403, "{path}");
    }
    let texts = format!("{thread}?texts=true");
    assert_eq!(
        asked_with(address, &texts, &[]).await,
        (401, "wrong_token".into())
    );
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let bot = RunningBot::start_with(bot()).await;
    let page = http::get(format!("{}/", bot.operations)).await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(
        !html.contains("http:") && !html.contains("https:"),
        "{html}"
    );
    let files: Vec<_> = html
        .split(['"'])
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert!(files.len() > 6, "{files:?}");
    for file in files {
        let answer = http::get(format!("{}{file}", bot.operations))
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{file}");
    }
    let missing = http::get(format!("{}/assets/../Cargo.toml", bot.operations)).await;
    assert_eq!(missing.unwrap().status(), 404);
}

#[tokio::test]
async fn below_another_path_the_page_finds_its_files() {
    let bot = RunningBot::start_with(bot()).await;
    let nested = axum::Router::new().nest("/internal", bot.handle.operations());
    let address = crate::support::bot::serve(nested).await;
    let page = http::get(format!("http://{address}/internal"))
        .await
        .unwrap();
    let html = page.text().await.unwrap();
    assert!(html.contains("\"/internal/assets/main.js\""), "{html}");
    let script = http::get(format!("http://{address}/internal/assets/main.js")).await;
    assert_eq!(script.unwrap().status(), 200);
}

#[tokio::test]
async fn handovers_are_counted_and_measured() {
    let clock = Clock::default();
    let config = simulated::config().account(handover::Account::new(CAFE, token_of(CAFE)));
    let bot = Simulated::start(bot().clock(clock.clone()), config).await;
    let data = OperationsData::of(&bot.operations);
    let before = data.get("/overview").await;
    assert_eq!(before["handovers"]["by_the_bot"], 0);
    assert_eq!(before["handovers"]["first_word"], Value::Null);
    assert_eq!(before["ready"], true);
    assert_eq!(before["accounts"][0]["token"], "unused");

    let ana = bot.person(CAFE);
    ana.says("agent").await.unwrap();
    let open = data
        .shows("/threads?group=with_people", |it| {
            it["threads"][0]["owner"] == "other"
        })
        .await;
    let thread = &open["threads"][0];
    assert_eq!(thread["owner_name"], "Page Inbox");
    assert_eq!(thread["person"], ana.id().as_str());
    assert_eq!(thread["is_answered"], false);

    clock.advance(Duration::from_secs(90));
    bot.sim.inbox().reply(&ana, "This is Ben.").await.unwrap();
    bot.sim
        .inbox()
        .reply(&ana, "How can I help?")
        .await
        .unwrap();
    data.shows("/threads?group=with_people", |it| {
        it["threads"][0]["is_answered"] == true
    })
    .await;
    clock.advance(Duration::from_secs(210));
    bot.sim.inbox().done(&ana).await.unwrap();
    bot.reads(&ana, "I am back.").await;

    let overview = data
        .shows("/overview", |it| it["handovers"]["returned"] == 1)
        .await;
    let handovers = &overview["handovers"];
    assert_eq!(handovers["by_the_bot"], 1, "{handovers:#}");
    assert_eq!(handovers["taken"], 0, "{handovers:#}");
    assert_eq!(handovers["to"][0]["name"], "Page Inbox", "{handovers:#}");
    assert_eq!(handovers["to"][0]["count"], 1, "{handovers:#}");
    assert_eq!(handovers["first_word"]["count"], 1, "{handovers:#}");
    let word = handovers["first_word"]["median_ms"].as_u64().unwrap();
    assert!((90_000..100_000).contains(&word), "{handovers:#}");
    let away = handovers["away"]["median_ms"].as_u64().unwrap();
    assert!((300_000..310_000).contains(&away), "{handovers:#}");
    assert_eq!(overview["accounts"][0]["token"], "works");
    assert_eq!(overview["accounts"][0]["handoffs_passed"], 1);
    let none = data.get("/threads?group=with_people").await;
    assert_eq!(none["threads"], json!([]));
}

#[tokio::test]
async fn an_agent_who_takes_a_thread_is_a_handover_and_nobody_who_answers_is_unclaimed() {
    #[on_message]
    #[handoff(to = "page_inbox", unclaimed_after = "5m")]
    async fn unanswered() -> &'static str {
        "One moment."
    }

    let clock = Clock::default();
    let config = simulated::config().account(handover::Account::new(CAFE, token_of(CAFE)));
    let bot = Simulated::start(Bot::new(routes![unanswered]).clock(clock.clone()), config).await;
    let data = OperationsData::of(&bot.operations);
    let ana = bot.person(CAFE);
    ana.says("hello").await.unwrap();
    data.shows("/overview", |it| it["handovers"]["by_the_bot"] == 1)
        .await;
    clock.advance(Duration::from_secs(301));
    let overview = data
        .shows("/overview", |it| it["handovers"]["returned"] == 1)
        .await;
    assert_eq!(overview["handovers"]["unclaimed"], 1);
    assert_eq!(overview["handovers"]["first_word"], Value::Null);
}

/// A bot with a file, in which something was given up.
async fn with_dead_letters(journal: Option<Journal>) -> RunningBot {
    let bot = match journal {
        Some(journal) => bot().journal(journal),
        None => bot(),
    };
    let bot = RunningBot::start_with(bot.history(HistoryLimits::default())).await;
    bot.platform.says("break").await;
    bot.platform.says("break").await;
    let refused = json!({ "error": { "message": "(#551) This person isn't available right now.", "type": "OAuthException", "code": 551, "error_subcode": 1_545_041, "fbtrace_id": "A1" } });
    bot.graph.next_answer(400, refused);
    bot.platform.says("my secret").await;
    bot
}

#[tokio::test]
async fn dead_letters_are_shown_by_cause_retried_and_discarded_in_a_file() {
    let directory = Directory::new();
    let journal = Journal::open(directory.path().join("handover.db")).unwrap();
    let bot = with_dead_letters(Some(journal)).await;
    retry_and_discard(&bot).await;
}

#[tokio::test]
async fn dead_letters_are_shown_by_cause_retried_and_discarded_in_memory() {
    let bot = with_dead_letters(None).await;
    retry_and_discard(&bot).await;
}

#[tokio::test]
async fn a_preview_counts_what_it_does_not_show_as_well() {
    const SHOWN: usize = 200;
    let bot = RunningBot::start_with(bot()).await;
    let data = OperationsData::of(&bot.operations);
    bot.platform.says("break").await;
    data.shows("/dead_letters", |it| it["total"] == 1).await;
    for number in 0..SHOWN {
        // It is kept, and nothing can be done with it.
        let body = format!("not JSON, number {number}");
        assert_eq!(bot.platform.post_bytes(body.as_bytes()).await, 200);
    }
    let letters = data
        .shows("/dead_letters", |it| it["total"] == SHOWN + 1)
        .await;
    let causes = letters["causes"].as_array().unwrap().iter();
    let letters = causes.flat_map(|cause| cause["letters"].as_array().unwrap());
    let ids: Vec<_> = letters.map(|letter| letter["id"].clone()).collect();
    let chosen = json!({ "ids": ids });
    let preview = data.post("/dead_letters/preview", &chosen).await;
    let shown = preview["letters"].as_array().unwrap();
    assert_eq!(shown.len(), SHOWN);
    // The only one that would be handled again is the oldest.
    assert!(shown.iter().all(|letter| letter["refusal"].is_string()));
    assert_eq!(
        (&preview["ready"], &preview["may_arrive_twice"]),
        (&json!(1), &json!(0))
    );
}

async fn retry_and_discard(bot: &RunningBot) {
    let data = OperationsData::of(&bot.operations);
    let letters = data
        .shows("/dead_letters", |it| it["total"] == 3 && it["listed"] == 3)
        .await;
    let causes = letters["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 2, "{letters:#}");
    let of_calls = causes.iter().find(|one| one["code"] == 551).unwrap();
    assert_eq!(of_calls["subcode"], 1_545_041);
    assert_eq!(
        of_calls["advice"],
        "The person cannot be reached: wait until they write again."
    );
    assert_eq!(of_calls["letters"][0]["name"], "messages");
    assert_eq!(of_calls["letters"][0]["person"], PERSON);
    let of_handlers = causes.iter().find(|one| one["code"].is_null()).unwrap();
    assert_eq!(of_handlers["letters"].as_array().unwrap().len(), 2);
    assert_eq!(of_handlers["cause"], "it is broken");
    let ids = |cause: &Value| -> Vec<u64> {
        let letters = cause["letters"].as_array().unwrap().iter();
        letters.map(|one| one["id"].as_u64().unwrap()).collect()
    };
    let text = letters.to_string();
    assert!(!text.contains("secret"), "{text}");

    let call = ids(of_calls);
    let hidden = data
        .post("/dead_letters/preview", &json!({ "ids": call }))
        .await;
    let text = hidden.to_string();
    assert!(!text.contains("heard my secret"), "{text}");
    assert!(text.contains("(15 characters)"), "{text}");
    let shown = data
        .post(
            "/dead_letters/preview",
            &json!({ "ids": call, "texts": true }),
        )
        .await;
    let sends = &shown["letters"][0]["content"]["messages"];
    assert_eq!(sends["message"]["text"], "heard my secret", "{shown:#}");
    assert_eq!(shown["letters"][0]["refusal"], Value::Null);

    let before = bot.graph.calls().len();
    let retried = json!({ "source": "dead_letters", "ids": call });
    assert_eq!(data.post("/replay", &retried).await, json!(call));
    until("the message is sent again", async || {
        let calls = bot.graph.calls();
        let again = calls
            .iter()
            .skip(before)
            .any(|call| call.text() == Some("heard my secret"));
        again.then_some(()).ok_or(format!("{calls:#?}"))
    })
    .await;
    data.shows("/dead_letters", |it| it["total"] == 2).await;

    let broken = ids(of_handlers);
    let discarded = data
        .post("/dead_letters/discard", &json!({ "ids": [broken[0]] }))
        .await;
    assert_eq!(discarded, json!({ "discarded": 1 }));
    let overview = data.get("/overview").await;
    assert_eq!(overview["waiting"]["dead_letters"], 1);
    // The handler runs again, and fails again.
    let retried = json!({ "source": "dead_letters", "ids": [broken[1]] });
    assert_eq!(data.post("/replay", &retried).await, json!([broken[1]]));
    data.shows("/overview", |it| it["accounts"][0]["events_failed"] == 3)
        .await;
    let again = data.shows("/dead_letters", |it| it["total"] == 1).await;
    assert_eq!(again["causes"][0]["letters"][0]["name"], "message");
    let (status, _) = data
        .ask(
            http::Method::POST,
            "/dead_letters/discard",
            &json!({ "id": 1 }),
        )
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn what_people_wrote_is_hidden_until_somebody_with_the_token_asks() {
    let bot = RunningBot::start_with(bot().history(HistoryLimits::default())).await;
    let data = OperationsData::of(&bot.operations);
    bot.platform.says("my secret").await;
    let path = format!("/threads/{PAGE}/{PERSON}");
    let thread = data
        .shows(&path, |it| {
            it["kept"]["history"]
                .as_array()
                .is_some_and(|it| it.len() == 2)
        })
        .await;
    assert_eq!(thread["owner"], "bot");
    assert!(thread["window_until"].is_i64(), "{thread:#}");
    assert!(!thread.to_string().contains("secret"), "{thread:#}");
    assert_eq!(thread["kept"]["history"][0]["speaker"], "person");
    let (_, shown) = data
        .ask(http::Method::GET, &format!("{path}?texts=true"), &json!({}))
        .await;
    assert_eq!(
        shown["kept"]["history"][0]["text"], "my secret",
        "{shown:#}"
    );
    for path in ["/overview", "/threads", "/dead_letters"] {
        let answer = data.get(path).await.to_string();
        assert!(!answer.contains("secret"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn threads_are_found_by_a_part_of_the_id_in_memory_and_in_a_file() {
    let directory = Directory::new();
    let journal = Journal::open(directory.path().join("handover.db")).unwrap();
    for journal in [Journal::in_memory(Clock::default()), journal] {
        let bot = RunningBot::start_with(bot().journal(journal)).await;
        let data = OperationsData::of(&bot.operations);
        bot.platform
            .deliver([message("5000", "hello"), message("5001", "hello")])
            .await;
        bot.platform.deliver([message("6000", "agent")]).await;
        data.shows("/threads?group=with_people", |it| {
            it["threads"][0]["person"] == "6000"
        })
        .await;
        let people = async |query: &str| -> Vec<String> {
            let found = data.get(&format!("/threads?{query}")).await;
            let threads = found["threads"].as_array().unwrap().iter();
            let mut people: Vec<_> = threads
                .map(|one| one["person"].as_str().unwrap().to_owned())
                .collect();
            people.sort();
            people
        };
        assert_eq!(people("").await, ["5000", "5001", "6000"]);
        assert_eq!(people("person=500").await, ["5000", "5001"]);
        assert_eq!(people("person=500&limit=1").await.len(), 1);
        assert_eq!(people("account=7").await, Vec::<String>::new());
        assert_eq!(people("group=paused").await, Vec::<String>::new());
        let pause = format!("/threads/{PAGE}/5001/pause/60");
        let answer = data
            .client
            .post(format!("{}{pause}", data.address))
            .bearer_auth(operations_token(SECRET))
            .send();
        assert_eq!(answer.await.unwrap().status(), 200);
        assert_eq!(people("group=paused").await, ["5001"]);
        let wrong = asked_with(&data.address, "/threads?group=mine", &[]).await;
        assert_eq!(wrong, (400, "bad_request".into()));
        // An agent answers beside; the echo has no mid.
        bot.platform
            .deliver_on_standby([item(
                "message",
                json!({ "mid": "m_agent", "text": "Hi", "is_echo": true, "app_id": PAGE_INBOX }),
            )])
            .await;
    }
}

#[tokio::test]
async fn the_charts_are_of_the_counters_of_metrics() {
    let bot = RunningBot::start_with(bot()).await;
    let data = OperationsData::of(&bot.operations);
    // Samples are taken every five seconds; the first is the beginning.
    let points_of = |it: &Value| it["samples"]["points"].as_array().unwrap().clone();
    data.shows("/overview", |it| !points_of(it).is_empty())
        .await;
    bot.platform.says("hello").await;
    let overview = data
        .shows("/overview", |it| {
            let points = points_of(it);
            points.iter().any(|point| point["calls"]["ok"] == 1.0)
        })
        .await;
    let points = points_of(&overview);
    let sum = |name: &str| -> f64 {
        points
            .iter()
            .map(|point| point[name].as_f64().unwrap())
            .sum()
    };
    assert_eq!((sum("received"), sum("sent")), (1.0, 1.0), "{points:#?}");
    let busy = points.iter().find(|point| point["calls"]["ok"] == 1.0);
    let busy = busy.unwrap();
    assert!(busy["graph_ms"].as_f64().unwrap() > 0.0, "{busy:#}");
}

#[tokio::test]
async fn openapi_describes_each_field() {
    let bot = with_dead_letters(None).await;
    let data = OperationsData::of(&bot.operations);
    let described = data.get("/openapi.json").await;
    let schemas = &described["components"]["schemas"];
    let fields =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let letters = data.shows("/dead_letters", |it| it["total"] == 3).await;
    let threads = data.get("/threads").await;
    for (name, answer) in [
        ("Overview", &data.get("/overview").await),
        ("ThreadSummary", &threads["threads"][0]),
        (
            "Thread",
            &data.get(&format!("/threads/{PAGE}/{PERSON}")).await,
        ),
        ("DeadLetters", &letters),
    ] {
        assert_eq!(
            fields(answer),
            fields(&schemas[name]["properties"]),
            "{name}"
        );
    }
    let cause = &schemas["DeadLetters"]["properties"]["causes"]["items"]["properties"];
    assert_eq!(fields(&letters["causes"][0]), fields(cause));
}
