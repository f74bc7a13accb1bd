use std::ops::Deref;

use super::{Argument, ArgumentSource, Context, FromEvent, Rejection, Requirement};
use crate::journal::Turn;
use crate::state::NoState;
use crate::trigger::HasPerson;

/// The last turns of the thread, oldest first, up to the event that is handled: a handler of
/// `#[on_message]` finds the person's message at the end.
///
/// It holds what was said, whoever said it: the person, the bot, human agents and other apps. What the
/// bot answered is in it once the platform has accepted it. An edited message has its newest text, a
/// deleted one is gone.
///
/// The bot keeps it with [`Bot::history`](crate::Bot::history), which also bounds it. A bot that lists a
/// handler with this argument and keeps no history does not start.
///
/// ```
/// use handover_runtime::extract::History;
/// use handover_runtime::journal::{Speaker, Turn};
///
/// async fn last_words(history: History) -> String {
///     let mut bots = history.iter().filter(|turn| turn.speaker == Speaker::Bot);
///     bots.next_back().map(|turn| format!("I said: {turn}")).unwrap_or_default()
/// }
/// # let _ = last_words(History::new([Turn::new(Speaker::Bot, "Hello!")]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(Vec<Turn>);

impl History {
    /// For unit tests: these turns.
    pub fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Self(turns.into_iter().collect())
    }

    /// The last `turns` of them.
    #[must_use]
    pub fn last_turns(&self, turns: usize) -> &[Turn] {
        &self.0[self.0.len().saturating_sub(turns)..]
    }
}

impl Deref for History {
    type Target = [Turn];

    fn deref(&self) -> &[Turn] {
        &self.0
    }
}

impl IntoIterator for History {
    type Item = Turn;
    type IntoIter = std::vec::IntoIter<Turn>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<E: HasPerson> FromEvent<E> for History {
    type State = NoState;

    const ARGUMENT: Argument = Argument::from(ArgumentSource::History, Requirement::Nothing);

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(Self(context.thread_state().history().cloned().collect()))
    }
}
