//! `GET /control/events`: current state and changes as server-sent events.

use std::collections::hash_map::DefaultHasher;
use std::convert::Infallible;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream, StreamExt};
use handover_protocol::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::super::encode::to_json;
use super::super::shared_state::{SharedState, Snapshot};
use super::super::view::{EntryView, RowView, StateView, ThreadView};
use super::response::{ApiResult, query};

/// Minimum interval between two batches of events for a client.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

const FIRST_THREADS: usize = 100;
const FIRST_ENTRIES: usize = 100;
const MAX_ROWS: usize = 200;

/// Number of newest entries that are checked for changes.
const WATCHED_ENTRIES: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    person: Option<PersonId>,
}

pub(super) async fn events(
    State(shared): State<Arc<SharedState>>,
    RawQuery(text): RawQuery,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let EventsQuery { person } = query(text.as_deref())?;
    let stream_state = EventStream::new(shared, person);
    let flushes = stream::unfold(stream_state, |mut stream_state| async move {
        let events = stream_state.next().await?;
        Some((stream::iter(events.into_iter().map(Ok)), stream_state))
    });
    Ok(Sse::new(flushes.flatten()).keep_alive(KeepAlive::default()))
}

/// Event stream of a client, with what was sent.
struct EventStream {
    shared: Arc<SharedState>,
    changes: watch::Receiver<bool>,
    next_flush: Instant,
    epoch: u64,
    settings: u64,
    threads: u64,
    rows: Option<u64>,
    person: Option<PersonId>,
    entries: SentEntries,
}

/// Entries of the watched thread that were sent.
#[derive(Default)]
struct SentEntries {
    revision: u64,
    /// Index of the first sent entry.
    from: usize,
    hashes: Vec<u64>,
}

impl EventStream {
    fn new(shared: Arc<SharedState>, person: Option<PersonId>) -> Self {
        let mut changes = shared.subscribe();
        changes.mark_changed();
        Self {
            shared,
            changes,
            next_flush: Instant::now(),
            epoch: 0,
            settings: 0,
            threads: 0,
            rows: None,
            person,
            entries: SentEntries::default(),
        }
    }

    /// Waits for the next events. `None` when the simulator stops.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            self.changes.changed().await.ok()?;
            sleep_until(self.next_flush).await;
            if *self.changes.borrow_and_update() {
                return None;
            }
            let events = self.flush();
            if !events.is_empty() {
                self.next_flush = Instant::now() + FLUSH_INTERVAL;
                return Some(events);
            }
        }
    }

    fn flush(&mut self) -> Vec<Event> {
        let shared = self.shared.clone();
        shared.snapshot(|snapshot| {
            if self.epoch != snapshot.epoch {
                self.start_over(&snapshot);
            }
            let mut events = Vec::new();
            if self.settings != snapshot.settings {
                self.settings = snapshot.settings;
                events.push(event("state", &StateView::of(&snapshot)));
            }
            events.extend(self.threads(&snapshot));
            events.extend(self.entries(&snapshot));
            events.extend(self.rows(&snapshot));
            events
        })
    }

    /// Starts over after a reset.
    fn start_over(&mut self, snapshot: &Snapshot<'_>) {
        self.epoch = snapshot.epoch;
        self.settings = 0;
        self.threads = 0;
        self.rows = None;
        self.entries = SentEntries::default();
    }

    fn threads(&mut self, snapshot: &Snapshot<'_>) -> Option<Event> {
        let first = self.threads == 0;
        if self.threads == snapshot.activity.revision() {
            return None;
        }
        let changed: Vec<_> = match first {
            true => snapshot
                .activity
                .newest(u64::MAX)
                .map(|(_, person)| person)
                .take(FIRST_THREADS)
                .collect(),
            false => snapshot.activity.changed_since(self.threads).collect(),
        };
        self.threads = snapshot.activity.revision();
        let threads = changed.into_iter();
        let threads = threads.filter_map(|person| snapshot.platform.thread(person));
        let threads: Vec<_> = threads
            .map(|thread| ThreadView::of(snapshot, thread))
            .collect();
        Some(event("threads", &json!({ "threads": threads })))
    }

    /// Returns new and changed entries of the watched thread.
    fn entries(&mut self, snapshot: &Snapshot<'_>) -> Option<Event> {
        let person = self.person.as_ref()?;
        let revision = snapshot.activity.revision_of(person);
        if self.entries.revision == revision {
            return None;
        }
        let thread = snapshot.platform.thread(person)?;
        let first = self.entries.revision == 0;
        self.entries.revision = revision;
        let end = thread.entries.len();
        if first {
            self.entries.from = end.saturating_sub(FIRST_ENTRIES);
        }
        let seen = self.entries.from + self.entries.hashes.len();
        let from = self
            .entries
            .from
            .max(seen.min(end).saturating_sub(WATCHED_ENTRIES));
        let mut news = Vec::new();
        let mut first_new = None;
        for (index, entry) in (from..).zip(EntryView::range(snapshot.platform, thread, from..end)) {
            let json = to_json(&entry);
            let hash = hash(&json);
            match self.entries.hashes.get_mut(index - self.entries.from) {
                Some(known) if *known == hash => continue,
                Some(known) => *known = hash,
                None => self.entries.hashes.push(hash),
            }
            first_new = first_new.or(Some(index));
            news.push(entry);
        }
        if news.is_empty() && !first {
            return None;
        }
        Some(event(
            "entries",
            &json!({"person": person, "from": first_new.unwrap_or(end), "entries": news}),
        ))
    }

    fn rows(&mut self, snapshot: &Snapshot<'_>) -> Option<Event> {
        let revision = snapshot.timeline.revision();
        if self.rows == Some(revision) {
            return None;
        }
        let rows = match self.rows {
            None => {
                let mut rows: Vec<_> = snapshot.timeline.before(u64::MAX).take(MAX_ROWS).collect();
                rows.reverse();
                rows
            }
            Some(seen) => snapshot.timeline.changed_since(seen, MAX_ROWS),
        };
        self.rows = Some(revision);
        let rows: Vec<_> = rows.into_iter().map(RowView::of).collect();
        Some(event(
            "rows",
            &json!({"rows": rows, "last": snapshot.timeline.last()}),
        ))
    }
}

fn event<T: Serialize>(name: &str, data: &T) -> Event {
    Event::default().event(name).data(to_json(data))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
