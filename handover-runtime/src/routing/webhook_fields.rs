//! Webhook fields that a bot has to be subscribed to.

use std::collections::BTreeSet;

use handover_protocol::{AccountId, Object};
use serde::{Deserialize, Serialize};

use super::key::{Field, Key};
use super::meta::Meta;
use crate::trigger::TriggerKind;

/// Webhook fields that a route needs, for each product. The products name some fields differently
/// and lack others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookFields {
    /// Fields of a Page.
    pub page: FieldNeeds,
    /// Fields of an Instagram account.
    pub instagram: FieldNeeds,
}

/// Webhook fields of one product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNeeds {
    /// The bot does not work without them.
    pub required: BTreeSet<String>,
    /// The bot works without them, but does not learn what was delivered, or what is said while
    /// another app owns the thread.
    pub recommended: BTreeSet<String>,
}

impl WebhookFields {
    /// Fields of a bot whose handlers are not known: messages, postbacks, and those that a handoff
    /// needs.
    #[must_use]
    pub fn usual() -> Self {
        let mut fields = Self::default();
        fields.require(&MESSAGES);
        fields.require(&POSTBACKS);
        fields.speaks();
        fields
    }

    pub(crate) fn of(meta: &Meta) -> Self {
        let mut fields = Self::default();
        for names in fields_of(meta) {
            fields.require(&names);
        }
        if may_speak(meta) {
            fields.speaks();
        }
        let products = meta.keys.iter().find_map(|key| match key {
            Key::Is(Field::Object, products) => Some(*products),
            _ => None,
        });
        if let Some(products) = products {
            if !products.contains(&Object::Page.as_str()) {
                fields.page = FieldNeeds::default();
            }
            if !products.contains(&Object::Instagram.as_str()) {
                fields.instagram = FieldNeeds::default();
            }
        }
        fields
    }

    /// Fields of this product.
    #[must_use]
    pub fn of_product(&self, product: &Object) -> &FieldNeeds {
        match product {
            Object::Instagram => &self.instagram,
            _ => &self.page,
        }
    }

    /// Adds the fields of another route.
    pub fn add(&mut self, other: Self) {
        self.page.add(other.page);
        self.instagram.add(other.instagram);
    }

    fn require(&mut self, fields: &Fields) {
        self.page.required.extend(owned(fields.page));
        self.instagram.required.extend(owned(fields.instagram));
    }

    /// A handler that may speak has to know who owns the thread.
    fn speaks(&mut self) {
        self.require(&HANDOVERS);
        self.page.recommended.extend(owned(HEARS.page));
        self.instagram.recommended.extend(owned(HEARS.instagram));
    }
}

impl FieldNeeds {
    /// Required and recommended fields.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.required.union(&self.recommended).map(String::as_str)
    }

    fn add(&mut self, other: Self) {
        self.required.extend(other.required);
        self.recommended.extend(other.recommended);
    }
}

/// The accounts that a route is limited to with `page = …`; empty if it takes all.
pub(super) fn accounts_of(meta: &Meta) -> Vec<AccountId> {
    let accounts = meta.keys.iter().filter_map(|key| match key {
        Key::Is(Field::Page, accounts) => Some(accounts.iter()),
        _ => None,
    });
    accounts.flatten().copied().map(AccountId::from).collect()
}

fn owned(names: &[&'static str]) -> impl Iterator<Item = String> {
    names.iter().map(|name| (*name).to_owned())
}

/// The names of the fields in both products.
struct Fields {
    page: &'static [&'static str],
    instagram: &'static [&'static str],
}

const fn may_speak(meta: &Meta) -> bool {
    !matches!(
        meta.trigger,
        TriggerKind::Standby
            | TriggerKind::Echo
            | TriggerKind::TakeThreadControl
            | TriggerKind::AppRoles
            | TriggerKind::PolicyEnforcement
    )
}

const fn fields(page: &'static [&'static str], instagram: &'static [&'static str]) -> Fields {
    Fields { page, instagram }
}

const NONE: Fields = fields(&[], &[]);
const MESSAGES: Fields = fields(&["messages"], &["messages"]);
const POSTBACKS: Fields = fields(&["messaging_postbacks"], &["messaging_postbacks"]);
const HANDOVERS: Fields = fields(&["messaging_handovers"], &["messaging_handover"]);
/// Echoes of Instagram come with its messages.
const ECHOES: Fields = fields(&["message_echoes"], &["messages"]);
const STANDBY: Fields = fields(&["standby"], &["standby"]);
const HEARS: Fields = fields(&["standby", "message_echoes"], &["standby", "messages"]);

fn fields_of(meta: &Meta) -> Vec<Fields> {
    let of = |name| by_name(name).into_iter().collect();
    match meta.trigger {
        TriggerKind::Message | TriggerKind::MessageDeleted => vec![MESSAGES],
        TriggerKind::Postback => vec![POSTBACKS],
        TriggerKind::Fallback => vec![MESSAGES, POSTBACKS],
        TriggerKind::PassThreadControl
        | TriggerKind::TakeThreadControl
        | TriggerKind::RequestThreadControl
        | TriggerKind::AppRoles
        | TriggerKind::Handoff => vec![HANDOVERS],
        TriggerKind::Echo => vec![ECHOES],
        TriggerKind::Standby => vec![STANDBY],
        TriggerKind::Referral => of("referral"),
        TriggerKind::Optin => of("optin"),
        TriggerKind::AccountLinking => of("account_linking"),
        TriggerKind::Reaction => of("reaction"),
        TriggerKind::Read => of("read"),
        TriggerKind::Delivery => of("delivery"),
        TriggerKind::MessageEdit => of("message_edit"),
        TriggerKind::Feedback => of("messaging_feedback"),
        TriggerKind::PolicyEnforcement => of("policy_enforcement"),
        // Without a name it takes what comes for the others.
        TriggerKind::Event => names(meta).filter_map(by_name).collect(),
        TriggerKind::Timer
        | TriggerKind::HandoffFailed
        | TriggerKind::SendFailed
        | TriggerKind::Signal
        | TriggerKind::Error => vec![NONE],
    }
}

fn names(meta: &Meta) -> impl Iterator<Item = &'static str> {
    let names = meta.keys.iter().filter_map(|key| match key {
        Key::Is(Field::Kind, names) => Some(names.iter().copied()),
        _ => None,
    });
    names.flatten()
}

/// The fields that bring events of this name; `None` if it is unknown.
#[rustfmt::skip]
fn by_name(name: &str) -> Option<Fields> {
    Some(match name {
        "message" | "template" => MESSAGES,
        "echo" => ECHOES,
        "postback" => POSTBACKS,
        "pass_thread_control" | "take_thread_control" | "request_thread_control" | "app_roles" => HANDOVERS,
        "referral" => fields(&["messaging_referrals"], &["messaging_referral"]),
        "optin" => fields(&["messaging_optins"], &[]),
        "account_linking" => fields(&["messaging_account_linking"], &[]),
        "reaction" => fields(&["message_reactions"], &["message_reactions"]),
        "read" => fields(&["message_reads"], &["messaging_seen"]),
        "delivery" => fields(&["message_deliveries"], &[]),
        "message_edit" => fields(&["message_edits"], &["message_edit"]),
        "messaging_feedback" => fields(&["messaging_feedback"], &[]),
        "policy_enforcement" => fields(&["messaging_policy_enforcement"], &[]),
        "messaging_customer_information" => fields(&["messaging_customer_information"], &[]),
        "response_feedback" => fields(&["response_feedback"], &[]),
        "order" => fields(&["send_cart"], &[]),
        "form" => fields(&["messaging_in_thread_lead_form_submit"], &[]),
        "game_play" => fields(&["messaging_game_plays"], &[]),
        "payment" => fields(&["messaging_payments"], &[]),
        "pre_checkout" => fields(&["messaging_pre_checkouts"], &[]),
        "checkout_update" => fields(&["messaging_checkout_updates"], &[]),
        "group_feed" => fields(&["group_feed"], &[]),
        "marketing_message_clicks" => fields(&["marketing_message_clicks"], &[]),
        "marketing_message_deliveries" => fields(&["marketing_message_deliveries"], &[]),
        "marketing_message_delivery_failed" => fields(&["marketing_message_delivery_failed"], &[]),
        "marketing_message_echoes" => fields(&["marketing_message_echoes"], &[]),
        "marketing_message_reads" => fields(&["marketing_message_reads"], &[]),
        "feed" => fields(&["feed"], &[]),
        "leadgen" => fields(&["leadgen"], &[]),
        "inbox_labels" => fields(&["inbox_labels"], &[]),
        "calls" => fields(&["calls"], &[]),
        "mention" => fields(&["mention"], &[]),
        "comments" => fields(&[], &["comments"]),
        "live_comments" => fields(&[], &["live_comments"]),
        "mentions" => fields(&[], &["mentions"]),
        "story_insights" => fields(&[], &["story_insights"]),
        _ => return None,
    })
}
