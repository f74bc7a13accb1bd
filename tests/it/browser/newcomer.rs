//! The page of `handover dev`, with a bot made from the template `live-chat`.

use crate::support::browser::play;
use crate::support::simulator_page::SimulatorPage;
use crate::support::wait::until;

const BOT: &str = "1517776481860111";
const PAGE_INBOX: &str = "263902037430900";

#[tokio::test]
#[ignore = "tests/newcomer.sh starts the bot"]
async fn a_handover_is_clicked_through() {
    let address = std::env::var("NEWCOMER_PAGE").expect("NEWCOMER_PAGE is the page's address");
    play("newcomer", async move |client| {
        let page = SimulatorPage::open(client, &address).await;
        page.click("get-started").await;
        ends_with(
            &page,
            "page: Hi! Ask me anything, or write \"agent\" to talk to a person.",
        )
        .await;

        page.write("person-input", "agent", "person-send").await;
        ends_with(&page, "page: One moment, a colleague is taking over.").await;
        is_with(&page, PAGE_INBOX).await;

        page.click("inbox-folder-main").await;
        page.click("inbox-thread").await;
        page.write("inbox-input", "This is Ben.", "inbox-reply")
            .await;
        ends_with(&page, "page: This is Ben.").await;
        is_with(&page, PAGE_INBOX).await;

        page.click("inbox-done").await;
        ends_with(&page, "page: I am back. Anything else?").await;
        is_with(&page, BOT).await;
    })
    .await;
}

/// Waits until this is the last line on the person's phone.
async fn ends_with(page: &SimulatorPage, line: &str) {
    until(line, async || {
        let shown = page.on_the_phone().await;
        (shown.last().map(String::as_str) == Some(line))
            .then_some(())
            .ok_or_else(|| format!("{shown:#?}"))
    })
    .await;
}

async fn is_with(page: &SimulatorPage, owner: &str) {
    until(&format!("{owner} owns the thread"), async || {
        let shown = page.owner().await;
        (shown == owner).then_some(()).ok_or(shown)
    })
    .await;
}
