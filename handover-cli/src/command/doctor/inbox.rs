//! Whether the bot can hand over to the inbox. Only some versions of the platform show the Page's
//! receivers, and only to the default app; otherwise the journal shows how it went when the bot tried.

use handover::protocol::AppId;
use handover_runtime::journal_file::{HandoffsTo, Inspector};

use super::configuration::ConfiguredAccount;
use super::finding::Finding;
use crate::terminal::Age;

const CHECK: &str = "inbox";
const WHY: &str = "every handoff to it is refused, and the person stays with the bot";
const FIX: &str = "connect it: Page settings > Advanced messaging > Conversation routing; where that is not there, choose it as secondary receiver";

pub(super) async fn examine(
    of: &ConfiguredAccount,
    instagram: bool,
    journal: Option<&Inspector>,
) -> Finding {
    let (id, name) = match instagram {
        true => (AppId::INSTAGRAM_INBOX, "Instagram Inbox"),
        false => (AppId::PAGE_INBOX, "Page Inbox"),
    };
    let inbox = format!("the {name} ({id})");
    match is_receiver(of, &id).await {
        Some(true) => return Finding::good(CHECK, format!("{inbox} is connected to the Page")),
        Some(false) => {
            let what = format!("{inbox} is not connected to the Page");
            return Finding::fault(CHECK, what, WHY, FIX);
        }
        None => {}
    }
    // A journal holds the threads of all accounts.
    let account = match (instagram, &*of.instagram) {
        (false, _) => Some(of.page.as_str()),
        (true, [only]) => Some(only.as_str()),
        (true, _) => None,
    };
    let tried = journal.and_then(|journal| journal.handoffs_to(&id, account).ok());
    let HandoffsTo {
        refused_at,
        owned_at,
        ..
    } = tried.unwrap_or_default();
    match (refused_at, owned_at) {
        (refused, owned) if refused > owned => Finding::fault(
            CHECK,
            format!(
                "{inbox} is not connected to the Page: a handoff to it was refused {}",
                Age::of(refused.unwrap_or_default())
            ),
            WHY,
            format!("{FIX}; `handover replay dead-letters` hands over again"),
        ),
        (_, Some(owned)) => {
            Finding::good(CHECK, format!("{inbox} had a thread {}", Age::of(owned)))
        }
        _ => Finding::warning(
            CHECK,
            format!("whether the bot can hand over to {inbox} shows only when it tries"),
            "a handoff that is refused leaves the person with the bot",
            "try it with your own conversation: `handover thread pass PSID --to page_inbox`",
        ),
    }
}

/// Whether the inbox is among the Page's receivers, if the platform shows them.
async fn is_receiver(of: &ConfiguredAccount, inbox: &AppId) -> Option<bool> {
    let receivers = of.graph.secondary_receivers().await.ok()?;
    Some(receivers.iter().any(|receiver| receiver.id == *inbox))
}
