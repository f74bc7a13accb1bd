//! The page of `handover dev`, with a bot made from the template `live-chat`.

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::wait::until;

const BOT: &str = "1517776481860111";
const PAGE_INBOX: &str = "263902037430900";

#[tokio::test]
#[ignore = "tests/newcomer.sh starts the bot"]
async fn a_handover_is_clicked_through() {
    let address = std::env::var("NEWCOMER_PAGE").expect("NEWCOMER_PAGE is the page's address");
    play("newcomer", async move |client| {
        let desk = Desk::open(client, &address).await;
        desk.click("get-started").await;
        ends_with(
            &desk,
            "page: Hi! Ask me anything, or write \"agent\" to talk to a person.",
        )
        .await;

        desk.write("person-input", "agent", "person-send").await;
        ends_with(&desk, "page: One moment, a colleague is taking over.").await;
        is_with(&desk, PAGE_INBOX).await;

        desk.click("inbox-folder-main").await;
        desk.click("inbox-thread").await;
        desk.write("inbox-input", "This is Ben.", "inbox-reply")
            .await;
        ends_with(&desk, "page: This is Ben.").await;
        is_with(&desk, PAGE_INBOX).await;

        desk.click("inbox-done").await;
        ends_with(&desk, "page: I am back. Anything else?").await;
        is_with(&desk, BOT).await;
    })
    .await;
}

/// Waits until this is the last line on the person's phone.
async fn ends_with(desk: &Desk, line: &str) {
    until(line, async || {
        let shown = desk.on_the_phone().await;
        (shown.last().map(String::as_str) == Some(line))
            .then_some(())
            .ok_or_else(|| format!("{shown:#?}"))
    })
    .await;
}

async fn is_with(desk: &Desk, owner: &str) {
    until(&format!("{owner} owns the thread"), async || {
        let shown = desk.owner().await;
        (shown == owner).then_some(()).ok_or(shown)
    })
    .await;
}
