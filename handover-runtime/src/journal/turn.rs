//! What was said in a thread, one message after the other.

use std::fmt;

use handover_protocol::{
    AppId, Attachment, EventBody, Message, OutgoingAttachment, OutgoingMessage, Received,
    SendRequest, Template, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The longest text that is kept of one message, in characters.
const LONGEST: usize = 20_000;

/// One message of a conversation, whoever sent it.
///
/// As text it is what was said, or for a message without text what it held:
///
/// ```
/// use handover_runtime::journal::{Speaker, Turn};
///
/// let turn = Turn::new(Speaker::Person, "Where is my order?");
/// assert_eq!(turn.to_string(), "Where is my order?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Turn {
    /// When: for what came by webhook, when it arrived; for what the bot said, when it was sent.
    pub at: Timestamp,
    /// Who said it.
    pub speaker: Speaker,
    /// The app through which it was said, where that is known and it is not the bot's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// The text; empty if the message had none. Of a template, its words. Limit: 20 000 characters.
    pub text: String,
    /// What came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<TurnAttachment>,
    /// The id of the message, by which it is found if it is edited or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mid: Option<String>,
    /// Whether the person has edited it since. The text is the newest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_edited: bool,
}

/// Author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Speaker {
    /// The person.
    Person,
    /// The bot.
    Bot,
    /// A human who answers for the account, by [`Bot::human_apps`](crate::Bot::human_apps).
    Agent,
    /// Another app of the account, or an automatic answer of Meta's.
    App,
}

impl Speaker {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::App => "app",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "person" => Self::Person,
            "bot" => Self::Bot,
            "agent" => Self::Agent,
            _ => Self::App,
        }
    }
}

/// Something that came with a message, such as a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnAttachment {
    /// The platform's name for its type: `image`, `audio`, `video`, `file`, `template`, `fallback` …
    pub kind: String,
    /// Where it can be fetched. Addresses of Meta's CDN expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Turn {
    /// For unit tests: a text.
    pub fn new(speaker: Speaker, text: impl Into<String>) -> Self {
        Self {
            at: Timestamp::default(),
            speaker,
            app: None,
            text: text.into(),
            attachments: Vec::new(),
            mid: None,
            is_edited: false,
        }
    }

    /// What an event of the platform says, if it says anything. `speaker` says whose word an echo is.
    pub(crate) fn of_event(
        received: &Received,
        at: Timestamp,
        speaker: impl FnOnce(&Message) -> Speaker,
    ) -> Option<Self> {
        match &received.event.body {
            EventBody::Message(message) => Self::of_message(message, at, Speaker::Person),
            EventBody::Echo(echo) => Self::of_message(echo, at, speaker(echo)),
            EventBody::Postback(postback) => Some(Self {
                at,
                mid: postback.mid.clone(),
                ..Self::new(Speaker::Person, shortened(postback.title.as_deref()?))
            }),
            _ => None,
        }
    }

    fn of_message(message: &Message, at: Timestamp, speaker: Speaker) -> Option<Self> {
        if message.is_deleted {
            return None;
        }
        let attachments = message.attachments.iter();
        let attachments: Vec<_> = attachments.map(TurnAttachment::of).collect();
        let templates = message.attachments.iter();
        let mut templates = templates.filter_map(|one| one.payload.as_ref()?.template());
        let text = message.text.clone();
        let text = text.or_else(|| templates.find_map(|template| words_of(&template)));
        let turn = Self {
            at,
            app: match speaker {
                Speaker::Agent | Speaker::App => message.app_id.clone(),
                Speaker::Person | Speaker::Bot => None,
            },
            attachments,
            mid: message.mid.clone(),
            ..Self::new(speaker, shortened(text.as_deref().unwrap_or_default()))
        };
        turn.says_something().then_some(turn)
    }

    /// What the bot said by a request that the platform accepted.
    pub(crate) fn of_request(
        send: &SendRequest,
        at: Timestamp,
        mid: Option<String>,
    ) -> Option<Self> {
        let turn = match (&send.message, &send.template) {
            (Some(message), _) => Self::of_outgoing(message),
            (None, Some(_)) => Self {
                attachments: vec![TurnAttachment::named("template")],
                ..Self::new(Speaker::Bot, "")
            },
            (None, None) => return None,
        };
        let turn = Self { at, mid, ..turn };
        turn.says_something().then_some(turn)
    }

    /// What the bot said by a message.
    pub(crate) fn of_outgoing(message: &OutgoingMessage) -> Self {
        let sent = || message.attachment.iter().chain(&message.attachments);
        let mut attachments: Vec<_> = sent().map(TurnAttachment::of_outgoing).collect();
        if message.sticker_id.is_some() {
            attachments.push(TurnAttachment::named("sticker"));
        }
        let mut templates = sent().filter_map(|one| one.payload.template());
        let text = message.text.clone();
        let text = text.or_else(|| templates.find_map(|template| words_of(&template)));
        Self {
            attachments,
            ..Self::new(Speaker::Bot, shortened(text.as_deref().unwrap_or_default()))
        }
    }

    fn says_something(&self) -> bool {
        !self.text.is_empty() || !self.attachments.is_empty()
    }

    /// Whether both tell of the same message.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.mid, &other.mid) {
            (Some(mid), Some(other)) => mid == other,
            _ => self.at == other.at && self.speaker == other.speaker && self.text == other.text,
        }
    }

    /// The same message after it was edited.
    pub(super) fn edited(&self, text: &str) -> Self {
        Self {
            text: shortened(text),
            is_edited: true,
            ..self.clone()
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.text.is_empty() {
            return f.write_str(&self.text);
        }
        for (number, attachment) in self.attachments.iter().enumerate() {
            let space = if number > 0 { " " } else { "" };
            write!(f, "{space}[{}]", attachment.kind)?;
        }
        Ok(())
    }
}

impl TurnAttachment {
    fn named(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            url: None,
        }
    }

    fn of(attachment: &Attachment) -> Self {
        let payload = attachment.payload.as_ref();
        let url = payload.and_then(|payload| payload.url.clone());
        Self {
            kind: attachment.kind.clone(),
            url: url.or_else(|| attachment.url.clone()),
        }
    }

    fn of_outgoing(attachment: &OutgoingAttachment) -> Self {
        Self {
            kind: attachment.kind.clone(),
            url: attachment.payload.url.clone(),
        }
    }
}

/// What a template says in words.
fn words_of(template: &Template) -> Option<String> {
    match template {
        Template::Button(template) => Some(template.text.clone()),
        Template::Generic(template) => {
            let elements = template.elements.iter();
            let lines = elements.flat_map(|element| {
                std::iter::once(element.title.clone()).chain(element.subtitle.clone())
            });
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    // A character takes a byte or more.
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).collect()
}
