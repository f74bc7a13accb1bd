//! `handover doctor`: one fault planted at a time, and each is found.

mod account;
mod accounts_file;
mod store;
mod subscriptions;
mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::IntoResponse;
use handover::{Bot, Config, Routes, Store};
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Answer, Folder, Handover, handover};

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
pub(crate) fn findings(answer: &Answer) -> BTreeMap<String, Value> {
    for secret in [TOKEN, SECRET, WORD] {
        assert!(!answer.stdout.contains(secret), "{}", answer.stdout);
        assert!(!answer.stderr.contains(secret), "{}", answer.stderr);
    }
    let rows = answer.json().into_iter();
    rows.map(|row| (row["check"].as_str().unwrap().to_owned(), row))
        .collect()
}

/// Checks that this is the fault, and that the output says what to do about it.
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

    pub(crate) fn doctor(&self, folder: &Folder) -> Handover {
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

    let output = doctor(&world.simulator.graph_url(), &folder, &[])
        .run()
        .await;
    assert!(output.good().contains("all is well"), "{}", output.stdout);
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
