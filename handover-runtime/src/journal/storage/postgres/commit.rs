//! A batch of changed rows as the database takes it: in one statement.

use std::time::Duration;

use handover_protocol::Timestamp;
use serde_json::{Map, Value, json};

use super::segment::{Arrived, Called, Forwarded, ReceiptChanged, RowColumns, Segment, Taken};
use crate::internal_event::ReclaimTimer;
use crate::journal::TurnChange;
use crate::journal::rules::{DedupeKey, DeletionChange, RowChange};
use crate::journal::storage::columns::{notice_to_json, receipt_detail};
use crate::journal::storage::retention::{DELETIONS, Retention};
use crate::thread::ThreadKey;

/// What is written together, in one commit.
#[derive(Default)]
pub(super) struct CommitBatch {
    /// One, but for what may not be reordered; the last is written to.
    segments: Vec<Segment>,
    /// The threads that are forgotten, in order; `None` where another node is answered.
    pub(super) forgotten: Vec<Option<ThreadKey>>,
    /// The largest number of an event, call or receipt.
    pub(super) last_number: u64,
}

/// A text as a column holds it: without zero characters, which PostgreSQL does not have.
pub(super) fn column(text: &str) -> String {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text.to_owned(),
    }
}

/// The columns of a thread's account and person.
pub(super) fn thread_columns(key: &ThreadKey) -> (String, String) {
    (column(key.account.as_str()), column(&key.party.as_text()))
}

pub(super) fn hex(DedupeKey(key): DedupeKey) -> String {
    hex::encode(key)
}

impl CommitBatch {
    pub(super) fn of(changes: Vec<RowChange>, retention: Retention) -> serde_json::Result<Self> {
        let mut batch = Self::default();
        for change in changes {
            batch.add(change, retention)?;
        }
        Ok(batch)
    }

    /// The segments as `commit_1` takes them, as JSON.
    pub(super) fn segments(&self) -> serde_json::Result<Vec<String>> {
        self.segments.iter().map(serde_json::to_string).collect()
    }

    /// What the segments themselves do not have of their rows.
    pub(super) fn columns(&self) -> RowColumns<'_> {
        let mut columns = RowColumns::default();
        for segment in &self.segments {
            segment.columns(&mut columns);
        }
        columns
    }

    fn numbered(&mut self, number: u64) {
        self.last_number = self.last_number.max(number);
    }

    fn segment(&mut self) -> &mut Segment {
        if self.segments.is_empty() {
            self.segments.push(Segment::default());
        }
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    fn begin_segment(&mut self) -> &mut Segment {
        self.segments.push(Segment::default());
        self.segment()
    }

    /// For what is kept of a thread, which may have been deleted before.
    fn of_threads(&mut self) -> &mut Segment {
        match self.segment().deletes_threads {
            true => self.begin_segment(),
            false => self.segment(),
        }
    }

    fn rest(&mut self, kind: &str, row: Value) {
        let mut fields = match row {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.insert("k".to_owned(), kind.into());
        self.segment().rest.push(Value::Object(fields));
    }

    /// The same of a call.
    fn rest_of_call(&mut self, kind: &str, id: u64, mut row: Value) {
        row["id"] = id.into();
        self.rest(kind, row);
        self.segment().changed_calls.insert(id);
    }

    fn add(&mut self, change: RowChange, retention: Retention) -> serde_json::Result<()> {
        match change {
            RowChange::Remembered(key) => self.segment().seen.push(hex(key)),
            RowChange::Arrived {
                thread,
                event,
                content,
            } => {
                self.numbered(event.sequence);
                self.segment().arrived.push(Arrived {
                    sequence: event.sequence,
                    thread: (&thread).into(),
                    kind: column(event.event.kind()),
                    channel: event.event.channel().as_str(),
                    content: match content {
                        Some(content) => content,
                        None => event.event.to_json()?,
                    },
                    received_at: event.received_at.as_millis(),
                });
            }
            RowChange::Settled {
                sequences,
                outcome,
                at,
            } => self.segment().settle(sequences, outcome.as_str(), at),
            RowChange::Retried { sequence, due } => self.rest(
                "retried",
                json!({"sequence": sequence, "due": due.as_millis()}),
            ),
            RowChange::Held { sequence, until } => self.rest(
                "held",
                json!({"sequence": sequence, "until": until.as_millis()}),
            ),
            RowChange::Unheld(sequence) => self.rest("unheld", json!({"sequence": sequence})),
            RowChange::DeadEvent {
                sequence,
                cause,
                at,
                ..
            } => self.rest(
                "dead_event",
                json!({"sequence": sequence, "cause": column(&cause), "at": at.as_millis()}),
            ),
            RowChange::Thread(key, row) => self.of_threads().thread(key, &row)?,
            RowChange::Turn(key, TurnChange::Written(number, turn)) => {
                self.of_threads().turn(key, number, &turn)?;
            }
            RowChange::Turn(key, TurnChange::Removed(numbers)) => {
                self.of_threads().remove_turns(&key, numbers);
            }
            RowChange::ThreadForgotten {
                thread,
                last_sequence,
                last_call,
            } => {
                if !self.segment().ended.is_empty() {
                    // They are not counted.
                    self.begin_segment();
                }
                let row = json!({"last_sequence": last_sequence, "last_call": last_call});
                self.rest("forgotten", of_thread(&thread, row));
                self.segment().deletes_threads = true;
                self.forgotten.push(Some(thread));
            }
            RowChange::MentionsForgotten {
                thread,
                last_sequence,
            } => {
                let mut row = of_thread(&thread, json!({"last_sequence": last_sequence}));
                row["lane"] = thread.of_account().lane().into();
                self.rest("mentions_forgotten", row);
                self.forgotten.push(Some(thread));
            }
            RowChange::ThreadExpired(key) => {
                self.rest("expired", of_thread(&key, json!({})));
                self.segment().deletes_threads = true;
            }
            RowChange::Deletion(DeletionChange::Requested(deletion)) => self.rest(
                "deletion",
                json!({
                    "code": deletion.code,
                    "user": column(&deletion.user),
                    "at": deletion.requested_at.as_millis(),
                }),
            ),
            RowChange::Deletion(DeletionChange::Done { code, at }) => {
                self.rest("deletion_done", json!({"code": code, "at": at.as_millis()}));
            }
            // Those of a thread are found by an index. The numbers of an earlier block are all lower.
            RowChange::MessageForgotten { thread, mid, .. } => {
                let row = json!({"mid": column(&mid)});
                self.rest("message_forgotten", of_thread(&thread, row));
            }
            RowChange::Called {
                thread,
                call,
                control,
                is_started,
            } => {
                let otherwise = call.terms.otherwise.as_ref();
                let timers = call.timers.as_ref();
                self.numbered(call.id);
                let segment = match self.segment().ended.contains(&call.id) {
                    // It has the number of the call in whose place it is made.
                    true => self.begin_segment(),
                    false => self.segment(),
                };
                segment.called.push(Called {
                    id: call.id,
                    thread: (&thread).into(),
                    object: column(call.object.as_str()),
                    name: call.call.name(),
                    control: control.as_str(),
                    reclaims: call.reclaims.map(ReclaimTimer::as_str),
                    timers: timers.map(serde_json::to_string).transpose()?,
                    notifier: None,
                    request: serde_json::to_string(&*call.call)?,
                    reference: column(&call.reference),
                    outcome: call.outcome.cast_signed(),
                    quiet: call.quiet,
                    state: if is_started { "started" } else { "waiting" },
                    started_at: call.created_at.as_millis(),
                    created_at: call.created_at.as_millis(),
                    receipt: call.receipt,
                    holds: call.terms.holds,
                    expires_at: call.terms.expires_at.map(Timestamp::as_millis),
                    otherwise: otherwise.map(serde_json::to_string).transpose()?,
                });
            }
            RowChange::Notified { id, notice, at } => {
                self.numbered(id);
                self.segment().called.push(Called {
                    id,
                    thread: (&notice.thread).into(),
                    name: "notice",
                    control: "keeps",
                    request: notice_to_json(&notice)?,
                    reference: column(&notice.id),
                    notifier: Some(column(&notice.notifier)),
                    state: "waiting",
                    created_at: at.as_millis(),
                    ..Called::default()
                });
            }
            RowChange::CallStarted { id, at } => {
                let segment = match self.segment().changed_calls.contains(&id) {
                    true => self.begin_segment(),
                    false => self.segment(),
                };
                segment.start(id, at);
            }
            RowChange::CallConfirmed(id) => self.rest_of_call("call_confirmed", id, json!({})),
            RowChange::CallsStopped { ids, ended } => {
                let ended = column(&serde_json::to_string(&ended)?);
                self.rest("calls_stopped", json!({"ids": ids, "ended": ended}));
            }
            RowChange::CallWaits {
                id,
                due,
                attempts,
                uncertain,
            } => self.rest_of_call(
                "call_waits",
                id,
                json!({"due": due.as_millis(), "attempts": attempts, "uncertain": uncertain}),
            ),
            RowChange::CallEnded(id) => self.segment().ended.push(id),
            RowChange::DeadCall { id, cause, at, .. } => self.rest_of_call(
                "dead_call",
                id,
                json!({"cause": column(&cause), "at": at.as_millis()}),
            ),
            RowChange::DeadNotice { notice, cause, at } => {
                let row = json!({
                    "content": notice_to_json(&notice)?,
                    "cause": column(&cause),
                    "at": at.as_millis(),
                });
                self.rest("dead_notice", of_thread(&notice.thread, row));
            }
            RowChange::TimerSet(timer) => self.of_threads().timer(timer)?,
            RowChange::TimerRemoved { thread, name } => {
                self.of_threads().remove_timer(thread, name);
            }
            RowChange::Receipt(receipt) => {
                self.numbered(receipt.number);
                self.of_threads().receipt(&receipt);
            }
            RowChange::ReceiptChanged { number, status, at } => {
                let changed = ReceiptChanged {
                    number,
                    status: status.as_str(),
                    detail: receipt_detail(&status)?,
                    at: at.as_millis(),
                };
                self.segment().receipts_changed.insert(number, changed);
            }
            RowChange::EchoSeen { account, at } => self.rest(
                "echo_seen",
                json!({"account": column(account.as_str()), "at": at.as_millis()}),
            ),
            RowChange::Tidied {
                turns_before, at, ..
            } => {
                let before = |time: Duration| (at - time).as_millis();
                let mut row = json!({
                    "settled": before(retention.settled),
                    "receipts": before(retention.seen),
                    "turns": turns_before.as_millis(),
                    "deletions": before(DELETIONS),
                });
                if let Some(time) = retention.dead_letters {
                    row["dead_letters"] = before(time).into();
                }
                self.rest("tidied", row);
            }
            RowChange::AccountPaused { pause, .. } => self.rest(
                "account_paused",
                json!({
                    "account": column(pause.account.as_str()),
                    "object": column(pause.object.as_str()),
                    "ms": pause.left.map(millis),
                    "token": pause.token,
                    "reason": column(&pause.reason),
                }),
            ),
            RowChange::AccountResumed(account) => self.rest(
                "account_resumed",
                json!({"account": column(account.as_str())}),
            ),
            RowChange::Forwarded(command) => self.segment().forwarded.push(Forwarded {
                lane: command.lane(),
                content: serde_json::to_string(&command)?,
            }),
            RowChange::TakenUp { lane, id } => self.segment().taken.push(Taken { lane, id }),
            RowChange::Answered(name) => {
                self.rest("answered", json!({"name": name}));
                if let Some(last) = self.forgotten.last_mut() {
                    *last = None;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// With the columns of the thread.
fn of_thread(key: &ThreadKey, mut row: Value) -> Value {
    let (account, person) = thread_columns(key);
    row["lane"] = key.lane().into();
    row["account"] = account.into();
    row["person"] = person.into();
    row
}
