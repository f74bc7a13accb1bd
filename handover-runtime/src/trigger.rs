//! What a handler waits for: one marker type per `#[on_*]` attribute.
//!
//! The markers exist only at compile time. They decide which extractors an attribute offers
//! ([`FromEvent<T>`](crate::extract::FromEvent)) and what its handlers may return
//! ([`IntoOutcome<T>`](crate::outcome::IntoOutcome)).

/// The trigger of a route, as the routing table compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriggerKind {
    /// `#[on_message]`
    Message,
    /// `#[on_postback]`
    Postback,
    /// `#[on_pass_thread_control]`
    PassThreadControl,
    /// `#[on_take_thread_control]`
    TakeThreadControl,
    /// `#[on_request_thread_control]`
    RequestThreadControl,
    /// `#[on_app_roles]`
    AppRoles,
    /// `#[on_standby]`
    Standby,
    /// `#[on_event]`
    Event,
    /// `#[fallback]`
    Fallback,
}

impl TriggerKind {
    /// The attribute's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "on_message",
            Self::Postback => "on_postback",
            Self::PassThreadControl => "on_pass_thread_control",
            Self::TakeThreadControl => "on_take_thread_control",
            Self::RequestThreadControl => "on_request_thread_control",
            Self::AppRoles => "on_app_roles",
            Self::Standby => "on_standby",
            Self::Event => "on_event",
            Self::Fallback => "fallback",
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What an attribute such as `#[on_message]` waits for. Implemented by the markers of this module.
pub trait Trigger: sealed::Sealed + Send + Sync + 'static {
    /// The same, as a value.
    const KIND: TriggerKind;
}

/// A trigger that is about one person: everything except `#[on_app_roles]`.
#[diagnostic::on_unimplemented(
    message = "an `{Self}` event is not about one person",
    label = "no person belongs to this event"
)]
pub trait HasPerson: Trigger {}

/// A trigger during which the bot owns the thread, so that it may speak and hand off.
#[diagnostic::on_unimplemented(
    message = "the bot does not own the thread during an `{Self}` event, so it can neither speak nor hand it off",
    label = "needs the thread"
)]
pub trait OwnsThread: HasPerson {}

macro_rules! triggers {
    ($($(#[$doc:meta])* $marker:ident = $kind:ident $(: $property:ident)*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $marker {}
        impl sealed::Sealed for $marker {}
        impl Trigger for $marker {
            const KIND: TriggerKind = TriggerKind::$kind;
        }
        $(impl $property for $marker {})*
    )*};
}

triggers! {
    /// A message from the person to the bot.
    OnMessage = Message: HasPerson: OwnsThread;
    /// A tap on a button, a menu item or Get Started.
    OnPostback = Postback: HasPerson: OwnsThread;
    /// The thread was passed to the bot.
    OnPassThreadControl = PassThreadControl: HasPerson: OwnsThread;
    /// The thread was taken from the bot.
    OnTakeThreadControl = TakeThreadControl: HasPerson;
    /// Another app asks the bot for the thread.
    OnRequestThreadControl = RequestThreadControl: HasPerson: OwnsThread;
    /// The roles of the Page's apps changed (legacy handover protocol).
    OnAppRoles = AppRoles;
    /// Anything seen on the standby channel while another app owns the thread.
    OnStandby = Standby: HasPerson;
    /// Any event by its wire name, also of a kind that nobody knows.
    OnEvent = Event: HasPerson: OwnsThread;
    /// A message or postback that no other route took.
    OnFallback = Fallback: HasPerson: OwnsThread;
}
