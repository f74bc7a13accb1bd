//! `handover doctor`: one fault planted at a time, and each is found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use handover::protocol::AppId;
use handover::{Bot, Config, Routes, Store, routes};
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::journal::{RunningBot, says};
use crate::support::{Answer, Folder, Handover, handover, until};

const PAGE: &str = "1744550565845823";
const APP: &str = "1517776481860111";
const TOKEN: &str = "a token nobody may see";
const SECRET: &str = "a secret nobody may see";
const WORD: &str = "a word nobody may see";

async fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

pub(crate) fn doctor(graph_url: &str, folder: &Folder, arguments: &[&str]) -> Handover {
    let mut all = vec!["doctor"];
    all.extend(arguments);
    handover(&all)
        .within(folder.path())
        .env("MESSENGER_PAGE_ID", PAGE)
        .env("MESSENGER_ACCESS_TOKEN", TOKEN)
        .env("MESSENGER_APP_ID", APP)
        .env("MESSENGER_APP_SECRET", SECRET)
        .env("MESSENGER_VERIFY_TOKEN", WORD)
        .env("GRAPH_API_URL", graph_url)
}

/// What was found, by what was examined.
fn findings(answer: &Answer) -> BTreeMap<String, Value> {
    for secret in [TOKEN, SECRET, WORD] {
        assert!(!answer.stdout.contains(secret), "{}", answer.stdout);
        assert!(!answer.stderr.contains(secret), "{}", answer.stderr);
    }
    let rows = answer.json().into_iter();
    rows.map(|row| (row["check"].as_str().unwrap().to_owned(), row))
        .collect()
}

/// Checks that this is the fault, and that it is told what to do about it.
#[track_caller]
fn is_fault(answer: &Answer, check: &str, what: &str) {
    assert_eq!(answer.code, Some(1), "{}{}", answer.stdout, answer.stderr);
    let rows = answer.json();
    let found = rows.iter().any(|row| {
        let has = |key: &str| row[key].as_str().is_some_and(|text| !text.is_empty());
        row["check"] == check
            && row["state"] == "fault"
            && has("why")
            && has("fix")
            && row["what"].as_str().unwrap().contains(what)
    });
    assert!(found, "{check}: {what} is not in\n{}", answer.stdout);
    findings(answer);
}

/// A bot and the simulator, as the platform and production would be.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    webhook: String,
}

impl World {
    pub(crate) async fn start(change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        Self::with_bot(change, Routes::default(), Store::Memory).await
    }

    async fn with_bot(
        change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder,
        routes: Routes,
        store: Store,
    ) -> Self {
        let (listener, address) = bind().await;
        let webhook = format!("{address}/webhook");
        let app = SimulatedApp::new(APP, "Bot")
            .token(TOKEN)
            .secret(SECRET)
            .verify_token(WORD)
            .webhook(&webhook);
        let builder = Simulator::builder().page(PAGE, "Kaffeehaus").app(app);
        let simulator = change(builder).start().await.unwrap();
        let config = Config::new(PAGE, APP)
            .access_token(TOKEN)
            .app_secret(SECRET)
            .verify_token(WORD)
            .graph_url(simulator.graph_url().parse().unwrap())
            .store(store);
        let bot = Bot::new(routes).config(config).into_parts().unwrap().0;
        serve(listener, bot).await;
        Self { simulator, webhook }
    }

    fn doctor(&self, folder: &Folder) -> Handover {
        doctor(&self.simulator.graph_url(), folder, &["--json"])
    }
}

#[tokio::test]
async fn a_bot_that_is_well_is_found_well() {
    let world = World::start(|platform| platform).await;
    let folder = Folder::new("doctor");
    let answer = world.doctor(&folder).run().await;
    answer.good();
    let found = findings(&answer);
    for check in [
        "configuration",
        "clock",
        "token",
        "app",
        "page",
        "webhook",
        "routing",
        "inbox",
        "store",
    ] {
        let row = found
            .get(check)
            .unwrap_or_else(|| panic!("{check} is not in {}", answer.stdout));
        assert_eq!(row["state"], "good", "{row}");
    }
    assert!(
        found["app"]["what"]
            .as_str()
            .unwrap()
            .contains(&world.webhook),
        "{}",
        answer.stdout
    );

    let told = doctor(&world.simulator.graph_url(), &folder, &[])
        .run()
        .await;
    assert!(told.good().contains("all is well"), "{}", told.stdout);
}

#[tokio::test]
async fn what_is_not_configured_is_named() {
    let folder = Folder::new("doctor");
    let answer = handover(&[
        "doctor",
        "--json",
        "--webhook",
        "http://127.0.0.1:9/webhook",
    ])
    .within(folder.path())
    .env("MESSENGER_PAGE_ID", PAGE)
    .run()
    .await;
    for name in [
        "MESSENGER_ACCESS_TOKEN",
        "MESSENGER_APP_ID",
        "MESSENGER_APP_SECRET",
        "MESSENGER_VERIFY_TOKEN",
    ] {
        is_fault(&answer, "configuration", name);
    }
    let address = doctor("graph", &folder, &["--json"]).run().await;
    is_fault(&address, "configuration", "GRAPH_API_URL=`graph`");
    let nobody = doctor("http://127.0.0.1:9", &folder, &["--json"])
        .run()
        .await;
    is_fault(&nobody, "graph api", "cannot be reached");
}

#[tokio::test]
async fn wrong_secrets_are_found() {
    let world = World::start(|platform| platform).await;
    let folder = Folder::new("doctor");
    let token = world
        .doctor(&folder)
        .env("MESSENGER_ACCESS_TOKEN", "another")
        .run()
        .await;
    is_fault(&token, "token", "not valid");
    let secret = world
        .doctor(&folder)
        .env("MESSENGER_APP_SECRET", "another")
        .run()
        .await;
    is_fault(&secret, "app secret", "refused");
    let secret = doctor(
        &world.simulator.graph_url(),
        &folder,
        &["--json", "--webhook", &world.webhook],
    );
    let secret = secret.env("MESSENGER_APP_SECRET", "another").run().await;
    is_fault(&secret, "webhook", "does not believe the app's signature");
    let word = world
        .doctor(&folder)
        .env("MESSENGER_VERIFY_TOKEN", "another")
        .run()
        .await;
    is_fault(&word, "webhook", "refuses the verify token");
    let page = world
        .doctor(&folder)
        .env("MESSENGER_PAGE_ID", "42")
        .run()
        .await;
    is_fault(&page, "token", "not of Page 42");
}

#[tokio::test]
async fn without_a_default_app_there_is_something_to_think_about() {
    let world = World::start(SimulatorBuilder::zero_config).await;
    let folder = Folder::new("doctor");
    let answer = world.doctor(&folder).run().await;
    answer.good();
    let found = findings(&answer);
    assert_eq!(found["routing"]["state"], "warning");
    assert_eq!(found["inbox"]["state"], "warning");
}

async fn patch(address: &str, settings: Value) {
    let request = reqwest::Client::new().patch(address).json(&settings);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

#[handover::on_message]
#[handover::handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[tokio::test]
async fn an_inbox_that_cannot_be_handed_to_is_found() {
    let folder = Folder::new("doctor");
    let journal = Store::Sqlite(folder.path().join("handover.db"));
    let world = World::with_bot(|platform| platform, routes![to_agent], journal).await;
    let account = format!("{}control/accounts/{PAGE}", world.simulator.page_url());
    let connect = async |connected: bool| {
        let inbox = format!("{account}/apps/{}", AppId::PAGE_INBOX);
        patch(&inbox, json!({"connected": connected})).await;
    };
    let ana = world.simulator.person("Ana");

    connect(false).await;
    is_fault(
        &world.doctor(&folder).run().await,
        "inbox",
        "is not connected",
    );
    ana.says("agent").await.unwrap();
    let file = Connection::open(folder.path().join("handover.db")).unwrap();
    let given_up = "SELECT count(*) FROM dead_letter";
    until(async || file.query_row(given_up, [], |row| row.get(0)) == Ok(1)).await;
    // Without a default app nobody but the journal can tell.
    patch(&account, json!({"routing": {"mode": "zero_config"}})).await;
    is_fault(&world.doctor(&folder).run().await, "inbox", "was refused");

    connect(true).await;
    ana.says("agent").await.unwrap();
    until(async || {
        let found = &findings(&world.doctor(&folder).run().await)["inbox"];
        found["state"] == "good" && found["what"].as_str().unwrap().contains("had a thread")
    })
    .await;
}

/// A platform on which all is well, but for what a test changes.
struct Platform {
    answers: BTreeMap<String, Value>,
    date: Option<&'static str>,
}

impl Platform {
    fn new(webhook: &str) -> Self {
        let fields = [
            "messages",
            "messaging_postbacks",
            "messaging_handovers",
            "message_echoes",
            "standby",
        ];
        let named = fields.map(|field| json!({"name": field, "version": "v26.0"}));
        let answers = [
            (
                "/v26.0/debug_token",
                json!({"data": {
                    "app_id": APP, "type": "PAGE", "profile_id": PAGE, "is_valid": true, "expires_at": 0,
                    "data_access_expires_at": 0, "scopes": ["pages_messaging", "pages_manage_metadata"],
                }}),
            ),
            (
                &format!("/v26.0/{APP}/subscriptions"),
                json!({"data": [{
                    "object": "page", "callback_url": webhook, "active": true, "fields": named,
                }]}),
            ),
            (
                &format!("/v26.0/{PAGE}/subscribed_apps"),
                json!({"data": [{
                    "id": APP, "name": "Bot", "subscribed_fields": fields,
                }]}),
            ),
            (
                "/v26.0/me",
                json!({"id": PAGE, "messaging_feature_status": {"msgr_multi_app": true}}),
            ),
        ];
        Self {
            answers: answers
                .map(|(path, answer)| (path.to_owned(), answer))
                .into(),
            date: None,
        }
    }

    fn answer(mut self, path: &str, change: impl FnOnce(&mut Value)) -> Self {
        change(self.answers.get_mut(&format!("/v26.0/{path}")).unwrap());
        self
    }

    async fn start(self) -> String {
        let (listener, address) = bind().await;
        let platform = Arc::new(self);
        let answer = move |uri: Uri| {
            let platform = Arc::clone(&platform);
            async move {
                let body = platform.answers.get(uri.path()).cloned();
                let body = body
                    .unwrap_or_else(|| json!({"error": {"code": 100, "message": "no such path"}}));
                let date = platform.date.map(|date| [("date", date)]);
                (date, axum::Json(body)).into_response()
            }
        };
        serve(listener, Router::new().fallback(answer)).await;
        address
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async |change: &dyn Fn(&mut Value)| {
        let platform =
            Platform::new(&world.webhook).answer("debug_token", |told| change(&mut told["data"]));
        doctor(&platform.start().await, &folder, &["--json"])
            .run()
            .await
    };
    examine(&|_| {}).await.good();
    let expired = json!({"code": 190, "message": "Session has expired", "subcode": 463});
    let answer = examine(&|data| {
        data["is_valid"] = json!(false);
        data["error"] = expired.clone();
    })
    .await;
    is_fault(&answer, "token", "Session has expired");
    let answer = examine(&|data| data["app_id"] = json!("99")).await;
    is_fault(&answer, "token", "of app 99");
    let answer = examine(&|data| data["type"] = json!("USER")).await;
    is_fault(&answer, "token", "of the kind USER");
    let answer = examine(&|data| data["profile_id"] = json!("77")).await;
    is_fault(&answer, "token", "of Page 77");
    let answer = examine(&|data| data["scopes"] = json!(["pages_manage_metadata"])).await;
    is_fault(&answer, "permissions", "pages_messaging");
    let soon = crate::support::seconds_from_now(3600);
    let answer = examine(&|data| data["expires_at"] = json!(soon)).await;
    answer.good();
    assert_eq!(findings(&answer)["token"]["state"], "warning");
}

#[tokio::test]
async fn what_does_not_reach_the_bot_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async |path: &str, change: &dyn Fn(&mut Value)| {
        let platform = Platform::new(&world.webhook).answer(path, |told| change(&mut told["data"]));
        doctor(&platform.start().await, &folder, &["--json"])
            .run()
            .await
    };
    let app = format!("{APP}/subscriptions");
    let answer = examine(&app, &|rows| *rows = json!([])).await;
    is_fault(&answer, "app", "no webhook for the object page");
    let answer = examine(&app, &|rows| rows[0]["active"] = json!(false)).await;
    is_fault(&answer, "app", "switched off");
    let answer = examine(&app, &|rows| {
        rows[0]["fields"] = json!([{"name": "messages"}]);
    })
    .await;
    is_fault(&answer, "app", "messaging_postbacks, messaging_handovers");

    let page = format!("{PAGE}/subscribed_apps");
    let answer = examine(&page, &|rows| *rows = json!([{"id": "99"}])).await;
    is_fault(&answer, "page", "is not subscribed to app");
    let answer = examine(&page, &|rows| {
        rows[0]["subscribed_fields"] = json!(["messages", "standby"]);
    })
    .await;
    is_fault(&answer, "page", "messaging_handovers");
    let without = json!([
        "messages",
        "messaging_postbacks",
        "messaging_handovers",
        "standby"
    ]);
    let answer = examine(&page, &|rows| {
        rows[0]["subscribed_fields"] = without.clone();
    })
    .await;
    answer.good();
    let found = findings(&answer);
    assert_eq!(found["page"]["state"], "warning");
    assert!(
        found["page"]["what"]
            .as_str()
            .unwrap()
            .contains("message_echoes"),
        "{}",
        answer.stdout
    );
}

#[tokio::test]
async fn a_wrong_clock_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let mut platform = Platform::new(&world.webhook);
    platform.date = Some("Tue, 15 Nov 2022 08:12:31 GMT");
    let answer = doctor(&platform.start().await, &folder, &["--json"])
        .run()
        .await;
    is_fault(&answer, "clock", "off the platform's");

    let simulated = World::start(|platform| platform).await;
    simulated
        .simulator
        .pass_time(Duration::from_secs(3600))
        .await;
    let answer = simulated.doctor(&folder).run().await;
    is_fault(&answer, "clock", "off the platform's");
}

#[tokio::test]
async fn what_answers_instead_of_the_bot_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let graph = world.simulator.graph_url();
    let examine = async |router: Router| {
        let (listener, address) = bind().await;
        serve(listener, router).await;
        let webhook = format!("{address}/webhook");
        doctor(&graph, &folder, &["--json", "--webhook", &webhook])
            .run()
            .await
    };
    let answer = examine(Router::new()).await;
    is_fault(
        &answer,
        "webhook",
        "does not repeat the challenge (HTTP 404)",
    );
    let echo = || {
        get(|uri: Uri| async move {
            let query = uri.query().unwrap_or_default().to_owned();
            let challenge = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("hub.challenge="));
            let right = query.contains("a+word") || query.contains("a%20word");
            let status = if right {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            (status, challenge.unwrap_or_default().to_owned())
        })
    };
    let anybody = get(|| async { "1158201444" });
    let answer = examine(Router::new().route("/webhook", anybody)).await;
    is_fault(&answer, "webhook", "accepts any verify token");
    let trusting = echo().merge(post(|| async { "EVENT_RECEIVED" }));
    let answer = examine(Router::new().route("/webhook", trusting)).await;
    is_fault(&answer, "webhook", "accepts what is not signed");
    let unable = echo().merge(post(|| async { StatusCode::SERVICE_UNAVAILABLE }));
    let answer = examine(Router::new().route("/webhook", unable)).await;
    is_fault(&answer, "webhook", "cannot store events");

    let answer = doctor(
        &graph,
        &folder,
        &["--json", "--webhook", "http://127.0.0.1:9/webhook"],
    )
    .run()
    .await;
    is_fault(&answer, "webhook", "nobody answers there");
}

#[tokio::test]
async fn what_is_wrong_with_the_store_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "sqlite:missing/handover.db")
        .run()
        .await;
    is_fault(&answer, "store", "cannot be written");
    folder.write(
        "text.db",
        "not a database, but a text that is long enough to look like one, more or less",
    );
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "sqlite:text.db")
        .run()
        .await;
    is_fault(&answer, "store", "is not a journal");
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "memory:")
        .run()
        .await;
    answer.good();
    assert_eq!(findings(&answer)["store"]["state"], "warning");

    let bot = RunningBot::start().await;
    let folder = &bot.folder;
    bot.receive([says("1", "fail")]).await;
    bot.has("dead-letters", 1).await;
    let answer = world.doctor(folder).run().await;
    answer.good();
    let store = &findings(&answer)["store"];
    assert!(
        store["what"].as_str().unwrap().contains("1 dead letters"),
        "{store}"
    );
    let original = Connection::open(folder.path().join("handover.db")).unwrap();
    for name in ["held.db", "damaged.db"] {
        let copy = folder.path().join(name);
        let copied = original.execute("VACUUM INTO ?1", [copy.to_str()]);
        copied.unwrap();
    }
    let elsewhere = Connection::open(folder.path().join("held.db")).unwrap();
    elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = world.doctor(folder).env("HANDOVER_STORE", "sqlite:held.db");
    is_fault(&held.run().await, "store", "cannot be written now");
    elsewhere.execute_batch("ROLLBACK").unwrap();
    let free = world.doctor(folder).env("HANDOVER_STORE", "sqlite:held.db");
    free.run().await.good();

    let damaged = folder.path().join("damaged.db");
    let mut content = std::fs::read(&damaged).unwrap();
    content[4096..].fill(0xff);
    std::fs::write(&damaged, content).unwrap();
    let answer = world
        .doctor(folder)
        .env("HANDOVER_STORE", "sqlite:damaged.db");
    is_fault(&answer.run().await, "store", "is damaged");
}

/// An account whose messages come only as edits in which nothing was edited.
#[tokio::test]
async fn an_account_that_gets_no_messages_is_named() {
    let world = World::start(|platform| platform).await;
    let bot = RunningBot::start().await;
    let edit = |mid: &str| json!({"timestamp": 1, "message_edit": {"mid": mid, "num_edit": 0}});
    let entry = |account: &str, items: &[Value]| json!({"id": account, "messaging": items});
    let edits = [edit("1"), edit("2")];
    let entries = [entry("7", &edits), entry("8", &edits)];
    bot.receive_body(&json!({"object": "instagram", "entry": entries}))
        .await;
    let message = entry("8", &[says("1", "hi")]);
    bot.receive_body(&json!({"object": "instagram", "entry": [message]}))
        .await;
    let found = findings(&world.doctor(&bot.folder).run().await);
    assert_eq!(found["messages"]["state"], "warning");
    let what = found["messages"]["what"].as_str().unwrap();
    assert!(what.contains("account 7 "), "{what}");
    assert!(!what.contains("account 8 "), "{what}");
}

#[tokio::test]
async fn each_of_several_secrets_is_tried_at_the_webhook() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let asked = world.doctor(&folder);
    let list = format!("{SECRET}, a secret nobody may see either");
    let answer = asked.env("MESSENGER_APP_SECRET", list).run().await;
    is_fault(&answer, "webhook", "secret 2 of 2");
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_routes_wait_for_is_required() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let route = json!([{"handler": "thanks", "waits_for": "on_reaction(action = \"react\")"}]);
    let cargo = crate::routes::cargo(&folder, &format!("echo '{route}'"));
    let graph = Platform::new(&world.webhook).start().await;
    let asked = doctor(&graph, &folder, &["--json", "--routes"]);
    let answer = asked.env("CARGO", cargo.to_str().unwrap()).run().await;
    is_fault(&answer, "app", "message_reactions");
    is_fault(&answer, "page", "message_reactions");

    let asked = doctor(&graph, &folder, &["--json", "--routes"]);
    let failed = asked.env("CARGO", "/nowhere/cargo").run().await;
    assert!(
        failed.fault().contains("without `--routes`"),
        "{}",
        failed.stderr
    );
}
