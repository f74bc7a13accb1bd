//! The Send API.

use handover_protocol::{
    AppId, ControlType, OutgoingAttachment, OutgoingMessage, QuickReply, SendRequest, SendResponse,
    SenderAction, limits,
};
use serde_json::Value;

use super::misfits::check_types;
use super::scene::Scene;
use super::thread::{Author, ChatMessage, HandoverKind};
use super::{Answer, Call, EchoAfterPass, Platform, Refusal};

/// Tags every call with which is refused since 27 April 2026.
const RETIRED_TAGS: [&str; 3] = [
    "CONFIRMED_EVENT_UPDATE",
    "POST_PURCHASE_UPDATE",
    "ACCOUNT_UPDATE",
];

impl Platform {
    /// `POST /{page-id}/messages`: a message, or a sender action.
    ///
    /// Checked in this order: parameters, recipient, owner, window. A message is echoed to every
    /// subscribed app and its delivery reported; `thread_control` is carried out after sending and
    /// before the echo.
    pub fn send(&mut self, call: &Call<'_>, request: &SendRequest) -> Answer<SendResponse> {
        check_types(
            &request.extra,
            [
                "recipient",
                "messaging_type",
                "message",
                "sender_action",
                "tag",
                "thread_control",
            ],
        )?;
        let content = Content::of(request)?;
        let human_agent = is_human_agent(request)?;
        let mut scene = self.scene_for(call, &request.recipient)?;
        scene.check_sender(call.app, human_agent)?;
        let mut response = SendResponse {
            recipient_id: Some(scene.thread.person.clone()),
            ..SendResponse::default()
        };
        let message = match content {
            Content::Message(message) => message,
            Content::Action(action) => {
                scene.act(action, request)?;
                return Ok(scene.close(response));
            }
        };
        let window = match human_agent {
            true => scene.thread.human_agent_until(call.now),
            false => scene.thread.window_until(call.now),
        };
        if window.is_none() {
            return Err(Refusal::outside_window(scene.account.product));
        }
        let handover = scene.plan(call.app, request)?;

        if human_agent && scene.owner().is_some_and(|owner| owner != *call.app) {
            scene.take(call.app, None);
        }
        let message = ChatMessage {
            text: message.text.clone(),
            attachment: message.attachment.clone(),
            quick_replies: message.quick_replies.clone(),
            metadata: message.metadata.clone(),
            ..ChatMessage::new(scene.ids.message(), call.now, Author::App(call.app.clone()))
        };
        scene.append(message.clone());
        let before = scene.choices.echo_after_pass == EchoAfterPass::Before;
        if before {
            scene.report(&message);
        }
        match handover {
            Some(Plan::Pass(target)) => scene.pass(&target, None),
            Some(Plan::Release) => scene.give_to(None, HandoverKind::Released, None),
            None => {}
        }
        if !before {
            scene.report(&message);
        }
        response.message_id = Some(message.mid);
        Ok(scene.close(response))
    }
}

/// What a call wants to be done.
enum Content<'a> {
    Message(&'a OutgoingMessage),
    Action(SenderAction),
}

/// What `thread_control` of a call comes down to.
enum Plan {
    Pass(AppId),
    Release,
}

impl<'a> Content<'a> {
    fn of(request: &'a SendRequest) -> Result<Self, Refusal> {
        match (&request.message, request.sender_action) {
            (Some(_), Some(_)) => Err(Refusal::message_and_action()),
            (None, None) => Err(Refusal::parameter("The parameter message is required")),
            (None, Some(action)) => Ok(Self::Action(action)),
            (Some(message), None) => {
                check_message(message)?;
                Ok(Self::Message(message))
            }
        }
    }
}

/// Whether the tag is `HUMAN_AGENT`; other tags open no window here, and some are gone for good.
fn is_human_agent(request: &SendRequest) -> Result<bool, Refusal> {
    match request.tag.as_deref() {
        Some(tag) if RETIRED_TAGS.contains(&tag) => Err(Refusal::parameter(format_args!(
            "The message tag {tag} is no longer supported"
        ))),
        tag => Ok(tag == Some("HUMAN_AGENT")),
    }
}

fn check_message(message: &OutgoingMessage) -> Result<(), Refusal> {
    check_types(
        &message.extra,
        ["text", "attachment", "quick_replies", "metadata"],
    )?;
    match (&message.text, &message.attachment) {
        (Some(_), Some(_)) => {
            return Err(Refusal::parameter(
                "Message cannot have both text and attachment",
            ));
        }
        (Some(text), None) if !text.trim().is_empty() => {}
        (None, Some(attachment)) => check_attachment(attachment)?,
        _ => {
            return Err(Refusal::parameter(
                "Message cannot be empty, must provide valid attachment or text",
            ));
        }
    }
    check_length(
        "message[text]",
        message.text.as_deref(),
        limits::TEXT_CHARS_MESSENGER,
    )?;
    check_length(
        "message[metadata]",
        message.metadata.as_deref(),
        limits::MESSAGE_METADATA,
    )?;
    if message.quick_replies.len() > limits::QUICK_REPLIES {
        return Err(Refusal::parameter(format_args!(
            "Param message[quick_replies] has too many elements: {} of at most {}",
            message.quick_replies.len(),
            limits::QUICK_REPLIES
        )));
    }
    message.quick_replies.iter().try_for_each(check_quick_reply)
}

fn check_quick_reply(reply: &QuickReply) -> Result<(), Refusal> {
    let QuickReply::Text { title, payload, .. } = reply else {
        return Ok(());
    };
    if title.trim().is_empty() {
        return Err(Refusal::parameter(
            "Param message[quick_replies][title] must be a non-empty string",
        ));
    }
    check_length(
        "message[quick_replies][title]",
        Some(title),
        limits::QUICK_REPLY_TITLE,
    )?;
    check_length(
        "message[quick_replies][payload]",
        Some(payload),
        limits::QUICK_REPLY_PAYLOAD,
    )
}

fn check_attachment(attachment: &OutgoingAttachment) -> Result<(), Refusal> {
    let payload = &attachment.payload;
    match attachment.kind.as_str() {
        "image" | "audio" | "video" | "file" if payload.url.is_some() => Ok(()),
        // Nothing can be uploaded here, so no id can be the Page's own.
        "image" | "audio" | "video" | "file" if payload.attachment_id.is_some() => {
            Err(Refusal::attachment_not_yours())
        }
        "image" | "audio" | "video" | "file" => Err(Refusal::parameter(
            "The parameter message[attachment][payload][url] is required",
        )),
        "template"
            if payload
                .extra
                .get("template_type")
                .is_some_and(Value::is_string) =>
        {
            Ok(())
        }
        "template" => Err(Refusal::parameter(
            "The parameter message[attachment][payload][template_type] is required",
        )),
        _ => Err(Refusal::parameter(
            "Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}",
        )),
    }
}

fn check_length(name: &str, text: Option<&str>, most: usize) -> Result<(), Refusal> {
    match text.map_or(0, |text| text.chars().count()) {
        length if length > most => Err(Refusal::parameter(format_args!(
            "Length of param {name} must be less than or equal to {most}"
        ))),
        _ => Ok(()),
    }
}

impl Scene<'_> {
    /// What `thread_control` asks for. Meta does not say how a failure after sending is reported,
    /// so what cannot be done is refused before anything is sent.
    fn plan(&self, app: &AppId, request: &SendRequest) -> Result<Option<Plan>, Refusal> {
        let Some(control) = &request.thread_control else {
            return Ok(None);
        };
        check_types(&control.extra, ["control_type", "app_id"])?;
        if !self.account.routing.is_conversation() {
            return Err(Refusal::parameter(
                "Param thread_control is not supported when Conversation Routing is not enabled",
            ));
        }
        // Whoever got this far owns the thread or finds it idle; a human agent's tool takes it.
        let owner = self.owner().map(|_| app);
        match control.control_type.unwrap_or(ControlType::Release) {
            ControlType::Pass => {
                let target = self.pass_target(owner, app, control.app_id.as_ref())?;
                Ok(Some(Plan::Pass(target)))
            }
            ControlType::Release if owner.is_none() => Err(Refusal::parameter(
                "Only the current thread owner can release thread control",
            )),
            ControlType::Release => Ok(Some(Plan::Release)),
        }
    }

    fn act(&mut self, action: SenderAction, request: &SendRequest) -> Result<(), Refusal> {
        match action {
            SenderAction::TypingOn => self.thread.typing_since = Some(self.now),
            SenderAction::TypingOff => self.thread.typing_since = None,
            SenderAction::MarkSeen => self.thread.seen_until = Some(self.now),
            SenderAction::React | SenderAction::Unreact => {
                let detail = |key| request.extra.get("payload")?.get(key)?.as_str();
                let message = detail("message_id").and_then(|mid| self.thread.message_mut(mid));
                let message = message.ok_or_else(|| {
                    Refusal::parameter("Param payload[message_id] is not a message of this thread")
                })?;
                message.reaction = match action {
                    SenderAction::React => Some(detail("reaction").unwrap_or("❤").to_owned()),
                    _ => None,
                };
            }
        }
        Ok(())
    }
}
