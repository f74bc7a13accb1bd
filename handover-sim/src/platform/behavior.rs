//! Behavior of the platform where Meta's documentation is silent or contradicts itself.

use serde::{Deserialize, Serialize};

use super::RateLimits;

/// Behavior of the platform where Meta's documentation is silent, contradicts itself, or differs
/// from what bots see. The defaults are the most likely values.
///
/// ```
/// use handover_sim::platform::{AppIds, Behavior};
///
/// let behavior: Behavior = serde_json::from_str(r#"{"app_ids":"mixed"}"#)?;
/// assert_eq!(behavior, Behavior { app_ids: AppIds::Mixed, ..Behavior::default() });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behavior {
    /// Apps that get `take_thread_control`.
    pub take_notifies: TakeNotifies,
    /// Apps that get `take_thread_control` for an idle thread.
    pub take_from_idle: TakeFromIdle,
    /// Value of `previous_owner_app_id` after an idle thread was passed.
    pub pass_from_idle: PassFromIdle,
    /// Channel of the other apps after an app claimed a thread without a default app.
    pub claimed_zero_config: Claimed,
    /// Channel on which apps that do not own the thread get events of a Page.
    pub messenger_delivery: Delivered,
    /// Channel on which apps that do not own the thread get events of an Instagram account.
    pub instagram_delivery: Delivered,
    /// Effect of a message on an idle thread under conversation routing.
    pub idle_message: IdleMessage,
    /// Type of app ids in `messaging_handovers` events.
    pub app_ids: AppIds,
    /// Form of an absent `metadata` in `messaging_handovers` events.
    pub no_metadata: NoMetadata,
    /// Order of the echo and the change of control for a message with `thread_control`.
    pub echo_after_pass: EchoAfterPass,
    /// Handling of an extension by more than seven days.
    pub extend_too_long: ExtendTooLong,
    /// Order of the checks of a send when several fail.
    pub send_checks: SendChecks,
    /// Batching of webhooks.
    pub batching: Batching,
    /// Effect of "Move to done" in the inbox on control.
    pub inbox_done: InboxDone,
    /// Rate limits of calls.
    pub rate_limits: RateLimits,
    /// Whether calls need an `appsecret_proof`.
    pub appsecret_proof: AppsecretProof,
    /// Whether echoes of an Instagram account contain `app_id`.
    pub instagram_echo_app_id: EchoAppId,
    /// Form of templates in echoes of an Instagram account.
    pub instagram_templates: EchoedTemplate,
    /// Whether a `message_edit` with `num_edit` 0 comes with each new message to an Instagram account.
    pub instagram_new_message_edit: NewMessageEdit,
    /// Whether apps get a webhook when a message on Messenger is deleted.
    pub messenger_deletions: Deletions,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            take_notifies: TakeNotifies::PreviousOwner,
            take_from_idle: TakeFromIdle::Silent,
            pass_from_idle: PassFromIdle::Null,
            claimed_zero_config: Claimed::Messaging,
            messenger_delivery: Delivered::Standby,
            instagram_delivery: Delivered::Messaging,
            idle_message: IdleMessage::Owned,
            app_ids: AppIds::Numbers,
            no_metadata: NoMetadata::Absent,
            echo_after_pass: EchoAfterPass::After,
            extend_too_long: ExtendTooLong::Refused,
            send_checks: SendChecks::OwnerFirst,
            batching: Batching::OneItem,
            inbox_done: InboxDone::Passes,
            rate_limits: RateLimits::default(),
            appsecret_proof: AppsecretProof::Optional,
            instagram_echo_app_id: EchoAppId::Absent,
            instagram_templates: EchoedTemplate::ByKind,
            instagram_new_message_edit: NewMessageEdit::WithoutParties,
            messenger_deletions: Deletions::NotSent,
        }
    }
}

macro_rules! settings {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$variant_meta:meta])* $variant:ident,)+ }
    )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "snake_case")]
            pub enum $name {
                $($(#[$variant_meta])* $variant,)+
            }
        )*
    };
}

settings! {
    /// Apps that get `take_thread_control`.
    TakeNotifies {
        /// The previous owner (as documented for Instagram).
        PreviousOwner,
        /// All subscribed apps (as documented for Messenger).
        AllSubscribed,
    }

    /// Apps that get `take_thread_control` for an idle thread.
    TakeFromIdle {
        /// None.
        Silent,
        /// All subscribed apps, with `previous_owner_app_id` null.
        Null,
    }

    /// Value of `previous_owner_app_id` after an idle thread was passed.
    PassFromIdle {
        /// Null.
        Null,
        /// The key is absent.
        Absent,
    }

    /// Channel of the other apps after an app claimed a thread without a default app.
    Claimed {
        /// All events on `messaging`. They cannot send.
        Messaging,
        /// As under conversation routing: `standby`.
        Standby,
    }

    /// Channel on which apps that do not own the thread get events.
    Delivered {
        /// `standby`, with the switch "Access standby channel".
        Standby,
        /// `messaging`, like the owner. Ownership only decides which app may send.
        Messaging,
    }

    /// Effect of a message on an idle thread under conversation routing.
    IdleMessage {
        /// The routed app becomes the owner.
        Owned,
        /// The routed app gets the message on `messaging`, and the thread stays idle.
        StaysIdle,
    }

    /// Type of app ids in `messaging_handovers` events.
    AppIds {
        /// As numbers.
        Numbers,
        /// As strings.
        Strings,
        /// The new owner as a number, the others as strings.
        Mixed,
    }

    /// Form of an absent `metadata` in `messaging_handovers` events.
    NoMetadata {
        /// The key is absent.
        Absent,
        /// As null.
        Null,
    }

    /// Order of the echo and the change of control for a message with `thread_control`.
    EchoAfterPass {
        /// The echo comes after the change of control, so that the sender gets it on `standby`.
        After,
        /// The echo comes before the change of control.
        Before,
    }

    /// Handling of an extension by more than seven days.
    ExtendTooLong {
        /// The call fails.
        Refused,
        /// Control lasts seven days.
        Clamped,
    }

    /// Order of the checks of a send when several fail.
    SendChecks {
        /// Owner, then window.
        OwnerFirst,
        /// Window, then owner.
        WindowFirst,
        /// Owner, window, then parameters.
        ParametersLast,
    }

    /// Batching of webhooks.
    Batching {
        /// One item in one entry in one POST.
        OneItem,
        /// All events of an action for one account and channel are items of one entry.
        Items,
        /// All events of an action are entries of one POST.
        Entries,
    }

    /// Whether calls need an `appsecret_proof`: "Require App Secret" in the app's settings.
    AppsecretProof {
        /// Not required, but verified if present.
        Optional,
        /// Required.
        Required,
    }

    /// Whether echoes of an Instagram account contain `app_id`.
    EchoAppId {
        /// Echoes have no `app_id`.
        Absent,
        /// Echoes have the `app_id` of the sender, as for a Page.
        Present,
    }

    /// Form of templates in echoes of an Instagram account.
    EchoedTemplate {
        /// Under the type of template: `{"generic": {"elements": […]}}`.
        ByKind,
        /// Under the type of template, without elements: `{"generic": {"elements": []}}`.
        Empty,
        /// As it was sent: `{"template_type": "generic", "elements": […]}`.
        AsSent,
    }

    /// Whether a `message_edit` with `num_edit` 0 comes with each new message to an Instagram account.
    NewMessageEdit {
        /// Yes, without `sender` and `recipient`.
        WithoutParties,
        /// Yes, with `sender` and `recipient`.
        WithParties,
        /// No.
        Never,
        /// Instead of the message, as some apps in development mode get it.
        Only,
    }

    /// Whether apps get a webhook when a message on Messenger is deleted.
    Deletions {
        /// No webhook.
        NotSent,
        /// The same webhook as on Instagram.
        Sent,
    }

    /// Effect of "Move to done" in the inbox on control.
    InboxDone {
        /// Control passes to the default app or primary receiver.
        Passes,
        /// The thread becomes idle.
        Releases,
        /// None. The inbox stays the owner.
        Keeps,
    }
}
