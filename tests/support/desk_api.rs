//! The simulator of an example, played through what its page's buttons call.

use serde_json::{Value, json};

use super::example::Example;
use super::wait::until;

/// A program that runs with the simulator, and the person Ana who writes to it.
pub(crate) struct DeskApi {
    _program: Example,
    page: String,
    ana: String,
    client: reqwest::Client,
}

impl DeskApi {
    pub(crate) async fn start(example: &str) -> Self {
        let mut program = Example::start(example, &[]);
        let page = program.page();
        let mut desk = Self {
            _program: program,
            page,
            ana: String::new(),
            client: reqwest::Client::new(),
        };
        let state = desk.state().await;
        desk.ana = state["threads"][0]["person"]["id"]
            .as_str()
            .expect("Ana is there")
            .to_owned();
        desk
    }

    pub(crate) async fn says(&self, text: &str) {
        let url = format!("{}desk/say", self.page);
        let said = json!({ "person": self.ana, "text": text });
        let response = self
            .client
            .post(url)
            .json(&said)
            .send()
            .await
            .expect("the desk answers");
        assert_eq!(response.status(), 200);
    }

    /// Waits until Ana's chat ends with these texts, and this app owns the thread.
    pub(crate) async fn wait_for(&self, texts: &[&str], owner: &str) {
        until(
            &format!("{owner} owns the thread, which ends with {texts:#?}"),
            async || {
                let state = self.state().await;
                let thread = &state["threads"][0];
                let seen: Vec<_> = lines_of(thread).collect();
                let is_so = seen.ends_with(texts) && thread["owner"]["name"] == owner;
                is_so.then_some(()).ok_or_else(|| format!("{thread:#}"))
            },
        )
        .await;
    }

    /// The first event of the page's stream holds everything.
    async fn state(&self) -> Value {
        let url = format!("{}desk/events", self.page);
        let mut stream = self.client.get(url).send().await.expect("the desk answers");
        let mut text = Vec::new();
        while let Some(chunk) = stream.chunk().await.expect("the stream goes on") {
            text.extend_from_slice(&chunk);
            let so_far = String::from_utf8_lossy(&text);
            if let Some((event, _)) = so_far.split_once("\n\n") {
                let data = event.lines().filter_map(|line| line.strip_prefix("data:"));
                return serde_json::from_str(&data.collect::<String>()).expect("the state is JSON");
            }
        }
        panic!("the stream ended before the first event");
    }
}

fn lines_of(thread: &Value) -> impl Iterator<Item = &str> {
    let lines = thread["lines"].as_array().expect("a thread has lines");
    lines.iter().filter_map(|line| line["text"].as_str())
}
