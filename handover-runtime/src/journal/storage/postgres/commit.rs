//! A batch of changed rows as the database takes it: one JSON document, one statement.

use std::time::Duration;

use handover_protocol::{AppId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::internal_event::ReclaimTimer;
use crate::journal::rules::{DedupeKey, DeletionChange, RowChange, StoredTimer, ThreadRow};
use crate::journal::storage::columns::{notice_to_json, owner_columns, receipt_detail};
use crate::journal::storage::retention::{DELETIONS, Retention};
use crate::journal::{Turn, TurnChange};
use crate::thread::ThreadKey;

/// What is written together. What comes most is written at once for all rows, and before the rest, which is
/// in order.
#[derive(Default, Serialize)]
pub(super) struct CommitBatch {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arrived: Vec<Arrived>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    called: Vec<Called>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<Settled>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forwarded: Vec<Forwarded>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taken: Vec<Taken>,
    rest: Vec<Value>,
    /// The threads that are forgotten, in order; `None` where another node is answered.
    #[serde(skip)]
    pub(super) forgotten: Vec<Option<ThreadKey>>,
    /// The largest number of an event, call or receipt.
    #[serde(skip)]
    pub(super) last_number: u64,
}

#[derive(Serialize)]
struct Arrived {
    sequence: u64,
    lane: u8,
    account: String,
    person: String,
    kind: String,
    channel: &'static str,
    content: String,
    received_at: i64,
}

#[derive(Default, Serialize)]
struct Called {
    id: u64,
    lane: u8,
    account: String,
    person: String,
    object: String,
    name: &'static str,
    control: &'static str,
    reclaims: Option<&'static str>,
    notifier: Option<String>,
    request: String,
    reference: String,
    outcome: i64,
    quiet: bool,
    state: &'static str,
    started_at: i64,
    created_at: i64,
    receipt: Option<u64>,
    holds: bool,
    expires_at: Option<i64>,
    otherwise: Option<String>,
}

#[derive(Serialize)]
struct Settled {
    sequence: u64,
    at: i64,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Forwarded {
    lane: u8,
    content: String,
}

#[derive(Serialize)]
struct Taken {
    lane: u8,
    id: i64,
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

fn hex(DedupeKey(key): DedupeKey) -> String {
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

    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    fn numbered(&mut self, number: u64) {
        self.last_number = self.last_number.max(number);
    }

    fn rest(&mut self, kind: &str, row: Value) {
        let mut fields = match row {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.insert("k".to_owned(), kind.into());
        self.rest.push(Value::Object(fields));
    }

    fn add(&mut self, change: RowChange, retention: Retention) -> serde_json::Result<()> {
        match change {
            RowChange::Remembered(key) => self.seen.push(hex(key)),
            RowChange::Arrived {
                thread,
                event,
                content,
            } => {
                let (account, person) = thread_columns(&thread);
                self.numbered(event.sequence);
                self.arrived.push(Arrived {
                    sequence: event.sequence,
                    lane: thread.lane(),
                    account,
                    person,
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
            } => self
                .settled
                .extend(sequences.into_iter().map(|sequence| Settled {
                    sequence,
                    at: at.as_millis(),
                    outcome: outcome.as_str(),
                })),
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
            RowChange::Thread(key, row) => self.thread(&key, &row)?,
            RowChange::Turn(key, TurnChange::Written(number, turn)) => {
                self.turn(&key, number, &turn)?;
            }
            RowChange::Turn(key, TurnChange::Removed(numbers)) => {
                let row = of_thread(&key, json!({"numbers": numbers}));
                self.rest("turns_removed", row);
            }
            RowChange::ThreadForgotten {
                thread,
                last_sequence,
                last_call,
            } => {
                let row = json!({"last_sequence": last_sequence, "last_call": last_call});
                self.rest("forgotten", of_thread(&thread, row));
                self.forgotten.push(Some(thread));
            }
            RowChange::ThreadExpired(key) => self.rest("expired", of_thread(&key, json!({}))),
            RowChange::Deletion(DeletionChange::Requested(deletion)) => self.rest(
                "deletion",
                json!({
                    "code": deletion.code,
                    "user": column(&deletion.user),
                    "at": deletion.requested_at.as_millis(),
                }),
            ),
            RowChange::Deletion(DeletionChange::Done { code, at }) => self.rest(
                "deletion_done",
                json!({"code": code, "at": at.as_millis()}),
            ),
            RowChange::MessageForgotten { thread, mid, since } => {
                let row = json!({"mid": column(&mid), "since": since});
                self.rest("message_forgotten", of_thread(&thread, row));
            }
            RowChange::Called {
                thread,
                call,
                control,
                is_started,
            } => {
                let (account, person) = thread_columns(&thread);
                let otherwise = call.terms.otherwise.as_ref();
                self.numbered(call.id);
                self.called.push(Called {
                    id: call.id,
                    lane: thread.lane(),
                    account,
                    person,
                    object: column(call.object.as_str()),
                    name: call.call.name(),
                    control: control.as_str(),
                    reclaims: call.reclaims.map(ReclaimTimer::as_str),
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
                let (account, person) = thread_columns(&notice.thread);
                self.numbered(id);
                self.called.push(Called {
                    id,
                    lane: notice.thread.lane(),
                    account,
                    person,
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
                self.rest("call_started", json!({"id": id, "at": at.as_millis()}));
            }
            RowChange::CallConfirmed(id) => self.rest("call_confirmed", json!({"id": id})),
            RowChange::CallsStopped { ids, ended } => {
                let ended = column(&serde_json::to_string(&ended)?);
                self.rest("calls_stopped", json!({"ids": ids, "ended": ended}));
            }
            RowChange::CallWaits {
                id,
                due,
                attempts,
                uncertain,
            } => self.rest(
                "call_waits",
                json!({"id": id, "due": due.as_millis(), "attempts": attempts, "uncertain": uncertain}),
            ),
            RowChange::CallEnded(id) => self.rest("call_ended", json!({"id": id})),
            RowChange::DeadCall { id, cause, at, .. } => self.rest(
                "dead_call",
                json!({"id": id, "cause": column(&cause), "at": at.as_millis()}),
            ),
            RowChange::DeadNotice { notice, cause, at } => {
                let row = json!({
                    "content": notice_to_json(&notice)?,
                    "cause": column(&cause),
                    "at": at.as_millis(),
                });
                self.rest("dead_notice", of_thread(&notice.thread, row));
            }
            RowChange::TimerSet(timer) => self.timer(&timer)?,
            RowChange::TimerRemoved { thread, name } => {
                let row = of_thread(&thread, json!({"name": column(&name)}));
                self.rest("timer_removed", row);
            }
            RowChange::Receipt(receipt) => {
                self.numbered(receipt.number);
                let row = json!({
                    "number": receipt.number,
                    "id": column(&receipt.id),
                    "signal": receipt.signal.as_deref().map(column),
                    "digest": hex(receipt.digest),
                    "at": receipt.created_at.as_millis(),
                });
                self.rest("receipt", of_thread(&receipt.thread, row));
            }
            RowChange::ReceiptChanged { number, status, at } => self.rest(
                "receipt_changed",
                json!({
                    "number": number,
                    "status": status.as_str(),
                    "detail": receipt_detail(&status)?,
                    "at": at.as_millis(),
                }),
            ),
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
            RowChange::AccountPaused(pause) => self.rest(
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
            RowChange::Forwarded(command) => self.forwarded.push(Forwarded {
                lane: command.lane(),
                content: serde_json::to_string(&command)?,
            }),
            RowChange::TakenUp { lane, id } => self.taken.push(Taken { lane, id }),
            RowChange::Answered(name) => {
                self.rest("answered", json!({"name": name}));
                if let Some(last) = self.forgotten.last_mut() {
                    *last = None;
                }
            }
        }
        Ok(())
    }

    fn thread(&mut self, key: &ThreadKey, row: &ThreadRow) -> serde_json::Result<()> {
        let (owner, app) = owner_columns(&row.ownership.owner);
        let (pause, away) = (row.pause.as_ref(), row.away.as_ref());
        let session = row
            .session
            .as_ref()
            .map(serde_json::to_string)
            .transpose()?;
        let row = json!({
            "session": session,
            "owner": owner,
            "owner_app": app.map(column),
            "owner_since": row.ownership.since.as_millis(),
            "owner_seen_at": row.ownership.seen_at.as_millis(),
            "owner_as_of": row.ownership.as_of,
            "person_wrote_at": row.person_wrote_at.map(Timestamp::as_millis),
            "paused_until": pause.map(|pause| pause.until.as_millis()),
            "paused_by": pause.and_then(|pause| pause.echo.as_deref()).map(column),
            "paused_before": pause.and_then(|pause| pause.before.map(Timestamp::as_millis)),
            "paused_spares": pause.map_or(0, |pause| pause.spares),
            "began_at": row.began_at.map(Timestamp::as_millis),
            "may_have_missed": row.may_have_missed,
            "away_since": away.map(|away| away.since.as_millis()),
            "away_from": away.and_then(|away| away.from.as_ref().map(AppId::as_str)).map(column),
            "idle_after": row.idle_after.map(millis),
            "reclaiming": row.reclaiming.map(ReclaimTimer::as_str),
            "messaged_at": row.messaged_at.map(Timestamp::as_millis),
            "away_turn": away.map(|away| away.first_turn),
            "changed_at": row.changed_at.as_millis(),
        });
        self.rest("thread", of_thread(key, row));
        Ok(())
    }

    fn turn(&mut self, key: &ThreadKey, number: u64, turn: &Turn) -> serde_json::Result<()> {
        let attachments = match &*turn.attachments {
            [] => None,
            attachments => Some(serde_json::to_string(attachments)?),
        };
        let row = json!({
            "number": number,
            "at": turn.at.as_millis(),
            "speaker": turn.speaker.as_str(),
            "app": turn.app.as_ref().map(|app| column(app.as_str())),
            "text": column(&turn.text),
            "attachments": attachments,
            "mid": turn.mid.as_deref().map(column),
            "is_edited": turn.is_edited,
        });
        self.rest("turn", of_thread(key, row));
        Ok(())
    }

    fn timer(&mut self, timer: &StoredTimer) -> serde_json::Result<()> {
        let row = json!({
            "name": column(&timer.name),
            "due": timer.due.as_millis(),
            "event": serde_json::to_string(&*timer.event)?,
        });
        self.rest("timer", of_thread(&timer.thread, row));
        Ok(())
    }
}

fn millis(time: Duration) -> i64 {
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
