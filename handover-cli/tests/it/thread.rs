//! `handover thread`, against the simulator.

use handover_sim::{SimulatedApp, Simulator};

use crate::support::{Answer, handover};

const APP: &str = "1517776481860111";
const INBOX: &str = "263902037430900";
const TOKEN: &str = "a token nobody may see";

struct PlatformWithBot(Simulator);

impl PlatformWithBot {
    async fn start() -> Self {
        let app = SimulatedApp::new(APP, "Bot").token(TOKEN).secret("secret");
        Self(
            Simulator::builder()
                .app(app)
                .start()
                .await
                .expect("it starts"),
        )
    }

    async fn thread(&self, arguments: &[&str]) -> Answer {
        let mut all = vec!["thread"];
        all.extend(arguments);
        handover(&all)
            .env("MESSENGER_PAGE_ID", "1744550565845823")
            .env("MESSENGER_ACCESS_TOKEN", TOKEN)
            .env("GRAPH_API_URL", self.0.graph_url())
            .run()
            .await
    }
}

#[tokio::test]
async fn a_thread_goes_to_the_inbox_and_comes_back() {
    let platform = PlatformWithBot::start().await;
    let ana = platform.0.person("Ana");
    ana.says("hello").await.expect("she may");
    let psid = ana.id().as_str();

    let owner = platform.thread(&["owner", psid]).await;
    assert!(owner.good().contains(APP), "{}", owner.stdout);
    assert!(
        owner.stdout.contains("its control ends in 2"),
        "{}",
        owner.stdout
    );

    let passed = platform
        .thread(&["pass", psid, "--to", "page_inbox", "--metadata", "asked"])
        .await;
    assert!(
        passed.good().contains("the Page Inbox"),
        "{}",
        passed.stdout
    );
    assert_eq!(platform.0.owner_of(&ana), Some(INBOX.into()));

    let taken = platform.thread(&["take", psid, "--json"]).await;
    taken.good();
    assert_eq!(taken.json()[0]["success"], true);
    assert_eq!(platform.0.owner_of(&ana), Some(APP.into()));

    platform
        .thread(&["extend", psid, "--for", "36h"])
        .await
        .good();
    platform.thread(&["release", psid]).await.good();
    assert_eq!(platform.0.owner_of(&ana), None);
    let idle = platform.thread(&["owner", psid, "--json"]).await;
    idle.good();
    assert_eq!(idle.json()[0]["state"], "idle");
}

#[tokio::test]
async fn a_refusal_says_why_and_shows_no_token() {
    let platform = PlatformWithBot::start().await;
    let ana = platform.0.person("Ana");
    ana.says("hello").await.expect("she may");
    platform.0.inbox().take(&ana).await.expect("it may");

    let refused = platform.thread(&["release", ana.id().as_str()]).await;
    let said = refused.fault();
    assert!(
        said.contains("release_thread_control was refused"),
        "{said}"
    );
    assert!(!said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_do() {
    let unset = handover(&["thread", "owner", "1"])
        .env("MESSENGER_PAGE_ID", "1")
        .run()
        .await;
    assert!(
        unset.misuse().contains("MESSENGER_ACCESS_TOKEN is not set"),
        "{}",
        unset.stderr
    );

    let address = handover(&["thread", "owner", "1"])
        .env("MESSENGER_PAGE_ID", "1")
        .env("MESSENGER_ACCESS_TOKEN", TOKEN)
        .env("GRAPH_API_URL", "graph")
        .run()
        .await;
    assert!(
        address.misuse().contains("GRAPH_API_URL=`graph`"),
        "{}",
        address.stderr
    );

    let span = handover(&["thread", "extend", "1", "--for", "two days"])
        .run()
        .await;
    assert!(
        span.misuse().contains("90s, 30m, 36h or 7d"),
        "{}",
        span.stderr
    );

    let app = handover(&["thread", "pass", "1", "--to", "humans"])
        .run()
        .await;
    assert!(app.misuse().contains("write page_inbox"), "{}", app.stderr);

    let nobody = handover(&["thread", "owner", "1"])
        .env("MESSENGER_PAGE_ID", "1")
        .env("MESSENGER_ACCESS_TOKEN", TOKEN)
        .env("GRAPH_API_URL", "http://127.0.0.1:9")
        .run()
        .await;
    assert!(
        nobody.fault().contains("check GRAPH_API_URL"),
        "{}",
        nobody.stderr
    );
}
