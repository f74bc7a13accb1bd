use handover_protocol::{AccountId, AppId, OutgoingAttachment, PersonId, QuickReply, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Product;
use super::arrival::Arrival;

/// How long control and the messaging window last from what opened them.
pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;

/// How long an app's typing indicator shows.
const TYPING: i64 = 20_000;

/// A conversation of one person with one account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Thread {
    /// The account.
    pub account: AccountId,
    /// What the account belongs to.
    pub product: Product,
    /// The person, by the id the account knows them by.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// The person's language and country, such as `de_DE`: what their profile shows on Messenger.
    pub locale: String,
    /// The person's time zone, in hours from UTC: what their profile shows on Messenger.
    pub timezone: f64,
    /// Who controls the thread.
    pub control: Control,
    /// When the person last wrote, or tapped something.
    pub last_user_message: Option<Timestamp>,
    /// When the person last did something that opens the messaging window.
    pub last_opening: Option<Timestamp>,
    /// Everything that was said and every change of control, oldest first.
    pub entries: Vec<ChatEntry>,
    /// Whether the inbox asked for control and has not been answered.
    pub requested: bool,
    /// Until when the person sees that the Page has read along.
    pub seen_until: Option<Timestamp>,
    /// The Lead Ad whose questions are being asked.
    pub(super) lead: Option<String>,
    pub(super) arrival: Option<Arrival>,
    pub(super) typing_since: Option<Timestamp>,
    pub(super) read_until: Option<Timestamp>,
    /// When the inbox last sent its away message.
    pub(super) away_message_at: Option<Timestamp>,
}

/// Who controls a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// Nobody does.
    Idle,
    /// One app does, until its time is up.
    Active {
        /// The thread owner.
        owner: AppId,
        /// When the thread falls idle by itself.
        expiration: Timestamp,
    },
}

/// One entry of a thread's history.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all entries are messages")]
#[non_exhaustive]
pub enum ChatEntry {
    /// Somebody said something.
    Message(ChatMessage),
    /// Control changed, or somebody asked for it.
    Handover(Handover),
}

/// A message as the person's chat shows it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChatMessage {
    /// The message's id.
    pub mid: String,
    /// When it was sent.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Author,
    /// Its text. The title of the button for a postback.
    pub text: Option<String>,
    /// What is attached: media by URL, or a template.
    pub attachment: Option<OutgoingAttachment>,
    /// The other pictures of a message that has several.
    pub album: Vec<OutgoingAttachment>,
    /// Answers to tap, offered until the next message.
    pub quick_replies: Vec<QuickReply>,
    /// The sender's own note, seen in echoes only.
    pub metadata: Option<String>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// The persona in whose name it was sent.
    pub persona: Option<String>,
    /// The emoji the account put on it.
    pub reaction: Option<String>,
    /// The emoji the person put on it.
    pub person_reaction: Option<String>,
    /// How often the person has changed it.
    pub edits: u32,
    /// Whether its author took it back.
    pub unsent: bool,
    /// What of Meta's own wrote it in the account's name. None if the person or an app did.
    pub origin: Option<Origin>,
}

/// What of Meta's own writes in the account's name. None of it but an agent's reply changes who owns
/// the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// A human in the inbox of Meta Business Suite. Echoes of a Page name the inbox as app.
    Inbox,
    /// A human in the Messenger or Instagram app. Echoes name no app.
    NativeApp,
    /// The inbox's automatic answer to the first message of a conversation.
    InstantReply,
    /// The inbox's automatic answer while nobody is there.
    AwayMessage,
    /// Meta's AI. Echoes say `ai_generated`.
    Ai,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// The person.
    Person,
    /// An app in the name of the Page; people in the Page Inbox are an app, too.
    App(AppId),
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Button {
    /// `postback`, `web_url`, `phone_number`, …
    pub kind: String,
    /// What it says.
    pub title: String,
    /// What a postback carries.
    pub payload: Option<String>,
}

/// A change of control, or the wish for one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handover {
    /// What happened.
    pub kind: HandoverKind,
    /// Who had control, or is asked for it.
    pub from: Option<AppId>,
    /// Who has it now, or asks for it.
    pub to: Option<AppId>,
    /// The note the caller gave along.
    pub metadata: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// How control changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HandoverKind {
    /// The account's routing gave it to an app, or an app claimed it by sending.
    Routed,
    /// The owner passed control on, or an idle thread was claimed.
    Passed,
    /// An app took control.
    Taken,
    /// An app asked the owner for control.
    Requested,
    /// The owner gave control up.
    Released,
    /// Control ran out.
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

    /// The thread owner at this time: control that has run out counts no longer.
    pub fn owner(&self, now: Timestamp) -> Option<&AppId> {
        match &self.control {
            Control::Active { owner, expiration } if *expiration > now => Some(owner),
            _ => None,
        }
    }

    /// Whether this app is the thread owner.
    pub fn is_with(&self, app: &AppId, now: Timestamp) -> bool {
        self.owner(now) == Some(app)
    }

    /// When the owner's control runs out.
    pub fn expiration(&self, now: Timestamp) -> Option<Timestamp> {
        match self.control {
            Control::Active { expiration, .. } if expiration > now => Some(expiration),
            _ => None,
        }
    }

    /// The messages, without the changes of control.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.entries.iter().filter_map(|entry| match entry {
            ChatEntry::Message(message) => Some(message),
            ChatEntry::Handover(_) => None,
        })
    }

    /// Whether anything was ever said.
    pub(super) fn has_begun(&self) -> bool {
        self.messages().next().is_some()
    }

    /// The changes of control, without the messages.
    pub fn handovers(&self) -> impl DoubleEndedIterator<Item = &Handover> {
        self.entries.iter().filter_map(|entry| match entry {
            ChatEntry::Handover(handover) => Some(handover),
            ChatEntry::Message(_) => None,
        })
    }

    /// Until when the person sees the typing indicator, if they see it now.
    pub fn typing_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = Timestamp::from_millis(self.typing_since?.as_millis() + TYPING);
        (until > now).then_some(until)
    }

    /// Whether the person's chat has shown this message.
    pub fn has_read(&self, message: &ChatMessage) -> bool {
        self.read_until.is_some_and(|until| message.at <= until)
    }

    pub(super) fn message_mut(&mut self, mid: &str) -> Option<&mut ChatMessage> {
        self.entries.iter_mut().rev().find_map(|entry| match entry {
            ChatEntry::Message(message) if message.mid == mid => Some(message),
            _ => None,
        })
    }

    /// Until when apps may send: a day after what last opened the messaging window.
    pub fn window_until(&self, now: Timestamp) -> Option<Timestamp> {
        until(self.last_opening, DAY, now)
    }

    /// Until when people may answer: seven days after the person's last message.
    pub fn human_agent_until(&self, now: Timestamp) -> Option<Timestamp> {
        until(self.last_user_message, 7 * DAY, now)
    }
}

fn until(since: Option<Timestamp>, millis: i64, now: Timestamp) -> Option<Timestamp> {
    let until = Timestamp::from_millis(since?.as_millis() + millis);
    (until > now).then_some(until)
}

impl ChatMessage {
    pub(super) fn new(mid: String, at: Timestamp, author: Author) -> Self {
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

    /// Every text that the person sees of it: its own, and those of its template, buttons and quick
    /// replies.
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

    /// The buttons of its template, in the order of reading.
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

/// Where a template has what people read.
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
