//! Forgetting a thread, and what is held of one where the storage holds nothing.

use handover_protocol::Timestamp;
use serde_json::{Value, json};

use super::{DeletionChange, EventStatus, JournalRules, ReadRequest, RowChange};
use crate::journal::privacy::{ExportedRow, Forgotten, ThreadExport};
use crate::thread::ThreadKey;

impl JournalRules {
    /// Forgets everything of a thread. What is handed out of it comes to nothing when it is returned;
    /// until then no other event of the thread is handed out. Gives what was held here and nowhere else.
    pub(in crate::journal) fn forget(&mut self, key: &ThreadKey, now: Timestamp) -> Forgotten {
        let of_account = if self.is_shared() {
            // The node does that which works the thread of the account.
            0
        } else {
            self.end_events_about(key, now)
        };
        let work = self.schedule.forget(key);
        for sequence in &work.events {
            self.events.remove(sequence);
            self.expired_timers.remove(sequence);
        }
        for id in &work.calls {
            self.calls.remove(id);
        }
        let notices = self.notices.forget(key);
        self.receipts.retain(|(thread, _), _| thread != key);
        let timers = self.timers.forget(key);
        let state = self.threads.forget_now(key);
        self.changes.push(RowChange::ThreadForgotten {
            thread: key.clone(),
            last_sequence: self.last_sequence,
            last_call: self.last_call,
        });
        if self.is_durable {
            return Forgotten::default();
        }
        Forgotten {
            events: work.events.len() as u64 + of_account,
            turns: state
                .as_ref()
                .map_or(0, |state| state.history().count() as u64),
            sessions: state.is_some().into(),
            calls: work.calls.len() as u64 + notices,
            timers,
            ..Forgotten::default()
        }
    }

    /// Forgets what the thread of the account says of a person, where several nodes share the storage.
    pub(in crate::journal) fn forget_mentions(&mut self, key: &ThreadKey, now: Timestamp) {
        self.end_events_about(key, now);
        self.changes.push(RowChange::MentionsForgotten {
            thread: key.clone(),
            last_sequence: self.last_sequence,
        });
    }

    /// Ends the events of the account as a whole that wait and name the person. Returns how many.
    fn end_events_about(&mut self, key: &ThreadKey, now: Timestamp) -> u64 {
        let about_them = self.events_about(key);
        let count = about_them.len() as u64;
        if count > 0 {
            let account = key.of_account();
            self.end(&account, about_them, EventStatus::Superseded, now);
            self.forget_if_idle(&account);
        }
        count
    }

    /// What has to be read before a thread is forgotten.
    pub(in crate::journal) fn request_account_events(
        &self,
        key: &ThreadKey,
        request: &mut ReadRequest,
    ) {
        if key.person().is_some() {
            let waiting = self.schedule.events_of(&key.of_account()).into_iter();
            let unread = waiting.filter(|sequence| !self.events.contains_key(sequence));
            request.events.extend(unread);
        }
    }

    /// The events of the account as a whole that wait and name the person, such as their comment.
    fn events_about(&self, key: &ThreadKey) -> Vec<u64> {
        let Some(quoted) = key.quoted_person() else {
            return Vec::new();
        };
        let names_them = |sequence: &u64| {
            let event = self.events.get(sequence);
            let json = event.and_then(|event| event.event.to_json().ok());
            json.is_some_and(|json| json.contains(&quoted))
        };
        let mut waiting = self.schedule.events_of(&key.of_account());
        waiting.retain(names_them);
        waiting
    }

    /// Nothing has changed in a thread for long: what is known of it goes, unless it has something to do.
    pub(in crate::journal) fn expire(&mut self, key: &ThreadKey) {
        if !self.schedule.is_active(key) && !self.timers.has(key) {
            self.threads.forget_now(key);
            self.changes.push(RowChange::ThreadExpired(key.clone()));
        }
    }

    /// A request for deletion comes, or is carried out.
    pub(in crate::journal) fn change_deletion(&mut self, change: DeletionChange) {
        self.changes.push(RowChange::Deletion(change));
    }

    /// So many dead letters are gone.
    pub(in crate::journal) fn dead_letters_are_gone(&mut self, count: u64) {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.dead_letters = self.dead_letters.saturating_sub(count);
    }

    /// What is held of a thread, where everything is held here, but for its dead letters.
    pub(in crate::journal) fn export(&self, key: &ThreadKey) -> ThreadExport {
        let state = self.threads.get(key);
        let read = |value: serde_json::Result<Value>| value.unwrap_or_default();
        let mut events = self.schedule.events_of(key);
        events.extend(self.events_about(key));
        let events = events.iter().filter_map(|it| self.events.get(it));
        let calls = self.schedule.calls_of(key);
        let calls = calls.iter().filter_map(|id| self.calls.get(id));
        // As their rows say it elsewhere.
        let notices = self
            .notices
            .of(key)
            .map(|(notice, since)| ExportedRow::new("notice", since, json!({ "notice": notice })));
        let timers = self.timers.of(key);
        ThreadExport {
            person_wrote_at: state.person_wrote_at,
            session: state.session.clone(),
            history: state.history().cloned().collect(),
            events: events
                .map(|it| {
                    let content = it.event.to_json();
                    let content = content.and_then(|text| serde_json::from_str(&text));
                    ExportedRow::new(it.event.kind(), it.received_at, read(content))
                })
                .collect(),
            calls: calls
                .map(|it| {
                    let content = serde_json::to_value(&*it.call);
                    ExportedRow::new(it.call.name(), it.created_at, read(content))
                })
                .chain(notices)
                .collect(),
            timers: timers
                .map(|it| {
                    let content = serde_json::to_value(&*it.event);
                    ExportedRow::new(it.name, it.due, read(content))
                })
                .collect(),
            ..ThreadExport::of(key.clone())
        }
    }
}
