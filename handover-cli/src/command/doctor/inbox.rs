//! Whether the inbox can be handed to. The platform tells the Page's receivers to default apps of some
//! versions only; what remains is how it went when the bot tried.

use handover::protocol::AppId;
use handover_runtime::journal_file::{HandoffsTo, Inspector};

use super::api::Api;
use super::configuration::Configuration;
use super::finding::Finding;
use crate::terminal::Age;

const CHECK: &str = "inbox";
const WHY: &str = "every handoff to it is refused, and the person stays with the bot";
const FIX: &str = "connect it: Page settings > Advanced messaging > Conversation routing; where that is not there, choose it as secondary receiver";

pub(super) async fn examine(
    api: &Api,
    of: &Configuration,
    instagram: bool,
    journal: Option<&Inspector>,
) -> Finding {
    let (id, name) = match instagram {
        true => (AppId::INSTAGRAM_INBOX, "Instagram Inbox"),
        false => (AppId::PAGE_INBOX, "Page Inbox"),
    };
    let inbox = format!("the {name} ({id})");
    match is_receiver(api, of, &id).await {
        Some(true) => return Finding::good(CHECK, format!("{inbox} is connected to the Page")),
        Some(false) => {
            let what = format!("{inbox} is not connected to the Page");
            return Finding::fault(CHECK, what, WHY, FIX);
        }
        None => {}
    }
    // A journal holds the threads of all accounts; by which id Instagram's are known is not said here.
    let account = (!instagram).then_some(of.page.as_str());
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
            format!("{FIX}; `handover replay dead-letters` hands over once more"),
        ),
        (_, Some(owned)) => {
            Finding::good(CHECK, format!("{inbox} had a thread {}", Age::of(owned)))
        }
        _ => Finding::warning(
            CHECK,
            format!("whether {inbox} can be handed to shows only when it is tried"),
            "a handoff that is refused leaves the person with the bot",
            "try it in a thread of your own: `handover thread pass PSID --to page_inbox`",
        ),
    }
}

/// Whether the inbox is among the Page's receivers, if the platform tells.
async fn is_receiver(api: &Api, of: &Configuration, inbox: &AppId) -> Option<bool> {
    let path = [&of.page, "secondary_receivers"];
    let told = api.get(&path, &[("fields", "id,name")], &of.token).await;
    let told = told.ok()?;
    let receivers = told["data"].as_array()?;
    Some(receivers.iter().any(|row| row["id"] == inbox.as_str()))
}
