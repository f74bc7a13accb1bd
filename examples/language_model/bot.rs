//! Answers with a language model, and fetches a colleague where the model should not answer.

use std::time::Duration;

use handover::HistoryLimits;
use handover::extract::SessionPartData;
use handover::journal::Speaker;
use handover::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{Answer, Model, ModelError};
use super::tools::{self, ToolResult};

/// For one person. Each use of a tool is one request more.
const REQUESTS_A_DAY: u32 = 100;

const PROMPT: &str = "You answer for a shop that sells hats, in a few sentences. Say only what you know \
    from here and from your tools. If you do not know, or the person is angry or wants a human, call \
    hand_to_human and write nothing: never only promise it. What `colleague` says is right. Language: ";

/// What the bot knows of a person.
#[derive(Default, Serialize, Deserialize)]
struct Visitor {
    /// Language and country, such as `de_DE`; empty if the platform does not say.
    locale: Option<String>,
    day: i64,
    requests: u32,
}

impl SessionPartData for Visitor {
    const NAME: &str = "visitor";
}

impl Visitor {
    /// What the bot says by itself: that it fetches a colleague, and that it is back.
    fn words(&self) -> [&'static str; 2] {
        match self.locale.as_deref().and_then(|locale| locale.get(..2)) {
            Some("de") => ["Ich hole jemanden dazu.", "Ich bin wieder da."],
            Some("es") => ["Le paso con un compañero.", "Estoy de vuelta."],
            _ => ["I am fetching a colleague.", "I am back."],
        }
    }

    /// What is said and what is done are one outcome.
    fn hand_over(&self, note: impl Into<String>) -> Outcome {
        let handoff = Handoff::saying(self.words()[0]).metadata(note.into());
        handoff.idle_after(Duration::from_secs(60 * 60)).into()
    }

    fn messages(&self, history: &History) -> Vec<Value> {
        let locale = self.locale.as_deref().filter(|locale| !locale.is_empty());
        let locale = locale.unwrap_or("that of the last message");
        let system = json!({ "role": "system", "content": format!("{PROMPT}{locale}.") });
        let turns = history.iter().map(|turn| match turn.speaker {
            Speaker::Person => json!({ "role": "user", "content": turn.to_string() }),
            Speaker::Bot => json!({ "role": "assistant", "content": turn.to_string() }),
            _ => json!({ "role": "assistant", "name": "colleague", "content": turn.to_string() }),
        });
        std::iter::once(system).chain(turns).collect()
    }

    /// Asks the model, and again if that fails; `None` once the day's requests are used up.
    async fn ask(&mut self, model: &Model, messages: &[Value], now: Now) -> Asked {
        let today = now.as_millis() / (24 * 60 * 60 * 1000);
        if self.day != today {
            (self.day, self.requests) = (today, 0);
        }
        let mut pauses = model.pauses.iter();
        while self.requests < REQUESTS_A_DAY {
            // Before it is made: it costs also if it fails.
            self.requests += 1;
            match (model.ask(messages, &tools::declared()).await, pauses.next()) {
                (Err(_), Some(pause)) => tokio::time::sleep(*pause).await,
                (answer, _) => return answer.map(Some),
            }
        }
        Ok(None)
    }
}

type Asked = Result<Option<Answer>, ModelError>;

/// Starts over if the person writes on meanwhile. It also runs when the thread comes back, and then
/// answers what the person wrote last.
#[on_message(pace = "restart", typing = true)]
#[on_postback(typing = true)]
#[on_pass_thread_control]
#[on_timer(name = "idle")]
async fn answer(
    sender: Sender,
    history: History,
    mut visitor: SessionPart<Visitor>,
    now: Now,
    graph: Graph,
    model: State<Model>,
) -> Result<Outcome, ModelError> {
    visitor.store_on_failure();
    if visitor.locale.is_none() {
        let profile = graph.user_profile(&sender).await.unwrap_or_default();
        visitor.locale = Some(profile.locale.unwrap_or_default());
    }
    let said_last = history.last().map(|turn| turn.speaker);
    if said_last != Some(Speaker::Person) {
        return Ok(visitor.words()[1].into());
    }
    let mut messages = visitor.messages(&history);
    for _ in 0..6 {
        let Some(answer) = visitor.ask(&model, &messages, now).await? else {
            return Ok(visitor.hand_over("today's requests to the model are used up"));
        };
        if answer.calls.is_empty() {
            return Ok(answer.text.into());
        }
        messages.push(answer.to_json());
        for call in &answer.calls {
            match tools::call(&call.name, &call.arguments).await {
                ToolResult::HandToHuman(reason) => return Ok(visitor.hand_over(reason)),
                ToolResult::Tell(text) => messages.push(call.result(&text)),
            }
        }
    }
    Ok(visitor.hand_over("the model used tools and came to no answer"))
}

#[on_error]
async fn model_is_down(visitor: SessionPart<Visitor>, failure: Failure) -> Outcome {
    visitor.hand_over(format!("the model does not answer: {failure}"))
}

/// What the handlers share.
#[derive(BotState)]
struct Shared {
    model: Model,
}

pub fn bot(model: Model) -> Bot {
    Bot::with_state(Shared { model }, routes![answer, model_is_down])
        .history(HistoryLimits::default().turns(30))
        .handler_timeout(Duration::from_secs(120))
}
