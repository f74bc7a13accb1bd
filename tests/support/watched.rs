//! A bot, and a look into its journal.

use std::sync::Arc;
use std::time::Duration;

use handover::Bot;
use handover::journal::{Appended, DeadLetter, Journal, NewEvent, ThreadState};
use handover::protocol::read;
use handover::testing::Clock;
use handover::{Routes, ThreadKey};
use serde_json::{Value, json};

use super::bot::RunningBot;
use super::platform::{PAGE, PERSON, fresh};

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Watched {
    pub(crate) bot: RunningBot,
    pub(crate) journal: Journal,
}

impl Watched {
    /// A bot that calls no failed handler again.
    pub(crate) async fn start(routes: Routes) -> Self {
        Self::start_with(Bot::new(routes).retries(0)).await
    }

    pub(crate) async fn start_with(bot: Bot) -> Self {
        let journal = Journal::in_memory(Clock::default());
        Self {
            bot: RunningBot::start_with(bot.journal(journal.clone())).await,
            journal,
        }
    }

    /// Waits until nothing is left to handle or to send.
    pub(crate) async fn settled(&self) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let backlog = self.journal.backlog().await.unwrap();
            if (backlog.events, backlog.calls) == (0, 0) {
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "still waiting: {backlog:?}"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn dead_letter_count_becomes(&self, count: usize) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.dead_letters().await.len() < count {
            assert!(tokio::time::Instant::now() < deadline, "no dead letter");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn dead_letters(&self) -> Vec<DeadLetter> {
        self.journal.dead_letters().await.unwrap()
    }

    /// The names of the calls so far.
    pub(crate) fn called(&self) -> Vec<String> {
        let calls = self.bot.graph.calls();
        calls
            .iter()
            .map(|call| call.text().unwrap_or(call.name()).to_owned())
            .collect()
    }

    /// What is kept of the person's thread.
    pub(crate) async fn thread(&self) -> ThreadState {
        let thread = ThreadKey::new(PAGE, PERSON);
        self.journal.thread(thread).await.unwrap()
    }

    /// An item that has been in the journal since this time, in ms since 1970: the bot was down.
    pub(crate) async fn has_waited(&self, item: Value, received_at: i64) {
        let body = json!({ "object": "page", "entry": [{ "id": PAGE, "messaging": [item] }] });
        let mut read = read(body.to_string().as_bytes()).unwrap();
        let event = NewEvent {
            also_known_as: None,
            dedupe_key: fresh().to_string(),
            thread: ThreadKey::new(PAGE, PERSON),
            received: Arc::new(read.received.remove(0)),
            received_at,
            confirms: None,
        };
        let accepted = self.journal.append(vec![event], 0).await.unwrap();
        assert_eq!(accepted.appended, [Appended::Stored]);
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
