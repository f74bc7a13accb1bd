//! What one node accepts for a lane of another: it is stored, and the owner of the lane carries it out.

use std::sync::Arc;

use handover_protocol::AccountId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::jobs::Steps;
use super::rules::{JournalRules, ReadRequest};
use super::unreadable::UnreadableItem;
use super::{Forgotten, NewEvent, QueuedCall, Submission, ThreadChange, Turn};
use crate::internal_event::ThreadEvent;
use crate::journal::commands::{Append, ChangeThread, MakeDue, RememberSent, Submit};
use crate::notice::Notice;
use crate::thread::ThreadKey;
use handover_protocol::Timestamp;

/// A command for the owner of a lane.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ForwardedCommand {
    /// A webhook brought an event.
    Event(NewEvent),
    /// Something was sent from outside a handler.
    Submit(Submission),
    /// What is kept of a thread changes.
    Change {
        thread: ThreadKey,
        change: ThreadChange,
    },
    /// A message was sent past the outbox.
    Sent {
        thread: ThreadKey,
        echo: String,
        turn: Option<Turn>,
    },
    /// A thread is forgotten; whoever asked for that waits for an answer of this name.
    Forget { thread: ThreadKey, answer: String },
    /// The same of what the thread of the account says of the person of this thread.
    ForgetMentions { thread: ThreadKey, answer: String },
    /// Something that was settled or given up is to be handled or sent again.
    PutBack(Box<PutBack>),
    /// Dead letters of the lane were deleted.
    DeadLettersGone { lane: u8, count: u64 },
    /// Nothing of this account waits for its time any longer. For all threads of the node with the lane.
    MakeDue {
        account: AccountId,
        now: Timestamp,
        lane: u8,
    },
}

/// A command that another node has stored for a lane of this one.
#[derive(Debug)]
pub(crate) struct ArrivedCommand {
    pub(crate) lane: u8,
    pub(crate) id: i64,
    pub(crate) command: Result<ForwardedCommand, Box<UnreadableItem>>,
}

impl ArrivedCommand {
    /// How many are taken up together.
    pub(crate) const MOST: usize = 1000;
}

impl ForwardedCommand {
    /// The lane of whose owner it is to be carried out.
    #[cfg(feature = "postgres")]
    pub(crate) fn lane(&self) -> u8 {
        match self {
            Self::Event(new) => new.thread.lane(),
            Self::Submit(submission) => submission.thread.lane(),
            Self::Change { thread, .. }
            | Self::Sent { thread, .. }
            | Self::Forget { thread, .. } => thread.lane(),
            Self::ForgetMentions { thread, .. } => thread.of_account().lane(),
            Self::PutBack(put_back) => put_back.thread.lane(),
            Self::DeadLettersGone { lane, .. } | Self::MakeDue { lane, .. } => *lane,
        }
    }

    /// How many dead letters were deleted with it, of which the owner does not know until it takes it up.
    #[cfg(feature = "postgres")]
    pub(crate) fn dead_letters(&self) -> u64 {
        match self {
            Self::PutBack(put_back) => put_back.dead_letters,
            Self::DeadLettersGone { count, .. } => *count,
            _ => 0,
        }
    }

    /// The thread that is read for it, and need not be held afterwards.
    fn reads_thread(&self) -> Option<&ThreadKey> {
        match self {
            Self::Submit(submission) => Some(&submission.thread),
            Self::Change { thread, .. } | Self::Sent { thread, .. } => Some(thread),
            Self::PutBack(put_back) => Some(&put_back.thread),
            _ => None,
        }
    }

    /// The command as the owner carries it out.
    fn steps(self) -> Box<dyn Steps> {
        match self {
            Self::Event(new) => Box::new(Append {
                events: vec![new],
                limit: 0,
                appended: Vec::new(),
                claimed: Vec::new(),
            }),
            Self::Submit(submission) => Box::new(Submit {
                submission: Some(submission),
                is_accepted: true,
                answer: None,
            }),
            Self::Change { thread, change } => Box::new(ChangeThread { thread, change }),
            Self::Sent { thread, echo, turn } => Box::new(RememberSent::new(thread, echo, turn)),
            Self::Forget { thread, answer } => Box::new(ForgetFor {
                thread,
                part: ForgetPart::Thread,
                answer,
            }),
            Self::ForgetMentions { thread, answer } => Box::new(ForgetFor {
                thread,
                part: ForgetPart::Mentions,
                answer,
            }),
            Self::PutBack(put_back) => put_back,
            Self::DeadLettersGone { count, .. } => Box::new(DeadLettersGone(count)),
            Self::MakeDue { account, now, .. } => Box::new(MakeDue {
                account,
                now,
                everywhere: false,
            }),
        }
    }
}

/// What the owner of one lane deletes when a thread is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForgetPart {
    Thread,
    /// What the thread of the account says of the person, where several nodes share the storage.
    Mentions,
}

impl ForgetPart {
    /// The thread whose owner does it.
    pub(super) fn owned_with(self, thread: &ThreadKey) -> ThreadKey {
        match self {
            Self::Thread => thread.clone(),
            Self::Mentions => thread.of_account(),
        }
    }

    pub(super) fn decide(
        self,
        rules: &mut JournalRules,
        thread: &ThreadKey,
        now: Timestamp,
    ) -> Forgotten {
        match self {
            Self::Thread => rules.forget(thread, now),
            Self::Mentions => {
                rules.forget_mentions(thread, now);
                Forgotten::default()
            }
        }
    }

    pub(super) fn command(self, thread: ThreadKey, answer: String) -> ForwardedCommand {
        match self {
            Self::Thread => ForwardedCommand::Forget { thread, answer },
            Self::Mentions => ForwardedCommand::ForgetMentions { thread, answer },
        }
    }
}

/// Deletes a part of what there is of a thread, and says so to the node that asked.
struct ForgetFor {
    thread: ThreadKey,
    part: ForgetPart,
    answer: String,
}

impl Steps for ForgetFor {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_account_events(&self.thread, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        self.part.decide(rules, &self.thread, now);
        rules.answer(std::mem::take(&mut self.answer));
    }
}

/// As many dead letters were deleted.
struct DeadLettersGone(u64);

impl Steps for DeadLettersGone {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.dead_letters_are_gone(self.0);
    }
}

/// Something that a [`Replay`](super::Replay) has taken out of the rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PutBack {
    pub(crate) thread: ThreadKey,
    pub(crate) item: PutBackItem,
    /// How many dead letters went for it.
    pub(crate) dead_letters: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PutBackItem {
    Event {
        /// As it was stored.
        content: String,
        received_at: Timestamp,
    },
    Call(Box<QueuedCall>),
    Notice(Box<Notice>),
}

impl Steps for PutBack {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_thread(&self.thread, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        let thread = self.thread.clone();
        rules.dead_letters_are_gone(self.dead_letters);
        match &self.item {
            PutBackItem::Event {
                content,
                received_at,
            } => match ThreadEvent::from_json(content) {
                Ok(event) => rules.put_event_back(thread, event, *received_at, now),
                Err(error) => UnreadableItem::event(thread, content, &error).give_up(rules, now),
            },
            PutBackItem::Call(call) => rules.put_call_back(&thread, (**call).clone(), now),
            PutBackItem::Notice(notice) => rules.put_notice_back((**notice).clone(), now),
        }
    }
}

/// Arrivals on their way through the rules.
pub(super) struct TakenUp {
    rows: Vec<(u8, i64)>,
    steps: Vec<Box<dyn Steps>>,
    /// The threads of events.
    threads: Vec<ThreadKey>,
    /// Those that are read for other commands.
    read: Vec<ThreadKey>,
}

impl TakenUp {
    pub(super) fn new(arrivals: Vec<ArrivedCommand>) -> Self {
        let rows = arrivals.iter().map(|it| (it.lane, it.id)).collect();
        let commands = arrivals.into_iter().map(|arrival| arrival.command);
        let (mut threads, mut read) = (Vec::new(), Vec::new());
        let steps = commands.map(|command| match command {
            Ok(command) => {
                if let ForwardedCommand::Event(new) = &command {
                    threads.push(new.thread.clone());
                }
                read.extend(command.reads_thread().cloned());
                command.steps()
            }
            Err(unreadable) => unreadable as Box<dyn Steps>,
        });
        Self {
            rows,
            steps: steps.collect(),
            threads,
            read,
        }
    }

    /// What the rules have to know before they can decide.
    pub(super) fn reads(&self, rules: &JournalRules) -> ReadRequest {
        let mut request = ReadRequest::default();
        for step in &self.steps {
            step.reads(rules, &mut request);
        }
        request.arrivals = false;
        request
    }

    /// Carries them out. Gives the threads that have events by that.
    pub(super) fn decide(mut self, rules: &mut JournalRules, now: Timestamp) -> Vec<ThreadKey> {
        for step in &mut self.steps {
            step.decide(rules, now);
        }
        for thread in &self.read {
            rules.forget_if_idle(thread);
        }
        for (lane, id) in self.rows {
            rules.taken_up(lane, id);
        }
        self.threads
    }
}

/// Serializes what an `Arc` holds.
pub(super) mod shared {
    use super::{Arc, Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}
