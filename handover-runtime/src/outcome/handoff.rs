use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;

use super::{Effect, HandlerError, HandoffEffect, IntoOutcome, Message, Outcome};
use crate::journal::Reclaim;
use crate::metadata;
use crate::target::{Target, TargetApp};
use crate::trigger::OwnsThread;

/// Hands the thread to another app: first a farewell message, then the pass.
///
/// Without [`to`](Self::to) and without `#[handoff(to = …)]` the thread goes to the account's inbox
/// ([`TargetApp::Inbox`]).
///
/// ```
/// use handover_runtime::{Handoff, Outcome, TargetApp};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Ticket { about: &'static str }
///
/// let outcome = Outcome::from(Handoff::saying("One moment.").metadata(Ticket { about: "shoes" }));
/// assert_eq!(outcome.handoff(), Some(TargetApp::Inbox));
/// assert_eq!(outcome.handoff_metadata(), Some(r#"{"about":"shoes"}"#));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the thread is handed off when a handler returns it"]
pub struct Handoff<M = ()> {
    farewell: Vec<Message>,
    target: Option<TargetApp>,
    metadata: Option<M>,
    reclaim: Reclaim,
}

impl Handoff {
    /// Creates a handoff without a farewell.
    pub fn silently() -> Self {
        Self {
            farewell: Vec::new(),
            target: None,
            metadata: None,
            reclaim: Reclaim::default(),
        }
    }

    /// Creates a handoff after this text.
    pub fn saying(farewell: impl Into<String>) -> Self {
        Self::after(Message::text(farewell))
    }

    /// Creates a handoff after this message.
    pub fn after(farewell: impl Into<Message>) -> Self {
        Self {
            farewell: vec![farewell.into()],
            ..Self::silently()
        }
    }
}

impl<M> Handoff<M> {
    /// Sets the new owner.
    pub fn to(mut self, target: impl Into<TargetApp>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Takes the thread back if it has not come back by then, counted from the pass.
    /// `#[on_timer(name = "reclaim")]` can answer.
    pub fn reclaim_after(mut self, time: Duration) -> Self {
        self.reclaim.after = Some(time);
        self
    }

    /// Takes the thread back if no human has answered by then, counted from the pass; the first message of
    /// the other side cancels it. `#[on_timer(name = "unclaimed")]` can answer.
    pub fn unclaimed_after(mut self, time: Duration) -> Self {
        self.reclaim.unclaimed_after = Some(time);
        self
    }

    /// Takes the thread back once the agent has written nothing for this long, counted from their last
    /// message, or from the pass if they never wrote. `#[on_timer(name = "idle")]` can answer.
    pub fn idle_after(mut self, time: Duration) -> Self {
        self.reclaim.idle_after = Some(time);
        self
    }

    /// Sets metadata for the other app, which the person does not see: a string as it is, anything else as
    /// JSON.
    ///
    /// Limit: 2000 characters (by analogy; the platform documents none for Page threads). A longer text is
    /// cut. JSON stays valid JSON: its longest texts are cut, and if that is not enough the metadata is
    /// left out. The handoff happens in any case, and the log shows what was changed; see
    /// [`Limits`](super::Limits).
    pub fn metadata<N>(self, metadata: N) -> Handoff<N> {
        Handoff {
            farewell: self.farewell,
            target: self.target,
            metadata: Some(metadata),
            reclaim: self.reclaim,
        }
    }

    fn into_effects(self) -> Vec<Effect>
    where
        M: Serialize,
    {
        let metadata = self.metadata.as_ref().map(metadata::to_text);
        let (metadata, unwritable) = match metadata.transpose() {
            Ok(metadata) => (metadata, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let farewell = self.farewell.into_iter();
        let mut effects: Vec<_> = farewell.map(|m| Effect::Send(Box::new(m))).collect();
        effects.push(Effect::Handoff(HandoffEffect {
            target: self.target,
            metadata,
            unwritable,
            reclaim: self.reclaim,
        }));
        effects
    }
}

impl<M: Serialize> From<Handoff<M>> for Outcome {
    fn from(handoff: Handoff<M>) -> Self {
        Self {
            effects: handoff.into_effects(),
        }
    }
}

impl<E: OwnsThread, M: Serialize> IntoOutcome<E> for Handoff<M> {
    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Ok(Outcome::from(self))
    }
}

/// Releases the thread: it becomes idle, and the person's next message is routed like a first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "the thread is released when a handler returns it"]
pub struct Release;

impl From<Release> for Outcome {
    fn from(Release: Release) -> Self {
        Self::one(Effect::Release)
    }
}

/// The answer of a handler under `#[handoff(to = …)]`: what it returned, followed by the handoff.
///
/// An `Err` does not hand off, unless the attribute has `on = "error"`.
#[derive(Clone)]
pub struct WithHandoff<R, T> {
    answer: R,
    condition: Condition,
    farewell: Option<Message>,
    /// An `Err` if the attribute's metadata cannot be written as JSON.
    metadata: Result<Option<String>, String>,
    reclaim: Reclaim,
    target: PhantomData<fn() -> T>,
}

/// Whether the handoff follows the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Always,
    Never,
    OnError,
}

#[doc(hidden)]
impl<R, T> WithHandoff<R, T> {
    /// The only one that asks for a target, so that a type that is none is reported once.
    pub fn new(answer: R) -> Self
    where
        T: Target,
    {
        Self {
            answer,
            condition: Condition::Always,
            farewell: None,
            metadata: Ok(None),
            reclaim: Reclaim::default(),
            target: PhantomData,
        }
    }

    #[must_use]
    pub fn metadata(mut self, text: Result<String, serde_json::Error>) -> Self {
        self.metadata = text.map(Some).map_err(|error| error.to_string());
        self
    }

    #[must_use]
    pub fn say(mut self, farewell: impl Into<String>) -> Self {
        self.farewell = Some(Message::text(farewell));
        self
    }

    #[must_use]
    pub fn when(mut self, predicate: impl FnOnce(&R) -> bool) -> Self {
        if !predicate(&self.answer) {
            self.condition = Condition::Never;
        }
        self
    }

    #[must_use]
    pub fn reclaim_after(mut self, seconds: u64) -> Self {
        self.reclaim.after = Some(Duration::from_secs(seconds));
        self
    }

    #[must_use]
    pub fn unclaimed_after(mut self, seconds: u64) -> Self {
        self.reclaim.unclaimed_after = Some(Duration::from_secs(seconds));
        self
    }

    #[must_use]
    pub fn idle_after(mut self, seconds: u64) -> Self {
        self.reclaim.idle_after = Some(Duration::from_secs(seconds));
        self
    }

    #[must_use]
    pub fn on_error(mut self) -> Self {
        self.condition = Condition::OnError;
        self
    }
}

impl<R, T: Target> WithHandoff<R, T> {
    /// What the handler's body returned.
    pub fn answer(&self) -> &R {
        &self.answer
    }

    /// Target of the handoff.
    pub fn target(&self) -> TargetApp {
        T::APP
    }

    /// Appends the farewell and the handoff to the answer. If the answer contains a handoff, completes that
    /// one.
    fn hand_off(
        outcome: &mut Outcome,
        farewell: Option<Message>,
        metadata: Result<Option<String>, String>,
        reclaim: Reclaim,
    ) {
        let own = outcome
            .effects
            .iter()
            .position(|e| matches!(e, Effect::Handoff(_)));
        let at = own.unwrap_or(outcome.effects.len());
        if own.is_none() {
            outcome
                .effects
                .push(Effect::Handoff(HandoffEffect::default()));
        }
        if let Effect::Handoff(handoff) = &mut outcome.effects[at] {
            handoff.target.get_or_insert(T::APP);
            match metadata {
                Ok(metadata) => handoff.metadata = handoff.metadata.take().or(metadata),
                Err(error) => handoff.unwritable = handoff.unwritable.take().or(Some(error)),
            }
            handoff.reclaim = handoff.reclaim.or(reclaim);
        }
        if let Some(farewell) = farewell {
            outcome.effects.insert(at, Effect::Send(Box::new(farewell)));
        }
    }
}

impl<R: fmt::Debug, T: Target> fmt::Debug for WithHandoff<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithHandoff")
            .field("answer", &self.answer)
            .field("condition", &self.condition)
            .field("target", &T::APP)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

impl<E: OwnsThread, R: IntoOutcome<E>, T: Target> IntoOutcome<E> for WithHandoff<R, T> {
    const HANDOFF: Option<TargetApp> = Some(T::APP);

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        let answer = self.answer.into_outcome();
        let mut outcome = match (self.condition, answer) {
            (Condition::Always, answer) => answer?,
            (Condition::Never, answer) => return answer,
            (Condition::OnError, Ok(answer)) => return Ok(answer),
            (Condition::OnError, Err(error)) => {
                tracing::error!(%error, "a handler failed; the thread is handed off");
                Outcome::nothing()
            }
        };
        Self::hand_off(&mut outcome, self.farewell, self.metadata, self.reclaim);
        Ok(outcome)
    }
}
