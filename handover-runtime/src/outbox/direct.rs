//! Messages that a handler sends with [`Graph`](crate::graph::Graph), past the outbox. They are the bot's
//! own, so their echoes are not another app's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use handover_protocol::{
    AccountId, EventBody, OutgoingMessage, PersonId, Received, Recipient, SendRequest, Timestamp,
};

use crate::clock::Clock;
use crate::graph::{SendFuture, SendObserver};
use crate::journal::{Journal, echo_key};
use crate::ownership::{ECHO_WITHIN, is_echo_in_time, is_echo_of};
use crate::thread::ThreadKey;

/// Messages without a response that are remembered.
const MOST: usize = 1024;

/// Messages in flight past the outbox, and those whose response was lost.
pub(crate) struct DirectSends {
    journal: Journal,
    clock: Clock,
    outstanding: Mutex<OutstandingSends>,
}

#[derive(Default)]
struct OutstandingSends {
    last: u64,
    sends: Vec<OutstandingSend>,
}

struct OutstandingSend {
    number: u64,
    recipient: Recipient,
    message: OutgoingMessage,
    at: Timestamp,
}

impl DirectSends {
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
        let found = outstanding.sends.iter().position(|send| {
            // A recipient without an id is known only from the response.
            let same_person = send
                .recipient
                .id
                .as_ref()
                .is_none_or(|id| Some(id) == person);
            echo.app_id.is_none()
                && same_person
                && is_echo_of(echo, &send.message)
                && is_echo_in_time(received, received_at, send.at)
        });
        // A message has one echo.
        found.map(|at| outstanding.sends.remove(at)).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, OutstandingSends> {
        // The list is consistent after every statement.
        self.outstanding
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendObserver for DirectSends {
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
            for account in accounts {
                let echo = echo_key(&account, &mid);
                let person = person.clone().unwrap_or(PersonId::from_static(""));
                let thread = ThreadKey::new(account, person);
                if let Err(error) = self.journal.remember_sent(thread, echo).await {
                    tracing::error!(%error, mid, "a message that a handler sent cannot be remembered; its echo may be taken for a human's");
                }
            }
            self.was_not_sent(number);
        })
    }
}
