//! The example `live_chat` on the simulator's page: a person, an agent and a bot share one
//! conversation, played by clicking in a real browser.

mod support;

use support::browser::play;
use support::desk::Desk;
use support::example::Example;
use support::wait::until;

const BOT: &str = "1517776481860111";
const PAGE_INBOX: &str = "263902037430900";

#[tokio::test]
async fn a_conversation_goes_to_a_person_and_back() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    play("live_chat", async move |client| {
        let mut chat = Chat::open(Desk::open(client, &address).await);
        chat.greeting().await;
        chat.to_a_person().await;
        chat.person_to_person().await;
        chat.back_to_the_bot().await;
        chat.on_request().await;
        chat.not_understood().await;
    })
    .await;
}
