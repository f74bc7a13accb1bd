//! Who else writes in the account's name, and what persons are like.

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::{BOT, PlayedBot};

#[tokio::test]
async fn humans_write_beside_the_owner_and_delete() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("beside", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("owner", "Bot").await;
        desk.choose("inbox-way", "native_app").await;
        desk.write("inbox-input", "From my phone", "inbox-reply")
            .await;
        desk.shows("person-messages", "From my phone").await;
        desk.shows("inbox-messages", "A human in the app").await;
        assert_eq!(bot.sim.owner_of(&ana), Some(BOT.into()));

        desk.click("account-delete").await;
        desk.shows("person-messages", "Message unsent").await;

        desk.choose("inbox-way", "reply").await;
        desk.write("inbox-input", "I take over", "inbox-reply")
            .await;
        desk.shows("owner", "Page Inbox").await;

        desk.click("inbox-more").await;
        desk.click("account-comment").await;
        desk.write("ask-text", " Come again.", "ask-send").await;
        desk.has_row("the comment", |row| row.title == "feed").await;
    })
    .await;
}

#[tokio::test]
async fn persons_have_a_language() {
    let bot = PlayedBot::start().await;
    play("profile", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("person-new").await;
        desk.fill("new-person-name", "Chiara").await;
        desk.fill("new-person-locale", "it_IT").await;
        desk.click("new-person-add").await;
        desk.shows("inbox-name", "Chiara").await;
        desk.click("phone-more").await;
        desk.click("profile").await;
        desk.fill("ask-name", "Chiara Rossi").await;
        desk.fill("ask-timezone", "1").await;
        desk.click("ask-send").await;
        desk.shows("inbox-name", "Chiara Rossi").await;
        desk.gives(PROFILE, ("it_IT".to_owned(), 1.0)).await;
    })
    .await;
}

const PROFILE: &str = "return fetch('/desk/threads?search=Chiara').then(answer => answer.json())
    .then(({ threads: [thread] }) => [thread.locale, thread.timezone])";
