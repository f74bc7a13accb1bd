//! Who spoke, who owns the thread, and when the bot is silent. Every scene is played with both stores.

mod back;
mod first_word;
mod handoffs;
mod humans;
mod late;
mod own_words;
mod pauses;
mod reclaim;
mod signals;

use std::path::PathBuf;
use std::time::Duration;

use handover::journal::{DeadLetter, Journal, ThreadState};
use handover::prelude::*;
use handover::testing::Clock;
use handover::{Blocked, ThreadKey};
use serde_json::{Value, json};

use crate::support::bot::RunningBot;
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::wait::until;

const INSTAGRAM: &str = "17841405793187218";
const INSTAGRAM_INBOX: u64 = 1_217_981_644_879_628;
/// A help desk.
const DESK: u64 = 777;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Memory,
    Sqlite,
}

const STORES: [Store; 2] = [Store::Memory, Store::Sqlite];

/// A running bot, its journal and its clock.
struct Scene {
    bot: RunningBot,
    journal: Journal,
    clock: Clock,
}

impl Scene {
    async fn start(store: Store, bot: Bot) -> Self {
        let clock = Clock::default();
        let bot = bot.retries(0).clock(clock.clone());
        match store {
            Store::Memory => {
                let journal = Journal::in_memory(clock.clone());
                Self::with(bot.journal(journal.clone()), journal, clock).await
            }
            Store::Sqlite => {
                let journal = Journal::open(fresh_file()).unwrap();
                Self::with(bot.journal(journal.clone()), journal, clock).await
            }
        }
    }

    async fn with(bot: Bot, journal: Journal, clock: Clock) -> Self {
        let bot = RunningBot::start_with(bot).await;
        Self {
            bot,
            journal,
            clock,
        }
    }

    /// Waits until nothing is left to handle or to send.
    async fn settled(&self) {
        until("all is done", async || {
            let backlog = self.journal.backlog().await.unwrap();
            match (backlog.events, backlog.calls) {
                (0, 0) => Ok(()),
                left => Err(format!("{left:?}")),
            }
        })
        .await;
    }

    /// The names of the calls so far, and of messages their texts.
    fn called(&self) -> Vec<String> {
        let calls = self.bot.graph.calls();
        let called = calls.iter().map(|call| call.text().unwrap_or(call.name()));
        called.map(str::to_owned).collect()
    }

    async fn calls_become(&self, expected: &[&str]) {
        until(&format!("{expected:?} are called"), async || {
            let called = self.called();
            match called == expected {
                true => Ok(()),
                false => Err(format!("{called:?}")),
            }
        })
        .await;
    }

    async fn dead(&self) -> Vec<DeadLetter> {
        self.journal.dead_letters().await.unwrap()
    }

    async fn thread(&self, on: On) -> ThreadState {
        let thread = ThreadKey::new(on.account(), PERSON);
        self.journal.thread(thread).await.unwrap()
    }

    async fn deliver(&self, on: On, items: impl IntoIterator<Item = Value>) {
        let items: Vec<_> = items.into_iter().collect();
        let entry =
            json!({ "id": on.account(), "time": 1_458_692_752_478_i64, "messaging": items });
        let body = json!({ "object": on.object(), "entry": [entry] });
        let status = self.bot.platform.post_bytes(body.to_string()).await;
        assert_eq!(status, 200, "{body}");
    }

    /// The person writes, and everything that follows is done.
    async fn says(&self, on: On, text: &str) {
        self.deliver(on, [on.message(text)]).await;
        self.settled().await;
    }

    /// A conversation that has been going on, and no instant reply is to be expected.
    async fn has_begun(&self, on: On) {
        for text in ["hello", "again"] {
            self.says(on, text).await;
        }
    }

    fn hours(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 60 * 60));
    }

    fn minutes(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }
}

/// A product, and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Messenger,
    Instagram,
}

impl On {
    const BOTH: [Self; 2] = [Self::Messenger, Self::Instagram];

    fn account(self) -> &'static str {
        match self {
            Self::Messenger => PAGE,
            Self::Instagram => INSTAGRAM,
        }
    }

    fn object(self) -> &'static str {
        match self {
            Self::Messenger => "page",
            Self::Instagram => "instagram",
        }
    }

    fn message(self, text: &str) -> Value {
        let mut message = message(PERSON, text);
        message["recipient"]["id"] = self.account().into();
        message
    }

    /// The echo of a message with this content, as the platform tells it of the account.
    fn echo(self, content: Value) -> Value {
        let mut echo = item("message", content);
        echo["message"]["is_echo"] = true.into();
        echo["sender"]["id"] = self.account().into();
        echo["recipient"]["id"] = PERSON.into();
        echo
    }

    /// What a human typed in the inbox: on Instagram no echo names an app.
    fn inbox_says(self, text: &str) -> Value {
        let mid = format!("m_{}", fresh());
        match self {
            Self::Messenger => self.echo(json!({ "mid": mid, "app_id": PAGE_INBOX, "text": text })),
            Self::Instagram => self.echo(json!({ "mid": mid, "text": text })),
        }
    }

    /// What another app said.
    fn app_says(self, app: u64, text: &str) -> Value {
        self.echo(json!({ "mid": format!("m_{}", fresh()), "app_id": app, "text": text }))
    }

    fn passes_back(self) -> Value {
        let inbox = match self {
            Self::Messenger => PAGE_INBOX,
            Self::Instagram => INSTAGRAM_INBOX,
        };
        let mut pass = item(
            "pass_thread_control",
            json!({ "previous_owner_app_id": inbox, "new_owner_app_id": APP }),
        );
        pass["recipient"]["id"] = self.account().into();
        pass
    }
}

fn fresh_file() -> PathBuf {
    let name = format!("ownership-{}-{}", std::process::id(), fresh());
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory.join("handover.db")
}

fn refusal(code: i64, subcode: Option<i64>, message: &str) -> Value {
    json!({ "error": { "message": message, "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A" } })
}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}
