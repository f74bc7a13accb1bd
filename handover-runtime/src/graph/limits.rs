//! The platform's limits, checked before a call is made.

use std::fmt;

use handover_protocol::limits as platform;
use handover_protocol::{
    ExtendThreadControlRequest, Object, OutgoingMessage, QuickReply, SendRequest,
};
use thiserror::Error;

use super::routing::Endpoint;

/// A call is larger than the platform accepts; it was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{call}: {limit} is limited to {} {}, and this has {found}; {}",
    .limit.allowed(), .limit.unit(), .limit.what_to_do()
)]
pub struct LimitExceeded {
    /// The name of the call, such as `messages`.
    pub call: &'static str,
    /// The limit.
    pub limit: Limit,
    /// What the call has instead, in the limit's own unit.
    pub found: u64,
}

/// A limit of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// `message.text` on Messenger.
    MessengerText,
    /// `message.text` on Instagram.
    InstagramText,
    /// The number of `message.quick_replies`.
    QuickReplies,
    /// `title` of a quick reply.
    QuickReplyTitle,
    /// `payload` of a quick reply.
    QuickReplyPayload,
    /// `message.metadata`, which comes back with the echo.
    MessageMetadata,
    /// `metadata` of a thread control call.
    HandoverMetadata,
    /// `duration` of `extend_thread_control`.
    ExtendDuration,
    /// A message holds `text` or `attachment`, not both.
    MessageContent,
    /// A call to `messages` holds `message` or `sender_action`, not both.
    RequestContent,
}

impl Limit {
    /// The name, allowed size, unit and remedy of each limit.
    const fn row(self) -> (&'static str, u64, &'static str, &'static str) {
        match self {
            Self::MessengerText => (
                "message.text",
                size(platform::TEXT_CHARS_MESSENGER),
                "characters",
                "split it into several messages",
            ),
            Self::InstagramText => (
                "message.text on Instagram",
                size(platform::TEXT_BYTES_INSTAGRAM),
                "bytes of UTF-8",
                "split it into several messages",
            ),
            Self::QuickReplies => (
                "message.quick_replies",
                size(platform::QUICK_REPLIES),
                "quick replies",
                "offer fewer, or ask in two steps",
            ),
            Self::QuickReplyTitle => (
                "the title of a quick reply",
                size(platform::QUICK_REPLY_TITLE),
                "characters",
                "shorten it, and explain in the text",
            ),
            Self::QuickReplyPayload => (
                "the payload of a quick reply",
                size(platform::QUICK_REPLY_PAYLOAD),
                "characters",
                "keep the data in the session, and a key to it in the payload",
            ),
            Self::MessageMetadata => (
                "message.metadata",
                size(platform::MESSAGE_METADATA),
                "characters",
                "keep the data in the session, and a key to it in the metadata",
            ),
            Self::HandoverMetadata => (
                "metadata",
                size(platform::HANDOVER_METADATA),
                "characters",
                "store the data where both apps can read it, and pass a key to it",
            ),
            Self::ExtendDuration => (
                "duration",
                platform::EXTEND_SECONDS,
                "seconds",
                "extend by 7 days at most, and again before they have passed",
            ),
            Self::MessageContent => (
                "message",
                1,
                "of text and attachment",
                "send the text and the attachment as two messages",
            ),
            Self::RequestContent => (
                "the request",
                1,
                "of message and sender_action",
                "send the message and the sender action in two calls",
            ),
        }
    }

    /// The largest value that the platform accepts.
    #[must_use]
    pub const fn allowed(self) -> u64 {
        self.row().1
    }

    const fn unit(self) -> &'static str {
        self.row().2
    }

    const fn what_to_do(self) -> &'static str {
        self.row().3
    }

    fn check(self, call: &'static str, found: u64) -> Result<(), LimitExceeded> {
        if found > self.allowed() {
            return Err(LimitExceeded {
                call,
                limit: self,
                found,
            });
        }
        Ok(())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().0)
    }
}

const MESSAGES: &str = Endpoint::Messages.name();

pub(super) fn check_send(request: &SendRequest, product: &Object) -> Result<(), LimitExceeded> {
    let contents = present(&request.message) + present(&request.sender_action);
    Limit::RequestContent.check(MESSAGES, contents)?;
    match &request.message {
        Some(message) => check_message(message, product),
        None => Ok(()),
    }
}

fn check_message(message: &OutgoingMessage, product: &Object) -> Result<(), LimitExceeded> {
    let contents = present(&message.text) + present(&message.attachment);
    Limit::MessageContent.check(MESSAGES, contents)?;
    if let Some(text) = &message.text {
        match product {
            Object::Instagram => Limit::InstagramText.check(MESSAGES, size(text.len()))?,
            _ => Limit::MessengerText.check(MESSAGES, characters(text))?,
        }
    }
    Limit::QuickReplies.check(MESSAGES, size(message.quick_replies.len()))?;
    for quick_reply in &message.quick_replies {
        if let QuickReply::Text { title, payload, .. } = quick_reply {
            Limit::QuickReplyTitle.check(MESSAGES, characters(title))?;
            Limit::QuickReplyPayload.check(MESSAGES, characters(payload))?;
        }
    }
    match &message.metadata {
        Some(metadata) => Limit::MessageMetadata.check(MESSAGES, characters(metadata)),
        None => Ok(()),
    }
}

pub(super) fn check_metadata(
    endpoint: Endpoint,
    metadata: Option<&str>,
) -> Result<(), LimitExceeded> {
    Limit::HandoverMetadata.check(endpoint.name(), metadata.map_or(0, characters))
}

pub(super) fn check_extend(request: &ExtendThreadControlRequest) -> Result<(), LimitExceeded> {
    let duration = request.duration.unwrap_or_default();
    Limit::ExtendDuration.check(Endpoint::ExtendThreadControl.name(), duration)
}

fn present<T>(part: &Option<T>) -> u64 {
    u64::from(part.is_some())
}

fn characters(text: &str) -> u64 {
    size(text.chars().count())
}

const fn size(count: usize) -> u64 {
    count as u64
}
