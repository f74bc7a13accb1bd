//! What is kept of a thread.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::thread::{Owner, Ownership};

/// What is kept of a thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadState {
    /// Its session, if one was stored.
    pub session: Option<Value>,
    /// Who owns it.
    pub ownership: Ownership,
    /// When the person last did something that opens the messaging window, in ms since 1970.
    pub person_wrote_at: Option<i64>,
    /// Until when the bot leaves it to a human who answered beside it, in ms since 1970.
    pub paused_until: Option<i64>,
    /// What was said while somebody else had it, oldest first.
    pub transcript: Vec<Line>,
}

impl ThreadState {
    /// How many lines of a conversation with somebody else are kept, the last ones.
    pub const TRANSCRIPT_LINES: usize = 200;

    pub(crate) fn apply(&mut self, change: &ThreadChange) {
        if change.session.is_some() {
            self.session.clone_from(&change.session);
        }
        if let Some(ownership) = &change.ownership {
            self.ownership.learn(ownership.clone());
        }
        self.person_wrote_at = self.person_wrote_at.max(change.person_wrote_at);
        if let Some(until) = change.paused_until {
            self.paused_until = until;
        }
        if change.forgets_transcript {
            self.transcript.clear();
        }
        self.transcript.extend(change.heard.iter().cloned());
        let is_of = |line: &Line, mid: &String| line.mid.as_ref() == Some(mid);
        for (mid, text) in &change.edited {
            let lines = self.transcript.iter_mut().filter(|line| is_of(line, mid));
            lines.for_each(|line| line.text.clone_from(text));
        }
        for mid in &change.deleted {
            self.transcript.retain(|line| !is_of(line, mid));
        }
        let extra = self.transcript.len().saturating_sub(Self::TRANSCRIPT_LINES);
        self.transcript.drain(..extra);
    }
}

/// What changes in what is kept of a thread. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadChange {
    /// The new session.
    pub session: Option<Value>,
    /// What was seen of the owner, unless something later is known.
    pub ownership: Option<Ownership>,
    /// When the person did something that opens the messaging window.
    pub person_wrote_at: Option<i64>,
    /// A new end of the pause, or no pause any more.
    pub paused_until: Option<Option<i64>>,
    /// What was said to and by somebody else.
    pub heard: Vec<Line>,
    /// Whether what was said before can go.
    pub forgets_transcript: bool,
    /// Messages that were edited, by their `mid`, and what they say now.
    pub edited: Vec<(String, String)>,
    /// Messages that were deleted, by their `mid`: what they said is forgotten.
    pub deleted: Vec<String>,
}

impl ThreadChange {
    /// Whether the thread is the bot's by this.
    pub(crate) fn gives_control(&self, known: &Ownership) -> bool {
        self.ownership.is_some() && known.owner == Owner::Bot
    }

    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// One line of a conversation that the bot had no part in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was said, in ms since 1970.
    pub at: i64,
    /// Who said it.
    pub speaker: Speaker,
    /// The text; for a message without one, what it held, such as `[image]`.
    pub text: String,
    /// The id of the message, by which it is found if it is edited or deleted.
    #[serde(default)]
    pub mid: Option<String>,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person.
    Person,
    /// Whoever answers for the account: a human at the inbox, or another app.
    Agent,
}
