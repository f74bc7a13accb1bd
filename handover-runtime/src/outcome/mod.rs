//! Outcomes: what a handler can return.
//!
//! Effects are values. A handler says what should happen; the runtime carries it out, in order.
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
//! | [`Handoff`] | the thread goes to somebody else, after a farewell |
//! | [`Timer`] | a timer is set or cancelled; see `#[on_timer]` |
//! | [`Release`] | the thread is given up to nobody in particular |
//! | [`Take`] | the thread is taken back from whoever owns it, and then something is said |
//! | [`Pause`], [`Resume`] | the bot is silent in the thread for a while, or speaks again |
//! | `Option<T>` | `T`, or nothing |
//! | `Vec<T>`, tuples | one after the other |
//! | `Result<T, E>` | `T`; an error sends nothing and is reported |
//! | [`Outcome`] | any of these, chosen at run time |
//!
//! An empty text is left out, and a warning in the log names the handler. What goes beyond a
//! [limit](handover_protocol::limits) of the platform is made to fit, with a warning as well;
//! [`Limits`] says how, and how to have it refused instead. What cannot be made to fit, such as a
//! payload that is too long, fails the handler before anything is sent, and the error names the
//! handler, the field and the limit. A handoff is made all the same, so that nobody is left in
//! silence: what can be sent of the outcome is sent, then the thread is passed.
//!
//! # Replies
//!
//! Quick replies go with any message ([`Reply`]), buttons with a text, a picture or a film
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
//! Receipts, coupons, products and whatever else the platform has are the types of
//! `handover::protocol`, and outcomes as they are:
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
//! A reply is made of any string, so texts come from the crate of your choice, such as `rust-i18n`
//! or `fluent`. Give each quick reply and button a payload: then its title can be translated, and
//! the handler that takes it needs no other for each language.
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
//! // `t(key, locale)` stands for `t!(key, locale = locale)` or `bundle.format_pattern(…)`.
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

use std::time::Duration;

use handover_protocol::{OutgoingMessage, SenderAction};

pub use carousel::{Card, Carousel};
#[doc(hidden)]
pub use combine::IntoHandlerError;
pub use handoff::{Handoff, Release, WithHandoff};
pub use limits::Limits;
pub(crate) use limits::{message as fit_message, note as fit_note};
pub use media::{Audio, File, Image, Video};
pub use message::Message;
pub use pause::{Pause, Resume};
pub use reply::Reply;
pub use take::Take;
pub use timer::Timer;
pub use with_buttons::WithButtons;

use crate::target::TargetApp;
use crate::trigger::{OwnsThread, Trigger};

/// The error of a handler, or of turning its answer into effects.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Something that a handler for the trigger `E` can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something an `{E}` handler can return",
    label = "not an outcome of this event",
    note = "the table in `handover::outcome` says what handlers can return"
)]
pub trait IntoOutcome<E: Trigger> {
    /// To whom an answer of this type hands the thread, where its type already says so.
    const HANDOFF: Option<TargetApp> = None;

    /// Whether an answer of this type can be an error.
    #[doc(hidden)]
    const CAN_FAIL: bool = true;

    /// Says what should happen.
    ///
    /// # Errors
    ///
    /// If the handler failed, or its answer cannot be carried out.
    fn into_outcome(self) -> Result<Outcome, HandlerError>;
}

/// What should happen, in order.
///
/// Return it where a handler decides at run time:
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

/// One thing to do in the thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Send(Box<Message>),
    Act(SenderAction),
    Handoff(HandoffEffect),
    Release,
    Take,
    /// For so long; `None` ends a pause.
    Pause(Option<Duration>),
    Timer(Timer),
}

/// A handoff as it was asked for. A target of `None` is the account's inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HandoffEffect {
    pub(crate) target: Option<TargetApp>,
    pub(crate) metadata: Option<String>,
    /// Why there is no metadata, if there should be.
    pub(crate) unwritable: Option<String>,
    pub(crate) reclaim: Reclaim,
}

/// When to take a thread back that has not come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reclaim {
    /// In any case.
    pub(crate) after: Option<Duration>,
    /// If no human has answered.
    pub(crate) unclaimed_after: Option<Duration>,
    /// If the human who answered has said nothing for so long.
    pub(crate) idle_after: Option<Duration>,
}

impl Reclaim {
    /// What the first leaves open, the second says.
    fn or(self, other: Self) -> Self {
        Self {
            after: self.after.or(other.after),
            unclaimed_after: self.unclaimed_after.or(other.unclaimed_after),
            idle_after: self.idle_after.or(other.idle_after),
        }
    }
}

impl Outcome {
    /// Nothing happens.
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

    /// For unit tests: to whom the thread is handed, if it is.
    #[must_use]
    pub fn handoff(&self) -> Option<TargetApp> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Handoff(handoff) => Some(handoff.target.unwrap_or(TargetApp::Inbox)),
            _ => None,
        })
    }

    /// For unit tests: the metadata that goes along with the handoff.
    #[must_use]
    pub fn handoff_metadata(&self) -> Option<&str> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Handoff(handoff) => handoff.metadata.as_deref(),
            _ => None,
        })
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
