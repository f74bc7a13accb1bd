//! Following the journal.

use std::time::Duration;

use handover_runtime::journal_file::{Follower, JournalChange, OpenError};
use serde_json::{Value, json};

use crate::summary;
use crate::terminal::{BAD, DIM, GOOD, NAME, excerpt, paint, say, say_json};

/// How often to read the file.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Prints changes until an error.
pub(super) async fn print(mut follower: Follower, as_json: bool) -> OpenError {
    loop {
        match follower.changes() {
            Ok(changes) => changes.iter().for_each(|one| print_one(one, as_json)),
            Err(error) => return error,
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn print_one(happened: &JournalChange, as_json: bool) {
    let JournalChange {
        what,
        id,
        thread,
        kind,
        became,
        detail,
        ..
    } = happened;
    if as_json {
        let detail: Value = serde_json::from_str(detail).unwrap_or_else(|_| json!(detail));
        say_json(&json!({
            "what": what, "id": id, "thread": thread, "kind": kind, "became": became, "detail": detail,
        }));
        return;
    }
    let style = match became.as_str() {
        "handled" | "finished" => GOOD,
        "failed" | "given up" => BAD,
        _ => DIM,
    };
    say(format_args!(
        "{} {what} {id} {} {}  {}",
        paint(DIM, thread),
        paint(NAME, kind),
        paint(style, became),
        paint(DIM, excerpt(&summary::of_stored(detail), 100))
    ));
}
