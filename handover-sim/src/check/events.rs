//! What somebody did, found out from an event of which the rules did not say that it comes.

use handover_protocol::{AppId, Channel, Event, EventBody, PersonId};

use super::compare::{Aspect, Mismatch};
use super::replay::{RulesReplay, differences_of, is_same};
use super::steps::{ReceivedItem, StepContent};
use crate::platform::{
    IdleMessage, InboxDone, MessageAuthor, Origin, Product, Thread, WebhookDelivery,
};

/// How an item fits a prediction.
struct Fit {
    /// Place of the delivery that it is.
    place: Option<usize>,
    mismatches: Vec<Mismatch>,
}

impl RulesReplay<'_> {
    /// Finds out what somebody did, and what follows by the rules.
    pub(super) fn happened(
        &mut self,
        place: usize,
        line: usize,
        person: &PersonId,
        item: &ReceivedItem,
    ) {
        self.correct_previous_owner(person, &item.event.body);
        let before = self.platform.thread(person).cloned();
        let (mut deliveries, mut fit) = self.attempt(person, item);
        if !fit.mismatches.is_empty()
            && let Some(before) = before
        {
            let base = self.platform.thread(person).cloned();
            let mut explained = false;
            for owner in self.unseen_owners(person, &before) {
                self.platform.restore(before.clone());
                self.platform.set_owner(person, owner, self.time());
                let (others, other_fit) = self.attempt(person, item);
                let changes_channel = |mismatch: &Mismatch| {
                    matches!(mismatch.aspect, Aspect::Channel | Aspect::UnexpectedEvent)
                };
                let better = other_fit.place.is_some()
                    && !other_fit.mismatches.iter().any(changes_channel)
                    && fit.mismatches.iter().any(changes_channel);
                if better && other_fit.mismatches.len() < fit.mismatches.len() {
                    (deliveries, fit, explained) = (others, other_fit, true);
                    break;
                }
            }
            if let (false, Some(base)) = (explained, base) {
                self.platform.restore(base);
            }
        }
        let contradicts = fit
            .mismatches
            .iter()
            .any(|mismatch| matches!(mismatch.aspect, Aspect::Channel | Aspect::UnexpectedEvent));
        for mismatch in std::mem::take(&mut fit.mismatches) {
            self.report_item(line, person, item, mismatch, false);
        }
        let is_handover = item.event.body.kind().ends_with("_thread_control");
        if contradicts {
            self.unsettled.insert(person.clone());
        } else if is_handover || self.came_to_the_owner(person, item) {
            self.unsettled.remove(person);
        }
        if let Some(own) = fit.place {
            for before in &deliveries[..own] {
                if self.comes_later(place, &before.event) {
                    let kinds = (before.event.body.kind(), item.event.body.kind());
                    let mismatch = Mismatch {
                        aspect: Aspect::Order,
                        path: String::new(),
                        expected: Some(format!("{} before {}", kinds.0, kinds.1).into()),
                        found: Some(format!("{} before {}", kinds.1, kinds.0).into()),
                    };
                    self.report_item(line, person, item, mismatch, false);
                }
            }
            deliveries.remove(own);
        }
        self.expect(person, deliveries, line, false);
    }

    /// Whether the channel of a message shows that the bot owns the thread.
    fn came_to_the_owner(&self, person: &PersonId, item: &ReceivedItem) -> bool {
        matches!(item.event.body, EventBody::Message(_))
            && item.channel == Channel::Messaging
            && self.channel_shows_owner(person, item.product)
            && self.platform.behavior().idle_message == IdleMessage::Owned
            && self.platform.owner_of(person, self.time()).as_ref() == Some(&self.setup.bot)
    }

    /// Whether the same event comes in one of the next steps.
    fn comes_later(&self, place: usize, event: &Event) -> bool {
        let next = self.steps.iter().skip(place + 1).take(20);
        next.filter_map(|step| match &step.what {
            StepContent::Item(item) => Some(item),
            _ => None,
        })
        .any(|item| is_same(event, &item.event))
    }

    /// Plays what the item shows into the rules, and compares it.
    fn attempt(&mut self, person: &PersonId, item: &ReceivedItem) -> (Vec<WebhookDelivery>, Fit) {
        let mut deliveries = self.play(person, item);
        deliveries.retain(|delivery| delivery.app == self.setup.bot);
        let place = deliveries
            .iter()
            .position(|delivery| is_same(&delivery.event, &item.event));
        let mismatches = match place {
            Some(place) => differences_of(&deliveries[place], item),
            None => vec![Mismatch {
                aspect: Aspect::UnexpectedEvent,
                path: String::new(),
                expected: None,
                found: Some(item.event.body.kind().into()),
            }],
        };
        (deliveries, Fit { place, mismatches })
    }

    fn play(&mut self, person: &PersonId, item: &ReceivedItem) -> Vec<WebhookDelivery> {
        let (now, bot) = (self.time(), &self.setup.bot);
        let platform = &mut self.platform;
        let number = |id: &Option<AppId>| id.clone().unwrap_or_else(|| item.product.inbox());
        match &item.event.body {
            EventBody::Message(message) if message.is_deleted => {
                platform.replay_unsend(person, message.mid.as_deref().unwrap_or_default(), now)
            }
            EventBody::Message(message) => platform.replay_message(person, message, now),
            EventBody::Echo(echo) => {
                let (author, origin) = author_of(echo, item.product);
                let mid = echo.mid.as_deref().unwrap_or_default();
                if echo.is_deleted {
                    platform.replay_deletion(person, mid, (author, origin), now)
                } else {
                    platform.replay_echo(person, echo, author, origin, now)
                }
            }
            EventBody::Postback(postback) => platform.replay_postback(person, postback, bot, now),
            EventBody::Read(read) => platform.replay_read(person, read, now),
            EventBody::Reaction(reaction) => {
                if let Some(mid) = &reaction.mid {
                    platform.recall(person, mid, MessageAuthor::Person);
                }
                platform.replay_reaction(person, reaction, now)
            }
            EventBody::MessageEdit(edit) if edit.num_edit == Some(0) => {
                let message = handover_protocol::Message {
                    mid: edit.mid.clone(),
                    text: Some("not recorded".to_owned()),
                    ..Default::default()
                };
                platform.replay_message(person, &message, now)
            }
            EventBody::MessageEdit(edit) => platform.replay_edit(person, edit, now),
            EventBody::Referral(referral) => platform.replay_referral(person, referral, now),
            EventBody::PassThreadControl(pass) => platform.replay_pass(
                person,
                &number(&pass.new_owner_app_id),
                pass.metadata.clone(),
                item.entry_extra.clone(),
                now,
            ),
            EventBody::TakeThreadControl(take) => {
                let taker = number(&take.new_owner_app_id);
                platform.replay_take(person, &taker, take.metadata.as_deref(), now)
            }
            EventBody::RequestThreadControl(request) => {
                let asker = number(&request.requested_owner_app_id);
                platform.replay_request(person, &asker, request.metadata.clone(), now)
            }
            other => platform.replay_other(person, other, now),
        }
    }

    /// Plays an item that comes later, to see what follows.
    pub(super) fn play_ahead(&mut self, person: &PersonId, item: &ReceivedItem) {
        self.correct_previous_owner(person, &item.event.body);
        self.play(person, item);
    }

    /// A handover event names the previous owner. Apps do not hear of changes between others.
    fn correct_previous_owner(&mut self, person: &PersonId, body: &EventBody) {
        let previous = match body {
            EventBody::PassThreadControl(pass) => &pass.previous_owner_app_id,
            EventBody::TakeThreadControl(take) => &take.previous_owner_app_id,
            _ => return,
        };
        let owner = self.platform.owner_of(person, self.time());
        let (bot, inbox) = (Some(&self.setup.bot), self.inbox_of(person));
        let is_unsettled = self.unsettled.contains(person);
        // The inbox ends with "Done", of which the bot hears.
        let inbox_stays = owner == Some(inbox) && self.hears_of_done(person);
        let is_unseen = owner.as_ref() != bot && previous.as_ref() != bot && !inbox_stays;
        if owner != *previous && (is_unsettled || is_unseen) {
            let previous = previous.clone();
            self.platform.set_owner(person, previous, self.time());
        }
    }

    pub(super) fn inbox_of(&self, person: &PersonId) -> AppId {
        let thread = self.platform.thread(person);
        thread.map_or(AppId::PAGE_INBOX, |thread| thread.product.inbox())
    }

    /// Whether the bot gets the thread when an agent is done.
    fn hears_of_done(&self, person: &PersonId) -> bool {
        let account = self
            .platform
            .thread(person)
            .and_then(|thread| self.platform.account(&thread.account));
        let default = account.and_then(|account| account.routing.default_app());
        default == Some(&self.setup.bot) && self.platform.behavior().inbox_done == InboxDone::Passes
    }

    /// Owners that the thread may have by now without the bot having heard of it.
    pub(super) fn unseen_owners(&self, person: &PersonId, thread: &Thread) -> Vec<Option<AppId>> {
        let owner = thread.owner(self.time()).cloned();
        let (bot, inbox) = (&self.setup.bot, self.inbox_of(person));
        let others = self.setup.others.iter().cloned().map(Some);
        let mut owners: Vec<Option<AppId>> = Vec::new();
        if self.unsettled.contains(person) {
            owners.extend([Some(inbox), None, Some(bot.clone())]);
            owners.extend(others);
        } else if owner.as_ref() == Some(bot) {
            // It would have heard of that.
        } else if owner.as_ref() == Some(&inbox) {
            if !self.hears_of_done(person) || !self.setup.others.is_empty() {
                owners.extend(others);
                if !self.hears_of_done(person) {
                    owners.push(None);
                }
            }
        } else {
            owners.extend([Some(inbox), None]);
            owners.extend(others);
        }
        owners.push(Some(AppId::LEADGEN));
        owners.retain(|other| *other != owner);
        owners
    }
}

/// Who has sent what an echo is of.
fn author_of(echo: &handover_protocol::Message, product: Product) -> (AppId, Option<Origin>) {
    match &echo.app_id {
        _ if echo.ai_generated => (product.inbox(), Some(Origin::Ai)),
        Some(app) if *app == product.inbox() => (app.clone(), Some(Origin::Inbox)),
        Some(app) => (app.clone(), None),
        None => (product.inbox(), Some(Origin::NativeApp)),
    }
}
