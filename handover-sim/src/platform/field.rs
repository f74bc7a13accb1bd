use std::fmt;

use handover_protocol::EventBody;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Product;

/// Webhook field, which apps subscribe to.
///
/// ```
/// use handover_sim::platform::{WebhookField, Product};
///
/// let reads = WebhookField::named(Product::Messenger, "message_reads").unwrap();
/// assert_eq!(reads.to_string(), "message_reads");
/// assert_eq!(WebhookField::named(Product::Instagram, "message_reads"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookField(&'static str);

/// The fields of a Page (Graph API spec, `subscribed_fields`).
const PAGE: &[&str] = &[
    "messages",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_edits",
    "message_context",
    "message_mention",
    "message_template_status_update",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_optouts",
    "messaging_referrals",
    "messaging_handovers",
    "messaging_account_linking",
    "messaging_fblogin_account_linking",
    "messaging_feedback",
    "messaging_customer_information",
    "messaging_game_plays",
    "messaging_payments",
    "messaging_pre_checkouts",
    "messaging_checkout_updates",
    "messaging_policy_enforcement",
    "messaging_integrity",
    "messaging_appointments",
    "messaging_direct_sends",
    "messaging_in_thread_lead_form_submit",
    "standby",
    "response_feedback",
    "send_cart",
    "group_feed",
    "inbox_labels",
    "feed",
    "mention",
    "leadgen",
    "calls",
    "call_permission_reply",
    "call_settings_update",
    "marketing_message_clicks",
    "marketing_message_deliveries",
    "marketing_message_delivery_failed",
    "marketing_message_echoes",
    "marketing_message_reads",
    "marketing_messages_subscriber_upload_status",
    "business_integrity",
    "story_share",
    "user_action",
];

/// The fields of an Instagram account (Instagram messaging, webhooks).
const INSTAGRAM: &[&str] = &[
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "message_reactions",
    "messaging_referral",
    "messaging_handover",
    "standby",
    "message_edit",
    "comments",
    "live_comments",
    "mentions",
    "story_insights",
];

impl WebhookField {
    /// Events of threads that another app owns.
    pub const STANDBY: Self = Self("standby");

    /// Returns the field with this name, if the product has it.
    pub fn named(product: Product, name: &str) -> Option<Self> {
        Self::all(product).find(|field| field.0 == name)
    }

    /// Returns all fields of a product.
    pub fn all(product: Product) -> impl Iterator<Item = Self> {
        let names = match product {
            Product::Messenger => PAGE,
            Product::Instagram => INSTAGRAM,
        };
        names.iter().copied().map(Self)
    }

    /// Returns the field of an event on `messaging`.
    pub fn of(product: Product, body: &EventBody) -> Self {
        let (page, instagram) = match body.kind() {
            "message" => ("messages", "messages"),
            "echo" => ("message_echoes", "messages"),
            "delivery" => ("message_deliveries", "messages"),
            "read" => ("message_reads", "messaging_seen"),
            "reaction" => ("message_reactions", "message_reactions"),
            "message_edit" => ("message_edits", "message_edit"),
            "postback" => ("messaging_postbacks", "messaging_postbacks"),
            "referral" => Self::REFERRALS,
            "optin" => ("messaging_optins", "messages"),
            "account_linking" => ("messaging_account_linking", "messages"),
            "pass_thread_control"
            | "take_thread_control"
            | "request_thread_control"
            | "app_roles" => ("messaging_handovers", "messaging_handover"),
            "feed" | "comments" => ("feed", "comments"),
            _ => ("messages", "messages"),
        };
        match product {
            Product::Messenger => Self(page),
            Product::Instagram => Self(instagram),
        }
    }

    /// Returns the field of referrals, including referrals in messages.
    pub fn referrals(product: Product) -> Self {
        match product {
            Product::Messenger => Self(Self::REFERRALS.0),
            Product::Instagram => Self(Self::REFERRALS.1),
        }
    }

    const REFERRALS: (&'static str, &'static str) = ("messaging_referrals", "messaging_referral");
}

impl fmt::Display for WebhookField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Serialize for WebhookField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for WebhookField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(Product::Messenger, &name)
            .or_else(|| Self::named(Product::Instagram, &name))
            .ok_or_else(|| D::Error::custom(format_args!("there is no webhook field \"{name}\"")))
    }
}
