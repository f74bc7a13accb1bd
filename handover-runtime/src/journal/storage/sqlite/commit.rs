//! Writing the rows of a batch in one transaction.

use handover_protocol::{AppId, Timestamp};
use rusqlite::{Connection, params};

use super::rows::{duration_column, event_to_json, notice_to_json, receipt_detail, to_json};
use super::{Sqlite, pauses, privacy, retention};
use crate::internal_event::ReclaimTimer;
use crate::journal::TurnChange;
use crate::journal::rules::{RowChange, StoredTimer, ThreadRow};
use crate::journal::storage::columns::owner_columns;
use crate::thread::ThreadKey;

impl Sqlite {
    pub(super) fn write(&mut self, changes: Vec<RowChange>) -> rusqlite::Result<()> {
        self.execute("BEGIN IMMEDIATE")?;
        if changes.is_empty() {
            // This is what fails on a full or broken disk.
            self.execute("UPDATE meta SET value = value WHERE name = 'settled_before'")?;
        }
        self.write_events(&changes)?;
        for change in changes {
            crate::failpoint::failpoint!("journal.midway");
            self.write_one(change)?;
        }
        self.seen.write(&self.connection)?;
        crate::failpoint::failpoint!("journal.before_commit");
        self.execute("COMMIT")
    }

    /// The rows of events that arrived and ended, for which nearly all commits are made: each
    /// statement is looked up once for all of them.
    fn write_events(&self, changes: &[RowChange]) -> rusqlite::Result<()> {
        let mut arrive = self.connection.prepare_cached(
            "INSERT INTO event (sequence, account, person, kind, channel, content, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut settle = self
            .connection
            .prepare_cached("UPDATE event SET settled_at = ?2, outcome = ?3 WHERE sequence = ?1")?;
        for change in changes {
            match change {
                RowChange::Arrived {
                    thread,
                    event,
                    content,
                } => {
                    let made;
                    let content = match content {
                        Some(content) => content,
                        None => {
                            made = event_to_json(&event.event)?;
                            &made
                        }
                    };
                    arrive.execute(params![
                        event.sequence,
                        thread.account.as_str(),
                        thread.party.as_text(),
                        event.event.kind(),
                        event.event.channel().as_str(),
                        content,
                        event.received_at.as_millis()
                    ])?;
                }
                RowChange::Settled {
                    sequences,
                    outcome,
                    at,
                } => {
                    for sequence in sequences {
                        settle.execute(params![sequence, at.as_millis(), outcome.as_str()])?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write_one(&mut self, change: RowChange) -> rusqlite::Result<()> {
        let connection = &self.connection;
        match change {
            RowChange::Arrived { .. } | RowChange::Settled { .. } => {}
            // A file has one node.
            RowChange::AccountResumed(_)
            | RowChange::Forwarded(_)
            | RowChange::TakenUp { .. }
            | RowChange::MentionsForgotten { .. }
            | RowChange::Answered(_) => {}
            RowChange::AccountPaused { pause, at } => pauses::write(connection, &pause, at)?,
            RowChange::Remembered(key) => self.seen.remember(key),
            RowChange::Retried { sequence, due } => {
                connection
                    .prepare_cached(
                        "UPDATE event SET attempts = attempts + 1, due = ?2 WHERE sequence = ?1",
                    )?
                    .execute(params![sequence, due.as_millis()])?;
            }
            RowChange::Held { sequence, until } => {
                connection
                    .prepare_cached("UPDATE event SET held = 1, due = ?2 WHERE sequence = ?1")?
                    .execute(params![sequence, until.as_millis()])?;
            }
            RowChange::Unheld(sequence) => {
                connection
                    .prepare_cached("UPDATE event SET held = 0, due = 0 WHERE sequence = ?1")?
                    .execute([sequence])?;
            }
            RowChange::DeadEvent {
                thread,
                sequence,
                cause,
                at,
                ..
            } => {
                connection
                    .prepare_cached(
                        "INSERT INTO dead_letter (account, person, kind, content, cause, at)
                         SELECT ?1, ?2, 'event', content, ?4, ?5 FROM event WHERE sequence = ?3",
                    )?
                    .execute(params![
                        thread.account.as_str(),
                        thread.party.as_text(),
                        sequence,
                        cause,
                        at.as_millis()
                    ])?;
            }
            RowChange::Thread(key, row) => write_thread(connection, &key, &row)?,
            RowChange::Turn(key, turn) => write_turn(connection, &key, &turn)?,
            RowChange::ThreadForgotten {
                thread,
                last_sequence,
                last_call,
            } => {
                let forgotten = privacy::forget(connection, &thread, last_sequence, last_call)?;
                self.forgotten.push((thread, forgotten));
            }
            RowChange::ThreadExpired(key) => {
                connection
                    .prepare_cached(
                        "DELETE FROM thread WHERE account = ?1 AND person = ?2 AND NOT EXISTS
                           (SELECT 1 FROM timer WHERE account = ?1 AND person = ?2)",
                    )?
                    .execute([key.account.as_str(), &key.party.as_text()])?;
            }
            RowChange::Deletion(change) => privacy::change_deletion(connection, &change)?,
            RowChange::MessageForgotten { thread, mid, since } => {
                forget_message(connection, &thread, &mid, since)?;
            }
            RowChange::Called {
                thread,
                call,
                control,
                is_started,
            } => {
                connection
                    .prepare_cached(
                        "INSERT INTO call (id, account, person, object, name, control, reclaims, request,
                                           reference, outcome, quiet, state, started_at, created_at,
                                           receipt, holds, expires_at, otherwise, timers)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14,
                                 ?15, ?16, ?17, ?18)",
                    )?
                    .execute(params![
                        call.id,
                        thread.account.as_str(),
                        thread.party.as_text(),
                        call.object.as_str(),
                        call.call.name(),
                        control.as_str(),
                        call.reclaims.map(ReclaimTimer::as_str),
                        to_json(&*call.call)?,
                        call.reference,
                        call.outcome.cast_signed(),
                        call.quiet,
                        if is_started { "started" } else { "waiting" },
                        call.created_at.as_millis(),
                        call.receipt,
                        call.terms.holds,
                        call.terms.expires_at.map(Timestamp::as_millis),
                        call.terms.otherwise.as_ref().map(to_json).transpose()?,
                        call.timers.as_ref().map(to_json).transpose()?
                    ])?;
            }
            RowChange::CallStarted { id, at } => {
                connection
                    .prepare_cached(
                        "UPDATE call SET state = 'started', started_at = ?2 WHERE id = ?1",
                    )?
                    .execute(params![id, at.as_millis()])?;
            }
            RowChange::CallConfirmed(id) => {
                connection
                    .prepare_cached("UPDATE call SET state = 'confirmed' WHERE id = ?1")?
                    .execute([id])?;
            }
            RowChange::CallsStopped { ids, ended } => {
                let ended = to_json(&ended)?;
                let mut stop =
                    connection.prepare_cached("UPDATE call SET ended = ?2 WHERE id = ?1")?;
                for id in ids {
                    stop.execute(params![id, ended])?;
                }
            }
            RowChange::CallWaits {
                id,
                due,
                attempts,
                uncertain,
            } => {
                connection
                    .prepare_cached(
                        "UPDATE call SET state = 'waiting', due = ?2, attempts = attempts + ?3,
                                         uncertain = max(uncertain, ?4)
                         WHERE id = ?1",
                    )?
                    .execute(params![id, due.as_millis(), attempts, uncertain])?;
            }
            RowChange::CallEnded(id) => {
                connection
                    .prepare_cached("DELETE FROM call WHERE id = ?1")?
                    .execute([id])?;
            }
            RowChange::DeadCall {
                thread,
                id,
                cause,
                at,
                ..
            } => {
                connection
                    .prepare_cached(
                        "INSERT INTO dead_letter (account, person, kind, content, cause, at)
                         SELECT ?1, ?2, 'call', request, ?4, ?5 FROM call WHERE id = ?3",
                    )?
                    .execute(params![
                        thread.account.as_str(),
                        thread.party.as_text(),
                        id,
                        cause,
                        at.as_millis()
                    ])?;
            }
            RowChange::Notified { id, notice, at } => {
                connection
                    .prepare_cached(
                        "INSERT INTO call (id, account, person, object, name, control, request, reference,
                                           notifier, created_at)
                         VALUES (?1, ?2, ?3, '', 'notice', 'keeps', ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![
                        id,
                        notice.thread.account.as_str(),
                        notice.thread.party.as_text(),
                        notice_to_json(&notice)?,
                        notice.id,
                        notice.notifier,
                        at.as_millis()
                    ])?;
            }
            RowChange::DeadNotice { notice, cause, at } => {
                connection
                    .prepare_cached(
                        "INSERT INTO dead_letter (account, person, kind, content, cause, at)
                         VALUES (?1, ?2, 'notice', ?3, ?4, ?5)",
                    )?
                    .execute(params![
                        notice.thread.account.as_str(),
                        notice.thread.party.as_text(),
                        notice_to_json(&notice)?,
                        cause,
                        at.as_millis()
                    ])?;
            }
            RowChange::TimerSet(timer) => write_timer(connection, &timer)?,
            RowChange::TimerRemoved { thread, name } => {
                connection
                    .prepare_cached(
                        "DELETE FROM timer WHERE account = ?1 AND person = ?2 AND name = ?3",
                    )?
                    .execute([thread.account.as_str(), &thread.party.as_text(), &name])?;
            }
            RowChange::Receipt(receipt) => {
                connection
                    .prepare_cached(
                        "INSERT INTO receipt (number, account, person, id, signal, digest,
                                              created_at, changed_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                    )?
                    .execute(params![
                        receipt.number,
                        receipt.thread.account.as_str(),
                        receipt.thread.party.as_text(),
                        receipt.id,
                        receipt.signal,
                        receipt.digest.0,
                        receipt.created_at.as_millis()
                    ])?;
            }
            RowChange::ReceiptChanged { number, status, at } => {
                connection
                    .prepare_cached(
                        "UPDATE receipt SET status = ?2, detail = ?3, changed_at = ?4
                         WHERE number = ?1",
                    )?
                    .execute(params![
                        number,
                        status.as_str(),
                        receipt_detail(&status)?,
                        at.as_millis()
                    ])?;
            }
            RowChange::EchoSeen { account, at } => {
                connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('echoes of ' || ?1, ?2)",
                    params![account.as_str(), at.as_millis()],
                )?;
            }
            RowChange::Tidied {
                settled_before,
                turns_before,
                at,
            } => {
                self.seen.turn(connection, self.retention.seen, at)?;
                self.dead_letters_gone +=
                    retention::tidy(connection, self.retention, settled_before, turns_before, at)?;
            }
        }
        Ok(())
    }
}

fn write_thread(connection: &Connection, key: &ThreadKey, row: &ThreadRow) -> rusqlite::Result<()> {
    let (owner, app) = owner_columns(&row.ownership.owner);
    let (pause, away) = (row.pause.as_ref(), row.away.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO thread (account, person, session, session_version, owner, owner_app,
                                 owner_since, owner_seen_at, owner_as_of, person_wrote_at,
                                 paused_until, paused_by, paused_before, paused_spares, began_at,
                                 may_have_missed, away_since, away_from, idle_after, reclaiming,
                                 messaged_at, away_turn, changed_at, owner_confirmed_at)
             VALUES (?1, ?2, ?3, ?3 IS NOT NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)
             ON CONFLICT DO UPDATE SET
               session = coalesce(excluded.session, session),
               session_version = session_version + excluded.session_version,
               owner = excluded.owner, owner_app = excluded.owner_app,
               owner_since = excluded.owner_since, owner_seen_at = excluded.owner_seen_at,
               owner_as_of = excluded.owner_as_of,
               owner_confirmed_at = excluded.owner_confirmed_at,
               person_wrote_at = excluded.person_wrote_at,
               paused_until = excluded.paused_until, paused_by = excluded.paused_by,
               paused_before = excluded.paused_before, paused_spares = excluded.paused_spares,
               began_at = excluded.began_at, may_have_missed = excluded.may_have_missed,
               away_since = excluded.away_since, away_from = excluded.away_from,
               idle_after = excluded.idle_after, reclaiming = excluded.reclaiming,
               messaged_at = excluded.messaged_at, away_turn = excluded.away_turn,
               changed_at = excluded.changed_at",
        )?
        .execute(params![
            key.account.as_str(),
            key.party.as_text(),
            row.session.as_ref().map(to_json).transpose()?,
            owner,
            app,
            row.ownership.since.as_millis(),
            row.ownership.seen_at.as_millis(),
            row.ownership.as_of,
            row.person_wrote_at.map(Timestamp::as_millis),
            pause.map(|pause| pause.until.as_millis()),
            pause.and_then(|pause| pause.echo.as_deref()),
            pause.and_then(|pause| pause.before.map(Timestamp::as_millis)),
            pause.map_or(0, |pause| pause.spares),
            row.began_at.map(Timestamp::as_millis),
            row.may_have_missed,
            away.map(|away| away.since.as_millis()),
            away.and_then(|away| away.from.as_ref().map(AppId::as_str)),
            row.idle_after.map(duration_column),
            row.reclaiming.map(ReclaimTimer::as_str),
            row.messaged_at.map(Timestamp::as_millis),
            away.map(|away| away.first_turn),
            row.changed_at.as_millis(),
            row.ownership.confirmed_at.as_millis()
        ])?;
    let spares = pause.map_or(0, |pause| pause.spares);
    if spares > 0 {
        // No later call has one of these numbers, also after a restart.
        connection
            .prepare_cached(
                "INSERT INTO meta VALUES ('last_call', ?1)
                 ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            )?
            .execute([spares])?;
    }
    Ok(())
}

fn write_turn(
    connection: &Connection,
    key: &ThreadKey,
    change: &TurnChange,
) -> rusqlite::Result<()> {
    let (account, person) = (key.account.as_str(), key.party.as_text());
    match change {
        TurnChange::Written(number, turn) => {
            let attachments = match &*turn.attachments {
                [] => None,
                attachments => Some(to_json(attachments)?),
            };
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO turn (account, person, number, at, speaker, app, text,
                                                  attachments, mid, is_edited)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    account,
                    person,
                    number,
                    turn.at.as_millis(),
                    turn.speaker.as_str(),
                    turn.app.as_ref().map(AppId::as_str),
                    turn.text,
                    attachments,
                    turn.mid,
                    turn.is_edited
                ])?;
        }
        TurnChange::Removed(numbers) => {
            let mut remove = connection.prepare_cached(
                "DELETE FROM turn WHERE account = ?1 AND person = ?2 AND number = ?3",
            )?;
            for number in numbers {
                remove.execute(params![account, person, number])?;
            }
        }
    }
    Ok(())
}

/// Takes out what a deleted message said: of dead letters, and of the newest
/// events, which are kept for a while after they were handled.
fn forget_message(
    connection: &Connection,
    thread: &ThreadKey,
    mid: &str,
    since: u64,
) -> rusqlite::Result<()> {
    let (account, person) = (thread.account.as_str(), thread.party.as_text());
    for (table, condition) in [
        ("event", "sequence > ?4"),
        ("dead_letter", "kind = 'event' AND ?4 >= 0"),
    ] {
        let of_thread = format!("{condition} AND account = ?1 AND person = ?2");
        for update in [
            format!(
                "UPDATE {table} SET content = json_replace(content, '$.event.message',
                   CASE WHEN json_extract(content, '$.event.message.is_echo')
                     THEN json_object('mid', ?3, 'is_echo', json('true'), 'is_deleted', json('true'))
                     ELSE json_object('mid', ?3, 'is_deleted', json('true')) END)
                 WHERE {of_thread} AND json_extract(content, '$.event.message.mid') = ?3"
            ),
            format!(
                "UPDATE {table} SET content = json_remove(content, '$.event.message_edit.text')
                 WHERE {of_thread} AND json_extract(content, '$.event.message_edit.mid') = ?3"
            ),
        ] {
            connection
                .prepare_cached(&update)?
                .execute(params![account, person, mid, since])?;
        }
    }
    Ok(())
}

fn write_timer(connection: &Connection, timer: &StoredTimer) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO timer (account, person, name, due, event)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET due = excluded.due, event = excluded.event",
        )?
        .execute(params![
            timer.thread.account.as_str(),
            timer.thread.party.as_text(),
            timer.name,
            timer.due.as_millis(),
            to_json(&*timer.event)?
        ])?;
    Ok(())
}
