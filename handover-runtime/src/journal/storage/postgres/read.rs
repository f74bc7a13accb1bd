//! Reading what waits, and what the rules do not hold.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use futures_util::future::{join_all, try_join, try_join5};
use handover_protocol::{AccountId, EventBody, Timestamp};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use super::commit::{column, thread_columns};
use super::database::{Database, SqlParameter};
use super::error::PostgresError;
use super::rows::{
    BadRow, json, number, optional_duration, optional_json, optional_time, receipt_status,
    reclaim_timer, thread_key, time, turn,
};
use crate::internal_event::ThreadEvent;
use crate::journal::forward::ArrivedCommand;
use crate::journal::lanes::Lanes;
use crate::journal::rules::{
    DedupeKey, JournalSnapshot, LoadedCall, LoadedEvent, LoadedNotice, NodeShare, ReadRequest,
    ReadResult, Silences, StoredTimer, StoredTimers, may_silence,
};
use crate::journal::storage::columns::{notice_from_json, owner_of};
use crate::journal::unreadable::UnreadableItem;
use crate::journal::{
    AwayPeriod, ClaimedEvent, DeadLetter, DeadLetterContent, QueuedCall, StoredReceipt, Terms,
    ThreadHistory, ThreadPause, ThreadState, key_of,
};
use crate::ownership::ControlEffect;
use crate::thread::{KnownOwner, ThreadKey};

/// How many numbers a node takes at a time.
pub(super) const BLOCK: u64 = 1 << 20;

/// What `begin_1` gives.
#[derive(serde::Deserialize)]
pub(super) struct Begun {
    pub(super) session: i64,
    /// The node has them until it gives them back, or its lease ends.
    pub(super) lanes: Vec<u8>,
}

/// The rows of one journal, on one connection.
pub(super) struct RowReader<'a> {
    pub(super) database: &'a Database,
    pub(super) client: &'a Client,
}

impl RowReader<'_> {
    /// Without a prepared statement: behind a pooler, the next query may go to another session.
    pub(super) async fn rows(
        &self,
        sql: &str,
        parameters: &[SqlParameter<'_>],
    ) -> Result<Vec<Row>, PostgresError> {
        let sql = self.database.sql(sql);
        let rows = self.client.query_typed(&sql, parameters).await;
        rows.map_err(|error| self.database.failed(&error))
    }

    pub(super) async fn execute(&self, statement: &str) -> Result<(), PostgresError> {
        let done = self.client.batch_execute(statement).await;
        done.map_err(|error| self.database.failed(&error))
    }

    /// Reads with several queries that see the same rows, whatever is committed meanwhile.
    pub(super) async fn at_one_moment<T>(
        &self,
        read: impl AsyncFnOnce() -> Result<T, PostgresError>,
    ) -> Result<T, PostgresError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.in_transaction(begin, read).await
    }

    /// Does this in a transaction that begins with this statement: all of it or, with an error, nothing.
    pub(super) async fn in_transaction<T>(
        &self,
        begin: &str,
        work: impl AsyncFnOnce() -> Result<T, PostgresError>,
    ) -> Result<T, PostgresError> {
        self.execute(begin).await?;
        let done = work().await;
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.execute(end).await?;
        done
    }

    pub(super) fn each<T>(
        &self,
        rows: &[Row],
        read: impl Fn(&Row) -> Result<T, BadRow>,
    ) -> Result<Vec<T>, PostgresError> {
        let read = rows.iter().map(read).collect::<Result<_, _>>();
        read.map_err(|error| self.database.unreadable(error))
    }

    /// Begins a session of the node of this epoch. `None` if its lease has ended.
    pub(super) async fn begin(&self, epoch: i64) -> Result<Option<Begun>, PostgresError> {
        let sql = "SELECT {schema}.begin_1($1)::text";
        let rows = self.rows(sql, &[(&epoch, Type::INT8)]).await?;
        let begun = self.each(&rows, |row| optional_json(row, 0))?;
        Ok(begun.into_iter().next().flatten())
    }

    /// Everything that waits in the lanes of the node.
    pub(super) async fn load(
        &self,
        share: NodeShare,
        timers_before: Timestamp,
    ) -> Result<JournalSnapshot, PostgresError> {
        let lanes = lanes_of(share.lanes);
        let of_lanes: [SqlParameter<'_>; 1] = [(&lanes, Type::INT2_ARRAY)];
        let block = "SELECT nextval('{schema}.block'),
                            (SELECT count(*) FROM {schema}.dead_letter WHERE lane = ANY ($1))
                              + (SELECT coalesce(sum(dead_letters), 0)::int8 FROM {schema}.arrival WHERE lane = ANY ($1))";
        let block = self.rows(block, &of_lanes).await?;
        let block = self.each(&block, |row| {
            Ok((number(row, 0)?, row.try_get::<_, i64>(1)?))
        })?;
        let (block, dead_letters) = block[0];
        let (events, calls, notices, timers, echoing) = try_join5(
            self.rows(
                "SELECT account, person, sequence, due, held,
                        CASE WHEN kind IN ('echo', 'take_thread_control', 'timer') THEN content END
                 FROM {schema}.event WHERE settled_at IS NULL AND lane = ANY ($1) ORDER BY sequence",
                &of_lanes,
            ),
            self.rows(
                "SELECT account, person, id, control, name = 'messages', outcome, state = 'started',
                        state = 'confirmed', uncertain, due, receipt, holds,
                        CASE WHEN name = 'messages' AND state = 'started' THEN request END, started_at,
                        reclaims
                 FROM {schema}.call WHERE notifier IS NULL AND lane = ANY ($1) ORDER BY id",
                &of_lanes,
            ),
            self.rows(
                "SELECT id, request, attempts, due, created_at FROM {schema}.call
                 WHERE notifier IS NOT NULL AND lane = ANY ($1) ORDER BY id",
                &of_lanes,
            ),
            self.timers(share.lanes, timers_before),
            self.rows(
                "SELECT substr(name, length('echoes of ') + 1) FROM {schema}.meta
                 WHERE name LIKE 'echoes of %'",
                &[],
            ),
        )
        .await?;
        Ok(JournalSnapshot {
            last_sequence: block * BLOCK,
            last_call: block * BLOCK,
            last_receipt: block * BLOCK,
            dead_letters: usize::try_from(dead_letters).unwrap_or(0),
            events: self.waiting_events(&events).await?,
            calls: self.each(&calls, waiting_call)?,
            timers,
            notices: self.each(&notices, waiting_notice)?,
            echoing: self.each(&echoing, |row| Ok(row.try_get::<_, String>(0)?.into()))?,
            node: Some(share),
        })
    }

    async fn waiting_events(&self, rows: &[Row]) -> Result<Vec<LoadedEvent>, PostgresError> {
        let mut echoes = Vec::new();
        let mut events = self.each(rows, |row| {
            let content: Option<&str> = row.try_get(5)?;
            let event = content.map(ThreadEvent::from_json).transpose()?;
            let expired_timer = event.as_ref().and_then(ThreadEvent::expired_timer);
            let silences = match event.as_ref().and_then(ThreadEvent::platform) {
                Some(received) if may_silence(received) => match &received.event.body {
                    EventBody::Echo(_) => Silences::Maybe(Some(DedupeKey::of(&key_of(received)))),
                    _ => Silences::Maybe(None),
                },
                _ => Silences::No,
            };
            Ok(LoadedEvent {
                thread: thread_key(row)?,
                sequence: number(row, 2)?,
                due: time(row, 3)?,
                is_held: row.try_get(4)?,
                silences,
                expired_timer: expired_timer.map(str::to_owned),
            })
        })?;
        for event in &events {
            if let Silences::Maybe(Some(echo)) = event.silences {
                echoes.push(echo.sent());
            }
        }
        let (sent, _) = self.known(&echoes, None).await?;
        let sent: HashSet<_> = sent.into_iter().collect();
        for event in &mut events {
            if let Silences::Maybe(Some(echo)) = event.silences
                && sent.contains(&echo.sent())
            {
                event.silences = Silences::OwnEcho;
            }
        }
        Ok(events)
    }

    /// Which of the keys are remembered; and, if lanes are given, what other nodes have accepted for these, oldest
    /// first.
    async fn known(
        &self,
        keys: &[DedupeKey],
        lanes: Option<Lanes>,
    ) -> Result<(Vec<DedupeKey>, Vec<ArrivedCommand>), PostgresError> {
        let lanes = lanes.filter(|lanes| !lanes.is_empty()).map(lanes_of);
        if keys.is_empty() && lanes.is_none() {
            return Ok(Default::default());
        }
        let keys: Vec<&[u8]> = keys.iter().map(|key| &key.0[..]).collect();
        let limit = i64::try_from(ArrivedCommand::MOST).unwrap_or(i64::MAX);
        let sql = "SELECT known, lanes, ids, contents FROM {schema}.find_1($1, $2, $3)";
        let parameters: [SqlParameter<'_>; 3] = [
            (&keys, Type::BYTEA_ARRAY),
            (&lanes, Type::INT2_ARRAY),
            (&limit, Type::INT8),
        ];
        let rows = self.rows(sql, &parameters).await?;
        let found = self.each(&rows, |row| {
            let known: Vec<&[u8]> = row.try_get(0)?;
            let known = known.into_iter().map(|key| Ok(DedupeKey(key.try_into()?)));
            Ok((known.collect::<Result<_, BadRow>>()?, arrivals(row, 1)?))
        })?;
        let (known, mut arrived): (Vec<DedupeKey>, Vec<ArrivedCommand>) =
            found.into_iter().next().unwrap_or_default();
        for arrival in &mut arrived {
            if let Err(unreadable) = &mut arrival.command {
                let gone = self.dead_letters_gone_with(arrival.lane, arrival.id);
                unreadable.dead_letters = gone.await?;
            }
        }
        Ok((known, arrived))
    }

    async fn timers(&self, lanes: Lanes, before: Timestamp) -> Result<StoredTimers, PostgresError> {
        let (lanes, millis) = (lanes_of(lanes), before.as_millis());
        let parameters: [SqlParameter<'_>; 2] = [(&lanes, Type::INT2_ARRAY), (&millis, Type::INT8)];
        let (timers, later) = try_join(
            self.rows(
                "SELECT account, person, name, due, event FROM {schema}.timer
                 WHERE lane = ANY ($1) AND due < $2 ORDER BY due",
                &parameters,
            ),
            self.rows(
                "SELECT EXISTS (SELECT FROM {schema}.timer WHERE lane = ANY ($1) AND due >= $2)",
                &parameters,
            ),
        )
        .await?;
        Ok(StoredTimers {
            timers: self.each(&timers, stored_timer)?,
            before,
            has_later: later[0].get(0),
        })
    }

    /// What the rules asked for, in one round trip.
    pub(super) async fn find(
        &self,
        request: &ReadRequest,
        lanes: Lanes,
    ) -> Result<ReadResult, PostgresError> {
        let timers = async {
            match request.timers_before {
                Some(before) => Ok(Some(self.timers(lanes, before).await?)),
                None => Ok(None),
            }
        };
        let arrivals_of = request.arrivals.then_some(lanes);
        let ((known, arrivals), threads, (events, calls), receipts, (timers, timers_of)) =
            try_join5(
                self.known(&request.keys, arrivals_of),
                self.threads(&request.threads),
                try_join(self.events(&request.events), self.calls(&request.calls)),
                self.receipts(&request.receipts),
                try_join(timers, self.timers_of(&request.timers_of, lanes)),
            )
            .await?;
        Ok(ReadResult {
            known,
            threads,
            events,
            calls,
            timers,
            timers_of,
            receipts,
            arrivals,
        })
    }

    async fn timers_of(
        &self,
        accounts: &[AccountId],
        lanes: Lanes,
    ) -> Result<Vec<StoredTimer>, PostgresError> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let accounts: Vec<String> = accounts.iter().map(|it| column(it.as_str())).collect();
        let lanes = lanes_of(lanes);
        let sql = "SELECT account, person, name, due, event FROM {schema}.timer
                   WHERE lane = ANY ($1) AND account = ANY ($2) ORDER BY due";
        let parameters: [SqlParameter<'_>; 2] =
            [(&lanes, Type::INT2_ARRAY), (&accounts, Type::TEXT_ARRAY)];
        let rows = self.rows(sql, &parameters).await?;
        self.each(&rows, stored_timer)
    }

    async fn events(&self, sequences: &[u64]) -> Result<Vec<ClaimedEvent>, PostgresError> {
        if sequences.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT sequence, content, received_at, attempts FROM {schema}.event
                   WHERE sequence = ANY ($1)";
        let numbers = signed(sequences);
        let rows = self.rows(sql, &[(&numbers, Type::INT8_ARRAY)]).await?;
        self.each(&rows, |row| {
            Ok(ClaimedEvent {
                sequence: number(row, 0)?,
                event: ThreadEvent::from_json(row.try_get(1)?)?,
                received_at: time(row, 2)?,
                attempts: row.try_get::<_, i32>(3)?.cast_unsigned(),
            })
        })
    }

    async fn calls(&self, ids: &[u64]) -> Result<Vec<QueuedCall>, PostgresError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT id, request, object, reference, attempts, uncertain, created_at, quiet, ended,
                          reclaims, started_at, outcome, receipt, holds, expires_at, otherwise, timers
                   FROM {schema}.call WHERE id = ANY ($1)";
        let ids = signed(ids);
        let rows = self.rows(sql, &[(&ids, Type::INT8_ARRAY)]).await?;
        self.each(&rows, |row| {
            let receipt: Option<i64> = row.try_get(12)?;
            Ok(QueuedCall {
                id: number(row, 0)?,
                call: Arc::new(json(row, 1)?),
                object: row.try_get::<_, String>(2)?.into(),
                reference: row.try_get(3)?,
                attempts: row.try_get::<_, i32>(4)?.cast_unsigned(),
                uncertain: row.try_get(5)?,
                created_at: time(row, 6)?,
                quiet: row.try_get(7)?,
                ended: optional_json(row, 8)?,
                reclaims: reclaim_timer(row, 9)?,
                timers: optional_json(row, 16)?,
                started_at: time(row, 10)?,
                outcome: number(row, 11)?,
                receipt: receipt.map(i64::cast_unsigned),
                terms: Terms {
                    holds: row.try_get(13)?,
                    expires_at: optional_time(row, 14)?,
                    otherwise: optional_json(row, 15)?,
                },
            })
        })
    }

    async fn threads(
        &self,
        keys: &[ThreadKey],
    ) -> Result<Vec<(ThreadKey, ThreadState)>, PostgresError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let lanes: Vec<i16> = keys.iter().map(|key| key.lane().into()).collect();
        let columns: Vec<_> = keys.iter().map(thread_columns).collect();
        let accounts: Vec<&str> = columns.iter().map(|(account, _)| &**account).collect();
        let people: Vec<&str> = columns.iter().map(|(_, person)| &**person).collect();
        let parameters: [SqlParameter<'_>; 3] = [
            (&lanes, Type::INT2_ARRAY),
            (&accounts, Type::TEXT_ARRAY),
            (&people, Type::TEXT_ARRAY),
        ];
        // The number says which of the keys it is: the thread may be written differently.
        let states = "SELECT number, (thread).session, (thread).owner, (thread).owner_app, (thread).owner_since,
                    (thread).owner_seen_at, (thread).owner_as_of, (thread).person_wrote_at,
                    (thread).paused_until, (thread).paused_by, (thread).paused_before, (thread).paused_spares,
                    (thread).began_at, (thread).may_have_missed, (thread).away_since, (thread).away_from,
                    (thread).idle_after, (thread).reclaiming, (thread).messaged_at, (thread).away_turn,
                    (thread).owner_confirmed_at
             FROM {schema}.threads_1($1, $2, $3)";
        let turns =
            "SELECT number, (turn).number, (turn).at, (turn).speaker, (turn).app, (turn).text,
                    (turn).attachments, (turn).mid, (turn).is_edited
             FROM {schema}.turns_1($1, $2, $3)";
        let (states, turns) = try_join(
            self.rows(states, &parameters),
            self.rows(turns, &parameters),
        )
        .await?;
        let place = |row: &Row| -> Result<usize, BadRow> {
            Ok(usize::try_from(row.try_get::<_, i64>(0)?)? - 1)
        };
        let states = self.each(&states, |row| Ok((place(row)?, thread_state(row)?)))?;
        let mut states: HashMap<usize, ThreadState> = states.into_iter().collect();
        let turns = self.each(&turns, |row| {
            Ok((place(row)?, (number(row, 1)?, turn(row, 1)?)))
        })?;
        let mut histories: HashMap<usize, Vec<_>> = HashMap::default();
        for (at, turn) in turns {
            histories.entry(at).or_default().push(turn);
        }
        let keys = keys.into_iter().enumerate();
        let found = keys.map(|(at, key)| {
            let mut state = states.remove(&at).unwrap_or_default();
            let history = histories.remove(&at).unwrap_or_default();
            state.history = history.into_iter().collect::<ThreadHistory>();
            (key, state)
        });
        Ok(found.collect())
    }

    async fn receipts(
        &self,
        wanted: &[(ThreadKey, String)],
    ) -> Result<Vec<StoredReceipt>, PostgresError> {
        let found = join_all(wanted.iter().map(|(thread, id)| self.receipt(thread, id))).await;
        let found: Result<Vec<_>, _> = found.into_iter().collect();
        Ok(found?.into_iter().flatten().collect())
    }

    pub(super) async fn receipt(
        &self,
        thread: &ThreadKey,
        id: &str,
    ) -> Result<Option<StoredReceipt>, PostgresError> {
        let (account, person) = thread_columns(thread);
        let lane = i16::from(thread.lane());
        let column_id = column(id);
        let sql = "SELECT number, signal, digest, status, detail, created_at, changed_at
                   FROM {schema}.receipt
                   WHERE lane = $1 AND account = $2 AND person = $3 AND id = $4";
        let parameters: [SqlParameter<'_>; 4] = [
            (&lane, Type::INT2),
            (&account, Type::TEXT),
            (&person, Type::TEXT),
            (&column_id, Type::TEXT),
        ];
        let rows = self.rows(sql, &parameters).await?;
        let found = self.each(&rows, |row| {
            Ok(StoredReceipt {
                number: number(row, 0)?,
                thread: thread.clone(),
                id: id.to_owned(),
                signal: row.try_get(1)?,
                digest: dedupe_key(row, 2)?,
                status: receipt_status(row, 3)?,
                created_at: time(row, 5)?,
                changed_at: time(row, 6)?,
            })
        })?;
        Ok(found.into_iter().next())
    }

    pub(super) async fn dead_letters(&self) -> Result<Vec<DeadLetter>, PostgresError> {
        let sql = "SELECT account, person, id, kind, content, cause, at FROM {schema}.dead_letter ORDER BY id";
        let rows = self.rows(sql, &[]).await?;
        self.each(&rows, |row| {
            let thread = thread_key(row)?;
            Ok(DeadLetter {
                id: number(row, 2)?,
                content: match row.try_get(3)? {
                    "call" => DeadLetterContent::Call(Arc::new(json(row, 4)?)),
                    "notice" => {
                        DeadLetterContent::Notice(Arc::new(notice_from_json(row.try_get(4)?)?))
                    }
                    _ => {
                        let event = ThreadEvent::from_json(row.try_get(4)?)?;
                        DeadLetterContent::Event(event.received(&thread))
                    }
                },
                thread,
                cause: row.try_get(5)?,
                at: time(row, 6)?,
            })
        })
    }
}

/// Lanes as an array of the database.
pub(super) fn lanes_of(lanes: Lanes) -> Vec<i16> {
    lanes.iter().map(i16::from).collect()
}

fn signed(numbers: &[u64]) -> Vec<i64> {
    numbers.iter().map(|number| number.cast_signed()).collect()
}

fn dedupe_key(row: &Row, column: usize) -> Result<DedupeKey, BadRow> {
    let key: &[u8] = row.try_get(column)?;
    Ok(DedupeKey(key.try_into()?))
}

/// Lanes, numbers and contents, as arrays from this column on; NULL if there are none.
fn arrivals(row: &Row, column: usize) -> Result<Vec<ArrivedCommand>, BadRow> {
    let lanes: Option<Vec<i16>> = row.try_get(column)?;
    let ids: Option<Vec<i64>> = row.try_get(column + 1)?;
    let contents: Option<Vec<&str>> = row.try_get(column + 2)?;
    let rows = lanes.into_iter().flatten().zip(ids.into_iter().flatten());
    rows.zip(contents.into_iter().flatten())
        .map(|((lane, id), content)| {
            Ok(ArrivedCommand {
                lane: u8::try_from(lane)?,
                id,
                // What cannot be read must not stop what can.
                command: serde_json::from_str(content)
                    .map_err(|error| Box::new(UnreadableItem::command(id, content, &error))),
            })
        })
        .collect()
}

fn stored_timer(row: &Row) -> Result<StoredTimer, BadRow> {
    Ok(StoredTimer {
        thread: thread_key(row)?,
        name: row.try_get(2)?,
        due: time(row, 3)?,
        event: Arc::new(json(row, 4)?),
    })
}

fn waiting_call(row: &Row) -> Result<LoadedCall, BadRow> {
    let receipt: Option<i64> = row.try_get(10)?;
    let (message, begun_at) = (optional_json(row, 12)?, time(row, 13)?);
    Ok(LoadedCall {
        thread: thread_key(row)?,
        id: number(row, 2)?,
        control: ControlEffect::from_name(row.try_get(3)?),
        reclaims: reclaim_timer(row, 14)?,
        is_message: row.try_get(4)?,
        outcome: number(row, 5)?,
        is_started: row.try_get(6)?,
        begun: message.map(|message| (message, begun_at)),
        is_confirmed: row.try_get(7)?,
        uncertain: row.try_get(8)?,
        due: time(row, 9)?,
        receipt: receipt.map(i64::cast_unsigned),
        holds: row.try_get(11)?,
    })
}

fn waiting_notice(row: &Row) -> Result<LoadedNotice, BadRow> {
    Ok(LoadedNotice {
        id: number(row, 0)?,
        notice: Arc::new(notice_from_json(row.try_get(1)?)?),
        attempts: row.try_get::<_, i32>(2)?.cast_unsigned(),
        due: time(row, 3)?,
        since: time(row, 4)?,
    })
}

fn thread_state(row: &Row) -> Result<ThreadState, BadRow> {
    let echo: Option<String> = row.try_get(9)?;
    let (before, spares) = (optional_time(row, 10)?, number(row, 11)?);
    let pause = optional_time(row, 8)?.map(|until| ThreadPause {
        until,
        echo,
        before,
        spares,
    });
    let from: Option<String> = row.try_get(15)?;
    let first_turn: Option<i64> = row.try_get(19)?;
    let away = optional_time(row, 14)?.map(|since| AwayPeriod {
        since,
        from: from.map(Into::into),
        first_turn: first_turn.map_or(1, i64::cast_unsigned),
    });
    Ok(ThreadState {
        session: optional_json(row, 1)?,
        ownership: KnownOwner {
            owner: owner_of(row.try_get(2)?, row.try_get(3)?),
            since: time(row, 4)?,
            seen_at: time(row, 5)?,
            as_of: number(row, 6)?,
            confirmed_at: time(row, 20)?,
        },
        person_wrote_at: optional_time(row, 7)?,
        pause,
        began_at: optional_time(row, 12)?,
        may_have_missed: row.try_get(13)?,
        away,
        idle_after: optional_duration(row, 16)?,
        reclaiming: reclaim_timer(row, 17)?,
        messaged_at: optional_time(row, 18)?,
        history: ThreadHistory::default(),
    })
}
