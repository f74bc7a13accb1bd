//! Outcomes: what a handler can return.
//!
//! Effects are values. A handler returns what should happen; the runtime does it, in order.
//!
//! | returned | what happens |
//! |---|---|
//! | `()` | nothing |
//! | `&'static str`, `String`, `Cow<'static, str>` | the text is sent, in several messages if it is long |
//! | [`Image`], [`Audio`], [`Video`], [`File`] | the attachment is sent |
//! | [`Carousel`] | its [cards](Card) are sent, side by side |
//! | a [template](#templates) | the template is sent |
//! | [`Message`] | any of these is sent, with what was [added](Reply); also a utility message, one with a tag, to a token, or in reply to a comment |
//! | [`SenderAction`] | typing indicator, read mark, at the next opportunity or never |
//! | [`Handoff`] | the thread is passed to another app, after a farewell |
//! | [`Timer`] | a timer is set or cancelled; see `#[on_timer]` |
//! | [`Release`] | the thread is released: it becomes idle |
//! | [`Take`] | the thread is taken from its owner, then messages are sent |
//! | [`Pause`], [`Resume`] | the bot is paused in the thread for a while, or resumes |
//! | `Option<T>` | `T`, or nothing |
//! | `Vec<T>`, tuples | one after the other |
//! | `Result<T, E>` | `T`; an error sends nothing and is reported |
//! | [`Outcome`] | any of these, chosen at run time |
//!
//! An empty text is left out, and the log has a warning with the handler. A value beyond a
//! [limit](handover_protocol::limits) of the platform is made to fit, also with a warning; see [`Limits`]
//! for how, and for refusing instead. If it cannot fit, such as a payload that is too long, the handler
//! fails before anything is sent, and the error names the handler, the field and the limit. A handoff
//! happens nevertheless, so that the person is not left alone: the valid part of the outcome is sent, then
//! the thread is passed.
//!
//! # Replies
//!
//! Any message can have quick replies ([`Reply`]); a text, a picture or a video can have buttons
//! ([`WithButtons`]):
//!
//! ```
//! use handover_protocol::Button;
//! use handover_runtime::{Card, Carousel, Image, Message, Reply, WithButtons};
//!
//! async fn colour() -> Message {
//!     "Pick one".with_quick_replies(["Red", "Blue"])
//! }
//!
//! async fn next() -> Message {
//!     "What next?".with_buttons([
//!         Button::postback("Menu", "MENU"),
//!         Button::url("Site", "https://example.com"),
//!     ])
//! }
//!
//! async fn hats() -> (&'static str, Carousel, Message) {
//!     let hat = Card::new("Hat").subtitle("$40").button(Button::postback("Buy", "BUY:hat"));
//!     let size = Image::by_url("https://example.com/sizes.png");
//!     ("Look:", Carousel::new().card(hat), size.with_quick_replies(["S", "M", "L"]))
//! }
//! # let _ = (colour(), next(), hats());
//! ```
//!
//! # Templates
//!
//! Receipts, coupons, products and the other templates of the platform are types of `handover::protocol`.
//! Return them as they are:
//!
//! ```
//! use handover_protocol::CouponTemplate;
//!
//! async fn discount() -> CouponTemplate {
//!     CouponTemplate::new("10% off").coupon_code("10PERCENT")
//! }
//! # let _ = discount();
//! ```
//!
//! # Texts in several languages
//!
//! Every reply can be built from a string, so texts come from the crate of your choice, such as `rust-i18n`
//! or `fluent`. Give each quick reply and button a payload: then the title can be translated, and one
//! handler takes it in every language.
//!
//! ```
//! use std::borrow::Cow;
//!
//! use handover_runtime::extract::Session;
//! use handover_runtime::{Message, Reply};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Visitor {
//!     locale: String,
//! }
//!
//! # fn t(key: &str, locale: &str) -> Cow<'static, str> { format!("{key} {locale}").into() }
//! // A placeholder for `t!(key, locale = locale)` or `bundle.format_pattern(…)`.
//! async fn colour(visitor: Session<Visitor>) -> Message {
//!     let t = |key| t(key, &visitor.locale);
//!     t("pick").with_quick_replies([(t("red"), "PICK_RED"), (t("blue"), "PICK_BLUE")])
//! }
//! # let _ = colour;
//! ```

mod carousel;
mod combine;
mod handoff;
mod into_message;
mod limits;
mod media;
mod message;
mod pause;
mod reply;
mod split;
mod take;
mod timer;
mod with_buttons;

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{OutgoingMessage, SenderAction};
use serde_json::Value;

pub use carousel::{Card, Carousel};
#[doc(hidden)]
pub use combine::IntoHandlerError;
pub use handoff::{Handoff, Release, WithHandoff};
pub use limits::Limits;
pub(crate) use limits::{message as fit_message, note as fit_note};
pub use media::{Audio, File, Image, Video};
pub use message::Message;
pub(crate) use message::SendOptions;
pub use pause::{Pause, Resume};
pub use reply::Reply;
pub use take::Take;
pub use timer::Timer;
pub use with_buttons::WithButtons;

use crate::journal::Reclaim;
use crate::signal::SignalData;
use crate::target::TargetApp;
use crate::trigger::{OwnsThread, Trigger};

/// Error of a handler, or of converting its answer into effects.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// A type that a handler for the trigger `E` can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something an `{E}` handler can return",
    label = "not an outcome of this event",
    note = "the table in `handover::outcome` says what handlers can return"
)]
pub trait IntoOutcome<E: Trigger> {
    /// The target of the handoff, if the type determines it.
    const HANDOFF: Option<TargetApp> = None;

    /// Whether a value of this type can be an error.
    #[doc(hidden)]
    const CAN_FAIL: bool = true;

    /// Converts the value into an outcome.
    ///
    /// # Errors
    ///
    /// If the handler failed, or its answer cannot be converted.
    fn into_outcome(self) -> Result<Outcome, HandlerError>;
}

/// A list of effects, in order.
///
/// Return it from a handler that decides at run time:
///
/// ```
/// use handover_runtime::{Handoff, Outcome};
///
/// fn answer(angry: bool) -> Outcome {
///     if angry {
///         Handoff::saying("A colleague is taking over.").into()
///     } else {
///         "How can I help?".into()
///     }
/// }
/// assert_eq!(answer(false).texts().collect::<Vec<_>>(), ["How can I help?"]);
/// assert!(answer(true).handoff().is_some());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub(crate) effects: Vec<Effect>,
}

/// One effect in the thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Send(Box<Message>),
    Act(SenderAction),
    Handoff(HandoffEffect),
    Release,
    Take,
    /// Length of the pause; `None` ends one.
    Pause(Option<Duration>),
    Timer(Timer),
    /// A signal to the same thread.
    Signal(FollowUp),
}

/// A signal that a handler sends to its own thread.
#[derive(Clone, Debug)]
pub(crate) struct FollowUp {
    pub(crate) name: &'static str,
    /// Or why it cannot be written.
    pub(crate) content: Result<Value, Arc<serde_json::Error>>,
    pub(crate) after: Option<Duration>,
}

impl PartialEq for FollowUp {
    fn eq(&self, other: &Self) -> bool {
        let fields = |it: &Self| (it.name, it.content.as_ref().ok().cloned(), it.after);
        fields(self) == fields(other)
    }
}

/// A handoff. Without a target, it goes to the account's inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HandoffEffect {
    pub(crate) target: Option<TargetApp>,
    pub(crate) metadata: Option<String>,
    /// Why the metadata is missing.
    pub(crate) unwritable: Option<String>,
    pub(crate) reclaim: Reclaim,
}

impl Outcome {
    /// Creates an empty outcome.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// For unit tests: the texts that are sent, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.messages()
            .filter_map(|message| message.text.as_deref())
    }

    /// For unit tests: the messages that are sent, in order.
    ///
    /// ```
    /// use handover_runtime::{Outcome, Reply};
    ///
    /// let outcome = Outcome::from("Pick one".with_quick_replies(["Red", "Blue"]));
    /// assert_eq!(outcome.messages().next().unwrap().quick_replies.len(), 2);
    /// ```
    pub fn messages(&self) -> impl Iterator<Item = &OutgoingMessage> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Send(message) => Some(&message.content),
            _ => None,
        })
    }

    /// For unit tests: the target of the handoff, if there is one.
    #[must_use]
    pub fn handoff(&self) -> Option<TargetApp> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Handoff(handoff) => Some(handoff.target.unwrap_or(TargetApp::Inbox)),
            _ => None,
        })
    }

    /// For unit tests: the metadata of the handoff.
    #[must_use]
    pub fn handoff_metadata(&self) -> Option<&str> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Handoff(handoff) => handoff.metadata.as_deref(),
            _ => None,
        })
    }

    /// Sends a signal to the same thread after what there is already: its `#[on_signal]` handler runs
    /// next, once this answer is stored. So a slow part may come after a word to the person, and
    /// neither is lost if the process dies between them.
    ///
    /// ```
    /// use handover_runtime::{Outcome, Reply, SignalData};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct LookUp { order: u64 }
    ///
    /// impl SignalData for LookUp {
    ///     const NAME: &str = "look_up";
    /// }
    ///
    /// async fn where_is_it() -> Outcome {
    ///     "One moment, I am looking.".then(&LookUp { order: 42 })
    /// }
    /// # let _ = where_is_it();
    /// ```
    #[must_use = "a signal is sent when a handler returns it"]
    pub fn then<T: SignalData>(self, signal: &T) -> Self {
        self.follow(signal, None)
    }

    /// Sends a signal to the same thread after this time: like a [`Timer`], but with content, and any
    /// number of them.
    #[must_use = "a signal is sent when a handler returns it"]
    pub fn then_after<T: SignalData>(self, time: Duration, signal: &T) -> Self {
        self.follow(signal, Some(time))
    }

    /// For unit tests: the signals of this type that are sent to the same thread, in order.
    pub fn signals<T: SignalData>(&self) -> impl Iterator<Item = T> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Signal(signal) if signal.name == T::NAME => {
                T::deserialize(signal.content.as_ref().ok()?).ok()
            }
            _ => None,
        })
    }

    fn follow<T: SignalData>(mut self, signal: &T, after: Option<Duration>) -> Self {
        self.effects.push(Effect::Signal(FollowUp {
            name: T::NAME,
            content: serde_json::to_value(signal).map_err(Arc::new),
            after,
        }));
        self
    }

    fn one(effect: Effect) -> Self {
        Self {
            effects: vec![effect],
        }
    }
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Self::nothing()
    }
}

impl From<Message> for Outcome {
    fn from(message: Message) -> Self {
        Self::one(Effect::Send(Box::new(message)))
    }
}

impl From<SenderAction> for Outcome {
    fn from(action: SenderAction) -> Self {
        Self::one(Effect::Act(action))
    }
}

macro_rules! speaking_outcomes {
    ($($type:ty),*) => {$(
        impl<E: OwnsThread> IntoOutcome<E> for $type {
            const CAN_FAIL: bool = false;

            fn into_outcome(self) -> Result<Outcome, HandlerError> {
                Ok(Outcome::from(self))
            }
        }
    )*};
}
use speaking_outcomes;

speaking_outcomes!(Outcome, Message, SenderAction, Release, Timer);

impl<E: Trigger> IntoOutcome<E> for () {
    const CAN_FAIL: bool = false;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        Ok(Outcome::nothing())
    }
}
