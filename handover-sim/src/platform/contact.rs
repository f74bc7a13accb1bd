//! Recipients other than person ids.

use handover_protocol::{AccountId, EventBody, Optin, PersonId, Timestamp};
use serde_json::{Map, Value, json};

use super::thread::{DAY, later};
use super::{ActionError, Platform, Product, Refusal, Step};

/// A comment or post can be answered for seven days (private replies).
const PRIVATE_REPLY: i64 = 7 * DAY;

/// Opt-ins are valid for a year (one-time notification, marketing messages).
const TOKEN: i64 = 365 * DAY;

/// Marketing messages to one person are at least a day apart (marketing messages).
const MARKETING_PAUSE: i64 = DAY;

/// A key of `recipient` other than `id`, with its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ContactKey {
    UserRef(String),
    PhoneNumber(String),
    Comment(String),
    Post(String),
    OneTimeToken(String),
    MarketingToken(String),
}

/// Person behind such a key.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) key: ContactKey,
    /// Account in the path of calls with this key.
    pub(super) account: AccountId,
    pub(super) person: PersonId,
    since: Timestamp,
    pub(super) used: Option<Timestamp>,
}

impl Contact {
    /// Whether the key may be used now. `None`: the messaging window of the person decides.
    pub(super) fn allows(&self, now: Timestamp, product: Product) -> Option<Result<(), Refusal>> {
        let age = now.as_millis() - self.since.as_millis();
        let since_use = self.used.map(|used| now.as_millis() - used.as_millis());
        Some(match &self.key {
            ContactKey::UserRef(_) => return None,
            // Customer matching only works for persons who have not written yet.
            ContactKey::PhoneNumber(_) => Ok(()),
            ContactKey::Comment(_) | ContactKey::Post(_) if since_use.is_some() => {
                Err(Refusal::replied_already())
            }
            ContactKey::Comment(_) | ContactKey::Post(_) if age >= PRIVATE_REPLY => {
                Err(Refusal::outside_window(product))
            }
            ContactKey::Comment(_) | ContactKey::Post(_) => Ok(()),
            ContactKey::OneTimeToken(_) if since_use.is_some() || age >= TOKEN => {
                Err(Refusal::notification_token())
            }
            ContactKey::OneTimeToken(_) => Ok(()),
            ContactKey::MarketingToken(_) if age >= TOKEN => Err(Refusal::notification_token()),
            ContactKey::MarketingToken(_) if since_use.is_some_and(|ago| ago < MARKETING_PAUSE) => {
                Err(Refusal::marketing_too_soon())
            }
            ContactKey::MarketingToken(_) => Ok(()),
        })
    }
}

impl Platform {
    /// The business knows the person's phone number.
    pub fn share_phone_number(
        &mut self,
        person: &PersonId,
        number: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        self.reachable(person, ContactKey::PhoneNumber(number.to_owned()), now)?;
        Ok(silently(()))
    }

    /// The person ticks the checkbox plugin on a website, which identifies them by `user_ref`. This
    /// opens the messaging window.
    pub fn tick_box(
        &mut self,
        person: &PersonId,
        user_ref: &str,
        reference: Option<&str>,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        self.reachable(person, ContactKey::UserRef(user_ref.to_owned()), now)?;
        let mut tx = self.begin_for_person(person, now)?;
        tx.thread.last_opening = Some(now);
        let mut event = tx.by_person(EventBody::Optin(Optin {
            user_ref: Some(user_ref.to_owned()),
            ref_: reference.map(str::to_owned),
            ..Optin::default()
        }));
        event.sender = None;
        tx.announce(&event);
        Ok(tx.commit(()))
    }

    /// The person accepts the opt-in template in a message. Returns the notification token.
    pub fn agree_to_notifications(
        &mut self,
        person: &PersonId,
        mid: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let token = self.ids.number();
        let mut tx = self.begin_for_person(person, now)?;
        let asked = tx.message(mid).ok();
        let payload = asked
            .and_then(|message| message.attachment.as_ref())
            .map(|attachment| attachment.payload.extra.clone())
            .unwrap_or_default();
        let (key, optin) =
            consent(&payload, &token, now).ok_or_else(|| ActionError::NoSuchButton {
                title: "Notify me".to_owned(),
                offered: Vec::new(),
            })?;
        let event = tx.by_person(EventBody::Optin(optin));
        tx.announce(&event);
        let step = tx.commit(token);
        self.reachable(person, key, now)?;
        Ok(step)
    }

    pub(super) fn reachable(
        &mut self,
        person: &PersonId,
        key: ContactKey,
        now: Timestamp,
    ) -> Result<(), ActionError> {
        let thread = self
            .thread(person)
            .and_then(|thread| self.account(&thread.account))
            .ok_or_else(|| ActionError::NoSuchThread(person.clone()))?;
        let contact = Contact {
            key,
            account: thread.graph_id().clone(),
            person: person.clone(),
            since: now,
            used: None,
        };
        self.records.add_contact(contact);
        Ok(())
    }
}

/// Contact and `optin` event of an accepted opt-in template.
fn consent(
    template: &Map<String, Value>,
    token: &str,
    now: Timestamp,
) -> Option<(ContactKey, Optin)> {
    let given = |key: &str| template.get(key).cloned();
    let or = |key: &str, default: &str| given(key).unwrap_or_else(|| default.into());
    let kind = given("template_type")?;
    let mut optin = json!({"type": kind, "payload": given("payload")});
    let key = match kind.as_str()? {
        "one_time_notif_req" => {
            optin["one_time_notif_token"] = token.into();
            ContactKey::OneTimeToken(token.to_owned())
        }
        "notification_messages" => {
            let (frequency, timezone) = (
                "notification_messages_frequency",
                "notification_messages_timezone",
            );
            optin["title"] = or("title", "");
            optin["notification_messages_token"] = token.into();
            optin[frequency] = or(frequency, "DAILY");
            optin[timezone] = or(timezone, "UTC");
            optin["token_expiry_timestamp"] = later(now, TOKEN).as_millis().into();
            optin["user_token_status"] = "NOT_REFRESHED".into();
            ContactKey::MarketingToken(token.to_owned())
        }
        _ => return None,
    };
    match optin {
        Value::Object(optin) => Some((key, Optin::from(optin))),
        _ => None,
    }
}

fn silently<T>(value: T) -> Step<T> {
    Step {
        value,
        deliveries: Vec::new(),
    }
}
