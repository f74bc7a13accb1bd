use handover_protocol::{AccountId, AppId, OutgoingAttachment, PersonId, QuickReply, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Product;
use super::arrival::Arrival;

/// Duration of control and of the messaging window.
pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;

/// Duration of a typing indicator.
const TYPING: i64 = 20_000;

/// Conversation of a person with an account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Thread {
    /// Account.
    pub account: AccountId,
    /// What the account belongs to.
    pub product: Product,
    /// Page-scoped id of the person.
    pub person: PersonId,
    /// Name of the person.
    pub name: String,
    /// Locale in the person's profile, such as `de_DE`.
    pub locale: String,
    /// Time zone in the person's profile, in hours from UTC.
    pub timezone: f64,
    /// Control of the thread.
    pub control: Control,
    /// Time of the person's last message or tap.
    pub last_user_message: Option<Timestamp>,
    /// Time of the person's last action that opened the messaging window.
    pub last_opening: Option<Timestamp>,
    /// Messages and changes of control, oldest first.
    pub entries: Vec<ChatEntry>,
    /// Whether a request of the inbox for control is pending.
    pub requested: bool,
    /// Time up to which the account has marked messages as seen.
    pub seen_until: Option<Timestamp>,
    /// Lead Ad in progress.
    pub(super) lead: Option<String>,
    pub(super) arrival: Option<Arrival>,
    pub(super) typing_since: Option<Timestamp>,
    pub(super) read_until: Option<Timestamp>,
    /// Time of the last away message.
    pub(super) away_message_at: Option<Timestamp>,
}

/// Who controls a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// No app has control.
    Idle,
    /// An app has control.
    Active {
        /// The thread owner.
        owner: AppId,
        /// Expiration of control.
        expiration: Timestamp,
    },
}

/// Entry of a thread's history.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all entries are messages")]
#[non_exhaustive]
pub enum ChatEntry {
    /// Message.
    Message(ChatMessage),
    /// Change of control or request for control.
    Handover(Handover),
}

/// Message of a chat.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChatMessage {
    /// Message id.
    pub mid: String,
    /// Time of sending.
    pub at: Timestamp,
    /// Author.
    pub author: MessageAuthor,
    /// Text. For a postback, the title of the button.
    pub text: Option<String>,
    /// Attachment: media by URL, or a template.
    pub attachment: Option<OutgoingAttachment>,
    /// Further images of a message with several.
    pub album: Vec<OutgoingAttachment>,
    /// Quick replies, offered until the next message.
    pub quick_replies: Vec<QuickReply>,
    /// Metadata of the sender, which only echoes contain.
    pub metadata: Option<String>,
    /// Id of the message that this one replies to.
    pub reply_to: Option<String>,
    /// Persona of the message.
    pub persona: Option<String>,
    /// Reaction of the account.
    pub reaction: Option<String>,
    /// Reaction of the person.
    pub person_reaction: Option<String>,
    /// Number of edits.
    pub edits: u32,
    /// Whether the author unsent it.
    pub unsent: bool,
    /// Source of a message that Meta's own apps and automations sent. `None` for messages of the
    /// person or an app.
    pub origin: Option<Origin>,
}

/// Source of a message that Meta's own apps and automations send in the name of the account. Only a
/// reply of an agent changes the owner of the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// A human in the inbox of Meta Business Suite. Echoes of a Page have the inbox as `app_id`.
    Inbox,
    /// A human in the Messenger or Instagram app. Echoes have no `app_id`.
    NativeApp,
    /// Automatic answer of the inbox to the first message of a conversation.
    InstantReply,
    /// Automatic answer of the inbox while no agent is available.
    AwayMessage,
    /// Meta's AI. Echoes have `ai_generated` in `metadata`.
    Ai,
}

/// Author of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageAuthor {
    /// The person.
    Person,
    /// An app in the name of the account. The Page Inbox is an app, too.
    App(AppId),
}

/// Button of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Button {
    /// Type: `postback`, `web_url`, `phone_number` and others.
    pub kind: String,
    /// Body of the response.
    pub title: String,
    /// Payload of a postback.
    pub payload: Option<String>,
}

/// Change of control or request for control.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handover {
    /// Kind.
    pub kind: HandoverKind,
    /// Previous owner, or the app that is asked for control.
    pub from: Option<AppId>,
    /// New owner, or the app that requests control.
    pub to: Option<AppId>,
    /// Metadata of the call.
    pub metadata: Option<String>,
    /// Time.
    pub at: Timestamp,
}

/// Kind of change of control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HandoverKind {
    /// Routing gave control to an app, or an app claimed an idle thread by sending.
    Routed,
    /// An app passed control or claimed an idle thread.
    Passed,
    /// An app took control.
    Taken,
    /// An app requested control.
    Requested,
    /// The owner released control.
    Released,
    /// Control expired.
    Expired,
}

impl Thread {
    pub(super) fn new(
        account: AccountId,
        product: Product,
        person: PersonId,
        name: String,
    ) -> Self {
        Self {
            account,
            product,
            person,
            name,
            locale: "en_US".to_owned(),
            timezone: 0.0,
            control: Control::Idle,
            last_user_message: None,
            last_opening: None,
            entries: Vec::new(),
            requested: false,
            seen_until: None,
            lead: None,
            arrival: None,
            typing_since: None,
            read_until: None,
            away_message_at: None,
        }
    }

    /// Returns the thread owner at this time, ignoring expired control.
    pub fn owner(&self, now: Timestamp) -> Option<&AppId> {
        match &self.control {
            Control::Active { owner, expiration } if *expiration > now => Some(owner),
            _ => None,
        }
    }

    /// Returns whether this app is the thread owner.
    pub fn is_with(&self, app: &AppId, now: Timestamp) -> bool {
        self.owner(now) == Some(app)
    }

    /// Returns the expiration of control.
    pub fn expiration(&self, now: Timestamp) -> Option<Timestamp> {
        match self.control {
            Control::Active { expiration, .. } if expiration > now => Some(expiration),
            _ => None,
        }
    }

    /// Returns the messages, without changes of control.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.entries.iter().filter_map(|entry| match entry {
            ChatEntry::Message(message) => Some(message),
            ChatEntry::Handover(_) => None,
        })
    }

    /// Returns the messages that were not unsent.
    pub(crate) fn visible_messages(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.messages().filter(|message| !message.unsent)
    }

    /// Whether there is a message.
    pub(super) fn has_begun(&self) -> bool {
        self.messages().next().is_some()
    }

    /// Returns the changes of control, without messages.
    pub fn handovers(&self) -> impl DoubleEndedIterator<Item = &Handover> {
        self.entries.iter().filter_map(|entry| match entry {
            ChatEntry::Handover(handover) => Some(handover),
            ChatEntry::Message(_) => None,
        })
    }

    /// Returns the end of the typing indicator, if it is visible.
    pub fn typing_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = later(self.typing_since?, TYPING);
        (until > now).then_some(until)
    }

    /// Returns whether the person has read this message.
    pub fn has_read(&self, message: &ChatMessage) -> bool {
        self.read_until.is_some_and(|until| message.at <= until)
    }

    pub(super) fn message_mut(&mut self, mid: &str) -> Option<&mut ChatMessage> {
        self.entries.iter_mut().rev().find_map(|entry| match entry {
            ChatEntry::Message(message) if message.mid == mid => Some(message),
            _ => None,
        })
    }

    /// Returns the end of the messaging window, a day after it was last opened.
    pub fn window_until(&self, now: Timestamp) -> Option<Timestamp> {
        until(self.last_opening, DAY, now)
    }

    /// Returns the end of the human agent window, seven days after the person's last message.
    pub fn human_agent_until(&self, now: Timestamp) -> Option<Timestamp> {
        until(self.last_user_message, 7 * DAY, now)
    }
}

/// Adds milliseconds to a time, which a recording or the clock may have far in the future.
pub(super) fn later(than: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(than.as_millis().saturating_add(millis))
}

fn until(since: Option<Timestamp>, millis: i64, now: Timestamp) -> Option<Timestamp> {
    let until = later(since?, millis);
    (until > now).then_some(until)
}

impl ChatMessage {
    pub(super) fn new(mid: String, at: Timestamp, author: MessageAuthor) -> Self {
        Self {
            mid,
            at,
            author,
            text: None,
            attachment: None,
            album: Vec::new(),
            quick_replies: Vec::new(),
            metadata: None,
            reply_to: None,
            persona: None,
            reaction: None,
            person_reaction: None,
            edits: 0,
            unsent: false,
            origin: None,
        }
    }

    /// Returns all visible texts: of the message, its template, buttons and quick replies.
    ///
    /// ```
    /// # use handover_sim::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder().start().await?;
    /// let ana = sim.person("Ana");
    /// ana.says("hello").await?;
    /// assert_eq!(ana.messages()[0].texts(), ["hello"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn texts(&self) -> Vec<String> {
        let mut texts: Vec<_> = self.text.iter().cloned().collect();
        let attachments = self.attachment.iter().chain(&self.album);
        for attachment in attachments {
            if let Ok(payload) = serde_json::to_value(&attachment.payload) {
                collect_texts(&payload, &mut texts);
            }
        }
        texts.extend(
            self.quick_replies
                .iter()
                .filter_map(|reply| reply.title.clone()),
        );
        texts
    }

    /// Returns the buttons of the template, in order of display.
    pub fn buttons(&self) -> Vec<Button> {
        let Some(payload) = self
            .attachment
            .as_ref()
            .and_then(|attachment| serde_json::to_value(&attachment.payload).ok())
        else {
            return Vec::new();
        };
        let of_elements = array(&payload, "elements").flat_map(|element| array(element, "buttons"));
        array(&payload, "buttons")
            .chain(of_elements)
            .map(|button| Button {
                kind: text(button, "type").unwrap_or_default(),
                title: text(button, "title").unwrap_or_default(),
                payload: text(button, "payload"),
            })
            .collect()
    }
}

/// Fields of templates with visible text.
const READ: [&str; 7] = [
    "title",
    "subtitle",
    "text",
    "button_title",
    "coupon_pre_message",
    "coupon_code",
    "coupon_url_button_title",
];

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => {
            let read = READ.iter().filter_map(|key| fields.get(*key)?.as_str());
            texts.extend(read.map(str::to_owned));
            fields
                .values()
                .for_each(|field| collect_texts(field, texts));
        }
        _ => {}
    }
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
