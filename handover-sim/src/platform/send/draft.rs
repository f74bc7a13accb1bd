//! Validated call of the Send API.

use handover_protocol::QuickReply;
use serde_json::{Map, Value};

use super::super::Refusal;
use super::super::graph::{AccountPersona, Records};
use super::super::parameter::Parameter;
use super::action::SenderActionDraft;
use super::attachment::AttachmentDraft;
use super::purpose::Purpose;
use super::sender::CallSender;
use super::{message, utility};

/// Validated call.
pub(super) struct Draft {
    pub(super) purpose: Purpose,
    pub(super) content: DraftContent,
}

pub(super) enum DraftContent {
    Message(Box<AppMessage>),
    Action(SenderActionDraft),
}

/// Message of an app.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct AppMessage {
    pub(super) text: Option<String>,
    pub(super) attached: Vec<AttachmentDraft>,
    pub(super) quick_replies: Vec<QuickReply>,
    pub(super) metadata: Option<String>,
    /// Persona of the message.
    pub(super) persona: Option<AccountPersona>,
    /// Message that this one replies to.
    pub(super) reply_to: Option<String>,
}

impl Draft {
    pub(super) fn read(
        request: &Map<String, Value>,
        sender: &CallSender<'_>,
        records: &Records,
    ) -> Result<Self, Refusal> {
        let parameter = |name| Parameter::new(name, request.get(name));
        let purpose = Purpose::of(request, sender.product)?;
        let action = SenderActionDraft::read(request, sender.product)?;
        let message = parameter("message").object()?;
        let words = match (message, action) {
            (Some(_), Some(_)) => return Err(Refusal::message_and_action()),
            (None, Some(action)) => {
                return Ok(Self {
                    purpose,
                    content: DraftContent::Action(action),
                });
            }
            (None, None) if purpose == Purpose::Utility => {
                utility::read(&parameter("template").needed_object()?, sender, records)?
            }
            (Some(_), None) if purpose == Purpose::Utility => {
                return Err(parameter("message").wrong("be absent: template takes its place"));
            }
            (None, None) => return Err(parameter("message").missing()),
            (Some(message), None) => message::read(&message, sender, records)?,
        };
        if purpose == Purpose::Feedback && !words.asks_for_feedback() {
            return Err(parameter("tag").wrong("come with a customer_feedback template"));
        }
        let words = AppMessage {
            persona: match parameter("persona_id").text()? {
                Some(id) => Some(records.persona(&id, sender.account)?.clone()),
                None => None,
            },
            reply_to: match parameter("reply_to").object()? {
                Some(reply_to) => Some(reply_to.at("mid").words(usize::MAX)?.into_owned()),
                None => None,
            },
            ..words
        };
        Ok(Self {
            purpose,
            content: DraftContent::Message(Box::new(words)),
        })
    }
}

impl AppMessage {
    fn asks_for_feedback(&self) -> bool {
        self.attached.iter().any(|attached| {
            let kind = attached.shown.payload.extra.get("template_type");
            kind.is_some_and(|kind| kind == "customer_feedback")
        })
    }
}
