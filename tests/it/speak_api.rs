//! Signals and messages from other programs, by HTTP.

use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use handover_runtime::operations_token;
use handover_testkit::PATIENCE;
use handover_testkit::graph::GraphStub;
use handover_testkit::http::{Client, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::logs::Logs;
use crate::support::platform::{PAGE, PERSON, SECRET};
use crate::support::root;
use crate::support::wait::until;

const TOKEN: &str = "a long random word";

#[derive(Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

#[on_signal]
async fn shipped(signal: Signal<Shipped>) -> String {
    format!("Order {} is on its way.", signal.order)
}

#[derive(Signal, Serialize, Deserialize)]
struct Booked {
    person: String,
    status: String,
}

#[on_signal]
async fn booked(_signal: Signal<Booked>) -> Result<&'static str, &'static str> {
    Err("the hotel is closed")
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

struct Api {
    bot: RunningBot,
    client: Client,
}

impl Api {
    async fn start() -> Self {
        Self::with(&[TOKEN]).await
    }

    async fn with(tokens: &[&str]) -> Self {
        Self::of(Bot::new(routes![to_agent, shipped]), tokens).await
    }

    async fn of(bot: Bot, tokens: &[&str]) -> Self {
        let graph = GraphStub::start().await;
        let bot = bot.config(config(&graph).api_tokens(tokens.iter().copied()));
        Self {
            bot: RunningBot::serve(bot, graph).await,
            client: Client::new(),
        }
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/threads/{PAGE}/{PERSON}/{rest}", self.bot.operations)
    }

    async fn post(&self, rest: &str, id: Option<&str>, body: impl ToString) -> Response {
        let mut request = self.client.post(self.url(rest)).bearer_auth(TOKEN);
        if let Some(id) = id {
            request = request.header("Idempotency-Key", id);
        }
        request.body(body.to_string()).send().await.unwrap()
    }
}

async fn json_of(response: Response, status: u16) -> Value {
    let given = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(given, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The code of an error.
async fn refused(response: Response, status: u16) -> String {
    let json = json_of(response, status).await;
    let message = json["error"]["message"].as_str().unwrap();
    assert!(!message.is_empty() && !message.contains(TOKEN), "{message}");
    json["error"]["code"].as_str().unwrap().to_owned()
}

/// Its keys are the sender's, also those that are ids in events of the platform.
#[tokio::test]
async fn what_a_signal_says_is_hidden_until_somebody_with_the_token_asks() {
    let directory = Directory::new();
    let journal = Journal::open(directory.path().join("handover.db")).unwrap();
    for journal in [Journal::in_memory(Clock::default()), journal] {
        let bot = Bot::new(routes![booked]).retries(0).journal(journal);
        let api = Api::of(bot, &[TOKEN]).await;
        let body = json!({ "person": "Ana Lima", "status": "no nuts" });
        let sent = api.post("signals/booked?wait=10s", Some("booked-1"), body);
        let receipt = json_of(sent.await, 202).await;
        assert_eq!(receipt["status"], "failed", "{receipt:#}");
        let thread = format!("{}/threads/{PAGE}/{PERSON}", api.bot.operations);
        let hidden = api.client.get(&thread).send().await.unwrap();
        let hidden = json_of(hidden, 200).await;
        let letter = hidden["kept"]["dead_letters"][0].to_string();
        assert!(
            letter.contains("(8 characters)") && letter.contains("(7 characters)"),
            "{letter}"
        );
        let hidden = hidden.to_string();
        assert!(
            !hidden.contains("Ana") && !hidden.contains("nuts"),
            "{hidden}"
        );
        let shown = api
            .client
            .get(format!("{thread}?texts=true"))
            .bearer_auth(operations_token(SECRET));
        let shown = json_of(shown.send().await.unwrap(), 200).await.to_string();
        assert!(
            shown.contains("Ana Lima") && shown.contains("no nuts"),
            "{shown}"
        );
    }
}

/// Half of what may wait is left to what people write.
#[tokio::test]
async fn while_too_much_waits_nothing_is_taken() {
    let graph = GraphStub::start().await;
    graph.hold();
    let config = config(&graph).api_tokens([TOKEN]).waiting_limit(4);
    let bot = Bot::new(routes![shipped]).config(config);
    let api = Api {
        bot: RunningBot::serve(bot, graph).await,
        client: Client::new(),
    };
    let text = json!({ "text": "Hello" });
    for id in ["a", "b"] {
        json_of(api.post("messages", Some(id), &text).await, 202).await;
    }
    let bodies = [
        ("messages", text.clone()),
        ("signals/shipped", json!({ "order": 42 })),
    ];
    for (path, body) in bodies {
        let code = refused(api.post(path, Some("c"), body).await, 503).await;
        assert_eq!(code, "too_much_waits", "{path}");
    }
    // What was accepted is found all the same.
    json_of(api.post("messages", Some("a"), &text).await, 200).await;
    let thread = api.bot.handle.threads().of(PAGE, PERSON);
    let full = thread.send("Hello").await.unwrap_err();
    assert!(
        full.to_string().contains("HANDOVER_WAITING_LIMIT"),
        "{full}"
    );
    api.bot.graph.let_go();
    until("there is room again", async || {
        let answer = api.post("messages", Some("c"), &text).await;
        let status = answer.status().as_u16();
        (status == 202).then_some(()).ok_or(status.to_string())
    })
    .await;
    api.bot.graph.wait_for_calls(3).await;
}

#[tokio::test]
async fn a_signal_is_handled_and_its_receipt_told() {
    let api = Api::start().await;
    let body = json!({ "order": 42 });
    let sent = api
        .post("signals/shipped?wait=10s", Some("shipped-42"), &body)
        .await;
    let receipt = json_of(sent, 202).await;
    assert_eq!(receipt["id"], "shipped-42");
    assert_eq!(
        (&receipt["account"], &receipt["person"]),
        (&json!(PAGE), &json!(PERSON))
    );
    assert_eq!(
        (&receipt["signal"], &receipt["status"]),
        (&json!("shipped"), &json!("sent"))
    );
    assert!(receipt["message_id"].is_string() && receipt["created_at"].is_number());
    assert_eq!(api.bot.graph.texts(), ["Order 42 is on its way."]);

    let again = api.post("signals/shipped", Some("shipped-42"), &body).await;
    assert_eq!(json_of(again, 200).await, receipt);
    let other = api
        .post(
            "signals/shipped",
            Some("shipped-42"),
            json!({ "order": 43 }),
        )
        .await;
    assert_eq!(refused(other, 409).await, "id_conflict");
    let other = api
        .post("messages", Some("shipped-42"), json!({ "text": "hello" }))
        .await;
    assert_eq!(refused(other, 409).await, "id_conflict");

    let asked = api
        .client
        .get(api.url("receipts/shipped-42"))
        .bearer_auth(TOKEN);
    assert_eq!(json_of(asked.send().await.unwrap(), 200).await, receipt);
    let asked = api.client.get(api.url("receipts/other")).bearer_auth(TOKEN);
    assert_eq!(
        refused(asked.send().await.unwrap(), 404).await,
        "unknown_id"
    );
    assert_eq!(api.bot.graph.calls().len(), 1);
}

#[tokio::test]
async fn a_message_says_what_the_send_api_says() {
    let api = Api::start().await;
    for (body, expected) in [
        (json!({ "text": "one" }), json!({ "text": "one" })),
        (
            json!({ "message": { "attachment": { "type": "image", "payload": { "url": "https://e.example/a.png" } } } }),
            json!({ "attachment": { "type": "image", "payload": { "url": "https://e.example/a.png" } } }),
        ),
    ] {
        json_of(api.post("messages?wait=10", None, &body).await, 202).await;
        let calls = api.bot.graph.calls();
        let mut message = calls.last().unwrap().body["message"].clone();
        message.as_object_mut().unwrap().remove("metadata");
        assert_eq!(message, expected, "{body}");
    }
    let tagged = json!({ "text": "How was it?", "tag": "CUSTOMER_FEEDBACK" });
    json_of(api.post("messages?wait=10", None, tagged).await, 202).await;
    let template =
        json!({ "template": { "name": "order_shipped", "language": { "code": "en_US" } } });
    json_of(api.post("messages?wait=10", None, template).await, 202).await;
    let calls = api.bot.graph.calls();
    assert_eq!(calls[2].body["tag"], "CUSTOMER_FEEDBACK");
    assert_eq!(calls[3].body["messaging_type"], "UTILITY");
    assert_eq!(calls[3].body["template"]["name"], "order_shipped");
}

#[tokio::test]
async fn what_waits_is_told_as_held() {
    let api = Api::start().await;
    api.bot.platform.says("agent").await;
    api.bot.graph.wait_for_calls(1).await;
    let held = json!({
        "text": "one", "hold_until_back": true, "expires_after": "2h",
        "outside_window": { "text": "two", "tag": "CUSTOMER_FEEDBACK" },
    });
    let receipt = json_of(api.post("messages?wait=10s", Some("a"), held).await, 202).await;
    assert_eq!(receipt["status"], "held");
    let query = "signals/shipped?hold_until_back=true&expires_after=90s&wait=10s";
    let receipt = json_of(api.post(query, Some("b"), json!({ "order": 1 })).await, 202).await;
    assert_eq!(receipt["status"], "held");
    // What does not wait is not kept waiting by what does.
    let refused = api
        .post("messages?wait=10s", Some("c"), json!({ "text": "no" }))
        .await;
    let refused = json_of(refused, 202).await;
    assert_eq!(
        (&refused["status"], &refused["kind"]),
        (&json!("failed"), &json!("thread_owned"))
    );
    api.bot.platform.passes_back(None).await;
    for id in ["a", "b"] {
        let url = api.url(&format!("receipts/{id}?wait=10s"));
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let asked = api
                .client
                .get(&url)
                .bearer_auth(TOKEN)
                .send()
                .await
                .unwrap();
            let receipt = json_of(asked, 200).await;
            if receipt["status"] == "sent" {
                break;
            }
            assert!(tokio::time::Instant::now() < until, "{receipt}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    assert_eq!(api.bot.graph.texts(), ["one", "Order 1 is on its way."]);
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let api = Api::start().await;
    let signal = async |rest: &str, body: &str| {
        let response = api.post(rest, None, body).await;
        let status = response.status().as_u16();
        (status, refused(response, status).await)
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(signal("signals/shipped", "{").await, is(400, "bad_request"));
    assert_eq!(
        signal("signals/shipped", "{}").await,
        is(422, "unfit_content")
    );
    assert_eq!(
        signal("signals/shipped", "").await,
        is(422, "unfit_content")
    );
    let wrong = "{\"order\": \"42\"}";
    assert_eq!(
        signal("signals/shipped", wrong).await,
        is(422, "unfit_content")
    );
    assert_eq!(signal("messages", "{}").await, is(400, "bad_request"));
    assert_eq!(
        signal("messages", "{\"text\": \"\"}").await,
        is(422, "empty_message")
    );
    let unknown = "{\"text\": \"a\", \"txt\": \"b\"}";
    assert_eq!(signal("messages", unknown).await, is(400, "bad_request"));
    let unknown = "{\"text\": \"a\", \"expires_after\": \"soon\"}";
    assert_eq!(signal("messages", unknown).await, is(400, "bad_request"));
    // Not ignored: the message would be sent at another time than its author thinks.
    let text = "{\"text\": \"a\"}";
    for option in ["after=1h", "expires_after=1h", "hold_until_back=true"] {
        let answer = signal(&format!("messages?{option}"), text).await;
        assert_eq!(answer, is(400, "bad_request"), "{option}");
    }
    let right = "{\"order\": 42}";
    assert_eq!(
        signal("signals/shipped?after=soon", right).await,
        is(400, "bad_request")
    );
    assert_eq!(
        signal("signals/shipped?hold=true", right).await,
        is(400, "bad_request")
    );
    let huge = format!("{{\"order\": 42, \"more\": {:?}}}", "x".repeat(300_000));
    assert_eq!(signal("signals/shipped", &huge).await, is(413, "too_long"));
    let huge = "x".repeat(600_000);
    assert_eq!(signal("signals/shipped", &huge).await, is(413, "too_long"));
    let long = "x".repeat(201);
    let response = api.post("signals/shipped", Some(&long), right).await;
    assert_eq!(refused(response, 400).await, "invalid_id");
    let url = format!(
        "{}/threads/4711/{PERSON}/signals/shipped",
        api.bot.operations
    );
    let response = api.client.post(url).bearer_auth(TOKEN).body(right);
    assert_eq!(
        refused(response.send().await.unwrap(), 404).await,
        "unknown_account"
    );
    assert!(api.bot.graph.calls().is_empty());
    // Beside all that, nothing is lost.
    json_of(api.post("signals/shipped?wait=10s", None, right).await, 202).await;
    assert_eq!(api.bot.graph.texts(), ["Order 42 is on its way."]);
}

#[tokio::test]
async fn a_signal_that_no_handler_takes_is_kept_and_said_so() {
    let api = Api::start().await;
    let sent = api
        .post("signals/paid?wait=10s", None, json!({ "order": 42 }))
        .await;
    let receipt = json_of(sent, 202).await;
    assert!(receipt["warning"].as_str().unwrap().contains("`paid`"));
    assert_eq!(
        (&receipt["status"], &receipt["kind"]),
        (&json!("failed"), &json!("no_handler"))
    );
}

#[tokio::test]
async fn nobody_sends_anything_without_the_token() {
    let api = Api::with(&[TOKEN, "the next one"]).await;
    let without = Api::with(&[]).await;
    let empty = Api::with(&["", " "]).await;
    let post = async |api: &Api, token: Option<&str>| {
        let mut request = api.client.post(api.url("signals/shipped"));
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        request.body("{\"order\": 42}").send().await.unwrap()
    };
    for token in [
        None,
        Some("Bearer "),
        Some("Bearer wrong"),
        Some(TOKEN),
        Some("Bearer a long random wor"),
    ] {
        let response = post(&api, token).await;
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(refused(response, 401).await, "wrong_token", "{token:?}");
        for api in [&without, &empty] {
            let code = refused(post(api, token).await, 403).await;
            assert_eq!(code, "no_token_configured", "{token:?}");
        }
    }
    let receipt = api.client.get(api.url("receipts/a")).send().await.unwrap();
    assert_eq!(refused(receipt, 401).await, "wrong_token");
    for token in [TOKEN, "the next one"] {
        let response = post(&api, Some(&format!("Bearer {token}"))).await;
        json_of(response, 202).await;
    }
}

/// What is served is the file of the repository, and each answer above is in it.
#[tokio::test]
async fn openapi_describes_it() {
    let api = Api::start().await;
    let url = format!("{}/openapi.json", api.bot.operations);
    let served = json_of(api.client.get(url).send().await.unwrap(), 200).await;
    let file = root().join("handover-runtime/src/operations/openapi.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(served, file);
    let paths = served["paths"].as_object().unwrap();
    let paths: Vec<_> = paths.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/dead_letters",
            "/dead_letters/discard",
            "/dead_letters/preview",
            "/overview",
            "/threads",
            "/threads/{account}/{person}",
            "/threads/{account}/{person}/messages",
            "/threads/{account}/{person}/receipts/{id}",
            "/threads/{account}/{person}/signals/{name}",
        ]
    );
    let answers = |path: &str, method: &str| {
        let responses = served["paths"][path][method]["responses"]
            .as_object()
            .unwrap();
        responses.keys().cloned().collect::<Vec<_>>()
    };
    let both = [
        "200", "202", "400", "401", "403", "404", "408", "409", "413", "422", "503", "504",
    ];
    let [.., messages, receipts, signals] = paths[..] else {
        panic!("{paths:?}");
    };
    assert_eq!(answers(messages, "post"), both);
    assert_eq!(answers(signals, "post"), both);
    assert_eq!(
        answers(receipts, "get"),
        ["200", "400", "401", "403", "404", "503"]
    );
    let receipt = &served["components"]["schemas"]["Receipt"]["properties"];
    let sent = api.post("signals/paid?wait=10s", None, json!({})).await;
    for (field, _) in json_of(sent, 202).await.as_object().unwrap() {
        assert!(receipt[field].is_object(), "{field} is not described");
    }
}

#[tokio::test]
async fn a_signal_whose_handler_fails_has_a_handler() {
    #[on_signal]
    async fn fails(_: Signal<Shipped>) -> Result<(), &'static str> {
        Err("the shop does not answer")
    }

    let logs = Logs::capture();
    let api = Api::of(Bot::new(routes![fails]).retries(0), &[TOKEN]).await;
    let body = json!({ "order": 42 });
    let sent = api.post("signals/shipped?wait=10s", Some("1"), &body).await;
    assert_eq!(json_of(sent, 202).await["status"], "failed");
    assert_eq!(logs.all().len(), 1, "{:?}", logs.all());
    assert_eq!(logs.with(&["the shop does not answer", "fails"]).len(), 1);
}
