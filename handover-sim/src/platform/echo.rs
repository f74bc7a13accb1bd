//! What apps hear of the messages they send.

use handover_protocol::{Attachment, Delivery, EventBody, Message, OutgoingAttachment};

use super::Product;
use super::scene::Scene;
use super::thread::{Author, ChatMessage, Line};

impl Scene<'_> {
    /// Puts a message of the account into the thread: whoever was typing is done with it.
    pub(super) fn append(&mut self, message: ChatMessage) {
        self.thread.typing_since = None;
        if let Author::App(app) = &message.author {
            self.claim_by_sending(app);
        }
        self.thread.lines.push(Line::Message(message));
    }

    /// The echo of a message, and the news that it has reached the person's phone, which Instagram
    /// keeps to itself.
    pub(super) fn report(&mut self, message: &ChatMessage) {
        let Author::App(app) = &message.author else {
            return;
        };
        let echo = self.by_account(EventBody::Echo(Message {
            mid: Some(message.mid.clone()),
            is_echo: true,
            app_id: Some(app.clone()),
            text: message.text.clone(),
            metadata: message.metadata.clone(),
            attachments: message
                .attachment
                .iter()
                .chain(&message.album)
                .filter_map(echoed)
                .collect(),
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
}

/// An attachment as echoes show it: the way it was sent.
fn echoed(attachment: &OutgoingAttachment) -> Option<Attachment> {
    serde_json::from_value(serde_json::to_value(attachment).ok()?).ok()
}
