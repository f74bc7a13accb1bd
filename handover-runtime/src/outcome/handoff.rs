use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::{Effect, HandlerError, HandoffEffect, IntoOutcome, Message, Outcome};
use crate::metadata;
use crate::target::{Target, TargetApp};
use crate::trigger::OwnsThread;

/// Gives the thread to somebody else: first the farewell, then the pass.
///
/// Without [`to`](Self::to) and without `#[handoff(to = …)]` it goes to the people behind the
/// account ([`TargetApp::Inbox`]).
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
}

impl Handoff {
    /// A handoff without a farewell.
    pub fn silently() -> Self {
        Self {
            farewell: Vec::new(),
            target: None,
            metadata: None,
        }
    }

    /// A handoff after this sentence.
    pub fn saying(farewell: impl Into<String>) -> Self {
        Self::after(Message::text(farewell))
    }

    /// A handoff after this message.
    pub fn after(farewell: Message) -> Self {
        Self {
            farewell: vec![farewell],
            ..Self::silently()
        }
    }
}

impl<M> Handoff<M> {
    /// To whom the thread goes.
    pub fn to(mut self, target: impl Into<TargetApp>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// What the other app is told, for its eyes only: a string as it is, anything else as JSON.
    /// Limit: 2000 characters (by analogy; the platform documents none for Page threads).
    pub fn metadata<N: Serialize>(self, metadata: N) -> Handoff<N> {
        Handoff {
            farewell: self.farewell,
            target: self.target,
            metadata: Some(metadata),
        }
    }

    fn into_effects(self) -> Result<Vec<Effect>, serde_json::Error>
    where
        M: Serialize,
    {
        let metadata = self.metadata.as_ref().map(metadata::to_text).transpose()?;
        let farewell = self.farewell.into_iter();
        let mut effects: Vec<_> = farewell.map(|m| Effect::Send(Box::new(m.into()))).collect();
        effects.push(Effect::Handoff(HandoffEffect {
            target: self.target,
            metadata,
        }));
        Ok(effects)
    }
}

impl<M: Serialize> From<Handoff<M>> for Outcome {
    fn from(handoff: Handoff<M>) -> Self {
        match handoff.into_effects() {
            Ok(effects) => Self {
                effects,
                error: None,
            },
            Err(error) => Self {
                effects: Vec::new(),
                error: Some(format!("the metadata of a handoff is no JSON: {error}")),
            },
        }
    }
}

impl<E: OwnsThread, M: Serialize> IntoOutcome<E> for Handoff<M> {
    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Outcome::from(self).checked()
    }
}

/// Gives the thread up to nobody in particular: the next message is routed afresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "the thread is released when a handler returns it"]
pub struct Release;

impl From<Release> for Outcome {
    fn from(Release: Release) -> Self {
        Self::one(Effect::Release)
    }
}

/// The answer of a handler under `#[handoff(to = …)]`: what it returned, and then the handoff.
///
/// A `Result` that is an error hands nothing off.
#[derive(Clone)]
pub struct WithHandoff<R, T> {
    answer: R,
    /// An `Err` if the attribute's metadata cannot be written as JSON.
    metadata: Result<Option<String>, String>,
    target: PhantomData<fn() -> T>,
}

impl<R, T> WithHandoff<R, T> {
    // Without `T: Target`: a type that is none is reported once, where the answer is checked.
    #[doc(hidden)]
    pub fn new(answer: R, metadata: Option<Result<String, serde_json::Error>>) -> Self {
        Self {
            answer,
            metadata: metadata.transpose().map_err(|error| error.to_string()),
            target: PhantomData,
        }
    }
}

impl<R, T: Target> WithHandoff<R, T> {
    /// What the handler's body returned.
    pub fn answer(&self) -> &R {
        &self.answer
    }

    /// To whom the thread goes.
    pub fn target(&self) -> TargetApp {
        T::APP
    }
}

impl<R: fmt::Debug, T: Target> fmt::Debug for WithHandoff<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithHandoff")
            .field("answer", &self.answer)
            .field("target", &T::APP)
            .field("metadata", &self.metadata)
            .finish()
    }
}

impl<E: OwnsThread, R: IntoOutcome<E>, T: Target> IntoOutcome<E> for WithHandoff<R, T> {
    const HANDOFF: Option<TargetApp> = Some(T::APP);

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        let mut outcome = self.answer.into_outcome()?;
        let metadata = self.metadata?;
        let own = outcome.effects.iter_mut().find_map(|effect| match effect {
            Effect::Handoff(handoff) => Some(handoff),
            _ => None,
        });
        match own {
            Some(handoff) => {
                handoff.target.get_or_insert(T::APP);
                handoff.metadata = handoff.metadata.take().or(metadata);
            }
            None => outcome.effects.push(Effect::Handoff(HandoffEffect {
                target: Some(T::APP),
                metadata,
            })),
        }
        Ok(outcome)
    }
}
