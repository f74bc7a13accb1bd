//! The Send API.

mod action;
mod attachment;
mod button;
mod control;
mod draft;
mod message;
mod purpose;
mod recipient;
mod sender;
mod template;
mod utility;

use handover_protocol::{SendRequest, SendResponse};
use serde_json::{Map, Value};

use super::contact::ContactKey;
use super::graph::UploadedFile;
use super::rate_limits::Counter;
use super::thread::{ChatMessage, MessageAuthor};
use super::{CallContext, GraphResult, Platform, Product, Refusal};
use attachment::AttachmentDraft;
use draft::{AppMessage, Draft, DraftContent};
use recipient::RecipientAddress;
use sender::CallSender;

impl Platform {
    /// `POST /{page-id}/messages`: a message, or a sender action.
    ///
    /// Checks parameters, recipient, owner and window in this order, unless
    /// [`SendChecks`](super::SendChecks) selects another. All subscribed apps get the echo and the
    /// delivery receipt. `thread_control` takes effect after sending.
    pub fn send(
        &mut self,
        call: &CallContext<'_>,
        request: &SendRequest,
    ) -> GraphResult<SendResponse> {
        match serde_json::to_value(request) {
            Ok(Value::Object(parameters)) => self.send_with(call, &parameters, None),
            _ => Err(Refusal::parameter("The parameters must be a JSON object")),
        }
    }

    /// Like [`send`](Self::send), with unparsed parameters and an uploaded file.
    pub fn send_with(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Map<String, Value>,
        upload: Option<&UploadedFile>,
    ) -> GraphResult<SendResponse> {
        let called = self.account_of_call(call)?.product;
        let address = RecipientAddress::read(parameters)?;
        let contact = match &address {
            RecipientAddress::Person(_) => None,
            RecipientAddress::Contact(key) => self.records.contact(key, call.account).cloned(),
        };
        let person = match (&address, &contact) {
            (RecipientAddress::Person(person), _) => Some(person),
            (RecipientAddress::Contact(_), contact) => {
                contact.as_ref().map(|contact| &contact.person)
            }
        };
        let thread = person.and_then(|person| self.thread(person));
        let product = thread.map_or(called, |thread| thread.product);
        let sender = CallSender {
            product,
            account: call.account,
            now: call.now,
            upload,
        };
        let draft = Draft::read(parameters, &sender, &self.records);
        let checks = self.behavior.send_checks;
        let draft = if checks.parameters_first() {
            Ok(draft?)
        } else {
            draft
        };
        let purpose = draft
            .as_ref()
            .map(|draft| draft.purpose)
            .unwrap_or_default();
        let is_action =
            matches!(&draft, Ok(draft) if matches!(draft.content, DraftContent::Action(_)));

        let Some(person) = person.cloned() else {
            return Err(address.unknown(product));
        };
        let blocked = self.records.is_blocked(&person);
        let mut tx = self.begin_for_call(call, &person)?;
        let may = tx.check_sending(call.app, purpose);
        let in_time = match is_action {
            true => Ok(()),
            false => tx.check_window(purpose, contact.as_ref()),
        };
        checks.first_of(may, in_time)?;
        if blocked {
            return Err(Refusal::person_not_available());
        }
        let draft = draft?;
        let mut response = SendResponse {
            recipient_id: address.is_answered().then(|| person.clone()),
            ..SendResponse::default()
        };
        let words = match draft.content {
            DraftContent::Message(words) => words,
            DraftContent::Action(action) => {
                tx.act(action)?;
                return Ok(tx.commit(response));
            }
        };
        if let Some(mid) = words.reply_to.as_deref() {
            tx.named_message(mid, "reply_to[mid]")?;
        }
        let plan = tx.plan(call.app, purpose, parameters)?;
        drop(tx);
        self.pace_message(call, product, &words, &address)?;

        let mut tx = self.begin_for_call(call, &person)?;
        tx.take_as_human_agent(call.app, purpose);
        let message = words.shown(ChatMessage::new(
            tx.ids.message(),
            call.now,
            MessageAuthor::App(call.app.clone()),
        ));
        let kept: Vec<_> = words
            .attached
            .into_iter()
            .filter_map(|attached| attached.keep)
            .map(|media| (tx.ids.number(), media))
            .collect();
        response.attachment_id = kept.first().map(|(id, _)| id.clone());
        response.message_id = Some(message.mid.clone());
        tx.send(&message, plan);
        let step = tx.commit(response);
        for (id, media) in kept {
            self.records.keep(id, media, call.account, call.now);
        }
        if let RecipientAddress::Contact(key) = &address {
            self.records.use_contact(key, call.now);
        }
        Ok(step)
    }

    /// Counts a message. Fails if it exceeds a rate limit.
    fn pace_message(
        &mut self,
        call: &CallContext<'_>,
        product: Product,
        words: &AppMessage,
        address: &RecipientAddress,
    ) -> Result<(), Refusal> {
        let limits = self.behavior.rate_limits;
        let heavy = words.attached.iter().any(AttachmentDraft::is_heavy);
        let (counter, limit) = if heavy {
            (Counter::Heavy, limits.heavy_messages_per_second)
        } else {
            (Counter::Messages, limits.messages_per_second)
        };
        let mut within = self.counters.count(counter, call.account, call.now, limit);
        if matches!(
            address,
            RecipientAddress::Contact(ContactKey::Comment(_) | ContactKey::Post(_))
        ) {
            let limit = limits.private_replies_per_hour;
            within &= self
                .counters
                .count(Counter::PrivateReplies, call.account, call.now, limit);
        }
        if within {
            Ok(())
        } else {
            Err(Refusal::too_many_messages(product))
        }
    }
}

impl AppMessage {
    /// Adds the message to the chat.
    fn shown(&self, message: ChatMessage) -> ChatMessage {
        let mut attachments = self.attached.iter().map(|attached| attached.shown.clone());
        ChatMessage {
            text: self.text.clone(),
            attachment: attachments.next(),
            album: attachments.collect(),
            quick_replies: self.quick_replies.clone(),
            metadata: self.metadata.clone(),
            persona: self.persona.as_ref().map(|persona| persona.name.clone()),
            reply_to: self.reply_to.clone(),
            ..message
        }
    }
}
