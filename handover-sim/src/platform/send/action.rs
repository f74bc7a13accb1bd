//! Sender actions.

use serde_json::{Map, Value};

use super::super::parameter::Parameter;
use super::super::thread_tx::ThreadTx;
use super::super::{Product, Refusal};

/// Sender action of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SenderActionDraft {
    TypingOn,
    TypingOff,
    MarkSeen,
    React { mid: String, emoji: String },
    Unreact { mid: String },
}

impl SenderActionDraft {
    pub(super) fn read(
        request: &Map<String, Value>,
        product: Product,
    ) -> Result<Option<Self>, Refusal> {
        let action = Parameter::new("sender_action", request.get("sender_action"));
        let Some(name) = action.text()? else {
            return Ok(None);
        };
        let payload = Parameter::new("payload", request.get("payload"));
        let message = || payload.at("message_id").words(usize::MAX);
        Ok(Some(match name.to_ascii_lowercase().as_str() {
            "typing_on" => Self::TypingOn,
            "typing_off" => Self::TypingOff,
            "mark_seen" => Self::MarkSeen,
            "react" => Self::React {
                mid: message()?.into_owned(),
                emoji: emoji(&payload.at("reaction"), product)?,
            },
            "unreact" => Self::Unreact {
                mid: message()?.into_owned(),
            },
            _ => {
                return Err(
                    action.wrong("be one of {MARK_SEEN, REACT, TYPING_OFF, TYPING_ON, UNREACT}")
                );
            }
        }))
    }
}

/// Messenger accepts any emoji, Instagram only `love`.
fn emoji(reaction: &Parameter<'_>, product: Product) -> Result<String, Refusal> {
    let text = reaction.words(usize::MAX)?;
    match product {
        Product::Instagram if text == "love" => Ok("❤️".to_owned()),
        Product::Instagram => Err(reaction.wrong("be one of {love}")),
        Product::Messenger if text.chars().any(|c| c.is_ascii_alphanumeric()) => {
            Err(reaction.wrong("be an emoji"))
        }
        Product::Messenger => Ok(text.into_owned()),
    }
}

impl ThreadTx<'_> {
    pub(super) fn act(&mut self, action: SenderActionDraft) -> Result<(), Refusal> {
        match action {
            SenderActionDraft::TypingOn => self.thread.typing_since = Some(self.now),
            SenderActionDraft::TypingOff => self.thread.typing_since = None,
            SenderActionDraft::MarkSeen => self.thread.seen_until = Some(self.now),
            SenderActionDraft::React { mid, emoji } => self.react(&mid, Some(emoji))?,
            SenderActionDraft::Unreact { mid } => self.react(&mid, None)?,
        }
        Ok(())
    }

    fn react(&mut self, mid: &str, emoji: Option<String>) -> Result<(), Refusal> {
        self.named_message(mid, "payload[message_id]")?.reaction = emoji;
        Ok(())
    }
}
