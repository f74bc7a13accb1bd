//! What happens in the journal, as it happens.

use std::time::Duration;

use handover_runtime::journal_file::{Follower, Happened, OpenError};
use serde_json::{Value, json};

use crate::said;
use crate::terminal::{BAD, DIM, GOOD, NAME, excerpt, paint, say, say_json};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Prints what happens; ends with an error only.
pub(super) async fn print(mut follower: Follower, as_json: bool) -> OpenError {
    loop {
        match follower.news() {
            Ok(news) => news.iter().for_each(|one| print_one(one, as_json)),
            Err(error) => return error,
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn print_one(happened: &Happened, as_json: bool) {
    let Happened {
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
        paint(DIM, excerpt(&said::of_stored(detail), 100))
    ));
}
