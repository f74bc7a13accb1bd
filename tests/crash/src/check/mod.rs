//! What must be true whenever the bot is dead, and what must be true at the end.

mod calls;
mod database;
mod events;
mod violations;

use std::path::Path;

pub(crate) use database::{Database, Waiting};
#[cfg(feature = "postgres")]
pub(crate) use database::{DeadLetter, EventRow, call_in, find, id_in, thread};
pub(crate) use violations::Violations;

use crate::Result;
use crate::process::DATABASE;
use crate::world::{State, World, id};

/// When it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The bot was killed, and will go on.
    Killed,
    /// Everything was delivered, and the bot has stopped.
    Done,
}

/// Compares what the bot has left in this directory with what the platform knows.
pub(crate) fn look(directory: &Path, world: &World, moment: Moment) -> Result<Violations> {
    let state = world.lock();
    let database = Database::read(directory)?;
    let mut violations = Violations::default();
    integrity(&database, &mut violations);
    events::check(&database, &state, &mut violations);
    calls::check(&database, &state, &mut violations);
    for violation in &state.violations {
        violations.add(violation.clone());
    }
    if moment == Moment::Done {
        nothing_is_left(&database, &state, &mut violations);
    }
    Ok(violations)
}

/// The same of a database that several nodes have left, once everything is done.
#[cfg(feature = "postgres")]
pub(crate) fn look_at_the_end(database: &Database, world: &World) -> Violations {
    let state = world.lock();
    let mut violations = Violations::default();
    events::check(database, &state, &mut violations);
    calls::check(database, &state, &mut violations);
    nothing_is_left(database, &state, &mut violations);
    violations
}

/// What must be true of a database by itself.
pub(crate) fn consistency(database: &Database, violations: &mut Violations) {
    integrity(database, violations);
    for at in database.events.keys() {
        events::handled_as_remembered(*at, database, violations);
    }
}

fn integrity(database: &Database, violations: &mut Violations) {
    if database.integrity != "ok" {
        let integrity = &database.integrity;
        violations.add(format!("E: integrity_check of {DATABASE}: {integrity}"));
    }
}

fn nothing_is_left(database: &Database, state: &State, violations: &mut Violations) {
    let waiting = database.waiting();
    if waiting != Waiting::default() {
        violations.add(format!("E: at the end there is left: {waiting:?}"));
    }
    if !database.is_clean {
        violations.add("E: the bot has not closed its journal".to_owned());
    }
    if !state.is_quiet() {
        violations.add("E: the bot has not taken all events".to_owned());
    }
    for (id, status) in &database.receipts {
        if matches!(status.as_str(), "waiting" | "held") {
            violations.add(format!("E: the receipt of {id} still says {status}"));
        }
    }
    for (at, memory) in &database.sessions {
        if let Some(event) = &memory.reminder {
            violations.add(format!(
                "I2: thread {at}: the timer of {event} never ran out"
            ));
        }
    }
    let owed = (0..state.threads.len()).flat_map(|at| {
        let fates = state.threads[at].events.iter().enumerate();
        let owed = fates.filter(|(_, fate)| fate.delivery == crate::world::Delivery::Owed);
        owed.map(move |(index, _)| id(at, index + 1))
    });
    for event in owed {
        violations.add(format!("E: {event} was never acknowledged"));
    }
}
