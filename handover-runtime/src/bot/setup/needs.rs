//! Which webhook fields the handlers of a bot need.

use std::collections::BTreeSet;

use handover_protocol::{AccountId, Object};

use crate::routing::{Field, Key, Meta, Routes};
use crate::trigger::TriggerKind;

/// What the routes wait for.
pub(crate) struct Needs(Vec<Meta>);

/// The webhook fields of both products.
struct Fields {
    page: &'static [&'static str],
    instagram: &'static [&'static str],
}

impl Needs {
    pub(crate) fn of<S>(routes: &Routes<S>) -> Self {
        Self(routes.iter().copied().collect())
    }

    /// The fields for an account: those of its handlers, and where one of them may speak, those that
    /// tell who owns the thread and what became of the bot's words.
    pub(super) fn fields(&self, account: &AccountId, product: &Object) -> BTreeSet<&'static str> {
        let of_product = |fields: &Fields| match product {
            Object::Instagram => fields.instagram,
            _ => fields.page,
        };
        let handlers = || {
            self.0
                .iter()
                .filter(|meta| concerns(meta, account, product))
        };
        let mut fields: BTreeSet<_> = handlers()
            .flat_map(fields_of)
            .flat_map(|fields| of_product(&fields))
            .copied()
            .collect();
        if handlers().any(may_speak) {
            fields.extend(of_product(&OWNERSHIP));
        }
        fields
    }
}

/// Whether events of this account can be for the handler.
fn concerns(meta: &Meta, account: &AccountId, product: &Object) -> bool {
    meta.keys.iter().all(|key| match key {
        Key::Is(Field::Object, products) => products.contains(&product.as_str()),
        Key::Is(Field::Page, accounts) => accounts.contains(&account.as_str()),
        _ => true,
    })
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
const OWNERSHIP: Fields = fields(
    &["messaging_handovers", "standby", "message_echoes"],
    &["messaging_handover", "standby", "messages"],
);

fn fields_of(meta: &Meta) -> Vec<Fields> {
    let of = |name| by_name(name).into_iter().collect();
    match meta.trigger {
        TriggerKind::Message | TriggerKind::MessageDeleted => vec![MESSAGES],
        TriggerKind::Postback => vec![POSTBACKS],
        TriggerKind::Fallback => vec![MESSAGES, POSTBACKS],
        TriggerKind::PassThreadControl
        | TriggerKind::TakeThreadControl
        | TriggerKind::RequestThreadControl
        | TriggerKind::AppRoles => vec![HANDOVERS],
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
        "policy_enforcement" | "policy-enforcement" => fields(&["messaging_policy_enforcement"], &[]),
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
