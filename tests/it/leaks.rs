//! Secrets are written nowhere: each example runs with secrets that are found again by a search, logs
//! everything, and meets everything that mentions them.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use handover_runtime::operations_token;
use handover_testkit::http;
use handover_testkit::server::{self, Response};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::support::directory::Directory;
use crate::support::example::binary;
use crate::support::platform::{APP, PAGE, PERSON, message};
use crate::support::root;

const ACCESS_TOKEN: &str = "EAABcanaryAccessToken4711";
const APP_SECRET: &str = "canary0app0secret0815";
const OLD_SECRET: &str = "canary0old0secret0816";
const VERIFY_TOKEN: &str = "canary-verify-token-17";
const API_TOKEN: &str = "canary-api-token-18";
const NOTIFY_SECRET: &str = "canary-notify-secret-19";
const SLACK_URL: &str = "http://127.0.0.1:9/services/canary-slack-20";
/// What a person says is no secret of the operator's, and is in no log for all that.
const SAID: &str = "my blood test is canary-text-21";

/// What is searched for: the secrets, and what is made of them.
fn canaries() -> Vec<String> {
    let hmac = |key: &str, text: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        hex::encode(mac.chain_update(text).finalize().into_bytes())
    };
    vec![
        ACCESS_TOKEN.to_owned(),
        APP_SECRET.to_owned(),
        OLD_SECRET.to_owned(),
        VERIFY_TOKEN.to_owned(),
        API_TOKEN.to_owned(),
        NOTIFY_SECRET.to_owned(),
        "canary-slack-20".to_owned(),
        hmac(APP_SECRET, ACCESS_TOKEN),
        operations_token(APP_SECRET),
        operations_token(OLD_SECRET),
    ]
}

/// A running example, whose output goes into a file.
struct Logged {
    child: Child,
    log: std::path::PathBuf,
}

impl Logged {
    fn start(name: &str, directory: &Path, graph: &str) -> Self {
        let log = directory.join("output");
        let file = File::create(&log).unwrap();
        let mut command = Command::new(binary(name));
        let own = ["MESSENGER_", "GRAPH_API_", "HANDOVER_"];
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy().into_owned();
            if own.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(variable);
            }
        }
        let child = command
            .current_dir(directory)
            .env("MESSENGER_PAGE_ID", PAGE)
            .env("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN)
            .env("MESSENGER_APP_ID", APP.to_string())
            .env("MESSENGER_APP_SECRET", format!("{APP_SECRET},{OLD_SECRET}"))
            .env("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN)
            .env("HANDOVER_API_TOKEN", API_TOKEN)
            .env("HANDOVER_NOTIFY_SLACK", SLACK_URL)
            .env("HANDOVER_NOTIFY_WEBHOOK", "http://127.0.0.1:9/notices")
            .env("HANDOVER_NOTIFY_SECRET", NOTIFY_SECRET)
            .env("GRAPH_API_URL", graph)
            .env("HANDOVER_STORE", "sqlite:handover.db")
            .env("HANDOVER_OPERATIONS", "127.0.0.1:0")
            .env("PORT", "0")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    /// What follows these words in the output; `None` if it has ended before.
    async fn address(&mut self, words: &str) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some((_, rest)) = self.output().split_once(words) {
                let address = rest.split_whitespace().next().unwrap_or_default();
                return Some(
                    address
                        .trim_end_matches(|c: char| !c.is_alphanumeric())
                        .to_owned(),
                );
            }
            if self.child.try_wait().unwrap().is_some() || Instant::now() >= deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn stop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything with a secret in it, right or wrong; returns what was answered.
async fn meet(webhook: &str, operations: Option<&str>) -> String {
    let client = http::Client::new();
    let item = message(PERSON, SAID);
    let body =
        json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1, "messaging": [item] }] });
    let body = body.to_string();
    let mut answers = Vec::new();
    for key in [APP_SECRET, OLD_SECRET, "wrong"] {
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        let digest = hex::encode(mac.chain_update(&body).finalize().into_bytes());
        let request = client
            .post(webhook)
            .header("X-Hub-Signature-256", format!("sha256={digest}"))
            .body(body.clone());
        answers.push(request.send().await);
    }
    for token in [VERIFY_TOKEN, "wrong"] {
        let url = format!("{webhook}?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}");
        answers.push(http::get(url).await);
    }
    if let Some(operations) = operations {
        for path in ["readyz", "metrics", "metrics?by=account", "openapi.json"] {
            answers.push(http::get(format!("{operations}/{path}")).await);
        }
        let thread = format!("{operations}/threads/{PAGE}/{PERSON}");
        for token in [API_TOKEN, "wrong", &operations_token(APP_SECRET)] {
            for path in ["messages", "signals/unknown", "pause/1"] {
                let request = client.post(format!("{thread}/{path}")).bearer_auth(token);
                let body = json!({ "text": "hello" }).to_string();
                answers.push(request.body(body).send().await);
            }
        }
    }
    let mut text = String::new();
    for answer in answers {
        let answer = answer.unwrap();
        text.push_str(&format!("{:?} ", answer.headers()));
        text.push_str(&answer.text().await.unwrap_or_default());
    }
    text
}

/// A Graph API that refuses each call, and quotes its token in the error, as the platform does.
async fn platform_that_quotes_tokens() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, async |request| {
        let token = request.header("authorization").replace("Bearer ", "");
        let message = format!("Malformed access token {token} in {}", request.uri);
        let error = json!({ "message": message, "type": "OAuthException", "code": 190 });
        Some(Response::json(400, &json!({ "error": error })))
    }));
    format!("http://{address}")
}

fn names_of_examples() -> Vec<String> {
    let files = std::fs::read_dir(root().join("examples")).unwrap();
    let names = files.filter_map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        Some(name.strip_suffix(".rs")?.to_owned())
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn no_example_writes_a_secret() {
    let canaries = canaries();
    let mut met = 0;
    for name in names_of_examples() {
        let graph = platform_that_quotes_tokens().await;
        let directory = Directory::new();
        let mut example = Logged::start(&name, directory.path(), &graph);
        let mut answers = String::new();
        if let Some(webhook) = example.address("the bot listens on ").await {
            let operations = example.address("metrics are at ").await;
            let operations = operations.map(|it| it.trim_end_matches("/metrics").to_owned());
            answers = meet(&webhook, operations.as_deref()).await;
            met += 1;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        example.stop().await;
        let output = example.output();
        let mut written = vec![
            ("an answer".to_owned(), answers.into_bytes()),
            ("its output".to_owned(), output.clone().into_bytes()),
        ];
        for file in std::fs::read_dir(directory.path()).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                written.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
        for (place, bytes) in &written {
            for canary in &canaries {
                let found = bytes
                    .windows(canary.len())
                    .position(|it| it == canary.as_bytes());
                if let Some(at) = found {
                    let around = &bytes[at.saturating_sub(200)..(at + 100).min(bytes.len())];
                    panic!(
                        "{name}: {place} holds {canary}: …{}…",
                        String::from_utf8_lossy(around)
                    );
                }
            }
        }
        assert!(
            !output.contains("canary-text-21"),
            "{name} logs what people say"
        );
    }
    println!("{met} examples were met");
    assert!(met >= 10, "only {met} examples listened");
}
