//! Overview of the journal.

use handover_runtime::journal_file::{Counts, Inspector, OpenError};
use serde_json::{Value, json};

use super::rows::read;
use super::{Inspect, ViewArgument};
use crate::terminal::{BAD, GOOD, Progress, paint, say, say_json};

pub(super) fn print(journal: &Inspector, asked: &Inspect) -> Result<(), OpenError> {
    let progress = Progress::start(asked.json, "reading the journal");
    let person = asked.thread.as_deref();
    let counts = journal.counts(asked.account.as_deref(), person)?;
    let Counts {
        events,
        calls,
        timers,
        dead_letters: dead,
        ..
    } = counts;
    let read = |view| read(journal, view, asked);
    let threads = read(ViewArgument::Threads)?;
    if asked.json {
        let threads: Vec<Value> = threads.as_json().collect();
        say_json(&json!({
            "events": events, "calls": calls, "timers": timers, "dead_letters": dead,
            "threads": threads,
        }));
        return Ok(());
    }
    // One person's thread is shown with everything there is of it.
    let views: &[ViewArgument] = match person {
        Some(_) => &[
            ViewArgument::Events,
            ViewArgument::Calls,
            ViewArgument::Timers,
            ViewArgument::DeadLetters,
            ViewArgument::History,
        ],
        None => &[],
    };
    let views = views.iter().map(|view| read(*view));
    let whole = views.collect::<Result<Vec<_>, _>>()?;
    drop(progress);
    let style = if dead == 0 { GOOD } else { BAD };
    say(format_args!(
        "waiting: {events} events, {calls} calls, {timers} timers; {}",
        paint(style, format_args!("{dead} dead letters"))
    ));
    if dead > 0 {
        say(
            "`handover inspect dead-letters` shows why, `handover replay dead-letters` tries them again",
        );
    }
    say("");
    threads.print();
    for rows in whole {
        say("");
        rows.print();
    }
    Ok(())
}
