//! `GET /desk/events`: what there is now and what changes, as server-sent events.

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

use super::super::desk::{Desk, Glance};
use super::super::encode::to_json;
use super::super::view::{LineView, RowView, StateView, ThreadView};
use super::answer::{Answer, query};

/// The shortest time between two flushes to one client: whatever changes meanwhile goes together.
const PACE: Duration = Duration::from_millis(50);

const FIRST_THREADS: usize = 100;
const FIRST_LINES: usize = 100;
const MOST_ROWS: usize = 200;

/// Lines further back than this are not looked at for changes.
const WATCHED_LINES: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    person: Option<PersonId>,
}

pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    RawQuery(text): RawQuery,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let Wanted { person } = query(text.as_deref())?;
    let watcher = Watcher::new(desk, person);
    let flushes = stream::unfold(watcher, |mut watcher| async move {
        let events = watcher.next().await?;
        Some((stream::iter(events.into_iter().map(Ok)), watcher))
    });
    Ok(Sse::new(flushes.flatten()).keep_alive(KeepAlive::default()))
}

/// One client, and what it has seen.
struct Watcher {
    desk: Arc<Desk>,
    changes: watch::Receiver<bool>,
    next_flush: Instant,
    era: u64,
    settings: u64,
    threads: u64,
    rows: Option<u64>,
    person: Option<PersonId>,
    lines: Lines,
}

/// What a client has seen of the thread it watches.
#[derive(Default)]
struct Lines {
    revision: u64,
    /// The place of the first line it has.
    from: usize,
    hashes: Vec<u64>,
}

impl Watcher {
    fn new(desk: Arc<Desk>, person: Option<PersonId>) -> Self {
        let mut changes = desk.subscribe();
        changes.mark_changed();
        Self {
            desk,
            changes,
            next_flush: Instant::now(),
            era: 0,
            settings: 0,
            threads: 0,
            rows: None,
            person,
            lines: Lines::default(),
        }
    }

    /// The next events. `None` when the simulator stops.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            self.changes.changed().await.ok()?;
            sleep_until(self.next_flush).await;
            if *self.changes.borrow_and_update() {
                return None;
            }
            let events = self.flush();
            if !events.is_empty() {
                self.next_flush = Instant::now() + PACE;
                return Some(events);
            }
        }
    }

    fn flush(&mut self) -> Vec<Event> {
        let desk = self.desk.clone();
        desk.glance(|glance| {
            if self.era != glance.era {
                self.start_over(&glance);
            }
            let mut events = Vec::new();
            if self.settings != glance.settings {
                self.settings = glance.settings;
                events.push(event("desk", &StateView::of(&glance)));
            }
            events.extend(self.threads(&glance));
            events.extend(self.lines(&glance));
            events.extend(self.rows(&glance));
            events
        })
    }

    /// After a reset nothing counts of what was shown before.
    fn start_over(&mut self, glance: &Glance<'_>) {
        self.era = glance.era;
        self.settings = 0;
        self.threads = 0;
        self.rows = None;
        self.lines = Lines::default();
    }

    fn threads(&mut self, glance: &Glance<'_>) -> Option<Event> {
        let first = self.threads == 0;
        if self.threads == glance.activity.revision() {
            return None;
        }
        let changed: Vec<_> = match first {
            true => glance
                .activity
                .newest(u64::MAX)
                .map(|(_, person)| person)
                .take(FIRST_THREADS)
                .collect(),
            false => glance.activity.changed_since(self.threads).collect(),
        };
        self.threads = glance.activity.revision();
        let threads = changed.into_iter();
        let threads = threads.filter_map(|person| glance.platform.thread(person));
        let threads: Vec<_> = threads
            .map(|thread| ThreadView::of(glance, thread))
            .collect();
        Some(event("threads", &json!({ "threads": threads })))
    }

    /// What is new or changed in the thread that is watched.
    fn lines(&mut self, glance: &Glance<'_>) -> Option<Event> {
        let person = self.person.as_ref()?;
        let revision = glance.activity.revision_of(person);
        if self.lines.revision == revision {
            return None;
        }
        let thread = glance.platform.thread(person)?;
        let first = self.lines.revision == 0;
        self.lines.revision = revision;
        let end = thread.lines.len();
        if first {
            self.lines.from = end.saturating_sub(FIRST_LINES);
        }
        let seen = self.lines.from + self.lines.hashes.len();
        let from = self
            .lines
            .from
            .max(seen.min(end).saturating_sub(WATCHED_LINES));
        let mut news = Vec::new();
        let mut first_new = None;
        for (index, line) in (from..).zip(LineView::range(glance.platform, thread, from..end)) {
            let json = to_json(&line);
            let hash = hash(&json);
            match self.lines.hashes.get_mut(index - self.lines.from) {
                Some(known) if *known == hash => continue,
                Some(known) => *known = hash,
                None => self.lines.hashes.push(hash),
            }
            first_new = first_new.or(Some(index));
            news.push(line);
        }
        if news.is_empty() && !first {
            return None;
        }
        Some(event(
            "lines",
            &json!({"person": person, "from": first_new.unwrap_or(end), "lines": news}),
        ))
    }

    fn rows(&mut self, glance: &Glance<'_>) -> Option<Event> {
        let revision = glance.timeline.revision();
        if self.rows == Some(revision) {
            return None;
        }
        let rows = match self.rows {
            None => {
                let mut rows: Vec<_> = glance.timeline.before(u64::MAX).take(MOST_ROWS).collect();
                rows.reverse();
                rows
            }
            Some(seen) => glance.timeline.changed_since(seen, MOST_ROWS),
        };
        self.rows = Some(revision);
        let rows: Vec<_> = rows.into_iter().map(RowView::of).collect();
        Some(event(
            "rows",
            &json!({"rows": rows, "last": glance.timeline.last()}),
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
