use handover_protocol::{
    Channel, Event, EventBody, PersonId, Postback, QuickReply, Referral, Timestamp,
};

use super::super::routing::EntryPoint;
use super::super::thread::MessageAuthor;
use super::super::thread_tx::ThreadTx;
use super::super::{ActionError, Platform, Step, Thread, WebhookField};
use super::write::PersonMessage;

impl Platform {
    /// The person taps "Get Started" in an empty thread. The postback contains the referral of a
    /// link or ad.
    pub fn get_started(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if tx.thread.has_begun() {
            return Err(ActionError::AlreadyStarted);
        }
        let Some(payload) = tx.account.get_started.clone() else {
            return Err(ActionError::NoSuchButton {
                title: "Get Started".to_owned(),
                offered: Vec::new(),
            });
        };
        let referral = tx.person_acted(EntryPoint::GetStarted);
        let (mid, event) = tx.tapped("Get Started", Some(payload), referral);
        let field = WebhookField::of(tx.account.product, &event.body);
        tx.announce_each(field, |_, channel| match channel {
            Channel::Standby => without_payload(event.clone()),
            _ => event.clone(),
        });
        Ok(tx.commit(mid))
    }

    /// The person taps a quick reply of the newest message by its title. `user_phone_number` and
    /// `user_email` send the data of the profile.
    pub fn tap_quick_reply(
        &mut self,
        person: &PersonId,
        title: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let newest = tx.thread.messages().next_back();
        let newest = newest.filter(|message| !message.unsent);
        let offered = newest.map_or(&[][..], |message| &message.quick_replies);
        let tapped = offered.iter().find(|reply| title_of(reply) == title);
        let (text, payload) = match tapped {
            Some(reply) => match reply.content_type.as_str() {
                "user_phone_number" => same(phone_number(tx.thread)),
                "user_email" => same(email(tx.thread)),
                _ => (
                    reply.title.clone().unwrap_or_default(),
                    reply.payload.clone().unwrap_or_default(),
                ),
            },
            None => {
                return Err(ActionError::NoSuchQuickReply {
                    title: title.to_owned(),
                    offered: offered.iter().map(title_of).map(str::to_owned).collect(),
                });
            }
        };
        let mid = tx.write(PersonMessage {
            quick_reply: Some(payload),
            ..PersonMessage::of(&text)
        });
        Ok(tx.commit(mid))
    }

    /// The person taps a postback button. `index` counts all buttons of the message from 0.
    ///
    /// The app that sent the button gets the payload on `messaging`, whoever owns the thread. Other
    /// apps get the postback without payload.
    pub fn tap_button(
        &mut self,
        person: &PersonId,
        mid: &str,
        index: usize,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let message = tx.message(mid).ok();
        let buttons = message.as_ref().map(|message| message.buttons());
        let buttons = buttons.unwrap_or_default();
        let postback = buttons
            .get(index)
            .filter(|button| button.kind == "postback");
        let (Some(message), Some(button)) = (message, postback) else {
            return Err(ActionError::NoSuchButton {
                title: format!("number {index} of message {mid}"),
                offered: buttons.into_iter().map(|button| button.title).collect(),
            });
        };
        let sender = message.author.clone();
        let referral = tx.person_acted(EntryPoint::Message);
        let (mid, event) = tx.tapped(&button.title, button.payload.clone(), referral);
        tx.announce_postback(&sender, &event);
        Ok(tx.commit(mid))
    }
}

impl ThreadTx<'_> {
    /// Adds a tap to the thread.
    pub(in super::super) fn tapped(
        &mut self,
        title: &str,
        payload: Option<String>,
        referral: Option<Referral>,
    ) -> (String, Event) {
        let mid = self.put(&PersonMessage::of(title));
        let event = self.by_person(EventBody::Postback(Postback {
            mid: Some(mid.clone()),
            title: Some(title.to_owned()),
            payload,
            referral,
            ..Postback::default()
        }));
        (mid, event)
    }

    /// Delivers a postback: with payload to the app that sent the button, without to the others.
    pub(in super::super) fn announce_postback(&mut self, sender: &MessageAuthor, event: &Event) {
        let field = WebhookField::of(self.account.product, &event.body);
        let sender = match sender {
            MessageAuthor::App(app) if self.is_silent() || !self.receives(app, field) => None,
            MessageAuthor::App(app) => Some(app),
            MessageAuthor::Person => None,
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

pub(in super::super) fn without_payload(mut event: Event) -> Event {
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

/// The phone number and email are derived from the name and id.
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
