use std::error::Error;

use handover_protocol::OutgoingMessage;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::extract::SessionPartData;
use crate::outcome::{HandlerError, Outcome};
use crate::session::part_of;
use crate::target::TargetApp;

/// Result of an event.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> handover_runtime::Result {
/// use handover_runtime::Routes;
/// use handover_runtime::testing::{dispatch, event};
///
/// let answer = dispatch(Routes::default(), event::message("hi")).await?;
/// assert_eq!(answer.handler(), None);
/// assert!(answer.texts().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a test looks at the answer"]
pub struct Answer {
    pub(super) handler: Option<&'static str>,
    pub(super) result: Result<Outcome, HandlerError>,
    pub(super) on_error: Option<Box<Self>>,
    pub(super) session: Option<Value>,
}

impl Answer {
    /// Name of the handler that took the event; `None` if no handler did.
    #[must_use]
    pub fn handler(&self) -> Option<&str> {
        self.handler
    }

    /// The outcome, or the error of the handler. Without a handler the outcome is empty.
    ///
    /// # Errors
    ///
    /// The handler's error, or why its answer cannot be converted.
    pub fn outcome(&self) -> Result<&Outcome, &(dyn Error + Send + Sync + 'static)> {
        self.result.as_ref().map_err(AsRef::as_ref)
    }

    /// The texts that are sent, in order. A failed handler sends none; see [`on_error`](Self::on_error).
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.result.iter().flat_map(Outcome::texts).collect()
    }

    /// The messages that are sent, in order, with their quick replies and attachments.
    #[must_use]
    pub fn messages(&self) -> Vec<&OutgoingMessage> {
        self.result.iter().flat_map(Outcome::messages).collect()
    }

    /// Target of the handoff, if there is one.
    #[must_use]
    pub fn handoff(&self) -> Option<TargetApp> {
        self.result.as_ref().ok()?.handoff()
    }

    /// Metadata of the handoff.
    #[must_use]
    pub fn handoff_metadata(&self) -> Option<&str> {
        self.result.as_ref().ok()?.handoff_metadata()
    }

    /// Error text of the handler.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.result.as_ref().err().map(ToString::to_string)
    }

    /// If the handler failed: the result of the `#[on_error]` handlers; `None` if none answered.
    #[must_use]
    pub fn on_error(&self) -> Option<&Self> {
        self.on_error.as_deref()
    }

    /// The session of the thread after the event; `None` if none is stored, or not as a `T`. Use
    /// `serde_json::Value` to read any stored form.
    #[must_use]
    pub fn session<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(part_of(self.session.as_ref()?, None)?).ok()
    }

    /// A part of the session after the event; `None` if none is stored, or not as a `T`.
    #[must_use]
    pub fn session_part<T: SessionPartData>(&self) -> Option<T> {
        T::deserialize(part_of(self.session.as_ref()?, Some(T::NAME))?).ok()
    }
}
