//! Names of apps, as in the attributes of the bot.

use handover::protocol::AppId;

const KNOWN: [(&str, &str, AppId); 3] = [
    ("page_inbox", "the Page Inbox", AppId::PAGE_INBOX),
    (
        "instagram_inbox",
        "the Instagram Inbox",
        AppId::INSTAGRAM_INBOX,
    ),
    ("leadgen", "the Leadgen app", AppId::LEADGEN),
];

/// An app on the command line.
pub(crate) fn parse(text: &str) -> Result<AppId, String> {
    if let Some((.., id)) = KNOWN.iter().find(|(name, ..)| *name == text) {
        return Ok(id.clone());
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.into());
    }
    Err("write page_inbox, instagram_inbox or the id of an app".to_owned())
}

/// Name of an app for people.
pub(crate) fn name(id: &AppId) -> String {
    let known = KNOWN.into_iter().find(|(.., known)| known == id);
    known.map_or_else(
        || format!("app {id}"),
        |(_, name, _)| format!("{name} ({id})"),
    )
}
