//! One item of `messaging` or `standby`.

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{
    AccountLinking, AppRoles, CheckoutUpdate, CouponClick, CustomerInformation, Delivery, Feed,
    Feedback, GamePlay, GroupFeed, HopContext, InboxLabel, InstagramComment, InstagramMention,
    Lead, LeadForm, Leadgen, MarketingMessage, Message, MessageEdit, Optin, Order,
    PassThreadControl, Payment, PolicyEnforcement, Postback, PreCheckout, PriorMessage, Reaction,
    Read, Referral, RequestThreadControl, ResponseFeedback, TakeThreadControl, VoiceCall,
};
use crate::json::{JsonFields, JsonValue};
use crate::lenient::{FromJson, put, put_rest, take, wire_object};
use crate::{AccountId, PersonId, Timestamp};

const SENDER: &str = "sender";
const RECIPIENT: &str = "recipient";
const TIMESTAMP: &str = "timestamp";

/// Names its kind in the items that have no key for it, such as those of `group_feed`.
const FIELD: &str = "field";

const GROUP_FEED: &str = "group_feed";

/// Prefix of the names of marketing events; `…_marketing_messages_…` is something else.
const MARKETING_MESSAGE: &str = "marketing_message_";

const HOP_CONTEXT: &str = "hop_context";
const LEAD: &str = "lead";
const PRIOR_MESSAGE: &str = "prior_message";

/// Keys that accompany an event and never are one.
const COMPANIONS: &[&str] = &[
    SENDER,
    RECIPIENT,
    TIMESTAMP,
    "from",
    HOP_CONTEXT,
    "is_self",
    LEAD,
    PRIOR_MESSAGE,
    "seq",
];

/// Something that happened in a thread: one item of `messaging` or `standby`.
///
/// ```json
/// {"sender":{"id":"5794982867201265"},"recipient":{"id":"104508901353867"},
///  "timestamp":1458692752478,"message":{"mid":"m_abc","text":"hello"}}
/// ```
///
/// Reading one never fails: an item of a kind that is not known here, or whose kind has an unknown
/// shape, becomes [`EventBody::Unknown`].
///
/// ```
/// use handover_protocol::{AccountId, Event, EventBody, Message, Party, Timestamp};
///
/// let event = Event {
///     sender: Some(Party::id("5794982867201265")),
///     recipient: Some(Party::id("104508901353867")),
///     timestamp: Some(Timestamp::from_secs(1458692752)),
///     body: EventBody::Message(Message { text: Some("hello".into()), ..Default::default() }),
///     ..Default::default()
/// };
/// let json = serde_json::to_string(&event)?;
/// assert_eq!(serde_json::from_str::<Event>(&json)?, event);
/// assert_eq!(event.person(&AccountId::from("104508901353867")).unwrap(), &"5794982867201265");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// Sender: the person, or the account in an echo. Absent for events without one (`app_roles`).
    pub sender: Option<Party>,
    /// The other side.
    pub recipient: Option<Party>,
    /// Time of the event. Some items on standby, and deliveries, have none.
    pub timestamp: Option<Timestamp>,
    /// Content.
    pub body: EventBody,
    /// Every other key of the item; see [`hop_context`](Self::hop_context), [`lead`](Self::lead) and
    /// [`prior_message`](Self::prior_message).
    pub extra: Map<String, Value>,
}

impl Event {
    /// The person of the event: its sender, or its recipient if `account` sent it.
    pub fn person(&self, account: &AccountId) -> Option<&PersonId> {
        let sender = id_of(&self.sender);
        let by_account = matches!(self.body, EventBody::Echo(_))
            || sender.is_some_and(|id| id == account.as_str());
        if by_account {
            id_of(&self.recipient)
        } else {
            sender
        }
    }

    /// The visitor of a website this is about, by the name that the website has given them in a plugin.
    /// They may be a [`person`](Self::person), too.
    pub fn user_ref(&self) -> Option<&str> {
        let of_optin = match &self.body {
            EventBody::Optin(optin) => optin.user_ref.as_deref(),
            _ => None,
        };
        of_optin.or_else(|| self.sender.as_ref()?.user_ref.as_deref())
    }

    /// The id of the message this is, or is about. Several events may be about one message.
    pub fn mid(&self) -> Option<&str> {
        match &self.body {
            EventBody::Message(message) | EventBody::Echo(message) => message.mid.as_deref(),
            EventBody::Postback(postback) => postback.mid.as_deref(),
            EventBody::Read(read) => read.mid.as_deref(),
            EventBody::Reaction(reaction) => reaction.mid.as_deref(),
            EventBody::MessageEdit(edit) => edit.mid.as_deref(),
            EventBody::ResponseFeedback(feedback) => feedback.mid.as_deref(),
            EventBody::MarketingMessage(message) => message.mid.as_deref(),
            EventBody::Unknown { value, .. } => value.get("mid").and_then(Value::as_str),
            _ => None,
        }
    }

    /// The app that the thread has come through, if the item says so.
    pub fn hop_context(&self) -> Option<HopContext> {
        self.companion(HOP_CONTEXT)
    }

    /// Answers in a Lead Ad, beside the referral.
    pub fn lead(&self) -> Option<Lead> {
        self.companion(LEAD)
    }

    /// Opt-in beside the person's first message.
    pub fn prior_message(&self) -> Option<PriorMessage> {
        self.companion(PRIOR_MESSAGE)
    }

    fn companion<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        T::deserialize(self.extra.get(key)?).ok()
    }
}

fn id_of(party: &Option<Party>) -> Option<&PersonId> {
    party.as_ref()?.id.as_ref()
}

wire_object! {
    /// One side of an event: the person, or the account.
    ///
    /// ```json
    /// {"id":"5794982867201265"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Party;
    ///
    /// let guest: Party = serde_json::from_str(r#"{"user_ref":"visitor-17"}"#)?;
    /// assert_eq!(guest.id, None);
    /// assert_eq!(guest.user_ref.as_deref(), Some("visitor-17"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Party {
        /// The id of the person, or of the account if this is the business side.
        pub id: Option<PersonId>,
        /// A visitor of a website who has no id yet (plugins).
        pub user_ref: Option<String>,
    }
}

impl Party {
    /// A side that is known by its id.
    pub fn id(id: impl Into<PersonId>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }
}

macro_rules! known_kinds {
    ($( $(#[$meta:meta])* $kind:ident($content:ty) = $key:literal $(| $spelling:literal)?, )*) => {
        /// Content of an event. Each kind has its own key in the item.
        ///
        /// ```
        /// use handover_protocol::{Event, EventBody};
        ///
        /// let event: Event = serde_json::from_str(r#"{"game_play":{"game_id":"G"}}"#)?;
        /// assert!(matches!(event.body, EventBody::GamePlay(_)));
        ///
        /// let event: Event = serde_json::from_str(r#"{"balloon":{"colour":"red"}}"#)?;
        /// assert_eq!(event.body.kind(), "balloon");
        /// assert!(matches!(event.body, EventBody::Unknown { .. }));
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        pub enum EventBody {
            /// A person wrote to the account.
            Message(Message),
            /// The account wrote to a person, through whichever app. The key is `message`, too.
            Echo(Message),
            $( $(#[$meta])* $kind($content), )*
            /// Something was posted in a group of the account. The item has no key for it, but a
            /// `field`.
            GroupFeed(GroupFeed),
            /// A marketing message was sent, delivered, read or clicked: its `field` says which. The
            /// item has no key for it.
            MarketingMessage(MarketingMessage),
            /// Any other kind, and a known kind whose value has an unknown shape.
            ///
            /// An item that names no kind at all has an empty name.
            Unknown {
                /// The key of the item that names the kind, or the value of its `field`.
                name: String,
                /// The value under that key; all of the item where `field` names the kind.
                value: Value,
            },
        }

        impl EventBody {
            /// The known kinds. The platform may send others.
            pub const KINDS: &[&str] = &["message", "echo", $($key,)* GROUP_FEED];

            /// The name of the kind: its key on the wire, but `echo` for echoes; the field of a change.
            pub fn kind(&self) -> &str {
                match self {
                    Self::Message(_) => "message",
                    Self::Echo(_) => "echo",
                    $( Self::$kind(_) => $key, )*
                    Self::GroupFeed(_) => GROUP_FEED,
                    Self::MarketingMessage(message) => &message.field,
                    Self::Unknown { name, .. } => name,
                }
            }

            /// The value under the kind's key, as JSON.
            ///
            /// ```
            /// use handover_protocol::Event;
            ///
            /// let event: Event = serde_json::from_str(r#"{"read":{"watermark":7}}"#)?;
            /// assert_eq!(event.body.content()?["watermark"], 7);
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            ///
            /// # Errors
            ///
            /// None that a body which was read can have.
            pub fn content(&self) -> Result<Value, serde_json::Error> {
                match self {
                    Self::Message(message) | Self::Echo(message) => serde_json::to_value(message),
                    $( Self::$kind(value) => serde_json::to_value(value), )*
                    Self::GroupFeed(post) => serde_json::to_value(post),
                    Self::MarketingMessage(message) => serde_json::to_value(message),
                    Self::Unknown { value, .. } => Ok(value.clone()),
                }
            }

            fn take_known(item: &mut JsonFields<'_>) -> Option<Self> {
                if let Some(message) = take_object::<Message>(item, "message") {
                    return Some(if message.is_echo { Self::Echo(message) } else { Self::Message(message) });
                }
                $(
                    if let Some(value) = take_object(item, $key) {
                        return Some(Self::$kind(value));
                    }
                    $(
                        if let Some(value) = take_respelt(item, $spelling, $key) {
                            return Some(Self::$kind(value));
                        }
                    )?
                )*
                None
            }

            fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    Self::Message(message) => map.serialize_entry("message", message),
                    Self::Echo(message) => {
                        map.serialize_entry("message", &Message { is_echo: true, ..message.clone() })
                    }
                    $( Self::$kind(value) => map.serialize_entry($key, value), )*
                    Self::GroupFeed(post) => {
                        put_flat(map, post)?;
                        map.serialize_entry(FIELD, GROUP_FEED)
                    }
                    Self::MarketingMessage(message) => put_flat(map, message),
                    Self::Unknown { name, .. } if name.is_empty() => Ok(()),
                    Self::Unknown { name, value } => map.serialize_entry(name, value),
                }
            }
        }

        const KNOWN_KEYS: &[&str] = &["message", $($key, $($spelling,)?)*];
    };
}

known_kinds! {
    /// A person pressed a button, a menu item or Get Started.
    Postback(Postback) = "postback",
    /// Messages of the account have arrived.
    Delivery(Delivery) = "delivery",
    /// The person has read messages of the account.
    Read(Read) = "read",
    /// A person reacted to a message, or took it back.
    Reaction(Reaction) = "reaction",
    /// A person came into an existing thread by a link or an ad.
    Referral(Referral) = "referral",
    /// A person agreed to be written to.
    Optin(Optin) = "optin",
    /// A person linked or unlinked an account of the business.
    AccountLinking(AccountLinking) = "account_linking",
    /// The app has been given control of the thread.
    PassThreadControl(PassThreadControl) = "pass_thread_control",
    /// The app has lost control of the thread.
    TakeThreadControl(TakeThreadControl) = "take_thread_control",
    /// Another app asks the owner for the thread.
    RequestThreadControl(RequestThreadControl) = "request_thread_control",
    /// The roles of the apps have changed (Handover Protocol of old).
    AppRoles(AppRoles) = "app_roles",
    /// A person edited a message.
    MessageEdit(MessageEdit) = "message_edit",
    /// A person answered a customer feedback template.
    Feedback(Feedback) = "messaging_feedback",
    /// A person filled in a customer information template.
    CustomerInformation(CustomerInformation) = "messaging_customer_information",
    /// A person judged a message of the bot with a thumb.
    ResponseFeedback(ResponseFeedback) = "response_feedback",
    /// A person sent their shopping cart.
    Order(Order) = "order",
    /// A person opened a coupon.
    CouponClick(CouponClick) = "template",
    /// A person submitted an in-thread lead form.
    LeadForm(LeadForm) = "form",
    /// The platform warned, blocked or unblocked the account.
    PolicyEnforcement(PolicyEnforcement) = "policy_enforcement" | "policy-enforcement",
    /// A person played an Instant Game.
    GamePlay(GamePlay) = "game_play",
    /// A person paid (retired by Meta).
    Payment(Payment) = "payment",
    /// A person is about to pay (retired by Meta).
    PreCheckout(PreCheckout) = "pre_checkout",
    /// A person chose where to send what they buy (retired by Meta).
    CheckoutUpdate(CheckoutUpdate) = "checkout_update",
    /// Something happened on the Page; a change.
    Feed(Feed) = "feed",
    /// A person filled in the form of a Lead Ad; a change.
    Leadgen(Leadgen) = "leadgen",
    /// A label was put on a thread, or taken off it; a change.
    InboxLabels(InboxLabel) = "inbox_labels",
    /// A comment on a post of an Instagram account; a change.
    Comments(InstagramComment) = "comments",
    /// A comment on a live video of an Instagram account; a change.
    LiveComments(InstagramComment) = "live_comments",
    /// A mention of an Instagram account; a change.
    Mentions(InstagramMention) = "mentions",
    /// Something happened to a call by voice.
    Call(VoiceCall) = "calls",
}

impl EventBody {
    /// The message that was taken back, if the event says so: of the person or, as an echo, of the
    /// account. It has its id and nothing else.
    ///
    /// ```
    /// use handover_protocol::Event;
    ///
    /// let event: Event =
    ///     serde_json::from_str(r#"{"message":{"mid":"m_1","is_deleted":true}}"#)?;
    /// assert!(event.body.deleted_message().is_some());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn deleted_message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) | Self::Echo(message) if message.is_deleted => Some(message),
            _ => None,
        }
    }

    /// Reads `value` as the kind with this name.
    pub(super) fn named(name: &str, value: JsonValue<'_>) -> Self {
        let mut item = JsonFields::one(name, value);
        Self::take_known(&mut item).unwrap_or_else(|| Self::Unknown {
            name: name.to_owned(),
            value: item.remove(name).unwrap_or_default().into(),
        })
    }
}

/// Writes an event whose fields are not under a key.
fn put_flat<M: SerializeMap, T: Serialize>(map: &mut M, event: &T) -> Result<(), M::Error> {
    match serde_json::to_value(event) {
        Ok(Value::Object(item)) => put_rest(map, &item, &[]),
        _ => Ok(()),
    }
}

/// Whether a list of an entry can have this name as that of a kind. Written, its items have it as a key.
pub(super) fn can_name_a_kind(key: &str) -> bool {
    !key.is_empty() && key != FIELD && !COMPANIONS.contains(&key)
}

impl Default for EventBody {
    /// Nothing that happened: the body of an empty item.
    fn default() -> Self {
        Self::Unknown {
            name: String::new(),
            value: Value::Null,
        }
    }
}

impl From<Value> for Event {
    fn from(item: Value) -> Self {
        Self::from(JsonValue::from(item))
    }
}

impl From<JsonValue<'_>> for Event {
    fn from(item: JsonValue<'_>) -> Self {
        let JsonValue::Object(mut item) = item else {
            let body = EventBody::Unknown {
                name: String::new(),
                value: item.into(),
            };
            return Self {
                body,
                ..Self::default()
            };
        };
        let sender = take(&mut item, SENDER);
        let recipient = take(&mut item, RECIPIENT);
        let timestamp = take(&mut item, TIMESTAMP);
        let known = EventBody::take_known(&mut item);
        let mut extra = item.into();
        Self {
            sender,
            recipient,
            timestamp,
            body: known
                .or_else(|| take_flat(&mut extra))
                .unwrap_or_else(|| take_unknown(&mut extra)),
            extra,
        }
    }
}

/// Takes the value of a known kind if it has the right shape.
fn take_object<T: FromJson>(item: &mut JsonFields<'_>, key: &str) -> Option<T> {
    if !T::fits(item.get(key)?) {
        return None;
    }
    T::from_json(item.remove(key)?).ok()
}

/// Takes the value of a known kind under another spelling, which is not kept: the usual one must be
/// free to write it under.
fn take_respelt<T: FromJson>(item: &mut JsonFields<'_>, spelling: &str, usual: &str) -> Option<T> {
    match item.get(usual) {
        None => take_object(item, spelling),
        Some(_) => None,
    }
}

/// An item whose `field` says that it is the event itself.
fn take_flat(item: &mut Map<String, Value>) -> Option<EventBody> {
    let Some(Value::String(field)) = item.get(FIELD) else {
        return None;
    };
    if field == GROUP_FEED {
        item.remove(FIELD);
        Some(EventBody::GroupFeed(std::mem::take(item).into()))
    } else if field.starts_with(MARKETING_MESSAGE) {
        Some(EventBody::MarketingMessage(std::mem::take(item).into()))
    } else {
        None
    }
}

fn take_unknown(item: &mut Map<String, Value>) -> EventBody {
    if let Some(Value::String(field)) = item.get(FIELD)
        && !field.is_empty()
    {
        let name = field.clone();
        return EventBody::Unknown {
            name,
            value: Value::Object(std::mem::take(item)),
        };
    }
    match kind_key(item) {
        Some(name) => {
            let value = item.remove(&name).unwrap_or_default();
            EventBody::Unknown { name, value }
        }
        None => EventBody::default(),
    }
}

/// The key that most likely names the kind, whatever the order of the keys: one that holds an
/// object, else one of a known kind, else any.
fn kind_key(item: &Map<String, Value>) -> Option<String> {
    let ranks = item.iter().filter_map(|(key, value)| {
        let rank = rank(key, value.is_object(), value.is_null())?;
        Some((rank, key))
    });
    ranks.min().map(|(_, key)| key.clone())
}

/// Whether the name, as the key of the value, names the kind of an item that has the others, too.
pub(super) fn names_the_kind<'a>(
    name: &str,
    value: &JsonValue<'_>,
    mut others: impl Iterator<Item = (&'a str, &'a JsonValue<'a>)>,
) -> bool {
    let rank = |key: &str, value: &JsonValue<'_>| {
        let is_null = matches!(value, JsonValue::Null);
        rank(key, matches!(value, JsonValue::Object(_)), is_null)
    };
    let Some(of_name) = rank(name, value) else {
        return false;
    };
    others.all(|(key, other)| {
        ![SENDER, RECIPIENT, TIMESTAMP].contains(&key)
            && !KNOWN_KEYS.contains(&key)
            && rank(key, other).is_none_or(|other| (of_name, name) < (other, key))
    })
}

/// How well a key names the kind: the least does. `None` if it cannot.
fn rank(key: &str, is_object: bool, is_null: bool) -> Option<(bool, bool, bool)> {
    let is_known = KNOWN_KEYS.contains(&key);
    let names_nothing = key.is_empty() || COMPANIONS.contains(&key) || is_null && is_known;
    (!names_nothing).then_some((!is_object, is_null, !is_known))
}

impl FromJson for Event {
    fn fits(_: &JsonValue<'_>) -> bool {
        true
    }

    fn from_json(json: JsonValue<'_>) -> Result<Self, JsonValue<'_>> {
        Ok(Self::from(json))
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonValue::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let EventBody::Unknown { name, value } = &self.body
            && name.is_empty()
            && !value.is_null()
        {
            return value.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        let extra = &self.extra;
        put(&mut map, SENDER, &self.sender, Option::as_ref, extra)?;
        put(&mut map, RECIPIENT, &self.recipient, Option::as_ref, extra)?;
        put(&mut map, TIMESTAMP, &self.timestamp, Option::as_ref, extra)?;
        match &self.body {
            EventBody::Unknown {
                name,
                value: Value::Object(item),
            } if self.extra.is_empty() && item.get(FIELD).is_some_and(|field| field == name) => {
                put_rest(&mut map, item, &[])?;
            }
            body => body.put(&mut map)?,
        }
        put_rest(&mut map, &self.extra, &[SENDER, RECIPIENT, TIMESTAMP])?;
        map.end()
    }
}
