//! What a handler waits for: one marker type per `#[on_*]` attribute.
//!
//! The markers exist only at compile time. They decide which extractors an attribute offers
//! ([`FromEvent<T>`](crate::extract::FromEvent)) and what its handlers may return
//! ([`IntoOutcome<T>`](crate::outcome::IntoOutcome)).

mod sealed {
    pub trait Sealed {}
}

/// What an attribute such as `#[on_message]` waits for. Implemented by the markers of this module.
pub trait Trigger: sealed::Sealed + Send + Sync + 'static {
    /// The same, as a value.
    const KIND: TriggerKind;
}

/// A trigger that is about one person.
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
pub trait OwnsThread: HasPerson {
    /// For macros to name, so that rustc checks it where they do.
    #[doc(hidden)]
    const CHECKED: () = ();
}

macro_rules! triggers {
    ($($(#[$doc:meta])* $marker:ident = $kind:ident, $attribute:literal $(: $property:ident)*;)*) => {
        /// The trigger of a route, as the routing table compares it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum TriggerKind {
            $(#[doc = concat!("`#[", $attribute, "]`")] $kind,)*
        }

        impl TriggerKind {
            /// The attribute's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $attribute,)*
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $marker {}
            impl sealed::Sealed for $marker {}
            impl Trigger for $marker {
                const KIND: TriggerKind = TriggerKind::$kind;
            }
            $(impl $property for $marker {})*
        )*
    };
}

triggers! {
    /// A message from the person to the bot.
    OnMessage = Message, "on_message": HasPerson: OwnsThread;
    /// A tap on a button, a menu item or Get Started.
    OnPostback = Postback, "on_postback": HasPerson: OwnsThread;
    /// The person came back through a link or an advertisement.
    OnReferral = Referral, "on_referral": HasPerson: OwnsThread;
    /// The person agreed to be written to.
    OnOptin = Optin, "on_optin": HasPerson: OwnsThread;
    /// The person linked or unlinked an account.
    OnAccountLinking = AccountLinking, "on_account_linking": HasPerson: OwnsThread;
    /// The thread was passed to the bot.
    OnPassThreadControl = PassThreadControl, "on_pass_thread_control": HasPerson: OwnsThread;
    /// The thread was taken from the bot.
    OnTakeThreadControl = TakeThreadControl, "on_take_thread_control": HasPerson;
    /// Another app asks the bot for the thread.
    OnRequestThreadControl = RequestThreadControl, "on_request_thread_control": HasPerson: OwnsThread;
    /// The roles of the Page's apps changed (legacy handover protocol).
    OnAppRoles = AppRoles, "on_app_roles";
    /// Another app of the account, or a human, said something.
    OnEcho = Echo, "on_echo": HasPerson;
    /// The person reacted to a message, or took the reaction back.
    OnReaction = Reaction, "on_reaction": HasPerson: OwnsThread;
    /// The person has read messages.
    OnRead = Read, "on_read": HasPerson: OwnsThread;
    /// Messages have arrived.
    OnDelivery = Delivery, "on_delivery": HasPerson: OwnsThread;
    /// The person edited a message.
    OnMessageEdit = MessageEdit, "on_message_edit": HasPerson: OwnsThread;
    /// The person, or somebody who answers for the account, deleted a message.
    OnMessageDeleted = MessageDeleted, "on_message_deleted": HasPerson;
    /// The person answered a feedback template.
    OnFeedback = Feedback, "on_feedback": HasPerson: OwnsThread;
    /// The platform warns, blocks or unblocks the account.
    OnPolicyEnforcement = PolicyEnforcement, "on_policy_enforcement";
    /// Anything seen on the standby channel while another app owns the thread.
    OnStandby = Standby, "on_standby": HasPerson;
    /// Any event by its wire name, also of a kind that nobody knows.
    OnEvent = Event, "on_event": HasPerson: OwnsThread;
    /// A timer of the bot's own ran out.
    OnTimer = Timer, "on_timer": HasPerson: OwnsThread;
    /// The platform refused a handoff: the thread is still the bot's.
    OnHandoffFailed = HandoffFailed, "on_handoff_failed": HasPerson: OwnsThread;
    /// A message could not be sent, and is kept as a dead letter.
    OnSendFailed = SendFailed, "on_send_failed": HasPerson: OwnsThread;
    /// A handler failed.
    OnError = Error, "on_error": HasPerson: OwnsThread;
    /// A message or postback that no other route took.
    OnFallback = Fallback, "fallback": HasPerson: OwnsThread;
}
