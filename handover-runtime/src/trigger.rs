//! Triggers: one marker type per `#[on_*]` attribute.
//!
//! The markers exist only at compile time. They decide which extractors an attribute offers
//! ([`FromEvent<T>`](crate::extract::FromEvent)) and what its handlers may return
//! ([`IntoOutcome<T>`](crate::outcome::IntoOutcome)).

mod sealed {
    pub trait Sealed {}
}

/// Trigger of an attribute such as `#[on_message]`. Implemented by the markers of this module.
pub trait Trigger: sealed::Sealed + Send + Sync + 'static {
    /// The same, as a value.
    const KIND: TriggerKind;
}

/// A trigger whose events belong to one person.
#[diagnostic::on_unimplemented(
    message = "an `{Self}` event is not about one person",
    label = "no person belongs to this event"
)]
pub trait HasPerson: Trigger {}

/// A trigger during whose events the bot owns the thread, so that it may answer and hand off.
#[diagnostic::on_unimplemented(
    message = "the bot does not own the thread during an `{Self}` event, so it can neither speak nor hand it off",
    label = "needs the thread"
)]
pub trait OwnsThread: HasPerson {
    /// Named by macros, so that rustc checks it at their span.
    #[doc(hidden)]
    const CHECKED: () = ();
}

macro_rules! triggers {
    ($($(#[$doc:meta])* $marker:ident = $kind:ident, $attribute:literal $(: $property:ident)*;)*) => {
        /// Kind of trigger, as the routing table compares it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum TriggerKind {
            $(#[doc = concat!("`#[", $attribute, "]`")] $kind,)*
        }

        impl TriggerKind {
            /// Name of the attribute.
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
    /// The person opted in to messages.
    OnOptin = Optin, "on_optin": HasPerson: OwnsThread;
    /// The person linked or unlinked an account.
    OnAccountLinking = AccountLinking, "on_account_linking": HasPerson: OwnsThread;
    /// Another app passed the thread to the bot.
    OnPassThreadControl = PassThreadControl, "on_pass_thread_control": HasPerson: OwnsThread;
    /// Another app took the thread from the bot.
    OnTakeThreadControl = TakeThreadControl, "on_take_thread_control": HasPerson;
    /// Another app requests the thread from the bot.
    OnRequestThreadControl = RequestThreadControl, "on_request_thread_control": HasPerson: OwnsThread;
    /// The roles of the Page's apps changed (legacy handover protocol).
    OnAppRoles = AppRoles, "on_app_roles";
    /// Another app of the account, or a human, sent a message.
    OnEcho = Echo, "on_echo": HasPerson;
    /// The person reacted to a message, or removed the reaction.
    OnReaction = Reaction, "on_reaction": HasPerson: OwnsThread;
    /// The person has read messages.
    OnRead = Read, "on_read": HasPerson: OwnsThread;
    /// Messages were delivered.
    OnDelivery = Delivery, "on_delivery": HasPerson: OwnsThread;
    /// The person edited a message.
    OnMessageEdit = MessageEdit, "on_message_edit": HasPerson: OwnsThread;
    /// A message of the person or of the account was deleted.
    OnMessageDeleted = MessageDeleted, "on_message_deleted": HasPerson;
    /// The person answered a feedback template.
    OnFeedback = Feedback, "on_feedback": HasPerson: OwnsThread;
    /// The platform warns, blocks or unblocks the account.
    OnPolicyEnforcement = PolicyEnforcement, "on_policy_enforcement";
    /// Anything seen on the standby channel while another app owns the thread.
    OnStandby = Standby, "on_standby": HasPerson;
    /// Any event by its name on the wire, including unknown kinds.
    OnEvent = Event, "on_event": HasPerson: OwnsThread;
    /// A timer ran out.
    OnTimer = Timer, "on_timer": HasPerson: OwnsThread;
    /// The thread was handed over, not answered in time, or returned.
    OnHandoff = Handoff, "on_handoff": HasPerson;
    /// The platform refused a handoff: the bot still owns the thread.
    OnHandoffFailed = HandoffFailed, "on_handoff_failed": HasPerson: OwnsThread;
    /// A message could not be sent and is now a dead letter.
    OnSendFailed = SendFailed, "on_send_failed": HasPerson: OwnsThread;
    /// A signal was sent into the thread, from outside a handler or by one.
    OnSignal = Signal, "on_signal": HasPerson: OwnsThread;
    /// A handler failed.
    OnError = Error, "on_error": HasPerson: OwnsThread;
    /// A message or postback that no other route took.
    OnFallback = Fallback, "fallback": HasPerson: OwnsThread;
}
