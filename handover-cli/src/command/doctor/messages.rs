//! Whether messages arrive, or only traces of them.

use rusqlite::{Connection, params};

use super::finding::Finding;
use crate::terminal::Age;

/// Accounts of which the bot got a `message_edit` with `num_edit` 0 and nothing else. It keeps one such
/// event for each.
pub(super) fn examine(journal: &Connection) -> Vec<Finding> {
    let accounts = accounts(journal).unwrap_or_default();
    let finding = |(account, at): (String, i64)| {
        Finding::warning(
            "messages",
            format!(
                "account {account} gets `message_edit` with `num_edit` 0, last {}, and no messages",
                Age::of(at)
            ),
            "the bot cannot answer what it does not get",
            "switch the app to live mode in the App Dashboard, or give the person who writes a role in the app",
        )
    };
    accounts.into_iter().map(finding).collect()
}

fn accounts(journal: &Connection) -> rusqlite::Result<Vec<(String, i64)>> {
    let mut edits = journal.prepare(
        "SELECT account, max(received_at) FROM event
         WHERE kind = 'message_edit'
           AND json_extract(content, '$.event.message_edit.num_edit') = 0
         GROUP BY account",
    )?;
    let edits = edits.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut alone = Vec::new();
    for edit in edits {
        let (account, at): (String, i64) = edit?;
        let got_one: bool = journal.query_row(
            "SELECT EXISTS (SELECT 1 FROM event WHERE account = ?1
               AND kind IN ('message', 'postback') AND received_at >= ?2 - 60000)",
            params![account, at],
            |row| row.get(0),
        )?;
        if !got_one {
            alone.push((account, at));
        }
    }
    Ok(alone)
}
