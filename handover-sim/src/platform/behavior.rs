//! What the platform does where Meta's documentation is silent or contradicts itself.

use serde::{Deserialize, Serialize};

use super::RateLimits;

/// The behavior, each with what is most likely as its default.
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
    /// Who is told that control was taken.
    pub take_notifies: TakeNotifies,
    /// Whether anybody is told that an idle thread was taken.
    pub take_from_idle: TakeFromIdle,
    /// What `previous_owner_app_id` is when an idle thread was passed.
    pub pass_from_idle: PassFromIdle,
    /// What the other apps get of a thread that was claimed without a default app.
    pub claimed_zero_config: Claimed,
    /// Where apps that do not own the thread get a Page's events.
    pub messenger_delivery: Delivered,
    /// The same of an Instagram account's events.
    pub instagram_delivery: Delivered,
    /// What a person's message does to an idle thread under conversation routing.
    pub idle_message: IdleMessage,
    /// How app ids are written in `messaging_handovers` events.
    pub app_ids: AppIds,
    /// How `metadata` is written in `messaging_handovers` events if the caller gave none.
    pub no_metadata: NoMetadata,
    /// When the echo of a message is sent whose `thread_control` moves control.
    pub echo_after_pass: EchoAfterPass,
    /// What becomes of an extension by more than seven days.
    pub extend_too_long: ExtendTooLong,
    /// What a send is refused for first when another app owns the thread and the window is closed.
    pub send_checks: SendChecks,
    /// How webhooks are put together.
    pub batching: Batching,
    /// What "Move to done" in the inbox does to control.
    pub inbox_done: InboxDone,
    /// How fast apps may call.
    pub rate_limits: RateLimits,
    /// Whether calls need an `appsecret_proof`.
    pub appsecret_proof: AppsecretProof,
    /// Whether echoes of an Instagram account name the app.
    pub instagram_echo_app_id: EchoAppId,
    /// How echoes of an Instagram account show templates.
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
    /// Who is told that control was taken.
    TakeNotifies {
        /// The app that lost it, as the Instagram page says.
        PreviousOwner,
        /// Every subscribed app, as the Messenger page says.
        AllSubscribed,
    }

    /// Whether anybody is told that an idle thread was taken.
    TakeFromIdle {
        /// Nobody is.
        Silent,
        /// Every subscribed app, with `previous_owner_app_id` null.
        Null,
    }

    /// What `previous_owner_app_id` is when an idle thread was passed.
    PassFromIdle {
        /// It is null.
        Null,
        /// The key is absent.
        Absent,
    }

    /// What the other apps get of a thread that was claimed without a default app.
    Claimed {
        /// Everything, on `messaging`; they only cannot send.
        Messaging,
        /// What others get under conversation routing.
        Standby,
    }

    /// Where apps that do not own the thread get events.
    Delivered {
        /// On `standby`, if they may.
        Standby,
        /// On `messaging`, like the owner: ownership decides only who may send.
        Messaging,
    }

    /// What a person's message does to an idle thread under conversation routing.
    IdleMessage {
        /// The app it is routed to becomes the owner.
        Owned,
        /// The app it is routed to gets it on `messaging`, and the thread stays idle.
        StaysIdle,
    }

    /// How app ids are written in `messaging_handovers` events.
    AppIds {
        /// As numbers.
        Numbers,
        /// As strings.
        Strings,
        /// The new owner's as a number, the others as strings.
        Mixed,
    }

    /// How `metadata` is written in `messaging_handovers` events if the caller gave none.
    NoMetadata {
        /// Not at all.
        Absent,
        /// As null.
        Null,
    }

    /// When the echo of a message is sent whose `thread_control` moves control.
    EchoAfterPass {
        /// When control has moved: the sender gets it on `standby`.
        After,
        /// Before control moves.
        Before,
    }

    /// What becomes of an extension by more than seven days.
    ExtendTooLong {
        /// It is refused.
        Refused,
        /// It lasts seven days.
        Clamped,
    }

    /// What a send is refused for first when another app owns the thread and the window is closed.
    SendChecks {
        /// For not being the owner.
        OwnerFirst,
        /// For the window.
        WindowFirst,
        /// For not being the owner, then for the window, and for wrong parameters last.
        ParametersLast,
    }

    /// How webhooks are put together.
    Batching {
        /// One item in one entry in one POST.
        OneItem,
        /// What one act causes for one account and channel is one entry with several items.
        Items,
        /// What one act causes is one POST with several entries.
        Entries,
    }

    /// Whether calls need an `appsecret_proof`: "Require App Secret" in the app's settings.
    AppsecretProof {
        /// One that comes along has to be right.
        Optional,
        /// Calls without one are refused.
        Required,
    }

    /// Whether echoes of an Instagram account name the app.
    EchoAppId {
        /// They have no `app_id`, whoever sent the message.
        Absent,
        /// They have the `app_id` of the sender, as echoes of a Page have.
        Present,
    }

    /// How echoes of an Instagram account show templates.
    EchoedTemplate {
        /// Below the name of its kind: `{"generic": {"elements": […]}}`.
        ByKind,
        /// Below the name of its kind, but without its elements: `{"generic": {"elements": []}}`.
        Empty,
        /// As it was sent: `{"template_type": "generic", "elements": […]}`.
        AsSent,
    }

    /// Whether a `message_edit` with `num_edit` 0 comes with each new message to an Instagram account.
    NewMessageEdit {
        /// One does, without `sender` and `recipient`.
        WithoutParties,
        /// One does, with `sender` and `recipient`.
        WithParties,
        /// None does.
        Never,
        /// One comes in place of the message, as to some apps in development mode.
        Only,
    }

    /// Whether apps get a webhook when a message on Messenger is deleted.
    Deletions {
        /// No webhook.
        NotSent,
        /// The same webhook as on Instagram.
        Sent,
    }

    /// What "Move to done" in the inbox does to control.
    InboxDone {
        /// It passes to the default app or primary receiver.
        Passes,
        /// The thread falls idle.
        Releases,
        /// Nothing: the inbox stays the owner.
        Keeps,
    }
}
