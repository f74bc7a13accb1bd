//! What somebody did, as a webhook of a recording shows it. The rules say what follows.
//!
//! Unlike the actions of people, these are not refused: they have happened.

use handover_protocol::{
    AccountId, AppId, Channel, EventBody, Message, MessageEdit, OutgoingAttachment, PersonId,
    Postback, Reaction, Read, Referral, Timestamp,
};
use serde_json::{Map, Value};

use super::arrival::Arrival;
use super::person::{PersonMessage, without_payload};
use super::routing::EntryPoint;
use super::thread::{ChatEntry, ChatMessage, Control, MessageAuthor, Origin};
use super::thread_tx::ThreadTx;
use super::{Ad, Platform, Product, Step, Thread, WebhookDelivery, WebhookField};

impl Platform {
    /// Adds a person whose id is known.
    pub(crate) fn meet(&mut self, account: &AccountId, person: &PersonId) {
        let product = self.account(account).map(|account| account.product);
        self.threads.push(Thread::new(
            account.clone(),
            product.unwrap_or_default(),
            person.clone(),
            "Person".to_owned(),
        ));
    }

    /// Sets the id of the next message.
    pub(crate) fn next_message(&mut self, mid: Option<&str>) {
        self.ids.use_next(mid.map(str::to_owned));
    }

    /// The owner of a thread at this time.
    pub(crate) fn owner_of(&self, person: &PersonId, now: Timestamp) -> Option<AppId> {
        self.thread(person)?.owner(now).cloned()
    }

    /// Changes the owner without a webhook.
    pub(crate) fn set_owner(&mut self, person: &PersonId, owner: Option<AppId>, now: Timestamp) {
        if let Some(tx) = self.begin(person, now) {
            let expiration = tx.in_a_day();
            tx.thread.control = match owner {
                Some(owner) => Control::Active { owner, expiration },
                None => Control::Idle,
            };
        }
    }

    /// Opens the messaging windows.
    pub(crate) fn open_windows(&mut self, person: &PersonId, now: Timestamp) {
        if let Some(thread) = self.threads.of_mut(person) {
            thread.last_opening = Some(now);
            thread.last_user_message = Some(now);
        }
    }

    /// Puts a thread back into an earlier state.
    pub(crate) fn restore(&mut self, thread: Thread) {
        if let Some(known) = self.threads.of_mut(&thread.person) {
            *known = thread;
        }
    }

    /// Keeps this many entries of a thread.
    pub(crate) fn forget_old_messages(&mut self, person: &PersonId, kept: usize) {
        if let Some(thread) = self.threads.of_mut(person)
            && thread.entries.len() > 2 * kept
        {
            let old = thread.entries.len() - kept;
            thread.entries.drain(..old);
        }
    }

    /// Adds a message from before the recording, if it is not there.
    pub(crate) fn recall(&mut self, person: &PersonId, mid: &str, author: MessageAuthor) {
        self.recall_of(person, mid, author, None);
    }

    fn recall_of(
        &mut self,
        person: &PersonId,
        mid: &str,
        author: MessageAuthor,
        origin: Option<Origin>,
    ) {
        if let Some(thread) = self.threads.of_mut(person)
            && thread.message_mut(mid).is_none()
        {
            let message = ChatMessage {
                origin,
                ..ChatMessage::new(mid.to_owned(), Timestamp::from_millis(0), author)
            };
            thread.entries.insert(0, ChatEntry::Message(message));
        }
    }

    /// The person has sent this message.
    pub(crate) fn replay_message(
        &mut self,
        person: &PersonId,
        message: &Message,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.arrive(person, message.referral.as_ref());
        self.next_message(message.mid.as_deref());
        self.replay(person, now, |tx| {
            tx.write(PersonMessage {
                text: message.text.clone(),
                quick_reply: message
                    .quick_reply
                    .as_ref()
                    .and_then(|it| it.payload.clone()),
                reply_to: message.reply_to.clone(),
                attachments: message.attachments.clone(),
            });
        })
    }

    fn arrive(&mut self, person: &PersonId, referral: Option<&Referral>) {
        let (Some(referral), Some(thread)) = (referral, self.thread(person)) else {
            return;
        };
        let account = thread.account.clone();
        let arrival = self.arrival_by(&account, referral);
        if let Some(thread) = self.threads.of_mut(person) {
            thread.arrival = arrival;
        }
    }

    /// How a referral has led here. Ads that were not known are.
    fn arrival_by(&mut self, account: &AccountId, referral: &Referral) -> Option<Arrival> {
        if let Some(id) = &referral.ad_id {
            let account = self.account_mut(account)?;
            if !account.ads.iter().any(|ad| ad.id == *id) {
                account.ads.push(Ad::new(id.clone(), ""));
            }
            return Some(Arrival::Ad(id.clone()));
        }
        referral.ref_.clone().map(Arrival::Link)
    }

    /// The person has unsent a message.
    pub(crate) fn replay_unsend(
        &mut self,
        person: &PersonId,
        mid: &str,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.recall(person, mid, MessageAuthor::Person);
        self.unsend(person, mid, now)
            .map_or_else(|_| Vec::new(), |step| step.deliveries)
    }

    /// The account has deleted a message.
    pub(crate) fn replay_deletion(
        &mut self,
        person: &PersonId,
        mid: &str,
        (author, origin): (AppId, Option<Origin>),
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.recall_of(person, mid, MessageAuthor::App(author), origin);
        let deleted = self.account_deletes(person, Some(mid), now);
        deleted.map_or_else(|_| Vec::new(), |step| step.deliveries)
    }

    /// An app, or somebody in an app of Meta's, has sent this message.
    pub(crate) fn replay_echo(
        &mut self,
        person: &PersonId,
        echo: &Message,
        author: AppId,
        origin: Option<Origin>,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        let mut attachments = echo.attachments.iter().filter_map(as_sent);
        let (attachment, album) = (attachments.next(), attachments.collect());
        let mid = echo.mid.clone().unwrap_or_default();
        let message = ChatMessage {
            text: echo.text.clone(),
            metadata: echo.metadata.clone(),
            attachment,
            album,
            origin,
            ..ChatMessage::new(mid, now, MessageAuthor::App(author))
        };
        self.replay(person, now, |tx| {
            tx.append(message.clone());
            tx.report(&message);
        })
    }

    /// The person has tapped a button.
    pub(crate) fn replay_postback(
        &mut self,
        person: &PersonId,
        postback: &Postback,
        bot: &AppId,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.arrive(person, postback.referral.as_ref());
        self.next_message(postback.mid.as_deref());
        self.replay(person, now, |tx| {
            let title = postback.title.as_deref().unwrap_or_default();
            let button = tx.thread.messages().rev().find_map(|message| {
                let mut buttons = message.buttons().into_iter();
                let button =
                    buttons.find(|button| button.title == title && button.kind == "postback")?;
                Some((message.author.clone(), button.payload))
            });
            let entry = match tx.thread.has_begun() {
                true => EntryPoint::Message,
                false => EntryPoint::GetStarted,
            };
            tx.person_acted(entry);
            let referral = postback.referral.clone();
            // Only who has sent a button gets its payload.
            let own = || {
                let payload = postback.payload.clone()?;
                Some((MessageAuthor::App(bot.clone()), Some(payload)))
            };
            match button.or_else(own) {
                Some((sender, payload)) => {
                    let (_, event) = tx.tapped(title, payload, referral);
                    tx.announce_postback(&sender, &event);
                }
                // "Get Started", the menu, or a button from before the recording.
                None => {
                    let (_, event) = tx.tapped(title, postback.payload.clone(), referral);
                    let field = WebhookField::of(tx.account.product, &event.body);
                    tx.announce_each(field, |_, channel| match channel {
                        Channel::Standby => without_payload(event.clone()),
                        _ => event.clone(),
                    });
                }
            }
        })
    }

    /// The person has read what the account wrote.
    pub(crate) fn replay_read(
        &mut self,
        person: &PersonId,
        read: &Read,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| {
            let shown = match tx.account.product {
                Product::Messenger => Read {
                    watermark: Some(read.watermark.unwrap_or(now)),
                    ..Read::default()
                },
                Product::Instagram => Read {
                    mid: Some(read.mid.clone().unwrap_or_default()),
                    ..Read::default()
                },
            };
            tx.thread.read_until = Some(now);
            let event = tx.by_person(EventBody::Read(shown));
            tx.announce(&event);
        })
    }

    /// The person has reacted, or removed a reaction.
    pub(crate) fn replay_reaction(
        &mut self,
        person: &PersonId,
        reaction: &Reaction,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| {
            let removes = reaction.action.as_deref() == Some("unreact");
            let mut shown = Reaction {
                action: reaction.action.clone(),
                mid: Some(reaction.mid.clone().unwrap_or_default()),
                ..Reaction::default()
            };
            if !removes {
                shown.reaction = Some(reaction.reaction.clone().unwrap_or_default());
                shown.emoji = Some(reaction.emoji.clone().unwrap_or_default());
                tx.thread.last_opening = Some(now);
            }
            let event = tx.by_person(EventBody::Reaction(shown));
            tx.announce(&event);
        })
    }

    /// The person has edited a message.
    pub(crate) fn replay_edit(
        &mut self,
        person: &PersonId,
        edit: &MessageEdit,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| {
            let shown = MessageEdit {
                mid: Some(edit.mid.clone().unwrap_or_default()),
                text: Some(edit.text.clone().unwrap_or_default()),
                num_edit: edit.num_edit,
                ..MessageEdit::default()
            };
            let event = tx.by_person(EventBody::MessageEdit(shown));
            tx.announce(&event);
        })
    }

    /// The person opened the thread through a link or an ad.
    pub(crate) fn replay_referral(
        &mut self,
        person: &PersonId,
        referral: &Referral,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        let account = self.thread(person).map(|thread| thread.account.clone());
        let arrival = account.and_then(|account| self.arrival_by(&account, referral));
        self.replay(person, now, |tx| {
            match arrival {
                Some(Arrival::Link(link)) => {
                    tx.thread.last_opening = Some(now);
                    tx.route(EntryPoint::Link(&link));
                }
                Some(Arrival::Ad(id)) => {
                    if let Some(ad) = tx.ad(&id) {
                        tx.route(EntryPoint::Ad(ad));
                    }
                }
                None => tx.route(EntryPoint::Message),
            }
            let event = tx.by_person(EventBody::Referral(referral.clone()));
            tx.announce_on_messaging(&event);
        })
    }

    /// Something of which the rules only say which apps hear it.
    pub(crate) fn replay_other(
        &mut self,
        person: &PersonId,
        body: &EventBody,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| {
            let event = tx.by_person(body.clone());
            tx.announce(&event);
        })
    }

    /// The owner, an agent or a Lead Ad has passed the thread.
    pub(crate) fn replay_pass(
        &mut self,
        person: &PersonId,
        target: &AppId,
        metadata: Option<String>,
        entry_extra: Map<String, Value>,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| {
            tx.pass_with_extra(target, metadata, entry_extra);
        })
    }

    /// An app or an agent has taken the thread.
    pub(crate) fn replay_take(
        &mut self,
        person: &PersonId,
        taker: &AppId,
        metadata: Option<&str>,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| tx.take(taker, metadata))
    }

    /// An app or an agent has requested the thread.
    pub(crate) fn replay_request(
        &mut self,
        person: &PersonId,
        asker: &AppId,
        metadata: Option<String>,
        now: Timestamp,
    ) -> Vec<WebhookDelivery> {
        self.replay(person, now, |tx| tx.ask_for(asker, metadata))
    }

    fn replay(
        &mut self,
        person: &PersonId,
        now: Timestamp,
        act: impl FnOnce(&mut ThreadTx<'_>),
    ) -> Vec<WebhookDelivery> {
        let Some(mut tx) = self.begin(person, now) else {
            return Vec::new();
        };
        act(&mut tx);
        let Step { deliveries, .. } = tx.commit(());
        deliveries
    }
}

/// An attachment of an echo in the form in which it was sent.
fn as_sent(attachment: &handover_protocol::Attachment) -> Option<OutgoingAttachment> {
    let mut written = serde_json::to_value(attachment).ok()?;
    if written.get("payload").is_none() {
        written["payload"] = Value::Object(Map::new());
    }
    serde_json::from_value(written).ok()
}
