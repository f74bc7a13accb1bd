//! A conversation goes from one simulator to another, as a link and as a file.

use handover_sim::local;

use crate::support::browser::play;
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn another_simulator_shows_a_conversation_with_all_of_its_timeline() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    let other = PlayedBot::start().await;
    other.sim.person("Zoe").says("Somebody else").await.unwrap();
    let directory = Directory::new();
    let file = directory.path().join("ana.json");
    play("share", async |client| {
        let page = SimulatorPage::open(client, &address).await;
        page.write("person-input", "agent", "person-send").await;
        page.shows("person-messages", "a colleague is taking over")
            .await;
        page.shows("owner", "Page Inbox").await;
        page.write("inbox-input", "This is Ben.", "inbox-reply")
            .await;
        page.shows("person-messages", "This is Ben.").await;
        page.click("share").await;
        page.shows("modal", "Another simulator opens it").await;
        page.picture("share").await;
        let link = page.attribute("share-link", "data-link").await;
        let text: String = page.read_async(UNPACKED).await;
        for secret in [local::ACCESS_TOKEN, local::APP_SECRET] {
            assert!(!text.contains(secret), "{secret} is shared");
        }
        std::fs::write(&file, text).unwrap();

        let (_, shared) = link.split_once('#').unwrap();
        page.goes_to(&format!("{}#{shared}", other.page())).await;
        shows_the_conversation(&page).await;
        page.picture("shared").await;
        page.click("shared-close").await;
        page.shows("people-list", "Zoe").await;
        page.gives("return document.getElementById('shared').hidden", true)
            .await;

        page.click("share").await;
        page.shows("modal", "Open a file").await;
        page.choose_file("share-file", &file).await;
        shows_the_conversation(&page).await;
        page.reload().await;
        shows_the_conversation(&page).await;
        page.click("shared-close").await;
        page.shows("people-list", "Zoe").await;

        std::fs::write(
            &file,
            "{\"handover_sim\": 99, \"thread\": {\"person\": {\"id\": \"1\"}}, \"rows\": []}",
        )
        .unwrap();
        page.click("share").await;
        page.shows("modal", "Open a file").await;
        page.choose_file("share-file", &file).await;
        page.shows("toast", "A newer simulator wrote this file")
            .await;
        page.goes_to(&format!("{}#share=AAAA", other.page())).await;
        page.shows("toast", "The link is damaged").await;
    })
    .await;
}

/// The text of the file, out of the link: the page's policy lets no script fetch the file itself.
const UNPACKED: &str = "const done = arguments[0];
    const packed = document.querySelector('[data-testid=share-link]').dataset.link.split('#share=')[1];
    const text = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, char => char.charCodeAt(0));
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text().then(done)";

async fn shows_the_conversation(page: &SimulatorPage) {
    page.shows("shared", "conversation, shared").await;
    page.shows("connection", "Shared").await;
    page.shows("person-messages", "This is Ben.").await;
    page.shows("owner", "Page Inbox").await;
    page.shows("timeline", "pass_thread_control").await;
    page.click("filter-handover").await;
    page.click("timeline-item").await;
    page.shows("detail", "pass_thread_control").await;
    page.shows("detail-request", "recipient").await;
    page.click("filter-all").await;
    page.write("person-input", "Still there?", "person-send")
        .await;
    page.shows("toast", "read it, but not change it").await;
}
