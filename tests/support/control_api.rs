//! The simulator of an example, played through what its page's buttons call.

use handover_testkit::http;
use serde_json::{Value, json};

use super::example::Example;
use super::wait::until;

/// A program that runs with the simulator, and the person Ana who writes to it.
pub(crate) struct ControlApi {
    _program: Example,
    page: String,
    ana: String,
    client: http::Client,
}

impl ControlApi {
    pub(crate) async fn start(example: &str) -> Self {
        let mut program = Example::start(example, &[]);
        let page = program.page();
        let mut api = Self {
            _program: program,
            page,
            ana: String::new(),
            client: http::Client::new(),
        };
        let threads = api.get("threads").await;
        api.ana = threads["threads"][0]["person"]["id"]
            .as_str()
            .expect("Ana is there")
            .to_owned();
        api
    }

    pub(crate) async fn says(&self, text: &str) {
        let url = format!("{}control/actions/say", self.page);
        let said = json!({ "person": self.ana, "text": text });
        let response = self
            .client
            .post(url)
            .json(&said)
            .send()
            .await
            .expect("the control API answers");
        assert_eq!(response.status(), 200);
    }

    /// Waits until Ana's chat ends with these texts, and this app owns the thread.
    pub(crate) async fn wait_for(&self, texts: &[&str], owner: &str) {
        until(
            &format!("{owner} owns the thread, which ends with {texts:#?}"),
            async || {
                let seen = self.get(&format!("threads/{}", self.ana)).await;
                let texts_seen: Vec<_> = texts_of(&seen).collect();
                let is_so = texts_seen.ends_with(texts) && seen["thread"]["owner"]["name"] == owner;
                is_so.then_some(()).ok_or_else(|| format!("{seen:#}"))
            },
        )
        .await;
    }

    async fn get(&self, what: &str) -> Value {
        let url = format!("{}control/{what}", self.page);
        let answer = self
            .client
            .get(url)
            .send()
            .await
            .expect("the control API answers");
        answer.json().await.expect("the answer is JSON")
    }
}

fn texts_of(seen: &Value) -> impl Iterator<Item = &str> {
    let entries = seen["entries"].as_array().expect("a thread has entries");
    entries.iter().filter_map(|entry| entry["text"].as_str())
}
