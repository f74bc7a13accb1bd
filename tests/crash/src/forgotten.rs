//! People who are forgotten while the bot is at work: afterwards nothing of them is in its files.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use handover_runtime::operations_token;
use handover_testkit::http::Client;
use serde_json::json;
use tokio::sync::watch;

use crate::Result;
use crate::check::Violations;
use crate::deliver::{Address, bot, signature};
use crate::process::{DATABASE, SECRET};
use crate::world::{PAGE, now_ms};

/// What the ids of these people begin with, unlike those of the others.
pub(crate) const FIRST_DIGIT: char = '2';
/// To forget somebody costs a rewrite of the file.
const PAUSE: Duration = Duration::from_millis(400);
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// People that the bot reports as forgotten; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Forgotten(Arc<Mutex<Vec<String>>>);

impl Forgotten {
    /// Lets people write and be forgotten, one after the other, while `writing`.
    pub(crate) fn start(
        &self,
        webhook: &Address,
        operations: &Address,
        writing: &watch::Receiver<bool>,
    ) -> Result<()> {
        let people = People {
            client: Client::new().timeout(Duration::from_secs(20)),
            webhook: webhook.clone(),
            operations: operations.clone(),
            forgotten: self.clone(),
        };
        tokio::spawn(people.come_and_go(writing.clone()));
        Ok(())
    }

    fn add(&self, person: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(person);
    }

    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// Looks through the files of the store, byte by byte.
    pub(crate) fn check(&self, directory: &Path, violations: &mut Violations) -> Result<()> {
        for end in ["", "-wal", "-shm", "-journal", ".lock"] {
            let name = format!("{DATABASE}{end}");
            let Ok(bytes) = std::fs::read(directory.join(&name)) else {
                continue;
            };
            for person in self.all() {
                if contains(&bytes, person.as_bytes()) {
                    violations.add(format!(
                        "P: {name} holds something of {person}, who was forgotten"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

struct People {
    client: Client,
    webhook: Address,
    operations: Address,
    forgotten: Forgotten,
}

impl People {
    async fn come_and_go(mut self, writing: watch::Receiver<bool>) {
        for number in 0_u32.. {
            if !*writing.borrow() {
                return;
            }
            let person = format!("{FIRST_DIGIT}{number:09}");
            for message in 0..4 {
                if self.says(&person, message).await.is_none() {
                    return;
                }
            }
            for path in ["signals/noted", "messages"] {
                if self.submits(&person, path).await.is_none() {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(fastrand::u64(..60))).await;
            if self.forget(&person).await.is_none() {
                return;
            }
            self.forgotten.add(person);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Posts a message until it is acknowledged; `None` at the end of the run.
    async fn says(&mut self, person: &str, number: u32) -> Option<()> {
        // The answer, the session and the dead letter hold the id as well.
        let mid = format!("of {person}.{number}");
        let item = json!({
            "sender": { "id": person }, "recipient": { "id": PAGE }, "timestamp": now_ms(),
            "message": { "mid": mid, "text": format!("a secret of {person}") },
        });
        let entry = json!({ "id": PAGE, "time": now_ms(), "messaging": [item] });
        let body = json!({ "object": "page", "entry": [entry] }).to_string();
        loop {
            let webhook = bot(&mut self.webhook).await?;
            let request = self
                .client
                .post(webhook)
                .header("X-Hub-Signature-256", signature(body.as_bytes()))
                .body(body.clone());
            if request.send().await.is_ok_and(|it| it.status() == 200) {
                return Some(());
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    /// Sends something of the person from outside a handler until the bot has it.
    async fn submits(&mut self, person: &str, path: &str) -> Option<()> {
        let body = match path {
            "messages" => json!({ "text": format!("a secret of {person}") }),
            _ => json!({ "id": format!("a secret of {person}"), "content": 0 }),
        };
        loop {
            let address = bot(&mut self.operations).await?;
            let request = self
                .client
                .post(format!("{address}/threads/{PAGE}/{person}/{path}"))
                .header("Idempotency-Key", format!("{path} for {person}"))
                .bearer_auth(operations_token(SECRET))
                .body(body.to_string());
            let answer = request.send().await;
            if answer.is_ok_and(|it| matches!(it.status().as_u16(), 200 | 202)) {
                return Some(());
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    /// Asks the bot to forget a person until it says that it has.
    async fn forget(&mut self, person: &str) -> Option<()> {
        loop {
            let address = bot(&mut self.operations).await?;
            let request = self
                .client
                .post(format!("{address}/threads/{PAGE}/{person}/forget"))
                .bearer_auth(operations_token(SECRET));
            if request.send().await.is_ok_and(|it| it.status() == 200) {
                return Some(());
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }
}
