//! Who else writes in the account's name, and what persons are like.

use crate::support::browser::play;
use crate::support::played_bot::{BOT, PlayedBot};
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn humans_write_beside_the_owner_and_delete() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("beside", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("owner", "Bot").await;
        page.choose("inbox-way", "native_app").await;
        page.write("inbox-input", "From my phone", "inbox-reply")
            .await;
        page.shows("person-messages", "From my phone").await;
        page.shows("inbox-messages", "A human in the app").await;
        assert_eq!(bot.sim.owner_of(&ana), Some(BOT.into()));

        page.click("account-delete").await;
        page.shows("person-messages", "Message unsent").await;

        page.choose("inbox-way", "reply").await;
        page.write("inbox-input", "I take over", "inbox-reply")
            .await;
        page.shows("owner", "Page Inbox").await;

        page.click("inbox-more").await;
        page.click("account-comment").await;
        page.write("ask-text", " Come again.", "ask-send").await;
        page.has_row("the comment", |row| row.title == "feed").await;
    })
    .await;
}

#[tokio::test]
async fn persons_have_a_language() {
    let bot = PlayedBot::start().await;
    play("profile", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("person-new").await;
        page.fill("new-person-name", "Chiara").await;
        page.fill("new-person-locale", "it_IT").await;
        page.click("new-person-add").await;
        page.shows("inbox-name", "Chiara").await;
        page.click("phone-more").await;
        page.click("profile").await;
        page.fill("ask-name", "Chiara Rossi").await;
        page.fill("ask-timezone", "1").await;
        page.click("ask-send").await;
        page.shows("inbox-name", "Chiara Rossi").await;
        page.gives(PROFILE, ("it_IT".to_owned(), 1.0)).await;
    })
    .await;
}

const PROFILE: &str = "return fetch('/control/threads?search=Chiara').then(answer => answer.json())
    .then(({ threads: [thread] }) => [thread.locale, thread.timezone])";
