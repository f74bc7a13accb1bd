//! Messages whose echoes match no call of their thread: those that a handler sends with
//! [`Graph`](crate::graph::Graph), past the outbox, and those of the outbox to people whose id only the response
//! has. Their sending is observed, for they are the bot's own, and their echoes are not another app's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use handover_protocol::{
    AccountId, EventBody, OutgoingMessage, PersonId, Received, Recipient, SendRequest, Timestamp,
};

use crate::clock::Clock;
use crate::graph::{SendFuture, SendObserver};
use crate::journal::{Journal, Turn, echo_key};
use crate::ownership::{ECHO_WITHIN, is_echo_in_time, is_echo_of};
use crate::thread::ThreadKey;

/// Messages without a response that are remembered.
const MOST: usize = 1024;

/// Such messages in flight, those whose response was lost, and what handlers at work have said by them.
pub(crate) struct ObservedSends {
    journal: Journal,
    clock: Clock,
    outstanding: Mutex<OutstandingSends>,
}

#[derive(Default)]
struct OutstandingSends {
    last: u64,
    /// What handlers have said that are at work, by thread: it joins the history after what they answer.
    said: HashMap<ThreadKey, Vec<Turn>>,
    sends: Vec<OutstandingSend>,
}

struct OutstandingSend {
    number: u64,
    recipient: Recipient,
    message: OutgoingMessage,
    at: Timestamp,
    /// Whether its echo has come. A message has one.
    has_echo: bool,
}

impl ObservedSends {
    pub(crate) fn new(journal: Journal, clock: Clock) -> Self {
        Self {
            journal,
            clock,
            outstanding: Mutex::default(),
        }
    }

    /// Whether this is the echo of a message whose response is outstanding or was lost.
    pub(crate) fn has_echo(&self, received: &Received, received_at: Timestamp) -> bool {
        let EventBody::Echo(echo) = &received.event.body else {
            return false;
        };
        let person = received.event.person(&received.account);
        let mut outstanding = self.lock();
        let found = outstanding.sends.iter_mut().find(|send| {
            // A recipient without an id is known only from the response.
            let same_person = send
                .recipient
                .id
                .as_ref()
                .is_none_or(|id| Some(id) == person);
            echo.app_id.is_none()
                && !send.has_echo
                && same_person
                && is_echo_of(echo, &send.message)
                && is_echo_in_time(received, received_at, send.at)
        });
        let is_found = found.is_some();
        if let Some(send) = found {
            send.has_echo = true;
        }
        is_found
    }

    /// Forgets what is being sent to the person of a thread.
    pub(crate) fn forget(&self, thread: &ThreadKey) {
        let sends = &mut self.lock().sends;
        sends.retain(|send| send.recipient.id.as_ref() != thread.person());
    }

    /// A handler is at work on the thread.
    pub(crate) fn begin(&self, thread: &ThreadKey) {
        self.lock().said.insert(thread.clone(), Vec::new());
    }

    /// The handler has ended; returns what it has said.
    pub(crate) fn end(&self, thread: &ThreadKey) -> Vec<Turn> {
        self.lock().said.remove(thread).unwrap_or_default()
    }

    /// Which of these threads a message went to: the only one, or that on which a handler is at work.
    fn thread_of(&self, threads: &[ThreadKey]) -> Option<ThreadKey> {
        let outstanding = self.lock();
        let mut at_work = threads.iter();
        let found = match threads {
            [only] => Some(only),
            _ => at_work.find(|thread| outstanding.said.contains_key(*thread)),
        };
        found.cloned()
    }

    /// Adds to what a handler has said; gives the turn back if none is at work.
    fn add(&self, thread: &ThreadKey, turn: Turn) -> Option<Turn> {
        match self.lock().said.get_mut(thread) {
            Some(said) => {
                said.push(turn);
                None
            }
            None => Some(turn),
        }
    }

    /// What was said by a message that was sent.
    fn turn(&self, number: u64, mid: &str) -> Option<Turn> {
        let outstanding = self.lock();
        let mut sends = outstanding.sends.iter();
        let send = sends.find(|send| send.number == number)?;
        Some(Turn {
            at: self.clock.now(),
            mid: Some(mid.to_owned()),
            ..Turn::of_outgoing(&send.message)
        })
    }

    fn lock(&self) -> MutexGuard<'_, OutstandingSends> {
        // The list is consistent after every statement.
        self.outstanding
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendObserver for ObservedSends {
    fn begins(&self, request: &SendRequest) -> u64 {
        let now = self.clock.now();
        let mut outstanding = self.lock();
        outstanding.last += 1;
        let number = outstanding.last;
        outstanding
            .sends
            .retain(|send| now.duration_since(send.at) <= ECHO_WITHIN);
        if let Some(message) = &request.message
            && outstanding.sends.len() < MOST
        {
            outstanding.sends.push(OutstandingSend {
                number,
                recipient: request.recipient.clone(),
                message: message.clone(),
                at: now,
                has_echo: false,
            });
        }
        number
    }

    fn was_not_sent(&self, number: u64) {
        self.lock().sends.retain(|send| send.number != number);
    }

    fn was_sent<'a>(
        &'a self,
        number: u64,
        accounts: Vec<AccountId>,
        person: Option<PersonId>,
        mid: String,
    ) -> SendFuture<'a> {
        Box::pin(async move {
            let mut turn = self.turn(number, &mid).filter(|_| person.is_some());
            let person = person.unwrap_or(PersonId::from_static(""));
            let threads = accounts.into_iter();
            let threads = threads.map(|account| ThreadKey::new(account, person.clone()));
            let threads: Vec<_> = threads.collect();
            let spoken_in = self.thread_of(&threads);
            for thread in threads {
                let echo = echo_key(&thread.account, &mid);
                let said = turn.take_if(|_| spoken_in.as_ref() == Some(&thread));
                let said = said.and_then(|turn| self.add(&thread, turn));
                if let Err(error) = self.journal.remember_sent(thread, echo, said).await {
                    tracing::error!(%error, mid, "a message that a handler sent cannot be remembered; its echo may be taken for a human's");
                }
            }
            self.was_not_sent(number);
        })
    }
}
