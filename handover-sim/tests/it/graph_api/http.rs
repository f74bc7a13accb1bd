//! A simulator on the network, and a client of it.

use handover_sim::{Person, SimulatedApp, Simulator};
use handover_testkit::http::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::rules::{BOT, PAGE, SHOP};

pub(crate) const SECRET: &str = "secret";
pub(crate) const TOKEN: &str = "bot-token&more";

pub(crate) struct Graph {
    pub(crate) sim: Simulator,
    pub(crate) client: Client,
    pub(crate) ana: Person,
}

impl Graph {
    /// Two apps, and Ana, who has written to the first.
    pub(crate) async fn start() -> Self {
        Self::with(SimulatedApp::new(BOT, "Bot")).await
    }

    pub(crate) async fn with(bot: SimulatedApp) -> Self {
        let sim = Simulator::builder()
            .page(PAGE, "Kaffeehaus")
            .app(bot.secret(SECRET).token(TOKEN))
            .app(SimulatedApp::new(SHOP, "Shop"))
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana");
        ana.says("hello").await.unwrap();
        Self {
            sim,
            client: Client::new(),
            ana,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.graph_url())
    }

    /// A request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.request(Method::GET, path);
        good(request.bearer_auth(TOKEN).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.request(Method::POST, path).bearer_auth(TOKEN);
        good(request.json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn refused(&self, request: RequestBuilder) -> (i64, Option<i64>) {
        error(request.send().await.unwrap()).await
    }

    pub(crate) async fn set_behavior(&self, behavior: Value) {
        let request = self.request(Method::PUT, "/control/behavior");
        let answer = request.json(&behavior).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    /// The texts of the Page's messages to Ana.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self
            .ana
            .messages()
            .into_iter()
            .filter_map(|message| message.text);
        texts.skip(1).collect()
    }

    pub(crate) fn hi(&self) -> Value {
        json!({"recipient": {"id": self.ana.id()}, "message": {"text": "hi"}})
    }
}

pub(crate) async fn good(response: Response) -> Value {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Code and subcode of an error, which has the platform's shape.
pub(crate) async fn error(response: Response) -> (i64, Option<i64>) {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(status, 400, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let error = &body["error"];
    for text in ["message", "type", "fbtrace_id"] {
        assert!(
            error[text].as_str().is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    (
        error["code"].as_i64().expect("a code"),
        error["error_subcode"].as_i64(),
    )
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn form<const N: usize>(fields: [(&str, &str); N]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
