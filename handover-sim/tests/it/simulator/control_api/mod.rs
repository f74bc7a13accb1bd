//! The desk's own API, which the page is built on, and the page's files.

mod actions;
mod lists;
mod state;

use std::collections::HashSet;

use handover_sim::{SimulatedApp, Simulator};
use handover_testkit::http;
use handover_testkit::http::{Client, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::support::rules::{BOT, INBOX, SHOP};

struct ControlApi {
    sim: Simulator,
    client: Client,
    /// The person whose thread the page opens with.
    ana: String,
}

impl ControlApi {
    async fn start() -> Self {
        let sim = Simulator::builder()
            .app(SimulatedApp::new(BOT, "Bot").token("bot-token"))
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana").id().to_string();
        Self {
            sim,
            client: Client::new(),
            ana,
        }
    }

    async fn act(&self, act: &str, body: Value) -> Response {
        self.post(&format!("actions/{act}"), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        let url = format!("{}control/{path}", self.sim.page_url());
        self.client.post(url).json(&body).send().await.unwrap()
    }

    async fn ana_does(&self, act: &str) -> Response {
        self.act(act, json!({ "person": self.ana })).await
    }

    async fn send(&self, message: Value) {
        let url = format!("{}/me/messages", self.sim.graph_url());
        let body = json!({"recipient": {"id": self.ana}, "message": message});
        let answer = self
            .client
            .post(url)
            .bearer_auth("bot-token")
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.unwrap().status(), 200);
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.sim.page_url());
        self.client.get(url).send().await.unwrap()
    }

    /// What the desk answers to a GET.
    async fn json(&self, path: &str) -> Value {
        let answer = self.get(&format!("control/{path}")).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Ana's thread with its lines.
    async fn thread(&self) -> Value {
        self.json(&format!("threads/{}", self.ana)).await
    }

    async fn events(&self, query: &str) -> Events {
        let answer = self.get(&format!("control/events{query}")).await;
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events(answer, String::new())
    }
}

/// Server-sent events, read one by one.
struct Events(Response, String);

impl Events {
    /// The next event and its data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| Some(line.strip_prefix(name)?.to_owned()))
                };
                let read = field("event: ").zip(field("data: "));
                self.1 = rest.to_owned();
                if let Some((name, data)) = read {
                    return (name, serde_json::from_str(&data).unwrap());
                }
            } else {
                let chunk = self.0.chunk().await.unwrap().expect("the stream goes on");
                self.1.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        }
    }

    /// The next event of this name.
    async fn of(&mut self, name: &str) -> Value {
        loop {
            let (event, data) = self.next().await;
            if event == name {
                return data;
            }
        }
    }
}

impl ControlApi {
    async fn send_refused(&self) {
        let url = format!("{}/me/messages", self.sim.graph_url());
        let answer = self.client.post(url).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
}

/// What stands between this and the next quotation mark, wherever this is.
fn quoted_after<'a>(text: &'a str, this: &str) -> impl Iterator<Item = &'a str> {
    let rests = text.split(this).skip(1);
    rests.map(|rest| rest.split('"').next().unwrap())
}
