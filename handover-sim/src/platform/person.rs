//! What the person does on their phone.

use handover_protocol::{
    Channel, Event, EventBody, Message, PersonId, Postback, QuickReply, QuickReplyChoice, Read,
    Timestamp,
};

use super::scene::Scene;
use super::thread::{Author, ChatMessage, Control, HandoverKind, Line};
use super::{ActError, Field, Platform, Step};

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
        let mid = scene.write(text, None);
        Ok(scene.close(mid))
    }

    /// The person taps "Get Started" on an empty thread.
    pub fn get_started(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if scene.thread.messages().next().is_some() {
            return Err(ActError::AlreadyStarted);
        }
        let mid = scene.hear("Get Started");
        let event = scene.by_person(EventBody::Postback(Postback {
            mid: Some(mid.clone()),
            title: Some("Get Started".to_owned()),
            payload: Some(scene.account.get_started.clone()),
            ..Postback::default()
        }));
        let field = Field::of(scene.account.product, &event.body);
        scene.announce_each(field, |_, channel| match channel {
            Channel::Standby => without_payload(event.clone()),
            _ => event.clone(),
        });
        Ok(scene.close(mid))
    }

    /// The person taps a quick reply of the newest message.
    pub fn tap_quick_reply(
        &mut self,
        person: &PersonId,
        title: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let newest = scene.thread.messages().next_back();
        let offered = newest.map_or(&[][..], |message| &message.quick_replies);
        let payload = offered
            .iter()
            .find_map(|reply| match reply {
                QuickReply::Text {
                    title: t, payload, ..
                } if t == title => Some(payload.clone()),
                _ => None,
            })
            .ok_or_else(|| ActError::NoSuchQuickReply {
                title: title.to_owned(),
                offered: offered.iter().filter_map(title_of).collect(),
            })?;
        let mid = scene.write(title, Some(payload));
        Ok(scene.close(mid))
    }

    /// The person taps a postback button: the message's `index`th, counting its buttons of every
    /// kind from 0 in the order of reading.
    ///
    /// The payload goes to the app that sent the button, on `messaging`, whoever owns the thread.
    /// Everybody else learns of the tap without it.
    pub fn tap_button(
        &mut self,
        person: &PersonId,
        mid: &str,
        index: usize,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let message = scene.thread.messages().find(|message| message.mid == mid);
        let buttons = message.map(ChatMessage::buttons).unwrap_or_default();
        let postback = buttons
            .get(index)
            .filter(|button| button.kind == "postback");
        let (Some(message), Some(button)) = (message, postback) else {
            return Err(ActError::NoSuchButton {
                title: format!("number {index} of message {mid}"),
                offered: buttons.into_iter().map(|button| button.title).collect(),
            });
        };
        let sender = message.author.clone();
        let mid = scene.hear(&button.title);
        let event = scene.by_person(EventBody::Postback(Postback {
            mid: Some(mid.clone()),
            title: Some(button.title.clone()),
            payload: button.payload.clone(),
            ..Postback::default()
        }));
        scene.announce_postback(&sender, &event);
        Ok(scene.close(mid))
    }

    /// The person's chat shows all there is. The answer says whether anything was unread.
    pub fn read(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<bool>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let unread = scene.thread.messages().any(|message| {
            matches!(message.author, Author::App(_)) && !scene.thread.has_read(message)
        });
        if unread {
            scene.thread.read_until = Some(now);
            let event = scene.by_person(EventBody::Read(Read {
                watermark: Some(now),
                ..Read::default()
            }));
            scene.announce(&event);
        }
        Ok(scene.close(unread))
    }
}

impl Scene<'_> {
    fn write(&mut self, text: &str, quick_reply: Option<String>) -> String {
        let mid = self.hear(text);
        let event = self.by_person(EventBody::Message(Message {
            mid: Some(mid.clone()),
            text: Some(text.to_owned()),
            quick_reply: quick_reply.map(|payload| QuickReplyChoice {
                payload: Some(payload),
                ..QuickReplyChoice::default()
            }),
            ..Message::default()
        }));
        self.announce(&event);
        mid
    }

    /// Puts the person's line into the thread. An idle thread is routed first; control lasts at
    /// least a day from here.
    fn hear(&mut self, text: &str) -> String {
        let in_a_day = self.in_a_day();
        self.thread.last_user_message = Some(self.now);
        self.thread.last_opening = Some(self.now);
        match (&mut self.thread.control, self.account.routing.default_app()) {
            (Control::Active { expiration, .. }, _) => *expiration = (*expiration).max(in_a_day),
            (Control::Idle, Some(default)) => {
                self.give_to(Some(default.clone()), HandoverKind::Routed, None);
            }
            (Control::Idle, None) => {}
        }
        let mid = self.ids.message();
        self.thread.lines.push(Line::Message(ChatMessage {
            text: Some(text.to_owned()),
            ..ChatMessage::new(mid.clone(), self.now, Author::Person)
        }));
        mid
    }

    /// A tap on a button: whole to the app that sent it, without the payload to the audience.
    fn announce_postback(&mut self, sender: &Author, event: &Event) {
        let field = Field::of(self.account.product, &event.body);
        let sender = match sender {
            Author::App(app) if self.hears(app, field) => Some(app),
            _ => None,
        };
        if let Some(sender) = sender {
            self.deliver(sender, Channel::Messaging, event.clone());
        }
        for (app, channel) in self.audience(field) {
            if sender != Some(app) {
                self.deliver(app, channel, without_payload(event.clone()));
            }
        }
    }
}

fn without_payload(mut event: Event) -> Event {
    if let EventBody::Postback(postback) = &mut event.body {
        postback.payload = None;
    }
    event
}

fn title_of(reply: &QuickReply) -> Option<String> {
    match reply {
        QuickReply::Text { title, .. } => Some(title.clone()),
        _ => None,
    }
}
