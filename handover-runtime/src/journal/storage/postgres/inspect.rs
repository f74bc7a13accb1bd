//! Reading a database for operators.

use handover_protocol::{AccountId, AppId, Timestamp, subcode};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::address::PostgresAddress;
use super::connected::Connected;
use super::database::SqlParameter;
use super::error::PostgresError;
use super::read::{BLOCK, RowReader};
use super::rows::{BadRow, number, optional_time, time};
use crate::journal::NO_HANDLER;
use crate::journal::storage::inspect::{Followed, JournalReader, shown_text};
use crate::journal::storage::{
    Counts, HandoffsTo, JournalChange, JournalView, OpenError, ViewRows,
};

/// Reads a database while nodes work on it.
pub(in crate::journal::storage) struct PostgresInspector(Connected);

/// JSON that `jsonb` takes: it knows no zero character.
const CONTENT: &str = "replace(content, '\\u0000', '\\ufffd')::jsonb";

impl PostgresInspector {
    pub(in crate::journal::storage) fn connect(
        address: &PostgresAddress,
    ) -> Result<Self, OpenError> {
        Ok(Self(Connected::open(address)?))
    }
}

impl JournalReader for PostgresInspector {
    fn view(
        &self,
        view: JournalView,
        account: Option<&str>,
        person: Option<&str>,
        limit: u32,
    ) -> Result<ViewRows, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let read = async |sql: &str, limit: Option<i64>| {
                let of_view: [SqlParameter<'_>; 3] = [
                    (&person, Type::TEXT),
                    (&limit, Type::INT8),
                    (&account, Type::TEXT),
                ];
                let parameters = match view {
                    JournalView::Nodes => &[],
                    _ => &of_view[..],
                };
                reader.rows(sql, parameters).await
            };
            let sql = query(view);
            let rows = read(&sql, Some(limit.into())).await?;
            let columns = rows.first().into_iter().flat_map(Row::columns);
            let columns = columns.map(|column| column.name().to_owned()).collect();
            let mut total = rows.len() as u64;
            if rows.len() >= limit as usize {
                let count = format!("SELECT count(*) FROM ({sql}) AS everything");
                let counted = read(&count, None).await?;
                let counted = reader.each(&counted, |row| number(row, 0))?;
                // Some may have gone meanwhile.
                total = total.max(counted[0]);
            }
            Ok(ViewRows {
                columns,
                rows: reader.each(&rows, values)?,
                total,
            })
        })?)
    }

    fn counts(&self, account: Option<&str>, person: Option<&str>) -> Result<Counts, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let of = "($1::text IS NULL OR person = $1) AND ($2::text IS NULL OR account = $2)";
            let sql = format!(
                "SELECT (SELECT count(*) FROM {{schema}}.event WHERE settled_at IS NULL AND {of}),
                        (SELECT count(*) FROM {{schema}}.call WHERE {of}),
                        (SELECT count(*) FROM {{schema}}.timer WHERE {of}),
                        (SELECT count(*) FROM {{schema}}.dead_letter WHERE {of})"
            );
            let rows = reader
                .rows(&sql, &[(&person, Type::TEXT), (&account, Type::TEXT)])
                .await?;
            let counts = reader.each(&rows, |row| {
                Ok(Counts {
                    events: number(row, 0)?,
                    calls: number(row, 1)?,
                    timers: number(row, 2)?,
                    dead_letters: number(row, 3)?,
                })
            })?;
            Ok(counts[0])
        })?)
    }

    fn handoffs_to(&self, app: &AppId, account: Option<&str>) -> Result<HandoffsTo, OpenError> {
        let Self(connected) = self;
        let not_connected = subcode::WRONG_APP_ID.to_string();
        Ok(connected.ask_for_long(async |reader| {
            let sql = format!(
                "SELECT
                 (SELECT max(at) FROM {{schema}}.dead_letter
                  WHERE kind = 'call' AND account = coalesce($2::text, account) AND strpos(cause, $3) > 0
                    AND {CONTENT} #>> '{{pass_thread_control,target_app_id}}' = $1),
                 (SELECT max(owner_seen_at) FROM {{schema}}.thread
                  WHERE owner = 'other' AND owner_app = $1 AND account = coalesce($2::text, account))"
            );
            let rows = reader
                .rows(
                    &sql,
                    &[
                        (&app.as_str(), Type::TEXT),
                        (&account, Type::TEXT),
                        (&not_connected, Type::TEXT),
                    ],
                )
                .await?;
            let found = reader.each(&rows, |row| {
                Ok(HandoffsTo {
                    refused_at: optional_time(row, 0)?,
                    owned_at: optional_time(row, 1)?,
                })
            })?;
            Ok(found[0])
        })?)
    }

    fn accounts_with_edits_only(&self) -> Result<Vec<(AccountId, Timestamp)>, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let sql = format!(
                "SELECT account, at FROM (
                   SELECT account, max(received_at) AS at FROM {{schema}}.event
                   WHERE kind = 'message_edit' AND {CONTENT} #>> '{{event,message_edit,num_edit}}' = '0'
                   GROUP BY account) AS edit
                 WHERE NOT EXISTS (SELECT FROM {{schema}}.event AS e
                   WHERE e.account = edit.account AND e.kind IN ('message', 'postback')
                     AND e.received_at >= edit.at - 60000)"
            );
            let rows = reader.rows(&sql, &[]).await?;
            reader.each(&rows, |row| {
                Ok((AccountId::from(row.try_get::<_, String>(0)?), time(row, 1)?))
            })
        })?)
    }

    fn signals_without_handler(&self) -> Result<Vec<(String, u64)>, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let sql = format!(
                "SELECT name, count(*) FROM (
                   SELECT {CONTENT} #>> '{{own,signal,name}}' AS name FROM {{schema}}.dead_letter
                   WHERE kind <> 'call' AND strpos(cause, $1) = 1) AS signal
                 WHERE name IS NOT NULL GROUP BY name ORDER BY name"
            );
            let rows = reader.rows(&sql, &[(&NO_HANDLER, Type::TEXT)]).await?;
            reader.each(&rows, |row| Ok((row.try_get(0)?, number(row, 1)?)))
        })?)
    }

    fn dead_tuples(&self) -> Result<Vec<(String, u64)>, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask(async |reader| reader.dead_tuples().await)?)
    }

    fn check(&self) -> Result<(), OpenError> {
        let Self(connected) = self;
        connected
            .ask(async |reader| reader.rows("SELECT FROM {schema}.meta LIMIT 1", &[]).await)?;
        Ok(())
    }

    fn version(&self) -> Result<Option<i64>, OpenError> {
        Ok(None)
    }

    fn last_events(&self) -> Result<Vec<u64>, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let sql = format!(
                "SELECT max(sequence) FROM {{schema}}.event GROUP BY sequence / {BLOCK}
                 UNION SELECT last_value * {BLOCK} FROM {{schema}}.block"
            );
            let rows = reader.rows(&sql, &[]).await?;
            reader.each(&rows, |row| number(row, 0))
        })?)
    }

    fn last_dead_letter(&self) -> Result<u64, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask(async |reader| {
            let sql = "SELECT coalesce(max(id), 0) FROM {schema}.dead_letter";
            let rows = reader.rows(sql, &[]).await?;
            Ok(reader.each(&rows, |row| number(row, 0))?[0])
        })?)
    }

    fn waiting_events(
        &self,
        person: Option<&str>,
    ) -> Result<Vec<(u64, String, String)>, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let sql = "SELECT sequence, account || '/' || person, kind FROM {schema}.event
                       WHERE settled_at IS NULL AND ($1::text IS NULL OR person = $1)";
            let rows = reader.rows(sql, &[(&person, Type::TEXT)]).await?;
            reader.each(&rows, |row| {
                Ok((number(row, 0)?, row.try_get(1)?, row.try_get(2)?))
            })
        })?)
    }

    fn block_bits(&self) -> u32 {
        BLOCK.trailing_zeros()
    }

    fn follow(
        &self,
        person: Option<&str>,
        ranges: &[(u64, u64)],
        waiting: &[u64],
        last_dead_letter: u64,
    ) -> Result<Followed, OpenError> {
        let Self(connected) = self;
        Ok(connected.ask_for_long(async |reader| {
            let followed = async || {
                reader
                    .followed(person, ranges, waiting, last_dead_letter)
                    .await
            };
            // Otherwise a dead letter could be seen before the event it is of.
            reader.at_one_moment(followed).await
        })?)
    }
}

impl RowReader<'_> {
    /// Rows that were deleted or replaced and are not vacuumed yet, by table.
    pub(super) async fn dead_tuples(&self) -> Result<Vec<(String, u64)>, PostgresError> {
        let sql = "SELECT relname::text, n_dead_tup FROM pg_stat_user_tables
                   WHERE schemaname = $1 AND n_dead_tup > 0 ORDER BY n_dead_tup DESC, relname";
        let schema = &self.database.address.schema;
        let rows = self.rows(sql, &[(schema, Type::TEXT)]).await?;
        self.each(&rows, |row| Ok((row.try_get(0)?, number(row, 1)?)))
    }

    async fn followed(
        &self,
        person: Option<&str>,
        ranges: &[(u64, u64)],
        waiting: &[u64],
        last_dead_letter: u64,
    ) -> Result<Followed, PostgresError> {
        let columns =
            |numbers: Vec<u64>| -> Vec<i64> { numbers.into_iter().map(u64::cast_signed).collect() };
        let after = columns(ranges.iter().map(|(after, _)| *after).collect());
        let until = columns(ranges.iter().map(|(_, until)| *until).collect());
        let sql = "SELECT sequence, account || '/' || person, kind, content
                   FROM unnest($1::int8[], $2::int8[]) AS r(after, until)
                   JOIN {schema}.event ON sequence > r.after AND sequence < r.until
                   WHERE $3::text IS NULL OR person = $3 ORDER BY sequence";
        let new_events = self
            .rows(
                sql,
                &[
                    (&after, Type::INT8_ARRAY),
                    (&until, Type::INT8_ARRAY),
                    (&person, Type::TEXT),
                ],
            )
            .await?;
        let new_events = self.each(&new_events, |row| change(row, "event", "arrived"))?;
        let new = new_events.iter().map(|event| event.id);
        let asked = columns(waiting.iter().copied().chain(new).collect());
        let sql = "SELECT sequence, outcome FROM {schema}.event
                   WHERE sequence = ANY ($1) AND outcome IS NOT NULL ORDER BY settled_at, sequence";
        let outcomes = self.rows(sql, &[(&asked, Type::INT8_ARRAY)]).await?;
        let sql = "SELECT id, account || '/' || person, name FROM {schema}.call
                   WHERE $1::text IS NULL OR person = $1";
        let calls = self.rows(sql, &[(&person, Type::TEXT)]).await?;
        let last = last_dead_letter.cast_signed();
        let sql = "SELECT id, account || '/' || person, kind, cause FROM {schema}.dead_letter
                   WHERE id > $1 AND ($2::text IS NULL OR person = $2) ORDER BY id";
        let letters = self
            .rows(sql, &[(&last, Type::INT8), (&person, Type::TEXT)])
            .await?;
        Ok(Followed {
            new_events,
            outcomes: self.each(&outcomes, |row| Ok((number(row, 0)?, row.try_get(1)?)))?,
            calls: self.each(&calls, |row| {
                Ok((number(row, 0)?, (row.try_get(1)?, row.try_get(2)?)))
            })?,
            new_dead_letters: self.each(&letters, |row| change(row, "dead letter", "given up"))?,
        })
    }
}

fn change(row: &Row, what: &'static str, became: &str) -> Result<JournalChange, BadRow> {
    Ok(JournalChange {
        what,
        id: number(row, 0)?,
        thread: row.try_get(1)?,
        kind: row.try_get(2)?,
        became: became.to_owned(),
        detail: row.try_get(3)?,
    })
}

/// The values of a row, whatever their types are.
fn values(row: &Row) -> Result<Vec<Value>, BadRow> {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(at, column)| {
        Ok(match *column.type_() {
            Type::INT2 => row.try_get::<_, Option<i16>>(at)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(at)?.into(),
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
            _ => row
                .try_get::<_, Option<String>>(at)?
                .map_or(Value::Null, shown_text),
        })
    });
    values.collect()
}

/// `$1` is the person or NULL, `$2` how many, or NULL for all, `$3` the account or NULL; of the nodes, there is none.
fn query(view: JournalView) -> String {
    const OF: &str = "($1::text IS NULL OR person = $1) AND ($3::text IS NULL OR account = $3)";
    match view {
        JournalView::Threads => format!(
            "SELECT account, person,
                    CASE owner WHEN 'other' THEN coalesce('app ' || owner_app, 'another app')
                               WHEN 'bot' THEN 'the bot' ELSE owner END AS owner,
                    nullif(owner_since, 0) AS owner_since_at,
                    coalesce(e.n, 0) AS events, coalesce(c.n, 0) AS calls,
                    coalesce(m.n, 0) AS timers, coalesce(d.n, 0) AS dead_letters,
                    nullif(paused_until, 0) AS paused_until, person_wrote_at, session
             FROM (SELECT lane, account, person FROM {{schema}}.thread WHERE {OF}
                   UNION SELECT lane, account, person FROM {{schema}}.event
                   WHERE settled_at IS NULL AND {OF}
                   UNION SELECT lane, account, person FROM {{schema}}.dead_letter WHERE {OF}) AS known
             LEFT JOIN {{schema}}.thread USING (lane, account, person)
             LEFT JOIN (SELECT lane, account, person, count(*) AS n FROM {{schema}}.event
               WHERE settled_at IS NULL GROUP BY 1, 2, 3) AS e USING (lane, account, person)
             LEFT JOIN (SELECT lane, account, person, count(*) AS n FROM {{schema}}.call
               GROUP BY 1, 2, 3) AS c USING (lane, account, person)
             LEFT JOIN (SELECT lane, account, person, count(*) AS n FROM {{schema}}.timer
               GROUP BY 1, 2, 3) AS m USING (lane, account, person)
             LEFT JOIN (SELECT lane, account, person, count(*) AS n FROM {{schema}}.dead_letter
               GROUP BY 1, 2, 3) AS d USING (lane, account, person)
             ORDER BY coalesce(e.n, 0) + coalesce(c.n, 0) + coalesce(d.n, 0) > 0 DESC,
                      greatest(coalesce(person_wrote_at, 0), coalesce(owner_seen_at, 0)) DESC
             LIMIT $2"
        ),
        JournalView::Events => format!(
            "SELECT sequence AS id, account, person, kind, channel, received_at, attempts,
                    nullif(due, 0) AS due, content
             FROM {{schema}}.event WHERE settled_at IS NULL AND {OF} ORDER BY sequence LIMIT $2"
        ),
        JournalView::Handled => format!(
            "SELECT sequence AS id, account, person, kind, channel, received_at, settled_at, outcome,
                    content
             FROM {{schema}}.event WHERE settled_at IS NOT NULL AND {OF}
             ORDER BY sequence DESC LIMIT $2"
        ),
        JournalView::Calls => format!(
            "SELECT id, account, person,
                    CASE WHEN notifier IS NULL THEN name ELSE 'notice to ' || notifier END AS name,
                    state, uncertain::int AS uncertain, attempts, nullif(due, 0) AS due, created_at,
                    request
             FROM {{schema}}.call WHERE {OF} ORDER BY id LIMIT $2"
        ),
        JournalView::Timers => format!(
            "SELECT account, person, name, due FROM {{schema}}.timer WHERE {OF} ORDER BY due LIMIT $2"
        ),
        JournalView::DeadLetters => format!(
            "SELECT id, account, person, kind, at AS given_up_at, cause, content
             FROM {{schema}}.dead_letter WHERE {OF} ORDER BY id DESC LIMIT $2"
        ),
        JournalView::History => format!(
            "SELECT account, person, at AS said_at, speaker, text, attachments
             FROM (SELECT * FROM {{schema}}.turn WHERE {OF} ORDER BY at DESC, number DESC LIMIT $2) AS newest
             ORDER BY account, person, number"
        ),
        JournalView::Nodes => NODES.to_owned(),
    }
}

/// A row for each node, and one for lanes that no node works, if there are any.
const NODES: &str = "
    SELECT coalesce(n.name, 'nobody') AS node, n.version, count(l.lane) AS lanes,
           count(*) FILTER (WHERE l.since > clock_timestamp() - interval '1 hour') AS moved_in_an_hour,
           (extract(epoch FROM n.started_at) * 1000)::int8 AS started_at,
           (extract(epoch FROM n.expires) * 1000)::int8 AS lease_until,
           coalesce(sum(e.n), 0)::int8 AS events, min(e.oldest) AS oldest_event_at,
           coalesce(sum(c.n), 0)::int8 AS calls, min(c.oldest) AS oldest_call_at,
           coalesce(sum(a.n), 0)::int8 AS arrivals, coalesce(max(a.lag), 0)::int8 AS lag_ms
    FROM {schema}.lane AS l FULL JOIN {schema}.node AS n ON n.epoch = l.epoch
    LEFT JOIN (SELECT lane, count(*) AS n, min(received_at) AS oldest FROM {schema}.event
      WHERE settled_at IS NULL GROUP BY lane) AS e USING (lane)
    LEFT JOIN (SELECT lane, count(*) AS n, min(created_at) AS oldest FROM {schema}.call
      WHERE state <> 'confirmed' GROUP BY lane) AS c USING (lane)
    LEFT JOIN (SELECT lane, count(*) AS n, extract(epoch FROM clock_timestamp() - min(at)) * 1000 AS lag
      FROM {schema}.arrival GROUP BY lane) AS a USING (lane)
    GROUP BY n.epoch ORDER BY n.epoch";
