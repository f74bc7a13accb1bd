use std::borrow::Cow;
use std::time::Duration;

use handover_protocol::{
    MessageTag, OutgoingAttachment, OutgoingMessage, QuickReply, Recipient, Template,
    UtilityTemplate,
};

/// A message to the person. Texts, pictures, carousels and templates become one when something is
/// [added to them](super::Reply). Return it from a handler that chooses among them.
///
/// ```
/// use handover_runtime::{Carousel, Message, Reply};
///
/// fn found(hats: Carousel, count: usize) -> Message {
///     match count {
///         0 => "There is no such hat.".with_quick_replies(["All hats"]),
///         _ => hats.into(),
///     }
/// }
/// # let _ = found(Carousel::new(), 0);
/// ```
///
/// A text under 2000 characters on Messenger, and of at most 1000 bytes on Instagram, is one message. A
/// longer one is sent as several, split at the end of a sentence, line or word; quick replies and metadata
/// go with the last. For the other limits see [`protocol::limits`](handover_protocol::limits), and
/// [`Limits`](super::Limits) for messages beyond them. A text of white space alone is not sent.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a message is sent when a handler returns it"]
pub struct Message {
    pub(crate) content: OutgoingMessage,
    /// Boxed, because most messages have none.
    pub(crate) options: Option<Box<SendOptions>>,
}

/// Options of a message that is not a plain answer to the person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SendOptions {
    pub(crate) recipient: Option<Recipient>,
    pub(crate) tag: Option<MessageTag>,
    pub(crate) template: Option<UtilityTemplate>,
    /// Whether it waits while somebody else speaks in the thread.
    pub(crate) holds: bool,
    /// After which time it is given up.
    pub(crate) expires_after: Option<Duration>,
    /// What is sent in its place once the messaging window is closed.
    pub(crate) otherwise: Option<Message>,
}

impl Message {
    /// Creates a text message.
    pub fn text(text: impl Into<String>) -> Self {
        OutgoingMessage::text(text).into()
    }

    /// Creates a message from an approved template, which may be sent outside the 24-hour window. Requires
    /// the permission `page_utility_messaging`.
    ///
    /// ```
    /// use handover_protocol::UtilityTemplate;
    /// use handover_runtime::Message;
    ///
    /// async fn shipped() -> Message {
    ///     Message::utility(UtilityTemplate::new("order_shipped", "en_US").body(["12345"]))
    /// }
    /// # let _ = shipped();
    /// ```
    pub fn utility(template: impl Into<UtilityTemplate>) -> Self {
        Self::from(OutgoingMessage::default()).with(|options| {
            options.template = Some(template.into());
        })
    }

    /// Sets the message tag, the reason for sending outside the 24-hour window: `CUSTOMER_FEEDBACK` for a
    /// feedback template, within 7 days. The bot does not send `HUMAN_AGENT`, which is for messages written
    /// by people.
    ///
    /// ```
    /// use handover_protocol::MessageTag;
    /// use handover_runtime::Message;
    ///
    /// let message = Message::text("How did we do?").tag(MessageTag::CustomerFeedback);
    /// # let _ = message;
    /// ```
    pub fn tag(self, tag: impl Into<MessageTag>) -> Self {
        self.with(|options| options.tag = Some(tag.into()))
    }

    /// Sends to the person who gave this token for marketing messages
    /// ([`Optin::notification_messages_token`](handover_protocol::Optin)), also outside the window.
    ///
    /// ```
    /// use handover_runtime::Message;
    ///
    /// let news = Message::text("The new hats are here.").to_token("7843518571648");
    /// # let _ = news;
    /// ```
    pub fn to_token(self, token: impl Into<String>) -> Self {
        self.with(|options| options.recipient = Some(Recipient::notification_messages(token)))
    }

    /// Sends to the person who gave this token for one notification
    /// ([`Optin::one_time_notif_token`](handover_protocol::Optin)), also outside the window. Limit: one
    /// message, so a longer text is cut.
    pub fn to_one_time_token(self, token: impl Into<String>) -> Self {
        self.with(|options| options.recipient = Some(Recipient::one_time_notification(token)))
    }

    /// Holds the message while a human or another app owns the thread or answers in it; it is sent when
    /// the bot may write again. Without this, such a message becomes a dead letter, and `#[on_send_failed]` runs
    /// ([`Bot::blocked`](crate::Bot::blocked) says otherwise for all messages).
    ///
    /// It is given up after 24 hours, or the time of [`expires_after`](Self::expires_after). What follows
    /// it in the same outcome waits with it. Other messages of the thread do not: each is sent or refused
    /// as it would be without it, and those that wait as well are sent after it, in order.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use handover_runtime::Message;
    ///
    /// async fn shipped() -> Message {
    ///     Message::text("Your order is on its way.")
    ///         .hold_until_back()
    ///         .expires_after(Duration::from_secs(6 * 60 * 60))
    /// }
    /// # let _ = shipped();
    /// ```
    pub fn hold_until_back(self) -> Self {
        self.with(|options| options.holds = true)
    }

    /// Sets an expiry: a message that was not sent within this time after it was stored is not sent, and
    /// `#[on_send_failed]` runs with [`FailureKind::Expired`](crate::extract::FailureKind::Expired).
    pub fn expires_after(self, time: Duration) -> Self {
        self.with(|options| options.expires_after = Some(time))
    }

    /// Sets a replacement that is sent if the person has not written in the last 24 hours: an
    /// approved template, or a message with a [tag](Self::tag) or [to a token](Self::to_token). Limit:
    /// one message, so a longer text is cut.
    ///
    /// Where the bot cannot know how long ago the person wrote, the platform decides: if it refuses
    /// the message for that reason, the other is sent.
    ///
    /// ```
    /// use handover_protocol::UtilityTemplate;
    /// use handover_runtime::Message;
    ///
    /// async fn shipped() -> Message {
    ///     Message::text("Your order is on its way.")
    ///         .outside_window(UtilityTemplate::new("order_shipped", "en_US").body(["12345"]))
    /// }
    /// # let _ = shipped();
    /// ```
    pub fn outside_window(self, message: impl Into<Self>) -> Self {
        let message = message.into();
        self.with(|options| options.otherwise = Some(message))
    }

    /// Replies privately to the author of this comment. A comment of the account itself is not answered.
    /// Limits: one message for each comment, within 7 days, so a longer text is cut.
    ///
    /// ```
    /// use handover_runtime::Message;
    ///
    /// let answer = Message::text("Can we help you here?").to_comment("1_2");
    /// # let _ = answer;
    /// ```
    pub fn to_comment(self, comment_id: impl Into<String>) -> Self {
        self.with(|options| options.recipient = Some(Recipient::comment(comment_id)))
    }

    /// Replies privately to the author of this post on the Page. Limits: as for [comments](Self::to_comment).
    pub fn to_post(self, post_id: impl Into<String>) -> Self {
        self.with(|options| options.recipient = Some(Recipient::post(post_id)))
    }

    fn with(mut self, change: impl FnOnce(&mut SendOptions)) -> Self {
        change(self.options.get_or_insert_default());
        self
    }

    /// Creates a message with a picture. The platform downloads it from this address.
    pub fn image(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::image(url))
    }

    /// Creates a message with an audio file. The platform downloads it from this address.
    pub fn audio(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::audio(url))
    }

    /// Creates a message with a video. The platform downloads it from this address.
    pub fn video(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::video(url))
    }

    /// Creates a message with a file. The platform downloads it from this address.
    pub fn file(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::file(url))
    }

    /// Creates a message with any attachment.
    pub fn attachment(attachment: OutgoingAttachment) -> Self {
        OutgoingMessage::attachment(attachment).into()
    }

    /// Creates a message with a template. Each template is also [an outcome](crate::outcome#templates).
    pub fn template(template: impl Into<Template>) -> Self {
        OutgoingMessage::template(template).into()
    }

    /// Adds a quick reply: a button above the keyboard that disappears with the next message.
    pub fn quick_reply(mut self, title: impl Into<String>, payload: impl Into<String>) -> Self {
        self.content
            .quick_replies
            .push(QuickReply::text(title, payload));
        self
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

/// [`Message::utility`].
impl From<UtilityTemplate> for Message {
    fn from(template: UtilityTemplate) -> Self {
        Self::utility(template)
    }
}

impl From<OutgoingAttachment> for Message {
    fn from(attachment: OutgoingAttachment) -> Self {
        Self::attachment(attachment)
    }
}

impl From<OutgoingMessage> for Message {
    fn from(message: OutgoingMessage) -> Self {
        Self {
            content: message,
            options: None,
        }
    }
}

/// Uses the content alone.
impl From<Message> for OutgoingMessage {
    fn from(message: Message) -> Self {
        message.content
    }
}
