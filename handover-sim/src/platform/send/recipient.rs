//! `recipient`: a person id or another key.

use handover_protocol::PersonId;
use serde_json::{Map, Value};

use super::super::contact::ContactKey;
use super::super::parameter::Parameter;
use super::super::{Product, Refusal};

/// `recipient` of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RecipientAddress {
    Person(PersonId),
    Contact(ContactKey),
}

type ToContactKey = fn(String) -> ContactKey;

const WAYS: [(&str, ToContactKey); 6] = [
    ("user_ref", ContactKey::UserRef),
    ("phone_number", ContactKey::PhoneNumber),
    ("comment_id", ContactKey::Comment),
    ("post_id", ContactKey::Post),
    ("one_time_notif_token", ContactKey::OneTimeToken),
    ("notification_messages_token", ContactKey::MarketingToken),
];

impl RecipientAddress {
    pub(super) fn read(parameters: &Map<String, Value>) -> Result<Self, Refusal> {
        let recipient = Parameter::new("recipient", parameters.get("recipient"));
        let recipient = recipient.needed_object()?;
        let id = recipient.at("id");
        let mut addresses = Vec::new();
        if !id.is_absent() {
            addresses.push(Self::Person(PersonId::new(id.needed_text()?)));
        }
        for (name, key) in WAYS {
            if let Some(text) = recipient.at(name).text()? {
                addresses.push(Self::Contact(key(text.into_owned())));
            }
        }
        match (addresses.pop(), addresses.is_empty()) {
            (Some(address), true) => Ok(address),
            (Some(_), false) => Err(recipient.wrong("name the person in exactly one way")),
            (None, _) => Err(id.missing()),
        }
    }

    /// Error for an unknown recipient.
    pub(super) fn unknown(&self, product: Product) -> Refusal {
        match (self, product) {
            (Self::Contact(ContactKey::Comment(_)), Product::Instagram) => {
                Refusal::comment_not_valid()
            }
            (Self::Contact(ContactKey::Comment(id) | ContactKey::Post(id)), _) => {
                Refusal::path("post", id)
            }
            (Self::Contact(ContactKey::OneTimeToken(_) | ContactKey::MarketingToken(_)), _) => {
                Refusal::notification_token()
            }
            _ => Refusal::no_matching_user(product),
        }
    }

    /// Whether the response contains the person id.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(
            self,
            Self::Contact(ContactKey::UserRef(_) | ContactKey::PhoneNumber(_))
        )
    }
}
