//! The rows of one part of a commit, as the database takes them.

use std::collections::BTreeMap;

use foldhash::HashSet;
use handover_protocol::{AppId, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::commit::{column, hex, millis, thread_columns};
use crate::internal_event::ReclaimTimer;
use crate::journal::rules::{StoredTimer, ThreadRow};
use crate::journal::storage::columns::owner_columns;
use crate::journal::{StoredReceipt, Turn};
use crate::thread::ThreadKey;

/// What one statement for each table can write, in the order of these fields. Rows that are written again replace
/// those before them; what may not be reordered like this is in `rest`, or begins another segment.
#[derive(Default, Serialize)]
pub(super) struct Segment {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) seen: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "count")]
    pub(super) arrived: Vec<Arrived>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "count")]
    pub(super) called: Vec<Called>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    started: Vec<StartedGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<SettledGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) forwarded: Vec<Forwarded>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) taken: Vec<Taken>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "count")]
    threads: BTreeMap<ThreadKey, ThreadColumns>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "rows")]
    turns_removed: BTreeMap<(ThreadKey, u64), NumberedColumns>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "rows")]
    turns: BTreeMap<(ThreadKey, u64), TurnColumns>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "rows")]
    timers_removed: BTreeMap<(ThreadKey, String), NamedColumns>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "rows")]
    timers: BTreeMap<(ThreadKey, String), TimerColumns>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<ReceiptColumns>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "rows")]
    pub(super) receipts_changed: BTreeMap<u64, ReceiptChanged>,
    /// Row by row, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rest: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ended: Vec<u64>,
    /// Calls of which there is something in `rest`.
    #[serde(skip)]
    pub(super) changed_calls: HashSet<u64>,
    /// Whether `rest` deletes threads.
    #[serde(skip)]
    pub(super) deletes_threads: bool,
}

fn rows<K, R: Serialize, S: Serializer>(
    rows: &BTreeMap<K, R>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.values())
}

/// How many rows there are; their columns are in [`RowColumns`].
fn count<'a, R, S: Serializer>(rows: &'a R, serializer: S) -> Result<S::Ok, S::Error>
where
    &'a R: IntoIterator<IntoIter: ExactSizeIterator>,
{
    rows.into_iter().len().serialize(serializer)
}

/// Columns of rows of several tables, row after row, in the order in which `commit_1` reads them.
#[derive(Default)]
pub(super) struct RowColumns<'a> {
    pub(super) integers: Vec<Option<i64>>,
    pub(super) texts: Vec<Option<&'a str>>,
}

impl<'a> RowColumns<'a> {
    fn row<const I: usize, const T: usize>(
        &mut self,
        integers: [Option<i64>; I],
        texts: [Option<&'a str>; T],
    ) {
        self.integers.extend(integers);
        self.texts.extend(texts);
    }
}

pub(super) struct Arrived {
    pub(super) sequence: u64,
    pub(super) thread: ThreadIn,
    pub(super) kind: String,
    pub(super) channel: &'static str,
    pub(super) content: String,
    pub(super) received_at: i64,
}

/// The columns that name a thread.
#[derive(Default, Serialize)]
pub(super) struct ThreadIn {
    lane: u8,
    account: String,
    person: String,
}

impl From<&ThreadKey> for ThreadIn {
    fn from(key: &ThreadKey) -> Self {
        let (account, person) = thread_columns(key);
        Self {
            lane: key.lane(),
            account,
            person,
        }
    }
}

#[derive(Default)]
pub(super) struct Called {
    pub(super) id: u64,
    pub(super) thread: ThreadIn,
    pub(super) object: String,
    pub(super) name: &'static str,
    pub(super) control: &'static str,
    pub(super) reclaims: Option<&'static str>,
    pub(super) timers: Option<String>,
    pub(super) notifier: Option<String>,
    pub(super) request: String,
    pub(super) reference: String,
    pub(super) outcome: i64,
    pub(super) quiet: bool,
    pub(super) state: &'static str,
    pub(super) started_at: i64,
    pub(super) created_at: i64,
    pub(super) receipt: Option<u64>,
    pub(super) holds: bool,
    pub(super) expires_at: Option<i64>,
    pub(super) otherwise: Option<String>,
}

#[derive(Serialize)]
struct StartedGroup {
    at: i64,
    ids: Vec<u64>,
}

#[derive(Serialize)]
struct SettledGroup {
    at: i64,
    outcome: &'static str,
    sequences: Vec<u64>,
}

#[derive(Serialize)]
pub(super) struct Forwarded {
    pub(super) lane: u8,
    pub(super) content: String,
}

#[derive(Serialize)]
pub(super) struct Taken {
    pub(super) lane: u8,
    pub(super) id: i64,
}

struct ThreadColumns {
    thread: ThreadIn,
    session: Option<String>,
    /// How often the session was written.
    session_version: u64,
    owner: &'static str,
    owner_app: Option<String>,
    owner_since: i64,
    owner_seen_at: i64,
    owner_as_of: u64,
    owner_confirmed_at: i64,
    person_wrote_at: Option<i64>,
    paused_until: Option<i64>,
    paused_by: Option<String>,
    paused_before: Option<i64>,
    paused_spares: u64,
    began_at: Option<i64>,
    may_have_missed: bool,
    away_since: Option<i64>,
    away_from: Option<String>,
    idle_after: Option<i64>,
    reclaiming: Option<&'static str>,
    messaged_at: Option<i64>,
    away_turn: Option<u64>,
    changed_at: i64,
}

#[derive(Serialize)]
struct NumberedColumns {
    #[serde(flatten)]
    thread: ThreadIn,
    number: u64,
}

#[derive(Serialize)]
struct TurnColumns {
    #[serde(flatten)]
    thread: ThreadIn,
    number: u64,
    at: i64,
    speaker: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mid: Option<String>,
    is_edited: bool,
}

#[derive(Serialize)]
struct NamedColumns {
    #[serde(flatten)]
    thread: ThreadIn,
    name: String,
}

#[derive(Serialize)]
struct TimerColumns {
    #[serde(flatten)]
    thread: ThreadIn,
    name: String,
    due: i64,
    event: String,
}

#[derive(Serialize)]
struct ReceiptColumns {
    number: u64,
    #[serde(flatten)]
    thread: ThreadIn,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<String>,
    digest: String,
    at: i64,
}

#[derive(Serialize)]
pub(super) struct ReceiptChanged {
    pub(super) number: u64,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    pub(super) at: i64,
}

impl Arrived {
    fn columns<'a>(&'a self, to: &mut RowColumns<'a>) {
        to.row(
            [
                Some(self.sequence.cast_signed()),
                Some(self.thread.lane.into()),
                Some(self.received_at),
            ],
            [
                Some(&self.thread.account),
                Some(&self.thread.person),
                Some(&self.kind),
                Some(self.channel),
                Some(&self.content),
            ],
        );
    }
}

impl Called {
    fn columns<'a>(&'a self, to: &mut RowColumns<'a>) {
        to.row(
            [
                Some(self.id.cast_signed()),
                Some(self.thread.lane.into()),
                Some(self.outcome),
                Some(self.quiet.into()),
                Some(self.started_at),
                Some(self.created_at),
                self.receipt.map(u64::cast_signed),
                Some(self.holds.into()),
                self.expires_at,
            ],
            [
                Some(&self.thread.account),
                Some(&self.thread.person),
                Some(&self.object),
                Some(self.name),
                Some(self.control),
                self.reclaims,
                self.timers.as_deref(),
                self.notifier.as_deref(),
                Some(&self.request),
                Some(&self.reference),
                Some(self.state),
                self.otherwise.as_deref(),
            ],
        );
    }
}

impl ThreadColumns {
    fn columns<'a>(&'a self, to: &mut RowColumns<'a>) {
        to.row(
            [
                Some(self.thread.lane.into()),
                Some(self.session_version.cast_signed()),
                Some(self.owner_since),
                Some(self.owner_seen_at),
                Some(self.owner_as_of.cast_signed()),
                Some(self.owner_confirmed_at),
                self.person_wrote_at,
                self.paused_until,
                self.paused_before,
                Some(self.paused_spares.cast_signed()),
                self.began_at,
                Some(self.may_have_missed.into()),
                self.away_since,
                self.idle_after,
                self.messaged_at,
                self.away_turn.map(u64::cast_signed),
                Some(self.changed_at),
            ],
            [
                Some(&self.thread.account),
                Some(&self.thread.person),
                self.session.as_deref(),
                Some(self.owner),
                self.owner_app.as_deref(),
                self.paused_by.as_deref(),
                self.away_from.as_deref(),
                self.reclaiming,
            ],
        );
    }
}

impl Segment {
    /// The columns of the rows of which the segment itself only has the number.
    pub(super) fn columns<'a>(&'a self, to: &mut RowColumns<'a>) {
        for row in &self.arrived {
            row.columns(to);
        }
        for row in &self.called {
            row.columns(to);
        }
        for row in self.threads.values() {
            row.columns(to);
        }
    }

    pub(super) fn settle(&mut self, settled: Vec<u64>, outcome: &'static str, at: Timestamp) {
        let at = at.as_millis();
        let mut groups = self.settled.iter_mut();
        match groups.find(|group| group.at == at && group.outcome == outcome) {
            Some(group) => group.sequences.extend(settled),
            None => self.settled.push(SettledGroup {
                at,
                outcome,
                sequences: settled,
            }),
        }
    }

    pub(super) fn start(&mut self, id: u64, at: Timestamp) {
        let at = at.as_millis();
        match self.started.iter_mut().find(|group| group.at == at) {
            Some(group) => group.ids.push(id),
            None => self.started.push(StartedGroup { at, ids: vec![id] }),
        }
    }

    pub(super) fn thread(&mut self, key: ThreadKey, row: &ThreadRow) -> serde_json::Result<()> {
        let (owner, app) = owner_columns(&row.ownership.owner);
        let (pause, away) = (row.pause.as_ref(), row.away.as_ref());
        let session = row.session.as_ref().map(serde_json::to_string);
        let mut columns = ThreadColumns {
            thread: (&key).into(),
            session: session.transpose()?,
            session_version: row.session.is_some().into(),
            owner,
            owner_app: app.map(column),
            owner_since: row.ownership.since.as_millis(),
            owner_seen_at: row.ownership.seen_at.as_millis(),
            owner_as_of: row.ownership.as_of,
            owner_confirmed_at: row.ownership.confirmed_at.as_millis(),
            person_wrote_at: row.person_wrote_at.map(Timestamp::as_millis),
            paused_until: pause.map(|pause| pause.until.as_millis()),
            paused_by: pause.and_then(|pause| pause.echo.as_deref()).map(column),
            paused_before: pause.and_then(|pause| pause.before.map(Timestamp::as_millis)),
            paused_spares: pause.map_or(0, |pause| pause.spares),
            began_at: row.began_at.map(Timestamp::as_millis),
            may_have_missed: row.may_have_missed,
            away_since: away.map(|away| away.since.as_millis()),
            away_from: away
                .and_then(|away| away.from.as_ref().map(AppId::as_str))
                .map(column),
            idle_after: row.idle_after.map(millis),
            reclaiming: row.reclaiming.map(ReclaimTimer::as_str),
            messaged_at: row.messaged_at.map(Timestamp::as_millis),
            away_turn: away.map(|away| away.first_turn),
            changed_at: row.changed_at.as_millis(),
        };
        if let Some(before) = self.threads.remove(&key) {
            columns.session_version += before.session_version;
            columns.session = columns.session.or(before.session);
        }
        self.threads.insert(key, columns);
        Ok(())
    }

    pub(super) fn turn(
        &mut self,
        key: ThreadKey,
        number: u64,
        turn: &Turn,
    ) -> serde_json::Result<()> {
        let attachments = match &*turn.attachments {
            [] => None,
            attachments => Some(serde_json::to_string(attachments)?),
        };
        let columns = TurnColumns {
            thread: (&key).into(),
            number,
            at: turn.at.as_millis(),
            speaker: turn.speaker.as_str(),
            app: turn.app.as_ref().map(|app| column(app.as_str())),
            text: column(&turn.text),
            attachments,
            mid: turn.mid.as_deref().map(column),
            is_edited: turn.is_edited,
        };
        self.turns.insert((key, number), columns);
        Ok(())
    }

    pub(super) fn remove_turns(&mut self, key: &ThreadKey, numbers: Vec<u64>) {
        for number in numbers {
            let thread = key.into();
            let turn = (key.clone(), number);
            self.turns.remove(&turn);
            self.turns_removed
                .insert(turn, NumberedColumns { thread, number });
        }
    }

    pub(super) fn timer(&mut self, timer: StoredTimer) -> serde_json::Result<()> {
        let columns = TimerColumns {
            thread: (&timer.thread).into(),
            name: column(&timer.name),
            due: timer.due.as_millis(),
            event: serde_json::to_string(&*timer.event)?,
        };
        self.timers.insert((timer.thread, timer.name), columns);
        Ok(())
    }

    pub(super) fn remove_timer(&mut self, key: ThreadKey, name: String) {
        let columns = NamedColumns {
            thread: (&key).into(),
            name: column(&name),
        };
        let timer = (key, name);
        self.timers.remove(&timer);
        self.timers_removed.insert(timer, columns);
    }

    pub(super) fn receipt(&mut self, receipt: &StoredReceipt) {
        self.receipts.push(ReceiptColumns {
            number: receipt.number,
            thread: (&receipt.thread).into(),
            id: column(&receipt.id),
            signal: receipt.signal.as_deref().map(column),
            digest: hex(receipt.digest),
            at: receipt.created_at.as_millis(),
        });
    }
}
