//! What is kept of threads.

use handover_protocol::AppId;
use rusqlite::{OptionalExtension, params};

use super::super::{Away, Line, Pause, Speaker, ThreadChange, ThreadState};
use super::store::{Change, Store, from_json, to_json};
use crate::thread::{Owner, Ownership, ThreadKey};

/// What is known of a thread, and how much of it is in its row.
#[derive(Clone, Default)]
pub(super) struct Known {
    state: ThreadState,
    stored_person_wrote_at: Option<i64>,
    /// Bytes of the session's JSON.
    session_size: usize,
}

impl Known {
    const SMALL_SESSION: usize = 1024;

    pub(super) fn is_small(&self) -> bool {
        self.session_size <= Self::SMALL_SESSION
    }
}

impl Store {
    /// What is kept of a thread, but for its transcript.
    pub(super) fn state(&mut self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        self.known(key).map(|known| known.state)
    }

    fn known(&mut self, key: &ThreadKey) -> rusqlite::Result<Known> {
        let changed = self.changed_states.get(key);
        if let Some(known) = changed.or_else(|| self.states.get(key)) {
            return Ok(known.clone());
        }
        let known = self.read_state(key)?;
        if self.schedule.is_active(key) {
            self.states.insert(key.clone(), known.clone());
        }
        Ok(known)
    }

    fn read_state(&self, key: &ThreadKey) -> rusqlite::Result<Known> {
        let known = self
            .connection
            .prepare_cached(
                "SELECT session, owner, owner_app, owner_since, owner_seen_at, owner_as_of,
                        person_wrote_at, paused_until, paused_by, paused_before, paused_spares,
                        began_at, may_have_missed, away_since, away_from, idle_after, reclaiming
                 FROM thread WHERE account = ?1 AND person = ?2",
            )?
            .query_row([key.account.as_str(), key.person.as_str()], |row| {
                let session: Option<String> = row.get(0)?;
                let (owner, app): (String, Option<String>) = (row.get(1)?, row.get(2)?);
                let (echo, before, spares) = (row.get(8)?, row.get(9)?, row.get(10)?);
                let pause = row.get::<_, Option<i64>>(7)?.map(|until| Pause {
                    until,
                    echo,
                    before,
                    spares,
                });
                let from: Option<String> = row.get(14)?;
                let away = row.get::<_, Option<i64>>(13)?.map(|since| Away {
                    since,
                    from: from.map(Into::into),
                });
                let session_size = session.as_deref().map_or(0, str::len);
                let state = ThreadState {
                    session: session.map(|session| from_json(&session)).transpose()?,
                    ownership: Ownership {
                        owner: owner_of(&owner, app),
                        since: row.get(3)?,
                        seen_at: row.get(4)?,
                        as_of: row.get(5)?,
                    },
                    person_wrote_at: row.get(6)?,
                    pause,
                    began_at: row.get(11)?,
                    may_have_missed: row.get(12)?,
                    away,
                    idle_after: row.get(15)?,
                    reclaiming: row.get(16)?,
                    transcript: Vec::new(),
                };
                Ok(Known {
                    stored_person_wrote_at: state.person_wrote_at,
                    state,
                    session_size,
                })
            })
            .optional()?;
        Ok(known.unwrap_or_default())
    }

    /// What is kept of a thread, with what was said while somebody else had it.
    pub(super) fn whole_state(&mut self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        let mut state = self.state(key)?;
        state.transcript = self.transcript(key)?;
        Ok(state)
    }

    fn transcript(&self, key: &ThreadKey) -> rusqlite::Result<Vec<Line>> {
        let mut lines = self.connection.prepare_cached(
            "SELECT at, speaker, text, mid FROM transcript
             WHERE account = ?1 AND person = ?2 ORDER BY line",
        )?;
        let lines = lines.query_map([key.account.as_str(), key.person.as_str()], |row| {
            let speaker: String = row.get(1)?;
            Ok(Line {
                at: row.get(0)?,
                speaker: match speaker.as_str() {
                    "person" => Speaker::Person,
                    _ => Speaker::Agent,
                },
                text: row.get(2)?,
                mid: row.get(3)?,
            })
        })?;
        lines.collect()
    }

    pub(super) fn change_thread(
        &mut self,
        key: &ThreadKey,
        change: &ThreadChange,
    ) -> rusqlite::Result<()> {
        for (mid, text) in &change.edited {
            self.connection
                .prepare_cached(
                    "UPDATE transcript SET text = ?4 WHERE account = ?1 AND person = ?2 AND mid = ?3",
                )?
                .execute(params![key.account.as_str(), key.person.as_str(), mid, text])?;
        }
        for mid in &change.deleted {
            self.forget_message(key, mid)?;
        }
        let before = self.known(key)?;
        self.hear(key, change, before.state.begins_anew(change))?;
        let mut state = before.state.clone();
        state.apply(change);
        state.transcript.clear();
        let is_worth_it = is_worth_writing(&before, &state);
        let changed_session = change.session.as_ref().filter(|_| is_worth_it);
        let changed_session = changed_session.map(to_json).transpose()?;
        let mut known = Known {
            state: state.clone(),
            ..before
        };
        if is_worth_it {
            known.stored_person_wrote_at = state.person_wrote_at;
        }
        if let Some(session) = &changed_session {
            known.session_size = session.len();
        }
        self.changed_states.insert(key.clone(), known);
        if change.gives_control(&state.ownership) {
            self.changes.push(Change::ControlCame(key.clone()));
        }
        if !is_worth_it {
            return Ok(());
        }
        let (owner, app) = match &state.ownership.owner {
            Owner::Unknown => ("unknown", None),
            Owner::Bot => ("bot", None),
            Owner::Other(app) => ("other", app.as_ref().map(AppId::as_str)),
        };
        let (pause, away) = (state.pause.as_ref(), state.away.as_ref());
        self.connection
            .prepare_cached(
                "INSERT INTO thread (account, person, session, session_version, owner, owner_app,
                                     owner_since, owner_seen_at, owner_as_of, person_wrote_at,
                                     paused_until, paused_by, paused_before, paused_spares, began_at,
                                     may_have_missed, away_since, away_from, idle_after, reclaiming)
                 VALUES (?1, ?2, ?3, ?3 IS NOT NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                         ?15, ?16, ?17, ?18, ?19)
                 ON CONFLICT DO UPDATE SET
                   session = coalesce(excluded.session, session),
                   session_version = session_version + excluded.session_version,
                   owner = excluded.owner, owner_app = excluded.owner_app,
                   owner_since = excluded.owner_since, owner_seen_at = excluded.owner_seen_at,
                   owner_as_of = excluded.owner_as_of,
                   person_wrote_at = excluded.person_wrote_at,
                   paused_until = excluded.paused_until, paused_by = excluded.paused_by,
                   paused_before = excluded.paused_before, paused_spares = excluded.paused_spares,
                   began_at = excluded.began_at, may_have_missed = excluded.may_have_missed,
                   away_since = excluded.away_since, away_from = excluded.away_from,
                   idle_after = excluded.idle_after, reclaiming = excluded.reclaiming",
            )?
            .execute(params![
                key.account.as_str(),
                key.person.as_str(),
                changed_session,
                owner,
                app,
                state.ownership.since,
                state.ownership.seen_at,
                state.ownership.as_of,
                state.person_wrote_at,
                pause.map(|pause| pause.until),
                pause.and_then(|pause| pause.echo.as_deref()),
                pause.and_then(|pause| pause.before),
                pause.map_or(0, |pause| pause.spares),
                state.began_at,
                state.may_have_missed,
                away.map(|away| away.since),
                away.and_then(|away| away.from.as_ref().map(AppId::as_str)),
                state.idle_after,
                state.reclaiming,
            ])?;
        Ok(())
    }

    /// Takes out what a message said that was deleted: of the transcript, of dead letters, and of the
    /// newest events, which are kept for a while after they were handled.
    fn forget_message(&mut self, key: &ThreadKey, mid: &str) -> rusqlite::Result<()> {
        // Older ones are not looked through, for nothing else is stored meanwhile.
        const NEWEST: u64 = 50_000;
        self.write_rows()?;
        let thread = (key.account.as_str(), key.person.as_str());
        self.connection
            .prepare_cached(
                "DELETE FROM transcript WHERE account = ?1 AND person = ?2 AND mid = ?3",
            )?
            .execute(params![thread.0, thread.1, mid])?;
        for (table, condition) in [
            ("event", "sequence > ?4"),
            ("dead_letter", "kind = 'event' AND ?4 >= 0"),
        ] {
            let of_thread = format!("{condition} AND account = ?1 AND person = ?2");
            let oldest = self.last_sequence.saturating_sub(NEWEST);
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
                self.connection
                    .prepare_cached(&update)?
                    .execute(params![thread.0, thread.1, mid, oldest])?;
            }
        }
        Ok(())
    }

    fn hear(&self, key: &ThreadKey, change: &ThreadChange, anew: bool) -> rusqlite::Result<()> {
        let thread = [key.account.as_str(), key.person.as_str()];
        if change.forgets_away || anew {
            self.connection
                .prepare_cached("DELETE FROM transcript WHERE account = ?1 AND person = ?2")?
                .execute(thread)?;
        }
        for line in &change.heard {
            self.connection
                .prepare_cached(
                    "INSERT INTO transcript (account, person, line, at, speaker, text, mid)
                     VALUES (?1, ?2, 1 + coalesce((SELECT max(line) FROM transcript
                                                   WHERE account = ?1 AND person = ?2), 0), ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    thread[0],
                    thread[1],
                    line.at,
                    match line.speaker {
                        Speaker::Person => "person",
                        Speaker::Agent => "agent",
                    },
                    line.text,
                    line.mid
                ])?;
        }
        if !change.heard.is_empty() {
            self.connection
                .prepare_cached(
                    "DELETE FROM transcript WHERE account = ?1 AND person = ?2 AND line <=
                       (SELECT max(line) FROM transcript WHERE account = ?1 AND person = ?2) - ?3",
                )?
                .execute(params![thread[0], thread[1], ThreadState::TRANSCRIPT_LINES])?;
        }
        Ok(())
    }
}

/// The owner as its columns say.
pub(super) fn owner_of(owner: &str, app: Option<String>) -> Owner {
    match owner {
        "bot" => Owner::Bot,
        "other" => Owner::Other(app.map(Into::into)),
        _ => Owner::Unknown,
    }
}

/// Whether it would matter after a crash. That a person went on writing to the bot within a minute
/// would not: it saves a write for most messages.
fn is_worth_writing(known: &Known, after: &ThreadState) -> bool {
    const MINUTE_MS: i64 = 60 * 1000;
    let before = &known.state;
    let wrote_soon = match (known.stored_person_wrote_at, after.person_wrote_at) {
        (Some(before), Some(after)) => after - before < MINUTE_MS,
        (before, after) => before == after,
    };
    let stays_with_the_bot =
        before.ownership.owner == Owner::Bot && after.ownership.owner == Owner::Bot;
    let rest = |state: &ThreadState| {
        let ThreadState {
            pause,
            away,
            idle_after,
            reclaiming,
            may_have_missed,
            ..
        } = state.clone();
        (pause, away, idle_after, reclaiming, may_have_missed)
    };
    let began = after.began_at.is_some() && after.began_at != before.began_at;
    !(wrote_soon
        && stays_with_the_bot
        && !began
        && before.session == after.session
        && rest(before) == rest(after))
}
