//! From a message to the calls that send it.

use std::time::Duration;

use handover_protocol::{LimitExceeded, MessagingType, Object, Recipient, SendRequest, Timestamp};

use crate::graph::Call;
use crate::journal::{QueuedCall, Replacement, Terms};
use crate::outcome::{self, Limits, Message, SendOptions};
use crate::thread::ThreadKey;

/// How long a message is held that does not say for how long: by then the platform has ended the
/// other app's control (protocol: conversation routing).
pub(crate) const HELD_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The event names no person, so an answer has no recipient. A retry does not change that.
#[derive(Debug, thiserror::Error)]
#[error(
    "the event names nobody to answer; whoever wrote in public is answered with `Message::to_comment` or `Message::to_post`"
)]
pub(crate) struct NoRecipient;

/// Where messages go, and on behalf of what.
pub(crate) struct Composer<'a> {
    pub(crate) thread: &'a ThreadKey,
    pub(crate) object: &'a Object,
    pub(crate) limits: Limits,
    pub(crate) now: Timestamp,
    /// Who sends it, for the log.
    pub(crate) sender: &'a str,
    /// Whether it answers what the account itself wrote in public.
    pub(crate) answers_itself: bool,
}

impl Composer<'_> {
    /// The calls of a message, in order, each within the platform's limits or the limit that it
    /// exceeds. What was changed is said in the log.
    pub(crate) fn calls(
        &self,
        mut message: Message,
    ) -> Result<Vec<Result<QueuedCall, LimitExceeded>>, NoRecipient> {
        let terms = message.options.as_deref_mut().map(|options| {
            let otherwise = options.otherwise.take();
            let holds = options.holds;
            let time = options.expires_after.or(holds.then_some(HELD_FOR));
            let terms = Terms {
                holds,
                expires_at: time.map(|time| self.now + time),
                otherwise: None,
            };
            (terms, otherwise)
        });
        let (terms, otherwise) = terms.unwrap_or_default();
        let checked = |send| {
            let call = Call::Messages(send);
            call.check(self.object)?;
            Ok(call)
        };
        let mut calls = Vec::new();
        for send in self.requests(message)? {
            calls.push(checked(send).map(|call| QueuedCall {
                terms: terms.clone(),
                ..QueuedCall::new(call, self.object.clone())
            }));
        }
        if let Some(otherwise) = otherwise {
            let mut instead = self.requests(otherwise)?;
            if instead.len() > 1 {
                self.warn("of what is sent outside the messaging window, only the beginning is");
                instead.truncate(1);
            }
            let parts_after = u32::try_from(calls.len())
                .unwrap_or(u32::MAX)
                .saturating_sub(1);
            match (calls.first_mut(), instead.pop().map(checked)) {
                (Some(Ok(first)), Some(Ok(call))) => {
                    first.terms.otherwise = Some(Box::new(Replacement {
                        call,
                        parts_after,
                        receipt: None,
                    }));
                }
                (_, Some(Err(exceeded))) => calls.insert(0, Err(exceeded)),
                _ => {}
            }
        }
        Ok(calls)
    }

    /// A message as it is sent, in as many requests as it needs.
    fn requests(&self, message: Message) -> Result<Vec<SendRequest>, NoRecipient> {
        let options = message.options.map(|options| *options).unwrap_or_default();
        let SendOptions {
            recipient,
            tag,
            template,
            ..
        } = options;
        let recipient = match recipient {
            Some(recipient) => recipient,
            None => self.thread.recipient().ok_or(NoRecipient)?,
        };
        let in_public = recipient.comment_id.is_some() || recipient.post_id.is_some();
        if in_public && self.answers_itself {
            let (thread, handler) = (self.thread, self.sender);
            tracing::debug!(%thread, handler, "the account wrote that itself, and is not answered");
            return Ok(Vec::new());
        }
        let request = SendRequest {
            messaging_type: messaging_type(&recipient, tag.is_some(), template.is_some()),
            tag,
            recipient,
            ..SendRequest::default()
        };
        if let Some(template) = template {
            return Ok(vec![SendRequest {
                template: Some(template),
                ..request
            }]);
        }
        let mut fitted = outcome::fit_message(message.content, self.object, self.limits);
        let only_one = in_public || request.recipient.one_time_notif_token.is_some();
        if only_one && fitted.messages.len() > 1 {
            fitted.messages.truncate(1);
            let warning = "only its beginning is sent, for there can be one message only";
            fitted.warnings.push(warning.to_owned());
        }
        for warning in fitted.warnings {
            self.warn(&warning);
        }
        let messages = fitted.messages.into_iter();
        let requests = messages.map(|part| SendRequest {
            message: Some(part),
            ..request.clone()
        });
        Ok(requests.collect())
    }

    fn warn(&self, warning: &str) {
        let (thread, handler) = (self.thread, self.sender);
        tracing::warn!(%thread, handler, "a message was changed: {warning}");
    }
}

fn messaging_type(
    recipient: &Recipient,
    has_tag: bool,
    is_template: bool,
) -> Option<MessagingType> {
    if is_template {
        Some(MessagingType::Utility)
    } else if has_tag {
        Some(MessagingType::MessageTag)
    } else {
        let answers = recipient.id.is_some() || recipient.user_ref.is_some();
        answers.then_some(MessagingType::Response)
    }
}
