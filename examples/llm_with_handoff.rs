//! A language model answers what it is sure of; for the rest it fetches a person, and learns from
//! what that person said.
//!
//! ```text
//! Ana: Do you have oat milk?
//! bot: Yes, we have oat milk.
//! Ana: The cake I bought was stale. Do I get a refund?
//! bot: I would rather not guess, so I am asking a colleague.
//! (Ben finds the thread in the Page Inbox, with the model's summary.)
//! Ben: I am sorry! Come by for a new one.
//! Ana: Until when?
//! Ben: Until Sunday.
//! (He presses "Done".)
//! bot: I am back, and I have read what you two said.
//! Ana: So what about the refund?
//! bot: My colleague told you: "I am sorry! Come by for a new one. Until Sunday."
//! ```
//!
//! A handler that waits for the model does not block other threads: 1000 people can wait at once, a limit
//! that `Bot::threads_at_once` changes. The semaphore limits the concurrent requests to the model, and
//! `Bot::handler_timeout` (default: 30 s) the wait of a person.
//!
//! `cargo run --example llm_with_handoff` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use std::pin::Pin;
use std::sync::Arc;

use handover::journal::{Speaker, Turn};
use handover::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Interface of a language model, from any provider.
trait Model: Send + Sync {
    /// Answers the last line of the conversation, if it is sure.
    fn answer<'a>(&'a self, talk: &'a [Said]) -> Answer<'a>;
}

type Answer<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

/// A line of a talk.
#[derive(Clone, Serialize, Deserialize)]
struct Said {
    by: Role,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Role {
    Person,
    Model,
    Colleague,
}

impl From<Turn> for Said {
    fn from(turn: Turn) -> Self {
        let by = match turn.speaker {
            Speaker::Person => Role::Person,
            _ => Role::Colleague,
        };
        Self {
            by,
            text: turn.to_string(),
        }
    }
}

/// A stub of a model: it knows about milk, and what colleagues have written.
struct Stub {
    /// Limits concurrent requests; the others wait.
    requests: Semaphore,
}

impl Model for Stub {
    fn answer<'a>(&'a self, talk: &'a [Said]) -> Answer<'a> {
        Box::pin(async {
            let _permit = self.requests.acquire().await.ok()?;
            let question = talk.last()?.text.to_lowercase();
            if question.contains("milk") {
                return Some("Yes, we have oat milk.".into());
            }
            let of_colleagues = talk.iter().filter(|said| said.by == Role::Colleague);
            let answers: Vec<_> = of_colleagues.map(|said| said.text.as_str()).collect();
            let knows = question.contains("refund") && !answers.is_empty();
            knows.then(|| format!("My colleague told you: \"{}\"", answers.join(" ")))
        })
    }
}

/// The conversation so far, which every request to the model contains.
#[derive(Default, Serialize, Deserialize)]
struct Talk(Vec<Said>);

impl Talk {
    /// As much as is worth its tokens.
    const LINES: usize = 40;

    fn add(&mut self, said: Said) {
        self.0.push(said);
        let extra = self.0.len().saturating_sub(Self::LINES);
        self.0.drain(..extra);
    }
}

#[on_message]
async fn answer(text: Text, mut talk: Session<Talk>, model: State<Arc<dyn Model>>) -> Outcome {
    talk.add(Said {
        by: Role::Person,
        text: text.0.clone(),
    });
    let Some(answer) = model.answer(&talk.0).await else {
        return Handoff::saying("I would rather not guess, so I am asking a colleague.")
            .metadata(format!("not sure about: {text:.240}"))
            .into();
    };
    talk.add(Said {
        by: Role::Model,
        text: answer.clone(),
    });
    answer.into()
}

/// The thread comes back, with what was said while the colleague had it.
#[on_pass_thread_control(from = "page_inbox")]
async fn back_again(handback: Handback, mut talk: Session<Talk>) -> &'static str {
    for turn in handback.history {
        talk.add(turn.into());
    }
    "I am back, and I have read what you two said."
}

/// What the handlers share.
#[derive(BotState)]
pub(crate) struct Assistant {
    model: Arc<dyn Model>,
}

pub(crate) fn bot() -> Bot {
    let model = Arc::new(Stub {
        requests: Semaphore::new(100),
    });
    Bot::with_state(Assistant { model }, routes![answer, back_again])
}

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot()).await
}
