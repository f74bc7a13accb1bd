use std::time::Duration;

use handover_protocol::QuickReply;

use super::{Message, Outcome};
use crate::signal::SignalData;

/// Methods that add to any message: a text, a picture, a carousel, a template.
///
/// ```
/// use handover_protocol::QuickReply;
/// use handover_runtime::{Image, Message, Reply};
///
/// async fn colour() -> Message {
///     "Pick one".with_quick_replies(["Red", "Blue"])
/// }
///
/// async fn in_any_language() -> Message {
///     "Wähle".with_quick_replies([("Rot", "PICK_RED"), ("Blau", "PICK_BLUE")])
/// }
///
/// async fn like_this() -> Message {
///     Image::by_id("1857777774821032").with_quick_replies(["Yes", "No"])
/// }
///
/// async fn address() -> Message {
///     "Where can we reach you?".with_quick_replies([QuickReply::user_email(), "Nowhere".into()])
/// }
/// # let _ = (colour(), in_any_language(), like_this(), address());
/// ```
pub trait Reply: Into<Message> {
    /// Adds quick replies, buttons above the keyboard that disappear with the next message. Without a
    /// payload, the title is the payload.
    ///
    /// Limits (Send API, quick replies): 13 of them, 20 characters for a title, 1000 for a payload.
    fn with_quick_replies<Q: Into<QuickReply>>(
        self,
        quick_replies: impl IntoIterator<Item = Q>,
    ) -> Message {
        let mut message = self.into();
        let quick_replies = quick_replies.into_iter().map(Into::into);
        message.content.quick_replies.extend(quick_replies);
        message
    }

    /// Sends a signal to the same thread after the message; see [`Outcome::then`].
    fn then<T: SignalData>(self, signal: &T) -> Outcome {
        Outcome::from(self.into()).then(signal)
    }

    /// The same after this time.
    fn then_after<T: SignalData>(self, time: Duration, signal: &T) -> Outcome {
        Outcome::from(self.into()).then_after(time, signal)
    }

    /// Adds metadata for the bot itself, or for another app, which the echo contains. Without it, the bot
    /// adds its own, to recognise whether a message was delivered whose response was lost.
    ///
    /// Limit (Send API, `message`): under 1000 characters.
    fn with_metadata(self, metadata: impl Into<String>) -> Message {
        let mut message = self.into();
        message.content.metadata = Some(metadata.into());
        message
    }
}

impl<T: Into<Message>> Reply for T {}
