//! A conversation with the bot on Instagram, against the simulator of the platform.

use handover::stage::Stage;
use handover::stage::sim::{Person, Simulator};

const ACCOUNT: &str = "17841405793187218";

#[tokio::test]
async fn a_person_takes_over_and_gives_back() {
    let stage = Stage::builder()
        .platform(|platform| platform.instagram(ACCOUNT, "{{project-name}}", "1744550565845823"))
        .bot("bot", {{crate_name}}::bot())
        .start()
        .await;
    let platform = stage.simulator();
    let ana = platform.person_on(ACCOUNT, "Ana").await;
    let ana = ana.expect("the account is there");

    ana.says("hello").await.expect("she may write");
    sees(platform, &ana, "Hi! How can I help?").await;

    ana.says("agent").await.expect("she may write");
    sees(platform, &ana, "One moment, a colleague is taking over.").await;
    let inbox = platform.inbox();
    let is_theirs = || platform.owner_of(&ana) == Some("1217981644879628".into());
    let waited = platform.wait_until("the Instagram Inbox has the thread", is_theirs);
    waited.await.expect("the handoff");

    inbox.done(&ana).await.expect("the inbox may");
    sees(platform, &ana, "I am back. Anything else?").await;
}

async fn sees(platform: &Simulator, ana: &Person, text: &str) {
    let is_there = || {
        let messages = ana.messages();
        messages.iter().any(|it| it.text.as_deref() == Some(text))
    };
    let waited = platform.wait_until(&format!("Ana sees {text:?}"), is_there);
    waited.await.expect("the answer");
}
