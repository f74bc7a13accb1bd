//! A bot, and a look into its journal.

use std::time::Duration;

use handover::journal::{DeadLetter, Journal, Retention, ThreadState};
use handover::testing::Clock;
use handover::{Bot, Routes, ThreadKey, on_message, routes};
use handover_testkit::PATIENCE;
use serde_json::Value;

use super::bot::RunningBot;
use super::directory::Directory;
use super::platform::{PAGE, PERSON};

pub(crate) struct Watched {
    pub(crate) bot: RunningBot,
    pub(crate) journal: Journal,
    _directory: Option<Directory>,
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
            _directory: None,
        }
    }

    /// A bot that starts after an outage of this time, before which this item arrived and was not
    /// handled.
    pub(crate) async fn start_after(outage: Duration, item: Value, routes: Routes) -> Self {
        #[on_message]
        async fn never_ends() {
            std::future::pending::<()>().await;
        }

        let directory = Directory::new();
        let file = directory.path().join("handover.db");
        let journal = Journal::open(&file).unwrap();
        let bot = Bot::new(routes![never_ends]).grace(Duration::ZERO);
        let before = RunningBot::start_with(bot.journal(journal)).await;
        before.platform.deliver([item]).await;
        before.handle.stop().await;

        let clock = Clock::default();
        clock.advance(outage);
        let journal =
            Journal::open_with_retention(&file, Retention::default(), clock.clone()).unwrap();
        let bot = Bot::new(routes).retries(0).clock(clock);
        Self {
            bot: RunningBot::start_with(bot.journal(journal.clone())).await,
            journal,
            _directory: Some(directory),
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
}
