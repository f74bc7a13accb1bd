//! Echoes and delivery receipts.

use handover_protocol::{AppId, Attachment, Delivery, EventBody, Message, OutgoingAttachment};
use serde_json::{Map, Value};

use super::thread::{ChatEntry, ChatMessage, MessageAuthor, Origin};
use super::thread_tx::ThreadTx;
use super::{EchoAppId, EchoedTemplate, Product};

impl ThreadTx<'_> {
    /// Adds a message of the account to the thread, which ends the typing indicator.
    pub(super) fn append(&mut self, message: ChatMessage) {
        self.thread.typing_since = None;
        if let (MessageAuthor::App(app), None) = (&message.author, message.origin) {
            self.claim_by_sending(app);
        }
        self.thread.entries.push(ChatEntry::Message(message));
    }

    /// Sends the echo of a message and, on Messenger, the delivery receipt.
    pub(super) fn report(&mut self, message: &ChatMessage) {
        let MessageAuthor::App(app) = &message.author else {
            return;
        };
        let attachments = message.attachment.iter().chain(&message.album);
        let echo = self.by_account(EventBody::Echo(Message {
            mid: Some(message.mid.clone()),
            is_echo: true,
            app_id: self.echoed_app(app, message.origin),
            text: message.text.clone(),
            metadata: message.metadata.clone(),
            ai_generated: message.origin == Some(Origin::Ai),
            attachments: attachments.filter_map(|one| self.echoed(one)).collect(),
            ..Message::default()
        }));
        self.announce(&echo);
        if self.account.product == Product::Instagram {
            return;
        }
        let delivery = self.by_person(EventBody::Delivery(Delivery {
            mids: vec![message.mid.clone()],
            watermark: Some(self.now),
            ..Delivery::default()
        }));
        self.announce(&delivery);
    }

    /// `app_id` of an echo. Meta's AI has the id of the Page Inbox.
    pub(super) fn echoed_app(&self, app: &AppId, origin: Option<Origin>) -> Option<AppId> {
        let hidden = self.account.product == Product::Instagram
            && self.behavior.instagram_echo_app_id == EchoAppId::Absent;
        match origin {
            _ if hidden => None,
            Some(Origin::NativeApp) => None,
            Some(Origin::Ai) => Some(AppId::PAGE_INBOX),
            _ => Some(app.clone()),
        }
    }

    /// Attachment in the form of echoes.
    fn echoed(&self, attachment: &OutgoingAttachment) -> Option<Attachment> {
        let mut written = serde_json::to_value(attachment).ok()?;
        if self.account.product == Product::Instagram {
            let payload = written.get_mut("payload").and_then(Value::as_object_mut);
            if let Some(payload) = payload {
                self.behavior.instagram_templates.apply_to(payload);
            }
        }
        serde_json::from_value(written).ok()
    }
}

impl EchoedTemplate {
    fn apply_to(self, payload: &mut Map<String, Value>) {
        if self == Self::AsSent {
            return;
        }
        let Some(Value::String(kind)) = payload.remove("template_type") else {
            return;
        };
        let mut template = std::mem::take(payload);
        if self == Self::Empty {
            template.retain(|_, part| part.is_array());
            for part in template.values_mut() {
                *part = Value::Array(Vec::new());
            }
        }
        payload.insert(kind, template.into());
    }
}
