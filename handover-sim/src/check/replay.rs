//! Plays what happened into the rules, and compares what follows from them with what came.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use handover_protocol::{AccountId, AppId, Channel, Event, EventBody, PersonId, Timestamp};
use serde_json::Value;

use super::compare::{Aspect, Mismatch, compare};
use super::recording::ActionLine;
use super::report::Difference;
use super::rule::{self, ItemContext, PlatformRule};
use super::setup::RecordedSetup;
use super::steps::{ReceivedItem, ReplayStep, StepContent};
use crate::platform::{Behavior, Delivered, Platform, Product, Routing, Thread, WebhookDelivery};

/// How many messages of a thread are remembered.
const REMEMBERED: usize = 100;

/// How many earlier states of a thread are kept: a call may have been carried out before events that were
/// recorded before its answer.
const EARLIER: usize = 6;

/// What a replay has found.
#[derive(Debug, Default)]
pub(super) struct ReplayResult {
    pub(super) differences: Vec<Difference>,
    /// What was not compared, and how often.
    pub(super) skipped: BTreeMap<String, usize>,
    pub(super) items: usize,
    pub(super) calls: usize,
}

impl ReplayResult {
    /// How often something else has happened.
    pub(super) fn contradictions(&self) -> usize {
        let differences = self.differences.iter();
        differences
            .filter(|difference| difference.aspect.is_contradiction())
            .count()
    }
}

/// An item that the rules expect.
#[derive(Debug)]
struct ExpectedItem {
    delivery: WebhookDelivery,
    /// Line of its cause.
    line: usize,
    /// Number of its cause.
    cause: usize,
    is_of_a_pass: bool,
}

pub(super) struct RulesReplay<'a> {
    pub(super) setup: &'a RecordedSetup,
    pub(super) steps: &'a [ReplayStep],
    pub(super) platform: Platform,
    pub(super) now: i64,
    pub(super) result: ReplayResult,
    expected: HashMap<PersonId, VecDeque<ExpectedItem>>,
    /// Threads of which the owner is not certain.
    pub(super) unsettled: HashSet<PersonId>,
    /// Threads of which nobody knows whether the person has written.
    pub(super) unopened: HashSet<PersonId>,
    pub(super) earlier: HashMap<PersonId, VecDeque<(i64, Thread)>>,
    seen: HashSet<u64>,
    /// Items that came before what they belong to.
    early: HashSet<String>,
    last_line: HashMap<AccountId, usize>,
    last_person: Option<PersonId>,
    cause: usize,
    had_standby: bool,
}

impl<'a> RulesReplay<'a> {
    pub(super) fn new(
        setup: &'a RecordedSetup,
        steps: &'a [ReplayStep],
        behavior: Behavior,
        routings: &BTreeMap<AccountId, Routing>,
    ) -> Self {
        Self {
            setup,
            steps,
            platform: setup.platform(behavior, routings),
            now: 0,
            result: ReplayResult::default(),
            expected: HashMap::new(),
            unsettled: HashSet::new(),
            unopened: HashSet::new(),
            earlier: HashMap::new(),
            seen: HashSet::new(),
            early: HashSet::new(),
            last_line: HashMap::new(),
            last_person: None,
            cause: 0,
            had_standby: setup.has_standby(),
        }
    }

    pub(super) fn run(mut self) -> ReplayResult {
        for (place, step) in self.steps.iter().enumerate() {
            self.cause += 1;
            match &step.what {
                StepContent::Item(item) => self.item(place, step.line, item),
                StepContent::Call(call) => self.call(place, step.line, call),
                StepContent::Action(action) => self.action(step.line, action),
                StepContent::Batched { entries, items } => {
                    self.batched(step.line, *entries, *items);
                }
                StepContent::Lost => self.lost(),
            }
        }
        self.end();
        self.result
            .differences
            .sort_by_key(|difference| difference.line);
        self.result
    }

    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    pub(super) fn skip(&mut self, what: impl Into<String>) {
        *self.result.skipped.entry(what.into()).or_default() += 1;
    }

    /// Makes sure that the platform knows a person.
    pub(super) fn meet(&mut self, person: &PersonId, account: &AccountId) {
        if self.platform.thread(person).is_none() {
            self.platform.meet(account, person);
            self.unsettled.insert(person.clone());
            self.unopened.insert(person.clone());
        }
        self.last_person = Some(person.clone());
    }

    fn lost(&mut self) {
        self.expected.clear();
        self.earlier.clear();
        self.platform.remove_persons();
        self.skip("lines that were not recorded: what depends on them is not compared");
    }

    fn batched(&mut self, line: usize, entries: usize, items: usize) {
        use crate::platform::Batching;
        let fits = match self.platform.behavior().batching {
            Batching::OneItem => false,
            Batching::Items => entries == 1,
            Batching::Entries => items == 1,
        };
        if !fits {
            let mismatch = Mismatch {
                aspect: Aspect::Batching,
                path: "entry".to_owned(),
                expected: Some("one entry with one item".into()),
                found: Some(format!("entries: {entries}, items in an entry: {items}").into()),
            };
            self.report(
                line,
                "webhook",
                mismatch,
                "one_item_in_one_entry_in_one_post",
            );
        }
    }

    fn item(&mut self, place: usize, line: usize, item: &ReceivedItem) {
        self.result.items += 1;
        self.last_line.insert(item.account.clone(), line);
        let kind = item.event.body.kind();
        if !matches!(item.channel, Channel::Messaging | Channel::Standby) {
            return self.skip(format!("{} on {}", kind, item.channel));
        }
        if !self.seen.insert(fingerprint(item)) {
            return self.skip("webhooks that came again");
        }
        self.now = self.now.max(item.time);
        if let EventBody::AppRoles(_) = item.event.body {
            return self.roles(line, item);
        }
        if let EventBody::MessageEdit(edit) = &item.event.body
            && edit.mid.as_ref().is_some_and(|mid| self.early.remove(mid))
        {
            return;
        }
        let person = self.person_of(item);
        self.meet(&person, &item.account);
        self.keep_state(&person, item.at);
        if matches!(
            item.event.body,
            EventBody::Message(_) | EventBody::Postback(_)
        ) {
            self.unopened.remove(&person);
        }
        if let Some(found) = self.find_expected(&person, item) {
            return self.arrived(&person, found, line, item);
        }
        // A message would give an idle thread to the bot, but another app may have taken it before. No app
        // hears of that, and the channel does not always show it.
        let is_routed = self.platform.owner_of(&person, self.time()).is_none()
            && self.routing_of(&person).and_then(Routing::default_app) == Some(&self.setup.bot);
        if is_routed && !self.channel_shows_owner(&person, item.product) {
            self.unsettled.insert(person.clone());
        }
        match &item.event.body {
            EventBody::Delivery(_) => return self.skip("deliveries of earlier messages"),
            EventBody::Unknown { .. } if !kind.ends_with("_thread_control") => {
                return self.skip(format!("{kind}, of which the simulator knows nothing"));
            }
            _ => {}
        }
        self.happened(place, line, &person, item);
    }

    pub(super) fn routing_of(&self, person: &PersonId) -> Option<&Routing> {
        let thread = self.platform.thread(person)?;
        let account = self.platform.account(&thread.account)?;
        Some(&account.routing)
    }

    /// Whether apps get a person's messages on `messaging` only if they own the thread.
    pub(super) fn channel_shows_owner(&self, person: &PersonId, product: Product) -> bool {
        let behavior = self.platform.behavior();
        let delivery = match product {
            Product::Messenger => behavior.messenger_delivery,
            Product::Instagram => behavior.instagram_delivery,
        };
        let routing = self.routing_of(person);
        delivery == Delivered::Standby
            && routing.is_some_and(|routing| routing.default_app().is_some())
    }

    fn person_of(&self, item: &ReceivedItem) -> PersonId {
        if let Some(person) = &item.person {
            return person.clone();
        }
        let waiting = self.expected.iter().find(|(_, items)| {
            items
                .iter()
                .any(|expected| is_same(&expected.delivery.event, &item.event))
        });
        let by_message = || {
            let mid = item.event.mid()?;
            let threads = self.platform.threads().iter();
            let mut of_message =
                threads.filter(|thread| thread.messages().any(|message| message.mid == mid));
            of_message.next().map(|thread| thread.person.clone())
        };
        let known = waiting
            .map(|(person, _)| person.clone())
            .or_else(by_message);
        let of_account = || {
            let mut persons = self.setup.persons.iter();
            persons
                .find(|(_, account)| **account == item.account)
                .map(|(person, _)| person.clone())
        };
        known
            .or_else(of_account)
            .unwrap_or_else(|| PersonId::from_static("0"))
    }

    fn keep_state(&mut self, person: &PersonId, at: i64) {
        self.platform.forget_old_messages(person, REMEMBERED);
        if let Some(thread) = self.platform.thread(person) {
            let earlier = self.earlier.entry(person.clone()).or_default();
            earlier.push_back((at, thread.clone()));
            if earlier.len() > EARLIER {
                earlier.pop_front();
            }
        }
    }

    /// Place of the item among those that are to come.
    fn find_expected(&self, person: &PersonId, item: &ReceivedItem) -> Option<usize> {
        let waiting = self.expected.get(person)?;
        waiting
            .iter()
            .position(|expected| is_same(&expected.delivery.event, &item.event))
    }

    /// Compares an item that was to come.
    fn arrived(&mut self, person: &PersonId, place: usize, line: usize, item: &ReceivedItem) {
        let Some(waiting) = self.expected.get_mut(person) else {
            return;
        };
        let overtaken = waiting.iter().take(place).find(|before| {
            waiting[place].cause == before.cause && !is_optional(&before.delivery.event)
        });
        let overtaken = overtaken.map(|before| before.delivery.event.body.kind().to_owned());
        let Some(expected) = waiting.remove(place) else {
            return;
        };
        let kind = item.event.body.kind();
        if let Some(before) = overtaken {
            let mismatch = Mismatch {
                aspect: Aspect::Order,
                path: String::new(),
                expected: Some(format!("{before} before {kind}").into()),
                found: Some(format!("{kind} before {before}").into()),
            };
            self.report_item(line, person, item, mismatch, expected.is_of_a_pass);
        }
        for mismatch in differences_of(&expected.delivery, item) {
            self.report_item(line, person, item, mismatch, expected.is_of_a_pass);
        }
        if kind.ends_with("_thread_control") {
            self.unsettled.remove(person);
        }
    }

    /// Notes what is to come.
    pub(super) fn expect(
        &mut self,
        person: &PersonId,
        deliveries: Vec<WebhookDelivery>,
        line: usize,
        is_of_a_pass: bool,
    ) {
        let cause = self.cause;
        let waiting = self.expected.entry(person.clone()).or_default();
        for delivery in deliveries {
            if delivery.app == self.setup.bot {
                waiting.push_back(ExpectedItem {
                    delivery,
                    line,
                    cause,
                    is_of_a_pass,
                });
            }
        }
    }

    fn action(&mut self, line: usize, action: &ActionLine) {
        let person = action.person.clone().or_else(|| self.last_person.clone());
        let Some(person) = person.filter(|person| self.platform.thread(person).is_some()) else {
            return self.skip(format!("{} for nobody", action.action));
        };
        let now = self.time();
        let platform = &mut self.platform;
        let app = action.app.clone().unwrap_or(AppId::PAGE_INBOX);
        let step = match action.action.as_str() {
            "inbox_done" => platform.inbox_done(&person, now).ok(),
            "inbox_take" => platform.inbox_take(&person, now).ok(),
            "inbox_request" => platform.inbox_request(&person, now).ok(),
            _ => None,
        };
        let deliveries = match (step, action.action.as_str()) {
            (Some(step), _) => step.deliveries,
            (None, "app_take") => platform.replay_take(&person, &app, None, now),
            (None, "app_request") => platform.replay_request(&person, &app, None, now),
            (None, "app_pass") => {
                let target = action.target.clone().unwrap_or(AppId::PAGE_INBOX);
                platform.replay_pass(&person, &target, None, Default::default(), now)
            }
            (None, "app_release") => {
                platform.set_owner(&person, None, now);
                Vec::new()
            }
            (None, other) => return self.skip(format!("{other}, which the rules refuse here")),
        };
        self.expect(&person, deliveries, line, false);
    }

    fn roles(&mut self, line: usize, item: &ReceivedItem) {
        let context = |this: &Self, mismatch| {
            let person = PersonId::from_static("0");
            let context = this.context(&person, item, false);
            rule::of_item(&context, &mismatch)
        };
        let mut mismatches = Vec::new();
        if item.channel != Channel::Messaging {
            mismatches.push(channel_mismatch(Channel::Messaging, item.channel));
        }
        if item.raw.get("sender").is_some() {
            mismatches.push(Mismatch {
                aspect: Aspect::AdditionalKey,
                path: "sender".to_owned(),
                expected: None,
                found: item.raw.get("sender").cloned(),
            });
        }
        for mismatch in mismatches {
            let rule = context(self, mismatch.clone());
            self.report(line, "app_roles", mismatch, rule);
        }
    }

    fn context<'b>(
        &'b self,
        person: &PersonId,
        item: &'b ReceivedItem,
        is_of_a_pass: bool,
    ) -> ItemContext<'b> {
        const NONE: &Routing = &Routing::ZeroConfig;
        let account = self.platform.account(&item.account);
        let (is_deletion, previous) = match &item.event.body {
            EventBody::Message(message) | EventBody::Echo(message) => (message.is_deleted, None),
            EventBody::PassThreadControl(pass) => (false, Some(&pass.previous_owner_app_id)),
            EventBody::TakeThreadControl(take) => (false, Some(&take.previous_owner_app_id)),
            _ => (false, None),
        };
        ItemContext {
            kind: item.event.body.kind(),
            product: item.product,
            routing: account.map_or(NONE, |account| &account.routing),
            owner: self.platform.owner_of(person, self.time()),
            bot: &self.setup.bot,
            is_of_a_pass,
            is_deletion,
            is_from_idle: previous.is_some_and(Option::is_none),
        }
    }

    pub(super) fn report_item(
        &mut self,
        line: usize,
        person: &PersonId,
        item: &ReceivedItem,
        mismatch: Mismatch,
        is_of_a_pass: bool,
    ) {
        let context = self.context(person, item, is_of_a_pass);
        let rule = rule::of_item(&context, &mismatch);
        let subject = item.event.body.kind().to_owned();
        self.report(line, &subject, mismatch, rule);
    }

    pub(super) fn report(&mut self, line: usize, subject: &str, mismatch: Mismatch, rule: &str) {
        let Some(rule) = PlatformRule::with_id(rule) else {
            return;
        };
        self.result.differences.push(Difference {
            line,
            aspect: mismatch.aspect,
            subject: subject.to_owned(),
            path: mismatch.path,
            expected: mismatch.expected,
            found: mismatch.found,
            rule,
            explained_by: None,
        });
    }

    /// What was to come and did not.
    fn end(&mut self) {
        let mut waiting: Vec<_> = std::mem::take(&mut self.expected).into_iter().collect();
        waiting.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        let mut came: BTreeSet<String> = BTreeSet::new();
        for step in self.steps {
            if let StepContent::Item(item) = &step.what {
                came.insert(format!("{} {}", item.account, item.event.body.kind()));
            }
        }
        for (person, items) in waiting {
            for expected in items {
                let delivery = &expected.delivery;
                let kind = delivery.event.body.kind().to_owned();
                let last = self
                    .last_line
                    .get(&delivery.account)
                    .copied()
                    .unwrap_or_default();
                if last <= expected.line || is_optional(&delivery.event) {
                    continue;
                }
                if delivery.channel == Channel::Standby && !self.had_standby {
                    self.skip("events on standby: none came, so the app has no access to it");
                    continue;
                }
                let never = !came.contains(&format!("{} {kind}", delivery.account));
                if never && !self.setup.knows_fields(&delivery.account) {
                    self.skip(format!(
                        "{kind}: none came, so the app is not subscribed to it"
                    ));
                    continue;
                }
                let mismatch = Mismatch {
                    aspect: Aspect::MissingEvent,
                    path: String::new(),
                    expected: Some(format!("{kind} on {}", delivery.channel).into()),
                    found: None,
                };
                let item = ReceivedItem {
                    at: 0,
                    product: delivery.product,
                    account: delivery.account.clone(),
                    channel: delivery.channel,
                    event: delivery.event.clone(),
                    raw: Value::Null,
                    entry_extra: Default::default(),
                    time: 0,
                    person: Some(person.clone()),
                };
                self.report_item(
                    expected.line,
                    &person,
                    &item,
                    mismatch,
                    expected.is_of_a_pass,
                );
            }
        }
    }
}

/// What differs between an item and what the rules say.
pub(super) fn differences_of(expected: &WebhookDelivery, item: &ReceivedItem) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    if expected.channel != item.channel {
        mismatches.push(channel_mismatch(expected.channel, item.channel));
    }
    let written = serde_json::to_value(&expected.event).unwrap_or_default();
    compare("", &written, &item.raw, &mut mismatches);
    let extra = (
        Value::Object(expected.entry_extra.clone()),
        Value::Object(item.entry_extra.clone()),
    );
    compare("entry", &extra.0, &extra.1, &mut mismatches);
    // Some items have no time of their own, and deliveries need not list messages.
    mismatches.retain(|mismatch| {
        mismatch.aspect != Aspect::MissingKey
            || !["timestamp", "delivery.mids"].contains(&&*mismatch.path)
    });
    mismatches
}

fn channel_mismatch(expected: Channel, found: Channel) -> Mismatch {
    Mismatch {
        aspect: Aspect::Channel,
        path: String::new(),
        expected: Some(expected.as_str().into()),
        found: Some(found.as_str().into()),
    }
}

/// Whether two events are about the same.
pub(super) fn is_same(expected: &Event, found: &Event) -> bool {
    let (one, other) = (&expected.body, &found.body);
    if one.kind() != other.kind() {
        return false;
    }
    match (one, other) {
        (EventBody::Delivery(one), EventBody::Delivery(other)) => {
            one.mids.iter().any(|mid| other.mids.contains(mid)) || other.mids.is_empty()
        }
        (EventBody::MessageEdit(one), EventBody::MessageEdit(other)) => {
            one.mid == other.mid && one.num_edit == other.num_edit
        }
        (
            EventBody::Message(one) | EventBody::Echo(one),
            EventBody::Message(other) | EventBody::Echo(other),
        ) => one.mid == other.mid && one.is_deleted == other.is_deleted,
        (EventBody::Postback(one), EventBody::Postback(other)) => {
            one.mid == other.mid || other.mid.is_none()
        }
        _ => true,
    }
}

/// Whether it may never come: nobody knows when a phone is on.
fn is_optional(event: &Event) -> bool {
    matches!(event.body, EventBody::Delivery(_) | EventBody::Read(_))
}

fn fingerprint(item: &ReceivedItem) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    item.account.hash(&mut hasher);
    item.raw.to_string().hash(&mut hasher);
    item.channel.as_str().hash(&mut hasher);
    hasher.finish()
}
