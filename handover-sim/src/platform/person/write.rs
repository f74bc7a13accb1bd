use handover_protocol::{
    Attachment, Event, EventBody, Message, MessageEdit, PersonId, QuickReplyChoice, Referral,
    ReplyTo, Story, Timestamp,
};

use super::super::routing::EntryPoint;
use super::super::thread::{ChatEntry, ChatMessage, MessageAuthor};
use super::super::thread_tx::ThreadTx;
use super::super::{ActionError, NewMessageEdit, Platform, Product, Step, WebhookField};
use super::shared;

/// Id of the account's only story.
const STORY: &str = "17895";

impl Platform {
    /// The person sends a text. Returns the message id.
    pub fn say(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        let mid = tx.write(PersonMessage::of(text));
        Ok(tx.commit(mid))
    }

    /// The person replies to a message of the thread.
    pub fn reply(
        &mut self,
        person: &PersonId,
        mid: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        let own = tx.message(mid)?.author == MessageAuthor::Person;
        let mid = tx.write(PersonMessage {
            reply_to: Some(ReplyTo {
                mid: Some(mid.to_owned()),
                is_self_reply: Some(own),
                ..ReplyTo::default()
            }),
            ..PersonMessage::of(text)
        });
        Ok(tx.commit(mid))
    }

    /// The person replies to a story of the account. Only on Instagram.
    pub fn reply_to_story(
        &mut self,
        person: &PersonId,
        story: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if tx.account.product != Product::Instagram {
            return Err(ActionError::NoStories);
        }
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        if story.trim().is_empty() {
            return Err(ActionError::NoUrl("story".to_owned()));
        }
        let mid = tx.write(PersonMessage {
            reply_to: Some(ReplyTo {
                story: Some(Story {
                    url: Some(story.to_owned()),
                    id: Some(STORY.to_owned()),
                    ..Story::default()
                }),
                ..ReplyTo::default()
            }),
            ..PersonMessage::of(text)
        });
        Ok(tx.commit(mid))
    }

    /// The person sends an attachment: `image`, `audio`, `video`, `file` and others; the error
    /// lists all.
    ///
    /// Stickers on Instagram only appear in the chat. They cause no webhook.
    pub fn attach(
        &mut self,
        person: &PersonId,
        kind: &str,
        url: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let product = tx.account.product;
        let Some(attachment) = shared::attachment(product, kind, url) else {
            return Err(ActionError::NoSuchAttachment {
                kind: kind.to_owned(),
                product,
                known: shared::kinds(product).collect(),
            });
        };
        if url.trim().is_empty() && shared::needs_url(kind) {
            return Err(ActionError::NoUrl(kind.to_owned()));
        }
        let words = PersonMessage {
            attachments: vec![attachment],
            ..PersonMessage::default()
        };
        let mid = if shared::is_silent(product, kind) {
            tx.person_acted(EntryPoint::Message);
            tx.put(&words)
        } else {
            tx.write(words)
        };
        Ok(tx.commit(mid))
    }
}

/// Message of a person.
#[derive(Default)]
pub(in super::super) struct PersonMessage {
    pub(in super::super) text: Option<String>,
    pub(in super::super) quick_reply: Option<String>,
    pub(in super::super) reply_to: Option<ReplyTo>,
    pub(in super::super) attachments: Vec<Attachment>,
}

impl PersonMessage {
    pub(super) fn of(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }
}

impl ThreadTx<'_> {
    /// Adds the person's message to the thread and delivers it.
    pub(in super::super) fn write(&mut self, words: PersonMessage) -> String {
        let is_first = !self.thread.has_begun();
        let referral = self.person_acted(EntryPoint::Message);
        let mid = self.put(&words);
        let message = Message {
            mid: Some(mid.clone()),
            text: words.text,
            quick_reply: words.quick_reply.map(|payload| QuickReplyChoice {
                payload: Some(payload),
                ..QuickReplyChoice::default()
            }),
            reply_to: words.reply_to,
            attachments: words.attachments,
            ..Message::default()
        };
        let edit = self.new_message_edit(&mid);
        if self.behavior.instagram_new_message_edit == NewMessageEdit::Only && edit.is_some() {
            // The message itself is not delivered.
        } else if let Some(referral) = referral {
            self.announce_with_referral(message, &referral);
        } else {
            self.announce(&self.by_person(EventBody::Message(message)));
        }
        if let Some(edit) = edit {
            self.announce(&edit);
        }
        self.send_automatic_reply(is_first);
        mid
    }

    /// Returns the `message_edit` event that Instagram sends with a new message.
    fn new_message_edit(&self, mid: &str) -> Option<Event> {
        let chosen = self.behavior.instagram_new_message_edit;
        if self.account.product != Product::Instagram || chosen == NewMessageEdit::Never {
            return None;
        }
        let mut event = self.by_person(EventBody::MessageEdit(MessageEdit {
            mid: Some(mid.to_owned()),
            num_edit: Some(0),
            ..MessageEdit::default()
        }));
        if chosen != NewMessageEdit::WithParties {
            event.sender = None;
            event.recipient = None;
        }
        Some(event)
    }

    /// Delivers a message, with the referral only to apps that are also subscribed to referrals.
    fn announce_with_referral(&mut self, message: Message, referral: &Referral) {
        let without = self.by_person(EventBody::Message(message));
        let with = with_referral(without.clone(), referral);
        let field = WebhookField::of(self.account.product, &without.body);
        let referrals = WebhookField::referrals(self.account.product);
        for (app, channel) in self.audience(field) {
            let event = match self.receives(app, referrals) {
                true => with.clone(),
                false => without.clone(),
            };
            self.deliver(app, channel, event);
        }
    }

    /// Adds a message of the person to the thread.
    pub(super) fn put(&mut self, words: &PersonMessage) -> String {
        let mid = self.ids.message();
        let reply_to = words.reply_to.as_ref();
        self.thread.entries.push(ChatEntry::Message(ChatMessage {
            text: words.text.clone(),
            attachment: words.attachments.first().and_then(shared::as_shown),
            reply_to: reply_to.and_then(|reply_to| reply_to.mid.clone()),
            ..ChatMessage::new(mid.clone(), self.now, MessageAuthor::Person)
        }));
        mid
    }

    /// Returns a message that was not unsent.
    pub(in super::super) fn message(&mut self, mid: &str) -> Result<&mut ChatMessage, ActionError> {
        self.thread
            .message_mut(mid)
            .filter(|message| !message.unsent)
            .ok_or_else(|| ActionError::NoSuchMessage(mid.to_owned()))
    }

    /// Returns a message of the person that was not unsent.
    pub(super) fn own_message(&mut self, mid: &str) -> Result<&mut ChatMessage, ActionError> {
        let message = self.message(mid)?;
        match message.author {
            MessageAuthor::Person => Ok(message),
            MessageAuthor::App(_) => Err(ActionError::NotTheirs(mid.to_owned())),
        }
    }
}

fn with_referral(mut event: Event, referral: &Referral) -> Event {
    if let EventBody::Message(message) = &mut event.body {
        message.referral = Some(referral.clone());
    }
    event
}
