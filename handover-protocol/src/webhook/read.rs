//! Reads the body of a webhook, whatever it looks like.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::event::{can_name_a_kind, names_the_kind};
use super::surrogates::repair;
use super::{Channel, Event, EventBody, HopContext};
use crate::json::{JsonFields, JsonValue};
use crate::lenient::take;
use crate::{AccountId, Object, Timestamp};

/// Some editors put it before what they save, and so it gets into bodies that were saved and sent.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Content of a webhook body.
///
/// See [`read`].
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Webhook {
    /// The products the body was about: one for each envelope, even an empty one.
    pub objects: Vec<Object>,
    /// The events, in the order of the body.
    pub received: Vec<Received>,
}

/// One event of a webhook, with what its envelope and entry said about it.
///
/// ```
/// use handover_protocol::{Channel, Object, Timestamp, read};
///
/// let webhook = read(br#"{"object":"page","entry":[{"id":"7","time":1574175286359,
///     "hop_context":null,"standby":[{"sender":{"id":"9"},"postback":{}}]}]}"#)?;
/// let received = &webhook.received[0];
/// assert_eq!(received.object, Object::Page);
/// assert_eq!(received.account, "7");
/// assert_eq!(received.channel, Channel::Standby);
/// assert_eq!(received.time, Some(Timestamp::from_millis(1574175286359)));
/// assert!(received.extra.contains_key("hop_context"));
/// assert_eq!(received.event.body.kind(), "postback");
/// # Ok::<(), handover_protocol::ReadError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// The product; [`Object::Other`] with an empty name if the body did not say.
    pub object: Object,
    /// The account the entry is about; empty if the entry did not say.
    pub account: AccountId,
    /// The list of the entry in which the event was.
    pub channel: Channel,
    /// Time at which the platform sent the entry.
    pub time: Option<Timestamp>,
    /// Every other key of the entry, such as `hop_context`.
    pub extra: Map<String, Value>,
    /// Event.
    pub event: Event,
}

impl Received {
    /// The apps that the thread has come through, as the item and its entry say.
    pub fn hop_context(&self) -> Vec<HopContext> {
        let of_entry: Vec<HopContext> = self
            .extra
            .get("hop_context")
            .and_then(|hops| Vec::deserialize(hops).ok())
            .unwrap_or_default();
        self.event
            .hop_context()
            .into_iter()
            .chain(of_entry)
            .collect()
    }

    /// Whether the account itself wrote this post or comment.
    ///
    /// The platform sends these too; a bot that answers comments leaves them out.
    ///
    /// ```
    /// use handover_protocol::read;
    ///
    /// let webhook = read(br#"{"object":"page","entry":[{"id":"7","changes":[{"field":"feed",
    ///     "value":{"item":"comment","verb":"add","comment_id":"1_2","from":{"id":"7"}}}]}]}"#)?;
    /// assert!(webhook.received[0].is_own());
    /// # Ok::<(), handover_protocol::ReadError>(())
    /// ```
    #[must_use]
    pub fn is_own(&self) -> bool {
        let author = match &self.event.body {
            EventBody::Feed(feed) => feed.from.as_ref(),
            EventBody::Comments(comment) | EventBody::LiveComments(comment) => {
                comment.from.as_ref()
            }
            _ => None,
        };
        let author = author.and_then(|author| author.id.as_ref());
        author.is_some_and(|author| author.as_str() == self.account.as_str())
    }
}

/// Error of reading a body.
///
/// ```
/// use handover_protocol::{ReadError, read};
///
/// assert_eq!(read(b"").unwrap_err(), ReadError::Empty);
/// assert!(matches!(read(b"{"), Err(ReadError::NotJson { line: 1, .. })));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There was nothing, or nothing but white space.
    #[error(
        "the body of the webhook is empty: the platform always sends JSON, so a proxy may have dropped it"
    )]
    Empty,
    /// The bytes are no text.
    #[error(
        "the body of the webhook is not UTF-8 from byte {valid_up_to} on: pass the raw body on, without decoding or unpacking it"
    )]
    NotUtf8 {
        /// Number of valid bytes before the first invalid one.
        valid_up_to: usize,
    },
    /// The text is not JSON, or nested too deeply to be read safely.
    #[error("the body of the webhook is not JSON, at line {line}, column {column}: {what}")]
    NotJson {
        /// The line of the mistake, from 1.
        line: usize,
        /// The column of the mistake, in bytes.
        column: usize,
        /// The mistake.
        what: String,
    },
}

/// Reads the body of a webhook.
///
/// Whatever is JSON can be read: an envelope, a list of envelopes, an entry or a single item as the
/// documentation prints them, the `changes` the dashboard's Test button sends. One odd item does not
/// spoil the others, and what is not understood is kept as [`EventBody::Unknown`]. JSON in which
/// nothing has happened gives no events.
///
/// ```
/// use handover_protocol::{Channel, read};
///
/// let webhook = read(br#"{"field":"messages","value":{"sender":{"id":"12334"},
///     "recipient":{"id":"23245"},"timestamp":"1527459824","message":{"text":"test_message"}}}"#)?;
/// let received = &webhook.received[0];
/// assert_eq!(received.event.body.kind(), "message");
/// assert_eq!(received.channel, Channel::Changes);
/// assert_eq!(received.account, "23245");
/// # Ok::<(), handover_protocol::ReadError>(())
/// ```
///
/// # Errors
///
/// Only if the body is not JSON.
pub fn read(body: &[u8]) -> Result<Webhook, ReadError> {
    let text = std::str::from_utf8(body).map_err(|error| ReadError::NotUtf8 {
        valid_up_to: error.valid_up_to(),
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let repaired;
    let json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(mistake) => {
            repaired = repair(text);
            let json = repaired
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok());
            json.ok_or_else(|| not_json(&mistake))?
        }
    };
    let mut webhook = Webhook::default();
    webhook.read(json);
    Ok(webhook)
}

fn not_json(mistake: &serde_json::Error) -> ReadError {
    let text = mistake.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    ReadError::NotJson {
        line: mistake.line(),
        column: mistake.column(),
        what: what.to_owned(),
    }
}

/// The lists of an entry. The documentation's sample of a lead form misspells the first.
const LISTS: [(&str, Channel); 5] = [
    ("messaging", Channel::Messaging),
    ("messaging:", Channel::Messaging),
    ("standby", Channel::Standby),
    ("changes", Channel::Changes),
    ("calls", Channel::Calls),
];

impl Webhook {
    fn read(&mut self, json: JsonValue<'_>) {
        match json {
            JsonValue::List(bodies) => bodies.into_iter().for_each(|body| self.read(body)),
            JsonValue::Object(body) => self.read_object(body),
            _ => {}
        }
    }

    fn read_object(&mut self, mut body: JsonFields<'_>) {
        let object: Object = take(&mut body, "object");
        if body.get("entry").is_some() || object != Object::default() {
            self.objects.push(object.clone());
        }
        if let Some(entries) = body.remove("entry") {
            for entry in items(entries) {
                self.read_entry(&object, entry);
            }
        } else if is_entry(&body) {
            self.read_entry(&object, JsonValue::Object(body));
        } else {
            self.read_item(object, body);
        }
    }

    fn read_entry(&mut self, object: &Object, entry: JsonValue<'_>) {
        let mut entry = match entry {
            JsonValue::Object(entry) => entry,
            odd => {
                let mut entry = JsonFields::default();
                entry.insert("entry", JsonValue::List(vec![odd]));
                entry
            }
        };
        let account: AccountId = take(&mut entry, "id");
        let time = take(&mut entry, "time");
        let lists = LISTS.map(|(key, channel)| (channel, take_items(&mut entry, key)));
        let count: usize = lists.iter().map(|(_, items)| items.len()).sum();
        let mut extra = entry.into();
        let unknown = if count == 0 {
            take_unknown_events(&mut extra)
        } else {
            Vec::new()
        };
        if self.received.is_empty() {
            // Mostly one, and not small.
            self.received.reserve_exact(count);
        }
        let known = lists.into_iter().flat_map(|(channel, items)| {
            let items = items.into_iter();
            items.map(move |item| (channel, event_of(channel, item)))
        });
        let unknown = unknown.into_iter().map(|event| (Channel::Changes, event));
        for (channel, event) in known.chain(unknown) {
            self.received.push(Received {
                object: object.clone(),
                account: account.clone(),
                channel,
                time,
                extra: extra.clone(),
                event,
            });
        }
    }

    /// Reads an item without an entry, as the documentation prints them.
    fn read_item(&mut self, object: Object, item: JsonFields<'_>) {
        let channel = if is_change(&item) {
            Channel::Changes
        } else {
            Channel::Messaging
        };
        let event = event_of(channel, JsonValue::Object(item));
        if event.body == EventBody::default() && event.sender.is_none() && event.recipient.is_none()
        {
            return;
        }
        let account = match event.body {
            EventBody::Echo(_) => &event.sender,
            _ => &event.recipient,
        };
        let account = account.as_ref().and_then(|party| party.id.as_ref());
        self.received.push(Received {
            object,
            account: account.map(|id| id.as_str().into()).unwrap_or_default(),
            channel,
            time: None,
            extra: Map::new(),
            event,
        });
    }
}

fn is_entry(body: &JsonFields<'_>) -> bool {
    LISTS.iter().any(|(key, _)| {
        matches!(
            body.get(key),
            Some(JsonValue::List(_) | JsonValue::Object(_))
        )
    })
}

fn take_items<'a>(entry: &mut JsonFields<'a>, key: &str) -> Vec<JsonValue<'a>> {
    entry.remove(key).map(items).unwrap_or_default()
}

/// Items of an entry that has none of the known lists.
fn take_unknown_events(entry: &mut Map<String, Value>) -> Vec<Event> {
    let is_list = |(key, value): (&String, &Value)| {
        (can_name_a_kind(key) && value.is_array()).then(|| key.clone())
    };
    let lists: Vec<String> = entry.iter().filter_map(is_list).collect();
    let mut events = Vec::new();
    for name in lists {
        if let Some(Value::Array(list)) = entry.remove(&name) {
            // Also one that is named like a known kind, as it will be when it is read from a journal.
            let items = list.into_iter().filter(|item| !item.is_null());
            events.extend(items.map(|item| named(&name, item.into())));
        }
    }
    events
}

/// Items of a list; a value instead of a list counts as a list of one.
fn items(list: JsonValue<'_>) -> Vec<JsonValue<'_>> {
    match list {
        JsonValue::Null => Vec::new(),
        JsonValue::List(items) => items,
        item => vec![item],
    }
}

fn event_of(channel: Channel, item: JsonValue<'_>) -> Event {
    match (channel, item) {
        (Channel::Calls, JsonValue::Null) => Event::default(),
        (Channel::Calls, call) => named("calls", call),
        (Channel::Changes, JsonValue::Object(item)) if is_change(&item) => change(item),
        (_, item) => Event::from(item),
    }
}

/// Whether it has a field and a value, and the field would name the kind if the value were written under it:
/// what is read from a journal has to be the same.
fn is_change(item: &JsonFields<'_>) -> bool {
    let (Some(JsonValue::Text(field)), Some(value)) = (item.get("field"), item.get("value")) else {
        return false;
    };
    let others = item
        .iter()
        .filter(|(key, _)| !["field", "value"].contains(key));
    can_name_a_kind(field) && names_the_kind(field, value, others)
}

/// A change: an event of a thread in disguise, as the Test button sends it, or news of the account.
fn change(mut change: JsonFields<'_>) -> Event {
    let field: String = take(&mut change, "field");
    let value = change.remove("value").unwrap_or_default();
    let in_thread = matches!(&value, JsonValue::Object(value) if ["sender", "recipient"]
        .iter()
        .any(|side| matches!(value.get(side), Some(JsonValue::Object(_)))));
    match Event::from(value.clone()) {
        event if in_thread && event.body != EventBody::default() => event,
        _ => Event {
            extra: change.into(),
            ..named(&field, value)
        },
    }
}

fn named(name: &str, value: JsonValue<'_>) -> Event {
    Event {
        body: EventBody::named(name, value),
        ..Event::default()
    }
}
