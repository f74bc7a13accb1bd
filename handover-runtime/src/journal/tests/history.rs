//! Random histories, compared with the model after every step.

use handover_protocol::Timestamp;
use std::collections::BTreeMap;

use crate::journal::{
    AppendStatus, CallResult, Claim, EventResult, OutboxCall, Settlement, ThreadChange,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::fixture::{Fixture, NOW, due, finished, pass, release, says, send, text_of, thread};
use super::model::{Model, ModelCall};

const PERSONS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    /// Events arrive: of whom, and which; some come again.
    Append(Vec<(usize, u32)>, usize),
    Claim(usize),
    /// What came since joins the events of a claimed thread.
    ClaimLater(usize),
    Settle(Handled),
    Release(usize),
    StartCalls(usize),
    Finish(usize, Fate),
    Reopen,
}

/// The oldest event of a claimed thread is handled, with so many messages and maybe a handoff.
#[derive(Clone, Copy, Debug)]
struct Handled {
    person: usize,
    sends: usize,
    hands_off: bool,
    fails: bool,
    hands_out: bool,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Sent,
    Retry,
    Dead,
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..PERSONS;
    prop_oneof![
        4 => (vec((person.clone(), 0..30_u32), 1..6), 0..3_usize)
            .prop_map(|(events, limit)| Step::Append(events, limit)),
        4 => (1..4_usize).prop_map(Step::Claim),
        3 => person.clone().prop_map(Step::ClaimLater),
        6 => (person.clone(), 0..3_usize, prop::bool::weighted(0.2), prop::bool::weighted(0.1), any::<bool>())
            .prop_map(|(person, sends, hands_off, fails, hands_out)| Step::Settle(Handled { person, sends, hands_off, fails, hands_out })),
        4 => person.clone().prop_map(Step::Release),
        4 => (1..4_usize).prop_map(Step::StartCalls),
        6 => (person, prop_oneof![6 => Just(Fate::Sent), 2 => Just(Fate::Retry), 1 => Just(Fate::Dead)])
            .prop_map(|(person, fate)| Step::Finish(person, fate)),
        1 => Just(Step::Reopen),
    ]
}

/// The journal, the model, and what is handed out now.
struct Run {
    fixture: Fixture,
    model: Model,
    claimed: BTreeMap<usize, Claim>,
    started: BTreeMap<usize, u64>,
    names: u32,
}

impl Run {
    fn new(fixture: Fixture) -> Self {
        Self {
            fixture,
            model: Model::default(),
            claimed: BTreeMap::new(),
            started: BTreeMap::new(),
            names: 0,
        }
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Append(events, limit) => self.append(events, *limit).await,
            Step::Claim(limit) => self.claim(*limit).await,
            Step::ClaimLater(person) => self.claim_later(*person).await,
            Step::Settle(handled) => self.settle(*handled).await,
            Step::Release(person) => self.release(*person).await,
            Step::StartCalls(limit) => {
                let due = self.model.due();
                let certain = due
                    .iter()
                    .filter(|person| !self.model.threads[person].calls[0].uncertain);
                let at_least = certain.count().min(*limit);
                let started = self.start(NOW, *limit).await;
                // Calls that were under way at a reopening wait for their echo first.
                assert!(
                    (at_least..=due.len().min(*limit)).contains(&started),
                    "{started}"
                );
            }
            Step::Finish(person, fate) => self.finish(*person, *fate).await,
            Step::Reopen => self.reopen().await,
        }
        let backlog = self.fixture.journal.backlog().await.unwrap();
        assert_eq!(backlog.events, self.model.events());
        assert_eq!(backlog.calls, self.model.calls());
        assert_eq!(backlog.dead_letters, self.model.dead_letters);
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
            let texts = claim
                .events
                .iter()
                .map(|event| text_of(&event.event).parse::<u32>().unwrap());
            let expected = thread.events.iter().take(Claim::EVENTS).copied();
            assert!(texts.eq(expected), "in the order received, all of them");
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
        let texts = claim
            .events
            .iter()
            .map(|event| text_of(&event.event).parse::<u32>().unwrap());
        let events = &self.model.threads[&person].events;
        let expected = events.iter().take(known + Claim::EVENTS).copied();
        assert!(texts.eq(expected), "in the order received, all of them");
    }

    async fn settle(&mut self, handled: Handled) {
        let Handled {
            person,
            sends,
            hands_off,
            fails,
            hands_out,
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
        thread.events.pop_front();
        let mut settlement = Settlement::of(claim.thread.clone(), vec![event.sequence]);
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
        let mut model_calls = Vec::new();
        for _ in 0..sends {
            self.names += 1;
            let name = self.names.to_string();
            settlement.calls.push(send(person, &name));
            model_calls.push((name, false));
        }
        if hands_off {
            settlement.calls.push(pass(person));
            model_calls.push(("pass".to_owned(), true));
        }
        settlement.hands_out = hands_out;
        let starts = hands_out && thread.calls.is_empty() && !model_calls.is_empty();
        thread
            .calls
            .extend(model_calls.into_iter().map(|(name, is_pass)| ModelCall {
                name,
                is_pass,
                attempts: 0,
                uncertain: false,
            }));
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

    async fn start(&mut self, now: Timestamp, limit: usize) -> usize {
        let mut asked = due(limit);
        asked.now = now;
        let calls = self.fixture.journal.start_calls(asked).await.unwrap().items;
        let count = calls.len();
        calls.iter().for_each(|call| self.note_started(call));
        count
    }

    fn note_started(&mut self, call: &OutboxCall) {
        let person: usize = call.thread.party.to_string().parse().unwrap();
        let thread = self.model.threads.get_mut(&person).unwrap();
        assert!(!thread.started, "one call of a thread at a time");
        thread.started = true;
        let oldest = &thread.calls[0];
        let name = match &*call.call {
            crate::graph::Call::Messages(send) => {
                send.message.as_ref().unwrap().text.clone().unwrap()
            }
            _ => "pass".to_owned(),
        };
        assert_eq!(
            (&name, call.attempts, call.uncertain),
            (&oldest.name, oldest.attempts, oldest.uncertain)
        );
        self.started.insert(person, call.id);
    }

    async fn finish(&mut self, person: usize, fate: Fate) {
        let Some(id) = self.started.remove(&person) else {
            return;
        };
        let thread = self.model.threads.get_mut(&person).unwrap();
        thread.started = false;
        let result = match fate {
            Fate::Sent => {
                thread.calls.pop_front();
                CallResult::Sent
            }
            Fate::Retry => {
                thread.calls[0].attempts += 1;
                CallResult::RetryAt(NOW)
            }
            Fate::Dead => {
                thread.calls.pop_front();
                self.model.dead_letters += 1;
                CallResult::Dead("on purpose".to_owned())
            }
        };
        // Twice, as if the first answer of the store had been lost.
        let first = finished(id, person, result.clone());
        self.fixture.journal.finish_calls(first).await.unwrap();
        if !matches!(fate, Fate::Retry) {
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
        let later = Timestamp::MAX;
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
                    };
                    self.settle(handled).await;
                }
                self.release(person).await;
            }
            self.start(later, PERSONS).await;
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
    }
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
