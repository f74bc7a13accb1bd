//! Overview of the journal.

use handover_runtime::journal_file::{Counts, Inspector, OpenError};
use serde_json::{Map, Value, json};

use super::rows::read;
use super::{Inspect, ViewArgument};
use crate::terminal::{BAD, GOOD, Progress, paint, plural, say, say_json};

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
    let nodes = read(ViewArgument::Nodes)?;
    let dead_tuples = journal.dead_tuples()?;
    if asked.json {
        let known = threads.total();
        let threads: Vec<Value> = threads.as_json().collect();
        let mut overview = json!({
            "events": events, "calls": calls, "timers": timers, "dead_letters": dead,
            "threads": threads, "known_threads": known,
        });
        if !nodes.is_empty() {
            overview["nodes"] = nodes.as_json().collect();
            overview["dead_tuples"] = Map::from_iter(
                dead_tuples
                    .into_iter()
                    .map(|(table, rows)| (table, rows.into())),
            )
            .into();
        }
        say_json(&overview);
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
        "waiting: {}, {}, {}; {}",
        plural(events, "event"),
        plural(calls, "call"),
        plural(timers, "timer"),
        paint(style, plural(dead, "dead letter"))
    ));
    if dead > 0 {
        say(
            "`handover inspect dead-letters` shows why, `handover replay dead-letters` tries them again",
        );
    }
    if !nodes.is_empty() {
        say("");
        nodes.print();
        let total: u64 = dead_tuples.iter().map(|(_, rows)| rows).sum();
        let most = dead_tuples.first();
        let most = most.map(|(table, rows)| format!(", {rows} of them in `{table}`"));
        let most = most.unwrap_or_default();
        say(format_args!(
            "{total} dead tuples wait for the vacuum{most}"
        ));
    }
    say("");
    threads.print();
    for rows in whole {
        say("");
        rows.print();
    }
    Ok(())
}
