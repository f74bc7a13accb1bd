//! Other programs that send signals and messages into threads, by HTTP: once for each id, until the
//! bot says that it has them.

use std::time::Duration;

use handover_runtime::operations_token;
use handover_testkit::http::Client;
use serde_json::json;
use tokio::sync::watch;

use crate::Result;
use crate::deliver::{Address, bot};
use crate::process::SECRET;
use crate::world::{PAGE, World, person};

const SENDERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(40);
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// What is sent from outside a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A signal that is handled at once, in silence.
    Note,
    /// A signal that is held until the bot may speak, and answered.
    Tell,
    /// A message that is held until the bot may speak.
    Message,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Note, Self::Tell, Self::Message];

    /// What its ids begin with, unlike those of the platform's events.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Note => 'n',
            Self::Tell => 's',
            Self::Message => 'm',
        }
    }

    /// Which kind an id is of, if it is one of these.
    pub(crate) fn of(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| id.starts_with(kind.letter()))
    }
}

/// Something to send into a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submission {
    pub(crate) thread: usize,
    /// Which one of its thread, from 1.
    pub(crate) number: usize,
    pub(crate) kind: Kind,
}

impl Submission {
    pub(crate) fn id(&self) -> String {
        let Self {
            thread,
            number,
            kind,
        } = self;
        format!("{}{thread}.{number}", kind.letter())
    }
}

/// Sends what there is to send, while `writing`.
pub(crate) fn start(
    world: &World,
    operations: &Address,
    writing: &watch::Receiver<bool>,
) -> Result<()> {
    for _ in 0..SENDERS {
        let sender = Sender {
            world: world.clone(),
            client: Client::new().timeout(Duration::from_secs(20)),
            operations: operations.clone(),
        };
        tokio::spawn(sender.send_all(writing.clone()));
    }
    Ok(())
}

struct Sender {
    world: World,
    client: Client,
    operations: Address,
}

impl Sender {
    async fn send_all(mut self, writing: watch::Receiver<bool>) {
        while *writing.borrow() {
            let next = self.world.lock().somebody_submits();
            if let Some((submission, again)) = next {
                if self.send(submission).await.is_none() {
                    return;
                }
                self.world.lock().submitted(submission);
                if again && self.send_again(submission).await.is_none() {
                    return;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends something until the bot has it; `None` at the end of the run.
    async fn send(&mut self, submission: Submission) -> Option<()> {
        while !matches!(self.post(submission, 0).await?, 200 | 202) {
            tokio::time::sleep(AFTER_FAILURE).await;
        }
        Some(())
    }

    /// The bot knows it by its id, and knows other content under that id.
    async fn send_again(&mut self, submission: Submission) -> Option<()> {
        for (content, known) in [(0, 200), (1, 409)] {
            let status = self.post(submission, content).await?;
            // It may have been killed meanwhile.
            if (200..500).contains(&status) && status != known {
                let id = submission.id();
                let found = format!("S: {id} was sent again, and answered with {status}");
                self.world.lock().violations.push(found);
            }
        }
        Some(())
    }

    /// The status of the answer; 0 without one, `None` at the end of the run.
    async fn post(&mut self, submission: Submission, content: u8) -> Option<u16> {
        let address = bot(&mut self.operations).await?;
        let id = submission.id();
        let (path, body) = match submission.kind {
            Kind::Note => ("signals/noted", json!({ "id": id, "content": content })),
            Kind::Tell => (
                "signals/told?hold_until_back=true",
                json!({ "id": id, "content": content }),
            ),
            Kind::Message => {
                let text = if content == 0 { &*id } else { "something else" };
                ("messages", json!({ "text": text, "hold_until_back": true }))
            }
        };
        let person = person(submission.thread);
        let request = self
            .client
            .post(format!("{address}/threads/{PAGE}/{person}/{path}"))
            .header("Idempotency-Key", &id)
            .bearer_auth(operations_token(SECRET))
            .body(body.to_string());
        let answer = request.send().await;
        Some(answer.map_or(0, |answer| answer.status().as_u16()))
    }
}
