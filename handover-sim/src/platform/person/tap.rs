use handover_protocol::{
    Channel, Event, EventBody, PersonId, Postback, QuickReply, Referral, Timestamp,
};

use super::super::routing::Entry;
use super::super::scene::Scene;
use super::super::thread::Author;
use super::super::{ActError, Field, Platform, Step, Thread};
use super::write::Words;

impl Platform {
    /// The person taps "Get Started" on an empty thread. If a link or an ad led them here, the
    /// postback says so.
    pub fn get_started(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if scene.thread.has_begun() {
            return Err(ActError::AlreadyStarted);
        }
        let Some(payload) = scene.account.get_started.clone() else {
            return Err(ActError::NoSuchButton {
                title: "Get Started".to_owned(),
                offered: Vec::new(),
            });
        };
        let referral = scene.hear(Entry::GetStarted);
        let (mid, event) = scene.tapped("Get Started", Some(payload), referral);
        let field = Field::of(scene.account.product, &event.body);
        scene.announce_each(field, |_, channel| match channel {
            Channel::Standby => without_payload(event.clone()),
            _ => event.clone(),
        });
        Ok(scene.close(mid))
    }

    /// The person taps a quick reply of the newest message: one of its titles, or
    /// `user_phone_number` or `user_email` for what their profile says.
    pub fn tap_quick_reply(
        &mut self,
        person: &PersonId,
        title: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let newest = scene.thread.messages().next_back();
        let offered = newest.map_or(&[][..], |message| &message.quick_replies);
        let tapped = offered.iter().find(|reply| title_of(reply) == title);
        let (text, payload) = match tapped {
            Some(reply) => match reply.content_type.as_str() {
                "user_phone_number" => same(phone_number(scene.thread)),
                "user_email" => same(email(scene.thread)),
                _ => (
                    reply.title.clone().unwrap_or_default(),
                    reply.payload.clone().unwrap_or_default(),
                ),
            },
            None => {
                return Err(ActError::NoSuchQuickReply {
                    title: title.to_owned(),
                    offered: offered.iter().map(title_of).map(str::to_owned).collect(),
                });
            }
        };
        let mid = scene.write(Words {
            quick_reply: Some(payload),
            ..Words::of(&text)
        });
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
        let message = scene.message(mid).ok();
        let buttons = message.as_ref().map(|message| message.buttons());
        let buttons = buttons.unwrap_or_default();
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
        let referral = scene.hear(Entry::Message);
        let (mid, event) = scene.tapped(&button.title, button.payload.clone(), referral);
        scene.announce_postback(&sender, &event);
        Ok(scene.close(mid))
    }
}

impl Scene<'_> {
    /// Puts a tap into the thread.
    fn tapped(
        &mut self,
        title: &str,
        payload: Option<String>,
        referral: Option<Referral>,
    ) -> (String, Event) {
        let mid = self.put(&Words::of(title));
        let event = self.by_person(EventBody::Postback(Postback {
            mid: Some(mid.clone()),
            title: Some(title.to_owned()),
            payload,
            referral,
            ..Postback::default()
        }));
        (mid, event)
    }

    /// A tap on a button: whole to the app that sent it, without the payload to the audience.
    fn announce_postback(&mut self, sender: &Author, event: &Event) {
        let field = Field::of(self.account.product, &event.body);
        let sender = match sender {
            Author::App(app) if self.is_silent() || !self.hears(app, field) => None,
            Author::App(app) => Some(app),
            Author::Person => None,
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

fn title_of(reply: &QuickReply) -> &str {
    reply.title.as_deref().unwrap_or(&reply.content_type)
}

fn same(value: String) -> (String, String) {
    (value.clone(), value)
}

/// What a person's profile says is made up from their name and id.
fn email(thread: &Thread) -> String {
    let mut name = thread.name.to_lowercase();
    name.retain(char::is_alphanumeric);
    format!("{name}@example.com")
}

fn phone_number(thread: &Thread) -> String {
    let id = thread.person.as_str();
    let digits: String = id.chars().filter(char::is_ascii_digit).take(4).collect();
    format!("+1555010{digits:0>4}")
}
