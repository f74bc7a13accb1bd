//! Whether messages arrive, or only traces of them.

use handover_runtime::journal_file::Inspector;

use super::finding::Finding;
use crate::terminal::Age;

/// Accounts of which the bot got a `message_edit` with `num_edit` 0 and nothing else. It keeps one such
/// event for each.
pub(super) fn examine(journal: &Inspector) -> Vec<Finding> {
    let accounts = match journal.accounts_with_edits_only() {
        Ok(accounts) => accounts,
        Err(error) => {
            return vec![Finding::warning(
                "messages",
                format!("the store does not say which accounts get messages: {error}"),
                "an account that gets none would go unnoticed",
                "see the check `store`",
            )];
        }
    };
    let finding = |(account, at)| {
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
