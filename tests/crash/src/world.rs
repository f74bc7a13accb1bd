//! What the platform knows: the threads and their owners, the events that it has to deliver, the
//! calls that it has accepted. It outlives every bot.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::submit::{Kind, Submission};

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const APP: &str = "1517776481860111";
pub(crate) const INBOX: &str = "263902037430900";
const FIRST_PERSON: usize = 1_000_000_000;
/// The name of a bot that has no other nodes beside it.
pub(crate) const ONLY_NODE: &str = "bot";
/// A thread whose events are not taken by the bot gets no more of them.
const LONGEST_QUEUE: usize = 4;

/// All of it; cheap to clone.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) rng: fastrand::Rng,
    pub(crate) threads: Vec<Thread>,
    /// Events that were acknowledged and come again all the same.
    again: Vec<Event>,
    pub(crate) counts: Counts,
    /// When an echo was first acknowledged: from then on the bot knows that there are echoes.
    pub(crate) echoed_at: Option<i64>,
    /// Where each acknowledged event is noted, too.
    pub(crate) notary: Option<Box<dyn Notary>>,
    next_message: u64,
    pub(crate) frozen: Vec<Frozen>,
    pub(crate) answered: Vec<Answered>,
    /// What was seen while the bot was at work and should not have been.
    pub(crate) violations: Vec<String>,
}

/// A time in which a node did nothing.
pub(crate) struct Frozen {
    pub(crate) node: String,
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// A webhook that a node answered with 200, for which it had to commit.
pub(crate) struct Answered {
    pub(crate) node: String,
    pub(crate) at: Instant,
    pub(crate) took: Duration,
}

/// Records acknowledged events at once.
pub(crate) trait Notary: Send {
    fn acknowledged(&mut self, events: &[String]);
}

#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) abandoned: u32,
    pub(crate) delivered_again: u32,
    pub(crate) bodies: u32,
    pub(crate) failed_bodies: u32,
    pub(crate) submitted_again: u32,
}

pub(crate) struct Thread {
    pub(crate) owner: Owner,
    /// What happened to event 1, 2, …
    pub(crate) events: Vec<Fate>,
    /// What was sent from outside a handler, in order.
    pub(crate) submitted: Vec<Submitted>,
    /// What is to be delivered, in order.
    queue: VecDeque<Event>,
    /// Whether a body with events of it is under way: the next waits, so that they stay in order.
    is_under_way: bool,
    hand_back_at: Option<Instant>,
    /// The calls that were accepted, in order.
    pub(crate) accepted: Vec<Accepted>,
    /// Calls that the platform had to refuse because the inbox owned the thread.
    pub(crate) talked_over: Vec<String>,
    /// The event by which control came back last.
    handed_back: Option<String>,
    /// Whether the bot has ever asked who owns the thread, and it was the bot.
    pub(crate) told_it_is_the_bots: bool,
    /// How often the bot passed the thread before it had answered that event. It then takes it for
    /// an answer to this pass.
    pub(crate) crossings: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Bot,
    Inbox,
}

/// A signal or a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submitted {
    pub(crate) kind: Kind,
    /// Whether the bot has said that it has it.
    pub(crate) is_acknowledged: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) channel: Channel,
    pub(crate) delivery: Delivery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Owed,
    Acknowledged,
    /// The platform gave up; the bot may have it or not.
    Abandoned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Messaging,
    Standby,
}

impl Channel {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Standby => "standby",
        }
    }
}

/// One item of a body.
#[derive(Clone)]
pub(crate) struct Event {
    thread: usize,
    pub(crate) channel: Channel,
    pub(crate) item: Value,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// Event `n` of the thread; only messages are ever abandoned.
    Numbered { number: usize, is_message: bool },
    /// The echo of accepted call `n` of the thread.
    Echo(usize),
}

/// A call that was carried out.
pub(crate) struct Accepted {
    /// `t17.42` for a message, `pass t17.42` for a handoff.
    pub(crate) id: String,
    /// The bot's own name for a message.
    pub(crate) reference: Option<String>,
    /// The node that made it.
    pub(crate) node: String,
    pub(crate) at: Instant,
    /// When the bot acknowledged its echo.
    pub(crate) echoed_at: Option<Instant>,
}

/// What comes of a call.
pub(crate) enum Verdict {
    /// The id of the message.
    Sent(String),
    Passed,
    NotOwner,
}

impl World {
    pub(crate) fn new(seed: u64, threads: usize) -> Self {
        let thread = |_| Thread {
            owner: Owner::Bot,
            events: Vec::new(),
            submitted: Vec::new(),
            queue: VecDeque::new(),
            is_under_way: false,
            hand_back_at: None,
            accepted: Vec::new(),
            talked_over: Vec::new(),
            handed_back: None,
            told_it_is_the_bots: false,
            crossings: 0,
        };
        Self(Arc::new(Mutex::new(State {
            rng: fastrand::Rng::with_seed(seed),
            threads: (0..threads).map(thread).collect(),
            again: Vec::new(),
            counts: Counts::default(),
            echoed_at: None,
            notary: None,
            next_message: 0,
            frozen: Vec::new(),
            answered: Vec::new(),
            violations: Vec::new(),
        })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn person(thread: usize) -> String {
    (FIRST_PERSON + thread).to_string()
}

pub(crate) fn thread_of(person: &str) -> Option<usize> {
    person.parse::<usize>().ok()?.checked_sub(FIRST_PERSON)
}

pub(crate) fn id(thread: usize, number: usize) -> String {
    format!("t{thread}.{number}")
}

pub(crate) fn now_ms() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl State {
    /// Somebody writes, if the bot keeps up.
    pub(crate) fn somebody_writes(&mut self) {
        let at = self.rng.usize(..self.threads.len());
        if self.threads[at].queue.len() >= LONGEST_QUEUE {
            return;
        }
        let text = match self.rng.u32(..100) {
            0..6 => "agent",
            6..12 => "remind",
            _ => "hello",
        };
        let thread = &mut self.threads[at];
        let channel = match thread.owner {
            Owner::Bot => Channel::Messaging,
            Owner::Inbox => Channel::Standby,
        };
        let id = id(at, thread.events.len() + 1);
        let item = json!({
            "sender": { "id": person(at) }, "recipient": { "id": PAGE }, "timestamp": now_ms(),
            "message": { "mid": id, "text": text },
        });
        self.add(at, channel, item, true);
    }

    /// Something is to be sent into a thread in which nothing else is; and whether it is then sent again.
    pub(crate) fn somebody_submits(&mut self) -> Option<(Submission, bool)> {
        let at = self.rng.usize(..self.threads.len());
        let kind = *self.rng.choice(&Kind::ALL)?;
        let again = self.rng.u32(..10) == 0;
        let submitted = &mut self.threads[at].submitted;
        if submitted.last().is_some_and(|last| !last.is_acknowledged) {
            return None;
        }
        submitted.push(Submitted {
            kind,
            is_acknowledged: false,
        });
        self.counts.submitted_again += u32::from(again);
        let submission = Submission {
            thread: at,
            number: submitted.len(),
            kind,
        };
        Some((submission, again))
    }

    /// The bot has it.
    pub(crate) fn submitted(&mut self, submission: Submission) {
        let submitted = &mut self.threads[submission.thread].submitted;
        submitted[submission.number - 1].is_acknowledged = true;
        if let Some(notary) = &mut self.notary
            && submission.kind != Kind::Message
        {
            notary.acknowledged(&[submission.id()]);
        }
    }

    fn add(&mut self, at: usize, channel: Channel, item: Value, is_message: bool) {
        let thread = &mut self.threads[at];
        thread.events.push(Fate {
            channel,
            delivery: Delivery::Owed,
        });
        let number = thread.events.len();
        thread.queue.push_back(Event {
            thread: at,
            channel,
            item,
            what: What::Numbered { number, is_message },
        });
    }

    /// The people at the inbox press "Done" where they have had enough.
    pub(crate) fn hand_back(&mut self) {
        let now = Instant::now();
        for at in 0..self.threads.len() {
            let thread = &mut self.threads[at];
            if thread.hand_back_at.is_none_or(|then| then > now) {
                continue;
            }
            thread.hand_back_at = None;
            thread.owner = Owner::Bot;
            let id = id(at, thread.events.len() + 1);
            let item = json!({
                "sender": { "id": person(at) }, "recipient": { "id": PAGE }, "timestamp": now_ms(),
                "pass_thread_control": {
                    "previous_owner_app_id": INBOX, "new_owner_app_id": APP, "metadata": id,
                },
            });
            thread.handed_back = Some(id);
            self.add(at, Channel::Messaging, item, false);
        }
    }

    /// Some events for the next body. Those of a thread stay in order, and the next body with events
    /// of it waits for this one.
    pub(crate) fn take_batch(&mut self) -> Vec<Event> {
        let size = if self.rng.bool() {
            1
        } else {
            self.rng.usize(1..=12)
        };
        let count = self.threads.len();
        let start = self.rng.usize(..count);
        let mut batch = Vec::new();
        for at in (start..count).chain(0..start) {
            let thread = &mut self.threads[at];
            if thread.is_under_way || thread.queue.is_empty() {
                continue;
            }
            let most = self.rng.usize(1..=4).min(size - batch.len());
            let taken = thread.queue.len().min(most);
            batch.extend(thread.queue.drain(..taken));
            thread.is_under_way = true;
            if batch.len() == size {
                break;
            }
        }
        batch
    }

    /// The body was answered with 200.
    pub(crate) fn acknowledged(&mut self, batch: Vec<Event>, answered: Answered) {
        self.counts.bodies += 1;
        let at = answered.at;
        self.answered.push(answered);
        let mut ids = Vec::new();
        for event in &batch {
            let thread = &mut self.threads[event.thread];
            thread.is_under_way = false;
            match event.what {
                What::Numbered { number, .. } => {
                    thread.events[number - 1].delivery = Delivery::Acknowledged;
                    ids.push(id(event.thread, number));
                }
                What::Echo(call) => {
                    thread.accepted[call].echoed_at = Some(at);
                    self.echoed_at.get_or_insert_with(now_ms);
                }
            }
        }
        if let Some(notary) = &mut self.notary {
            notary.acknowledged(&ids);
        }
        if self.rng.u32(..10) == 0 {
            self.again.extend(batch);
        }
    }

    /// The body was not answered: its events are delivered in other bodies, or never.
    pub(crate) fn failed(&mut self, batch: Vec<Event>) {
        self.counts.failed_bodies += 1;
        for event in batch.into_iter().rev() {
            let thread = &mut self.threads[event.thread];
            thread.is_under_way = false;
            match event.what {
                What::Numbered {
                    number,
                    is_message: true,
                } if self.rng.u32(..500) == 0 => {
                    thread.events[number - 1].delivery = Delivery::Abandoned;
                    self.counts.abandoned += 1;
                }
                _ => thread.queue.push_front(event),
            }
        }
    }

    /// Some acknowledged events, of whichever bodies.
    pub(crate) fn take_again(&mut self) -> Vec<Event> {
        let most = self.rng.usize(1..=12);
        self.rng.shuffle(&mut self.again);
        let keep = self.again.len().saturating_sub(most);
        let batch = self.again.split_off(keep);
        self.counts.delivered_again += u32::try_from(batch.len()).unwrap_or(u32::MAX);
        batch
    }

    /// Whether everything is delivered and no thread is with the inbox.
    pub(crate) fn is_quiet(&self) -> bool {
        self.threads.iter().all(|thread| {
            let submitted = thread.submitted.last();
            thread.queue.is_empty()
                && !thread.is_under_way
                && thread.hand_back_at.is_none()
                && submitted.is_none_or(|last| last.is_acknowledged)
        })
    }

    /// How much is not delivered, or with the inbox.
    pub(crate) fn owed(&self) -> usize {
        let owed = self.threads.iter().map(|thread| {
            let submitting = thread
                .submitted
                .last()
                .is_some_and(|it| !it.is_acknowledged);
            thread.queue.len()
                + usize::from(thread.is_under_way)
                + usize::from(thread.hand_back_at.is_some())
                + usize::from(submitting)
        });
        owed.sum()
    }

    /// The bot sends a message.
    pub(crate) fn message(
        &mut self,
        node: &str,
        at: usize,
        text: &str,
        reference: Option<&str>,
    ) -> Verdict {
        let thread = &mut self.threads[at];
        if thread.owner == Owner::Inbox {
            // Afterwards the bot cannot know better.
            if thread.crossings == 0 {
                thread.talked_over.push(text.to_owned());
            }
            return Verdict::NotOwner;
        }
        self.next_message += 1;
        let mid = format!("m_out_{}", self.next_message);
        let item = json!({
            "sender": { "id": PAGE }, "recipient": { "id": person(at) }, "timestamp": now_ms(),
            "message": {
                "mid": mid, "is_echo": true, "app_id": APP, "metadata": reference, "text": text,
            },
        });
        let echo = What::Echo(thread.accepted.len());
        thread.accept(node, text.to_owned(), reference);
        thread.queue.push_back(Event {
            thread: at,
            channel: Channel::Messaging,
            item,
            what: echo,
        });
        Verdict::Sent(mid)
    }

    /// The bot asks who owns the thread.
    pub(crate) fn owner(&mut self, at: usize) -> Owner {
        let thread = &mut self.threads[at];
        thread.told_it_is_the_bots |= thread.owner == Owner::Bot;
        thread.owner
    }

    /// The bot passes the thread to the inbox.
    pub(crate) fn pass(&mut self, node: &str, at: usize, metadata: &str) -> Verdict {
        let pause = Duration::from_millis(self.rng.u64(500..4000));
        let thread = &mut self.threads[at];
        let id = format!("pass {metadata}");
        let passed_before = thread.accepted.iter().any(|call| call.id == id);
        if thread.owner == Owner::Inbox {
            if !passed_before {
                thread.talked_over.push(id);
            }
            return Verdict::NotOwner;
        }
        let crossed = |back: &String| thread.accepted.iter().all(|call| call.id != *back);
        thread.crossings += u32::from(thread.handed_back.as_ref().is_some_and(crossed));
        thread.accept(node, id, None);
        thread.owner = Owner::Inbox;
        thread.hand_back_at = Some(Instant::now() + pause);
        Verdict::Passed
    }
}

impl Thread {
    fn accept(&mut self, node: &str, id: String, reference: Option<&str>) {
        self.accepted.push(Accepted {
            id,
            reference: reference.map(str::to_owned),
            node: node.to_owned(),
            at: Instant::now(),
            echoed_at: None,
        });
    }
}
