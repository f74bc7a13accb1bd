//! Events that arrive, are handed out and end.

use std::sync::Arc;

use handover_protocol::{EventBody, Received, Timestamp};

use super::{DedupeKey, EventStatus, HELD_EVENTS, JournalRules, ReadRequest, RowChange, Silences};
use crate::graph::Call;
use crate::internal_event::{InternalEvent, ThreadEvent};
use crate::journal::forward::ForwardedCommand;
use crate::journal::{
    AppendStatus, Claim, ClaimedEvent, EventResult, NewEvent, PauseChange, ReceiptStatus,
    Settlement, Speaker, ThreadChange, ThreadRelease, Turn, unreadable,
};
use crate::thread::ThreadKey;

impl JournalRules {
    /// Appends an event, unless it is known. Which of its keys are known has to be filled in before.
    pub(in crate::journal) fn append(&mut self, new: NewEvent) -> AppendStatus {
        if !self.owns(&new.thread) {
            // Whether it is known is seen where it is handled.
            self.forward(ForwardedCommand::Event(new));
            return AppendStatus::Stored;
        }
        let (key, sent) = (new.dedupe_key, new.sent_key());
        let was_sent = sent.is_some_and(|sent| self.known.contains(&sent));
        let is_own = new.confirms.is_some() || was_sent;
        if is_own {
            self.echoes_come(&new.thread.account, new.received_at);
        }
        if was_sent {
            return AppendStatus::Duplicate;
        }
        let is_new_elsewhere = new.also_known_as.is_none_or(|other| self.remember(other));
        if !self.remember(key) || !is_new_elsewhere {
            return AppendStatus::Duplicate;
        }
        if let Some(cause) = unreadable::cause_of(&new.received) {
            let event = ThreadEvent::Platform(new.received.clone());
            self.add_dead_event(&new.thread, event, cause, new.received_at);
            return AppendStatus::Stored;
        }
        let is_confirmed = self.confirm(&new);
        let is_kept = self.history.keeps_all() && !self.schedule.has_forgotten_head(&new.thread);
        if is_own && !is_confirmed && is_kept {
            self.hear_own(&new);
        }
        if !is_confirmed && !is_own {
            let silences = match may_silence(&new.received) {
                true => Silences::Maybe(sent.map(|_| key)),
                false => Silences::No,
            };
            let event = ThreadEvent::Platform(new.received);
            self.add_event(new.thread, event, new.content, new.received_at, silences);
        }
        AppendStatus::Stored
    }

    /// An event of the bot itself joins those of a thread.
    pub(in crate::journal) fn enqueue(
        &mut self,
        thread: ThreadKey,
        own: Arc<InternalEvent>,
        at: Timestamp,
    ) {
        self.add_event(thread, ThreadEvent::Own(own), None, at, Silences::No);
    }

    pub(super) fn add_event(
        &mut self,
        thread: ThreadKey,
        event: ThreadEvent,
        content: Option<String>,
        received_at: Timestamp,
        silences: Silences,
    ) {
        self.last_sequence += 1;
        let event = ClaimedEvent {
            sequence: self.last_sequence,
            event,
            received_at,
            attempts: 0,
        };
        if let Some(name) = event.event.expired_timer() {
            self.expired_timers.insert(event.sequence, name.to_owned());
        }
        self.schedule
            .add_event(&thread, self.last_sequence, silences);
        if !self.is_durable || self.events.len() < HELD_EVENTS {
            self.events.insert(self.last_sequence, event.clone());
        }
        self.row(|| RowChange::Arrived {
            thread,
            event,
            content,
        });
    }

    /// What has to be read before an echo can be compared with the calls of which it may be.
    pub(in crate::journal) fn request_awaiting_echo(
        &self,
        key: &ThreadKey,
        request: &mut ReadRequest,
    ) {
        let awaiting = self.schedule.awaiting_echo(key);
        if !awaiting.is_empty() || self.schedule.head(key).is_some() {
            // Not only if there is a history: that may be known only later in this batch.
            self.request_thread(key, request);
        }
        let unread = awaiting.into_iter();
        let unread = unread.filter(|id| !self.calls.contains_key(id));
        request.calls.extend(unread);
    }

    /// Whether it is the echo of a call: whatever was answered, that was made.
    fn confirm(&mut self, event: &NewEvent) -> bool {
        let key = &event.thread;
        let is_echo =
            event.confirms.is_some() || matches!(event.received.event.body, EventBody::Echo(_));
        if !is_echo {
            return false;
        }
        let head = self.schedule.head(key);
        let started = head.filter(|_| self.schedule.is_started(key));
        let awaiting = self.schedule.awaiting_echo(key);
        let call = awaiting
            .iter()
            .filter_map(|id| self.calls.get(id))
            .find(|call| {
                let outstanding = call.uncertain || started == Some(call.id);
                call.has_echo(event, outstanding.then_some(call.started_at))
            });
        let Some(call) = call else {
            return false;
        };
        let (id, receipt) = (call.id, call.receipt);
        let mid = event.received.event.mid().map(str::to_owned);
        let turn = match &*call.call {
            Call::Messages(send) if self.history.keeps_all() => {
                Turn::of_request(send, event.received_at, mid)
            }
            _ => None,
        };
        if let Some(turn) = turn {
            self.bot_said(key, turn, event.received_at);
        }
        self.echoes_come(&key.account, event.received_at);
        let is_head = head == Some(id);
        if is_head && self.schedule.confirm(key) {
            self.changes.push(RowChange::CallConfirmed(id));
        } else {
            tracing::info!(thread = %key, "the echo of a call has come whose answer was lost");
            if let Some(number) = receipt {
                let message_id = mid_of(&event.received);
                let status = ReceiptStatus::Sent { message_id };
                self.note_receipt(number, status, event.received_at);
            }
            self.end_waiting(key, id);
        }
        true
    }

    /// The echo of what the bot said past the outbox, or by another process of its app.
    fn hear_own(&mut self, event: &NewEvent) {
        let turn = Turn::of_event(&event.received, event.received_at, |_| Speaker::Bot);
        if let Some(turn) = turn
            && !self.threads.lacks(&event.thread)
        {
            self.bot_said(&event.thread, turn, event.received_at);
        }
    }

    /// Remembers that the message of this echo was sent; `echo_key` is the key of `echo`. If the echo
    /// came before, it may have been taken for what a human said.
    pub(in crate::journal) fn remember_sent(
        &mut self,
        key: &ThreadKey,
        echo: &str,
        echo_key: DedupeKey,
        at: Timestamp,
    ) {
        self.remember(echo_key.sent());
        if self.known.contains(&echo_key) {
            self.echoes_come(&key.account, at);
            self.schedule.is_own(key, echo_key);
            let echo = echo.to_owned();
            let change = ThreadChange::of_pause(PauseChange::WasOwn { echo });
            self.change_thread(key, change, at);
        }
    }

    /// Hands out threads whose turn it is; those that rested until now, too, if a time is given.
    pub(in crate::journal) fn claim(
        &mut self,
        now: Option<Timestamp>,
        limit: usize,
    ) -> Vec<(ThreadKey, Vec<u64>)> {
        match now {
            Some(now) => self.schedule.claim(now, limit),
            None => self.schedule.claim_ready(limit),
        }
    }

    /// When the next timer runs out, or the next thread is ready that waits for a time.
    pub(super) fn next_claim_at(&self) -> Option<Timestamp> {
        let times = [self.timers.next_at(), self.schedule.next_thread_at()];
        times.into_iter().flatten().min()
    }

    /// The same, for the dispatcher, which looks again by then.
    pub(in crate::journal) fn sleep_of_claims(&mut self) -> Option<Timestamp> {
        self.looks_for_threads_at = self.next_claim_at();
        self.looks_for_threads_at
    }

    /// What has to be read before a thread can be handed out.
    pub(in crate::journal) fn request_claim(
        &self,
        (thread, sequences): &(ThreadKey, Vec<u64>),
        request: &mut ReadRequest,
    ) {
        self.request_thread(thread, request);
        self.request_events(sequences, request);
    }

    /// Events of a thread that is handed out which came after this one.
    pub(in crate::journal) fn later(&self, thread: &ThreadKey, sequence: u64) -> Vec<u64> {
        self.schedule.later(thread, sequence)
    }

    /// What has to be read before events can be handed out.
    pub(in crate::journal) fn request_events(&self, sequences: &[u64], request: &mut ReadRequest) {
        let unread = sequences
            .iter()
            .filter(|sequence| !self.events.contains_key(*sequence));
        request.events.extend(unread);
    }

    /// An event that is handed out; `None` if it could not be read.
    pub(in crate::journal) fn hand_out(&mut self, sequence: u64) -> Option<ClaimedEvent> {
        // Given away where it can be read again, so that it is freed where it is handled.
        if self.is_durable {
            self.events.remove(&sequence)
        } else {
            self.events.get(&sequence).cloned()
        }
    }

    /// What is handed out of a thread; `None` if its events could not be read.
    pub(in crate::journal) fn claimed(
        &mut self,
        (thread, sequences): (ThreadKey, Vec<u64>),
    ) -> Option<Claim> {
        if self.threads.lacks(&thread) {
            return None;
        }
        let events = sequences.into_iter();
        let events = events.map(|sequence| self.hand_out(sequence));
        let events = events.collect::<Option<_>>()?;
        Some(Claim {
            events,
            state: self.threads.get(&thread),
            epoch: self.share().epoch,
            thread,
        })
    }

    /// Lets a thread go: its unsettled events wait again.
    pub(in crate::journal) fn release(&mut self, ThreadRelease { thread, until }: &ThreadRelease) {
        self.schedule.release(thread, *until);
        self.forget_if_idle(thread);
    }

    /// Whether the events of a settlement still wait for it.
    pub(in crate::journal) fn awaits(&self, settlement: &Settlement) -> bool {
        let waits = |sequence: &u64| self.schedule.waits(&settlement.thread, *sequence);
        settlement.sequences.iter().all(waits)
    }

    /// Whether an event of the thread waits that came no later than this one.
    pub(in crate::journal) fn has_earlier(&self, thread: &ThreadKey, sequence: u64) -> bool {
        let oldest = self.schedule.oldest_of(thread);
        oldest.is_some_and(|oldest| oldest <= sequence)
    }

    /// Settles events of a thread.
    pub(in crate::journal) fn settle(
        &mut self,
        settlement: Settlement,
        now: Timestamp,
    ) -> SettlementEffect {
        if !self.awaits(&settlement) {
            return SettlementEffect::default();
        }
        let key = settlement.thread;
        let last = settlement.sequences.last().copied().unwrap_or_default();
        let mut change = settlement.change;
        if self.schedule.is_own_echo(&key, &settlement.sequences) {
            // The call was answered while its echo was handled.
            change.remove_echo_pause();
        }
        match settlement.result {
            EventResult::Retry { at } => self.retry(&settlement.sequences, at),
            EventResult::Held { until } => self.hold(&key, &settlement.sequences, until, now),
            EventResult::Handled => self.end(&key, settlement.sequences, EventStatus::Handled, now),
            EventResult::Superseded => {
                self.end(&key, settlement.sequences, EventStatus::Superseded, now);
            }
            EventResult::Failed(cause) => {
                self.give_up(&key, &settlement.sequences, &cause, now);
                self.end(&key, settlement.sequences, EventStatus::Failed, now);
            }
        }
        change.numbered(self.last_call);
        let returned = self.change_thread(&key, change, now);
        self.tell(&key, &settlement.listeners, returned, settlement.note, now);
        if let Some(news) = settlement.news {
            self.notify(&key, &settlement.listeners, &news, now);
        }
        let hands_out = settlement.hands_out
            && self.schedule.head(&key).is_none()
            && !self.schedule.is_leaving(&key);
        let started = self.queue(&key, settlement.calls, hands_out, now);
        let mut superseded = Vec::new();
        for timer in settlement.timers {
            superseded.extend(self.supersede_timer(&key, &timer.name, last, now));
            self.withdraw_calls(&key, &timer.name);
            self.set_timer(&key, timer);
        }
        if let Some(event) = settlement.event {
            self.enqueue(key.clone(), event, now);
        }
        for (event, due) in settlement.signals {
            self.add_signal(key.clone(), event, due, now);
        }
        for (number, status) in settlement.receipts {
            self.note_receipt(number, status, now);
        }
        SettlementEffect {
            started: started.map(|id| (id, key)),
            superseded,
        }
    }

    /// Lets the thread go on without these events, unless the bot may speak by now.
    fn hold(&mut self, key: &ThreadKey, sequences: &[u64], until: Timestamp, now: Timestamp) {
        if self.threads.get(key).may_speak(now) {
            return;
        }
        for &sequence in sequences {
            self.schedule.set_aside(key, sequence, until);
            self.changes.push(RowChange::Held { sequence, until });
        }
    }

    fn retry(&mut self, sequences: &[u64], due: Timestamp) {
        for &sequence in sequences {
            if let Some(event) = self.events.get_mut(&sequence) {
                event.attempts += 1;
            }
            self.changes.push(RowChange::Retried { sequence, due });
        }
    }

    fn give_up(&mut self, key: &ThreadKey, sequences: &[u64], cause: &str, at: Timestamp) {
        self.dead_letters += sequences.len();
        for &sequence in sequences {
            let event = self.events.get(&sequence);
            self.changes.push(RowChange::DeadEvent {
                thread: key.clone(),
                sequence,
                event: event.map(|event| event.event.clone()),
                cause: cause.to_owned(),
                at,
            });
        }
    }

    /// Keeps an event of a thread as a dead letter, and hands it out to nobody.
    pub(in crate::journal) fn add_dead_event(
        &mut self,
        thread: &ThreadKey,
        event: ThreadEvent,
        cause: &str,
        at: Timestamp,
    ) {
        self.add_event(thread.clone(), event, None, at, Silences::No);
        let sequences = vec![self.last_sequence];
        self.give_up(thread, &sequences, cause, at);
        self.end(thread, sequences, EventStatus::Failed, at);
        self.forget_if_idle(thread);
    }

    pub(super) fn end(
        &mut self,
        key: &ThreadKey,
        sequences: Vec<u64>,
        outcome: EventStatus,
        at: Timestamp,
    ) {
        for sequence in &sequences {
            self.events.remove(sequence);
            self.expired_timers.remove(sequence);
        }
        self.schedule.settle(key, &sequences);
        self.row(|| RowChange::Settled {
            sequences,
            outcome,
            at,
        });
    }
}

/// What comes of a settlement at once.
#[derive(Debug, Default)]
pub(in crate::journal) struct SettlementEffect {
    /// The call that is handed out: number and thread.
    pub(in crate::journal) started: Option<(u64, ThreadKey)>,
    /// Later events that come to nothing: of timers that have run out, and were set or cancelled by this.
    pub(in crate::journal) superseded: Vec<u64>,
}

/// The platform's id of the message that an echo is of.
fn mid_of(received: &Received) -> Option<String> {
    match &received.event.body {
        EventBody::Echo(echo) => echo.mid.clone(),
        _ => None,
    }
}

/// Whether an event may tell that somebody else speaks now, also while it waits.
pub(in crate::journal) fn may_silence(received: &Received) -> bool {
    matches!(
        received.event.body,
        EventBody::Echo(_) | EventBody::TakeThreadControl(_)
    )
}
