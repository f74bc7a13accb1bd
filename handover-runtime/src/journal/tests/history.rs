//! Random histories, compared with the model after every step.

use handover_protocol::Timestamp;
use std::collections::BTreeMap;

use crate::failure_kind::FailureKind;
use crate::journal::{
    AppendStatus, CallResult, Claim, ClaimedEvent, DedupeKey, Due, EventResult, OutboxCall,
    PauseChange, ReceiptStatus, Settlement, Submission, SubmitStatus, Submitted, ThreadChange,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::fixture::{
    Fixture, NOW, due, finished, in_one_commit, name_of, pass, release, says, send, signal,
    text_of, thread,
};
use super::model::{Content, Found, Model, ModelCall, submitted_name};

const PERSONS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    Change(Change),
    Claim(usize),
    /// What came since joins the events of a claimed thread.
    ClaimLater(usize),
    Release(usize),
    StartCalls(usize),
    /// Calls are asked for, and then something changes, all in one commit.
    StartCallsWith(usize, Change),
    Reopen,
}

#[derive(Clone, Debug)]
enum Change {
    /// Events arrive, each with its person and number; some arrive again.
    Append(Vec<(usize, u32)>, usize),
    /// Something comes from outside a handler, under this id; some come again, or with other content.
    Submit(usize, u32, Content),
    /// A human answers in the thread, or has done so.
    Pause(usize, bool),
    Settle(Handled),
    Finish(usize, Fate),
}

/// The oldest event of a claimed thread is handled, with so many messages and maybe a handoff.
#[derive(Clone, Copy, Debug)]
struct Handled {
    person: usize,
    sends: usize,
    hands_off: bool,
    fails: bool,
    hands_out: bool,
    /// Whether its messages wait while the bot may not speak, and are one answer.
    holds: bool,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Sent,
    Retry,
    /// It may have gone through, and is due again.
    Uncertain,
    Dead,
    /// The bot may not speak. Only of what waits then.
    Blocked,
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..PERSONS;
    prop_oneof![
        22 => change().prop_map(Step::Change),
        4 => (1..4_usize).prop_map(Step::Claim),
        3 => person.clone().prop_map(Step::ClaimLater),
        4 => person.prop_map(Step::Release),
        4 => (1..4_usize).prop_map(Step::StartCalls),
        4 => (1..4_usize, change()).prop_map(|(limit, change)| Step::StartCallsWith(limit, change)),
        1 => Just(Step::Reopen),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let person = 0..PERSONS;
    prop_oneof![
        4 => (vec((person.clone(), 0..30_u32), 1..6), 0..3_usize)
            .prop_map(|(events, limit)| Change::Append(events, limit)),
        4 => (person.clone(), 0..6_u32, content()).prop_map(|(person, id, content)| Change::Submit(person, id, content)),
        2 => (person.clone(), any::<bool>()).prop_map(|(person, begins)| Change::Pause(person, begins)),
        6 => (person.clone(), 0..3_usize, prop::bool::weighted(0.2), prop::bool::weighted(0.1), any::<bool>(), any::<bool>())
            .prop_map(|(person, sends, hands_off, fails, hands_out, holds)| Change::Settle(Handled { person, sends, hands_off, fails, hands_out, holds })),
        6 => (person, fate()).prop_map(|(person, fate)| Change::Finish(person, fate)),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Sent),
        2 => Just(Fate::Retry),
        1 => Just(Fate::Uncertain),
        1 => Just(Fate::Dead),
        3 => Just(Fate::Blocked),
    ]
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        Just(Content::Signal),
        (1..3_usize, any::<bool>()).prop_map(|(parts, holds)| Content::Message { parts, holds }),
    ]
}

/// The journal, the model, and what is handed out now.
struct Run {
    fixture: Fixture,
    model: Model,
    claimed: BTreeMap<usize, Claim>,
    started: BTreeMap<usize, OutboxCall>,
    /// Whether the journal may not have come to all calls that join older ones. Then it is asked again, as the outbox
    /// does.
    is_joining: bool,
    names: u32,
}

impl Run {
    fn new(fixture: Fixture) -> Self {
        Self {
            fixture,
            model: Model::default(),
            claimed: BTreeMap::new(),
            started: BTreeMap::new(),
            is_joining: false,
            names: 0,
        }
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Change(change) => self.change(change).await,
            Step::Claim(limit) => self.claim(*limit).await,
            Step::ClaimLater(person) => self.claim_later(*person).await,
            Step::Release(person) => self.release(*person).await,
            Step::StartCalls(limit) => self.start(*limit).await,
            Step::StartCallsWith(limit, change) => self.start_with(*limit, change).await,
            Step::Reopen => self.reopen().await,
        }
        let backlog = self.fixture.journal.backlog().await.unwrap();
        assert_eq!(backlog.events, self.model.events());
        assert_eq!(backlog.calls, self.model.calls());
        assert_eq!(backlog.dead_letters, self.model.dead_letters);
    }

    async fn change(&mut self, change: &Change) {
        match change {
            Change::Append(events, limit) => self.append(events, *limit).await,
            Change::Submit(person, id, content) => self.submit(*person, *id, *content).await,
            Change::Pause(person, begins) => self.pause(*person, *begins).await,
            Change::Settle(handled) => self.settle(*handled).await,
            Change::Finish(person, fate) => self.finish(*person, *fate).await,
        }
    }

    async fn append(&mut self, events: &[(usize, u32)], limit: usize) {
        let new = events
            .iter()
            .map(|(person, number)| says(*person, &number.to_string()));
        let journal = &self.fixture.journal;
        let accepted = journal.append(new.collect(), limit).await.unwrap();
        for ((person, number), appended) in events.iter().zip(accepted.appended) {
            let is_new = self.model.append(*person, *number);
            assert_eq!(appended == AppendStatus::Stored, is_new);
        }
        let left = self.model.ready().len().saturating_sub(limit);
        assert!(accepted.has_more || left == 0, "{left} are forgotten");
        self.claimed(accepted.claims, limit);
    }

    async fn submit(&mut self, person: usize, id: u32, content: Content) {
        let submitted = match content {
            Content::Signal => Submitted::Signal(signal(&submitted_name(id, 0)), None),
            Content::Message { parts, holds } => {
                let part = |part| {
                    let mut call = send(person, &submitted_name(id, part));
                    (call.terms.holds, call.outcome) = (holds, u64::from(id) + 1);
                    call
                };
                Submitted::Calls((0..parts).map(part).collect())
            }
        };
        let submission = Submission {
            thread: thread(person),
            id: id.to_string(),
            digest: DedupeKey::of(&format!("{content:?}")),
            content: submitted,
        };
        let (answer, _) = self.fixture.journal.submit(submission).await.unwrap();
        let found = match answer.found {
            SubmitStatus::New => Found::New,
            SubmitStatus::Same => Found::Same,
            SubmitStatus::Other => Found::Other,
        };
        assert_eq!(found, self.model.submit(person, id, content));
        assert_eq!(answer.receipt.id, id.to_string());
    }

    async fn pause(&mut self, person: usize, begins: bool) {
        let pause = match begins {
            true => PauseChange::Begins {
                until: Timestamp::MAX,
                echo: None,
                spares: None,
            },
            false => PauseChange::Ends,
        };
        let change = ThreadChange::of_pause(pause);
        let journal = &self.fixture.journal;
        journal.change_thread(thread(person), change).await.unwrap();
        let thread = self.model.threads.entry(person).or_default();
        match begins {
            true => thread.paused = true,
            false => thread.bring_back(),
        }
    }

    async fn claim(&mut self, limit: usize) {
        let claimed = self.fixture.journal.claim(NOW, limit).await.unwrap();
        self.claimed(claimed.items, limit);
    }

    fn claimed(&mut self, claims: Vec<Claim>, limit: usize) {
        let ready = self.model.ready();
        assert_eq!(claims.len(), ready.len().min(limit));
        for claim in claims {
            let person: usize = claim.thread.party.to_string().parse().unwrap();
            assert!(ready.contains(&person), "{person} had no turn");
            let thread = self.model.threads.get_mut(&person).unwrap();
            let expected = thread.events.iter().take(Claim::EVENTS);
            let expected = expected.map(|event| event.name.as_str());
            assert!(
                texts(&claim.events).eq(expected),
                "in the order received, all of them"
            );
            assert_eq!(
                claim.state.session,
                thread.session.map(|number| json!(number))
            );
            thread.claimed = true;
            self.claimed.insert(person, claim);
        }
    }

    async fn claim_later(&mut self, person: usize) {
        let journal = &self.fixture.journal;
        let Some(claim) = self.claimed.get_mut(&person) else {
            let later = journal.claim_later(thread(person), 0).await.unwrap();
            assert_eq!(later.len(), 0, "it is not handed out");
            return;
        };
        let known = claim.events.len();
        let Some(newest) = claim.events.last().map(|event| event.sequence) else {
            return;
        };
        let later = journal.claim_later(claim.thread.clone(), newest);
        claim.events.extend(later.await.unwrap());
        let events = &self.model.threads[&person].events;
        let first = text_of(&claim.events[0].event);
        let events = events.iter().skip_while(|event| event.name != first);
        let expected = events.take(known + Claim::EVENTS);
        let expected = expected.map(|event| event.name.as_str());
        assert!(
            texts(&claim.events).eq(expected),
            "in the order received, all of them"
        );
    }

    async fn settle(&mut self, handled: Handled) {
        let Handled {
            person,
            sends,
            hands_off,
            fails,
            hands_out,
            holds,
        } = handled;
        let Some(claim) = self
            .claimed
            .get_mut(&person)
            .filter(|claim| !claim.events.is_empty())
        else {
            return;
        };
        let event = claim.events.remove(0);
        let thread = self.model.threads.get_mut(&person).unwrap();
        let name = text_of(&event.event);
        let at = thread.events.iter().position(|it| it.name == name);
        let known = thread.events.remove(at.unwrap()).unwrap();
        let mut settlement = Settlement::of(claim.thread.clone(), vec![event.sequence]);
        if known.is_signal && holds {
            settlement.result = EventResult::Held {
                until: Timestamp::MAX,
            };
            match thread.paused {
                true => thread.set_event_aside(known),
                false => thread.events.insert(at.unwrap(), known),
            }
            let settled = self.fixture.journal.settle(vec![settlement], Vec::new());
            settled.await.unwrap();
            return;
        }
        let number = event.event.own().and_then(|own| own.signal()?.receipt);
        settlement.receipts = number
            .map(|number| (number, ReceiptStatus::Handled))
            .into_iter()
            .collect();
        if fails {
            settlement.result = EventResult::Failed("on purpose".to_owned());
            self.model.dead_letters += 1;
        }
        self.names += 1;
        thread.session = Some(self.names);
        settlement.change = ThreadChange {
            session: Some(json!(self.names)),
            ..ThreadChange::default()
        };
        let outcome = u64::from(self.names) + 1000;
        let mut calls = Vec::new();
        for _ in 0..sends {
            self.names += 1;
            let mut call = send(person, &self.names.to_string());
            call.terms.holds = holds;
            calls.push((call, self.names.to_string()));
        }
        if hands_off {
            calls.push((pass(person), "pass_thread_control".to_owned()));
        }
        let mut model_calls = Vec::new();
        for (mut call, name) in calls {
            call.outcome = if holds { outcome } else { 0 };
            model_calls.push(ModelCall {
                name,
                is_pass: !matches!(&*call.call, crate::graph::Call::Messages(_)),
                holds: call.terms.holds,
                outcome: call.outcome,
                ..ModelCall::default()
            });
            settlement.calls.push(call);
        }
        settlement.hands_out = hands_out;
        let is_next = thread.calls.is_empty() && thread.calls_aside.is_empty();
        let starts = hands_out && is_next && !model_calls.is_empty();
        self.model.queue(person, model_calls);
        let twice = vec![settlement.clone(), settlement];
        // As a worker would whose first try was stored, though it heard that it failed.
        let mut started = Vec::new();
        for settlement in twice {
            let settled = self.fixture.journal.settle(vec![settlement], Vec::new());
            started.extend(settled.await.unwrap().calls);
        }
        assert_eq!(started.len(), usize::from(starts));
        started.iter().for_each(|call| self.note_started(call));
        if hands_off {
            self.release(person).await;
        }
    }

    async fn release(&mut self, person: usize) {
        if self.claimed.remove(&person).is_some() {
            self.model.threads.get_mut(&person).unwrap().claimed = false;
            self.fixture
                .journal
                .settle(Vec::new(), release(person))
                .await
                .unwrap();
        }
    }

    async fn start(&mut self, limit: usize) {
        loop {
            let started = self.fixture.journal.start_calls(due(limit)).await;
            self.check_started(&started.unwrap().items, limit);
            if !self.is_joining {
                return;
            }
        }
    }

    /// The change counts, though it was asked for later.
    async fn start_with(&mut self, limit: usize, change: &Change) {
        if self.fixture.outlives_the_process() {
            let journal = self.fixture.journal.clone();
            let start = journal.start_calls(due(limit));
            let (started, ()) = in_one_commit(&journal, start, self.change(change)).await;
            self.check_started(&started.unwrap().items, limit);
            if !self.is_joining {
                return;
            }
        } else {
            self.change(change).await;
        }
        self.start(limit).await;
    }

    fn check_started(&mut self, calls: &[OutboxCall], limit: usize) {
        let joins = self.model.join_those_aside() || self.is_joining;
        self.is_joining = joins && calls.len() == limit;
        let due = self.model.due();
        let certain = due
            .iter()
            .filter(|person| !self.model.threads[person].calls[0].uncertain);
        let at_least = certain.count().min(limit);
        // Calls that were under way at a reopening wait for their echo first.
        assert!(
            (at_least..=due.len().min(limit)).contains(&calls.len()),
            "{} of {}",
            calls.len(),
            due.len()
        );
        calls.iter().for_each(|call| self.note_started(call));
    }

    fn note_started(&mut self, call: &OutboxCall) {
        let person: usize = call.thread.party.to_string().parse().unwrap();
        let thread = self.model.threads.get_mut(&person).unwrap();
        assert!(!thread.started, "one call of a thread at a time");
        thread.started = true;
        let oldest = &thread.calls[0];
        assert_eq!(
            (&name_of(call), call.attempts, call.uncertain),
            (&oldest.name, oldest.attempts, oldest.uncertain)
        );
        self.started.insert(person, call.clone());
    }

    async fn finish(&mut self, person: usize, fate: Fate) {
        let Some(call) = self.started.remove(&person) else {
            return;
        };
        let id = call.id;
        let fate = match fate {
            Fate::Blocked if !call.terms.holds => Fate::Retry,
            fate => fate,
        };
        let mut status = None;
        let thread = self.model.threads.get_mut(&person).unwrap();
        thread.started = false;
        let result = match fate {
            Fate::Sent => {
                thread.calls.pop_front();
                status = Some(ReceiptStatus::Sent { message_id: None });
                CallResult::Sent
            }
            Fate::Blocked => {
                match thread.paused {
                    true => thread.set_call_aside(),
                    // The bot may speak by now.
                    false => thread.calls[0].has_begun = false,
                }
                CallResult::Blocked(Timestamp::MAX)
            }
            Fate::Retry => {
                thread.calls[0].attempts += 1;
                thread.calls[0].has_begun = true;
                CallResult::RetryAt(NOW)
            }
            Fate::Uncertain => {
                let head = &mut thread.calls[0];
                head.attempts += 1;
                (head.uncertain, head.has_begun) = (true, true);
                CallResult::Uncertain(NOW)
            }
            Fate::Dead => {
                thread.calls.pop_front();
                self.model.dead_letters += 1;
                status = Some(ReceiptStatus::failed(FailureKind::Other, "on purpose"));
                CallResult::Dead("on purpose".to_owned())
            }
        };
        // Twice, as if the first answer of the store had been lost.
        let mut first = finished(id, person, result.clone());
        first[0].receipt = call.receipt.zip(status);
        self.fixture.journal.finish_calls(first).await.unwrap();
        if matches!(fate, Fate::Sent | Fate::Dead) {
            let again = finished(id, person, result);
            self.fixture.journal.finish_calls(again).await.unwrap();
        }
    }

    async fn reopen(&mut self) {
        if self.fixture.outlives_the_process() {
            self.fixture.reopen().await;
            self.model.reopen();
            self.claimed.clear();
            self.started.clear();
        }
    }

    /// Handles and sends everything that is left.
    async fn drain(&mut self) {
        for person in 0..PERSONS {
            self.release(person).await;
            self.finish(person, Fate::Sent).await;
        }
        for person in 0..PERSONS {
            self.pause(person, false).await;
        }
        while self.model.events() + self.model.calls() > 0 {
            self.claim(PERSONS).await;
            for person in 0..PERSONS {
                while self
                    .claimed
                    .get(&person)
                    .is_some_and(|claim| !claim.events.is_empty())
                {
                    let handled = Handled {
                        person,
                        sends: 0,
                        hands_off: false,
                        fails: false,
                        hands_out: false,
                        holds: false,
                    };
                    self.settle(handled).await;
                }
                self.release(person).await;
            }
            let asked = Due {
                now: Timestamp::MAX,
                ..due(PERSONS)
            };
            let started = self.fixture.journal.start_calls(asked).await.unwrap();
            for call in &started.items {
                self.note_started(call);
            }
            for person in 0..PERSONS {
                self.finish(person, Fate::Sent).await;
            }
        }
        for person in 0..PERSONS {
            let state = self.fixture.journal.thread(thread(person)).await.unwrap();
            let expected = self
                .model
                .threads
                .get(&person)
                .and_then(|thread| thread.session);
            assert_eq!(state.session, expected.map(|number| json!(number)));
        }
        for (person, id) in self.model.submitted() {
            let receipt = self.fixture.journal.receipt(thread(person), id.to_string());
            let receipt = receipt.await.unwrap().expect("each id has a receipt");
            assert!(receipt.status.is_final(), "{receipt:?}");
        }
    }
}

fn texts(events: &[ClaimedEvent]) -> impl Iterator<Item = &str> {
    events.iter().map(|event| text_of(&event.event))
}

fn run(fixture: Fixture, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::new(fixture);
        for step in steps {
            run.step(step).await;
        }
        run.drain().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_in_memory_is_as_the_model(steps in vec(step(), 1..120)) {
        run(Fixture::memory(), &steps);
    }

    #[test]
    fn a_journal_in_a_file_is_as_the_model(steps in vec(step(), 1..60)) {
        run(Fixture::sqlite(), &steps);
    }
}

#[cfg(feature = "postgres")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_in_a_database_is_as_the_model(steps in vec(step(), 1..60)) {
        run(Fixture::postgres(), &steps);
    }
}
