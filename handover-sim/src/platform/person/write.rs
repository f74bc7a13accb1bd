use handover_protocol::{
    Attachment, Event, EventBody, Message, MessageEdit, PersonId, QuickReplyChoice, Referral,
    ReplyTo, Story, Timestamp,
};

use super::super::routing::Entry;
use super::super::scene::Scene;
use super::super::thread::{Author, ChatMessage, Line};
use super::super::{ActError, Field, NewMessageEdit, Platform, Product, Step};
use super::shared;

/// The account's only story.
const STORY: &str = "17895";

impl Platform {
    /// The person writes a text. The answer is the message's id.
    pub fn say(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        let mid = scene.write(Words::of(text));
        Ok(scene.close(mid))
    }

    /// The person answers one message of the thread in particular.
    pub fn reply(
        &mut self,
        person: &PersonId,
        mid: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        let own = scene.message(mid)?.author == Author::Person;
        let mid = scene.write(Words {
            reply_to: Some(ReplyTo {
                mid: Some(mid.to_owned()),
                is_self_reply: Some(own),
                ..ReplyTo::default()
            }),
            ..Words::of(text)
        });
        Ok(scene.close(mid))
    }

    /// The person answers a story of the account, which only Instagram has.
    pub fn reply_to_story(
        &mut self,
        person: &PersonId,
        story: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if scene.account.product != Product::Instagram {
            return Err(ActError::NoStories);
        }
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        if story.trim().is_empty() {
            return Err(ActError::NoUrl("story".to_owned()));
        }
        let mid = scene.write(Words {
            reply_to: Some(ReplyTo {
                story: Some(Story {
                    url: Some(story.to_owned()),
                    id: Some(STORY.to_owned()),
                    ..Story::default()
                }),
                ..ReplyTo::default()
            }),
            ..Words::of(text)
        });
        Ok(scene.close(mid))
    }

    /// The person sends something that is no text: `image`, `audio`, `video`, `file`, and what else
    /// the product knows. The error lists it.
    ///
    /// Stickers on Instagram show in the chat, and no app hears of them.
    pub fn attach(
        &mut self,
        person: &PersonId,
        kind: &str,
        url: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let product = scene.account.product;
        let Some(attachment) = shared::attachment(product, kind, url) else {
            return Err(ActError::NoSuchAttachment {
                kind: kind.to_owned(),
                product,
                known: shared::kinds(product).collect(),
            });
        };
        if url.trim().is_empty() && shared::needs_url(kind) {
            return Err(ActError::NoUrl(kind.to_owned()));
        }
        let words = Words {
            attachment: Some(attachment),
            ..Words::default()
        };
        let mid = if shared::is_silent(product, kind) {
            scene.hear(Entry::Message);
            scene.put(&words)
        } else {
            scene.write(words)
        };
        Ok(scene.close(mid))
    }
}

/// What a person writes.
#[derive(Default)]
pub(super) struct Words {
    pub(super) text: Option<String>,
    pub(super) quick_reply: Option<String>,
    pub(super) reply_to: Option<ReplyTo>,
    pub(super) attachment: Option<Attachment>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }
}

impl Scene<'_> {
    /// Puts what the person writes into the thread and tells the audience.
    pub(super) fn write(&mut self, words: Words) -> String {
        let is_first = !self.thread.has_begun();
        let referral = self.hear(Entry::Message);
        let mid = self.put(&words);
        let message = Message {
            mid: Some(mid.clone()),
            text: words.text,
            quick_reply: words.quick_reply.map(|payload| QuickReplyChoice {
                payload: Some(payload),
                ..QuickReplyChoice::default()
            }),
            reply_to: words.reply_to,
            attachments: words.attachment.into_iter().collect(),
            ..Message::default()
        };
        let edit = self.new_message_edit(&mid);
        if self.choices.instagram_new_message_edit == NewMessageEdit::Only && edit.is_some() {
            // The message itself is not told.
        } else if let Some(referral) = referral {
            self.announce_with_referral(message, &referral);
        } else {
            self.announce(&self.by_person(EventBody::Message(message)));
        }
        if let Some(edit) = edit {
            self.announce(&edit);
        }
        self.answer_by_itself(is_first);
        mid
    }

    /// What Instagram sends with a new message as if it had been edited.
    fn new_message_edit(&self, mid: &str) -> Option<Event> {
        let chosen = self.choices.instagram_new_message_edit;
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

    /// A message shows how the person came here only to apps that are subscribed to referrals, too.
    fn announce_with_referral(&mut self, message: Message, referral: &Referral) {
        let without = self.by_person(EventBody::Message(message));
        let with = with_referral(without.clone(), referral);
        let field = Field::of(self.account.product, &without.body);
        let referrals = Field::referrals(self.account.product);
        for (app, channel) in self.audience(field) {
            let event = match self.hears(app, referrals) {
                true => with.clone(),
                false => without.clone(),
            };
            self.deliver(app, channel, event);
        }
    }

    /// Puts a line of the person's into the thread.
    pub(super) fn put(&mut self, words: &Words) -> String {
        let mid = self.ids.message();
        let reply_to = words.reply_to.as_ref();
        self.thread.lines.push(Line::Message(ChatMessage {
            text: words.text.clone(),
            attachment: words.attachment.as_ref().and_then(shared::as_shown),
            reply_to: reply_to.and_then(|reply_to| reply_to.mid.clone()),
            ..ChatMessage::new(mid.clone(), self.now, Author::Person)
        }));
        mid
    }

    /// A message that is still there.
    pub(in super::super) fn message(&mut self, mid: &str) -> Result<&mut ChatMessage, ActError> {
        self.thread
            .message_mut(mid)
            .filter(|message| !message.unsent)
            .ok_or_else(|| ActError::NoSuchMessage(mid.to_owned()))
    }

    /// A message of the person's own that is still there.
    pub(super) fn own_message(&mut self, mid: &str) -> Result<&mut ChatMessage, ActError> {
        let message = self.message(mid)?;
        match message.author {
            Author::Person => Ok(message),
            Author::App(_) => Err(ActError::NotTheirs(mid.to_owned())),
        }
    }
}

fn with_referral(mut event: Event, referral: &Referral) -> Event {
    if let EventBody::Message(message) = &mut event.body {
        message.referral = Some(referral.clone());
    }
    event
}
