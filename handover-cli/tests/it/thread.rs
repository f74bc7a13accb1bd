//! `handover thread`, against the simulator.

use handover_sim::platform::{AppsecretProof, Behavior};
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};

use crate::support::{Answer, Handover, handover};

const APP: &str = "1517776481860111";
const INBOX: &str = "263902037430900";
const TOKEN: &str = "a token nobody may see";

struct PlatformWithBot(Simulator);

impl PlatformWithBot {
    async fn start() -> Self {
        Self::with(|platform| platform).await
    }

    async fn with(change: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        let app = SimulatedApp::new(APP, "Bot").token(TOKEN).secret("secret");
        let platform = change(Simulator::builder().app(app));
        Self(platform.start().await.expect("it starts"))
    }

    fn command(&self, arguments: &[&str]) -> Handover {
        let mut all = vec!["thread"];
        all.extend(arguments);
        handover(&all)
            .env("MESSENGER_PAGE_ID", "1744550565845823")
            .env("MESSENGER_ACCESS_TOKEN", TOKEN)
            .env("GRAPH_API_URL", self.0.graph_url())
    }

    async fn thread(&self, arguments: &[&str]) -> Answer {
        self.command(arguments).run().await
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
async fn calls_are_proved_as_the_bots() {
    let required = |platform: SimulatorBuilder| {
        platform.behavior(Behavior {
            appsecret_proof: AppsecretProof::Required,
            ..Behavior::default()
        })
    };
    let strict = PlatformWithBot::with(required).await;
    let lax = PlatformWithBot::start().await;
    let asked = async |platform: &PlatformWithBot, secret: &str, proof: &str| {
        let ana = platform.0.person("Ana");
        ana.says("hello").await.expect("she may");
        let command = platform.command(&["owner", ana.id().as_str()]);
        let command = command.env("MESSENGER_APP_SECRET", secret);
        command.env("GRAPH_API_APPSECRET_PROOF", proof).run().await
    };
    asked(&strict, "secret", "").await.good();
    asked(&strict, "secret", "true").await.good();
    asked(&strict, "secret", "false").await.fault();
    // The token is of another app than the secret.
    asked(&lax, "another", "").await.good();
    asked(&lax, "another", "false").await.good();
    asked(&lax, "another", "true").await.fault();
    asked(&lax, "", "").await.good();
    let without = asked(&lax, "", "true").await;
    assert!(
        without.misuse().contains("MESSENGER_APP_SECRET"),
        "{}",
        without.stderr
    );
    let neither = asked(&lax, "secret", "yes").await;
    assert!(
        neither.misuse().contains("GRAPH_API_APPSECRET_PROOF=`yes`"),
        "{}",
        neither.stderr
    );
}

#[tokio::test]
async fn with_an_accounts_file_one_account_has_to_be_named() {
    let commands: [&[&str]; 3] = [
        &["thread", "owner", "1"],
        &["catch-up", "--since", "1h"],
        &["thread", "pause", "1", "--for", "1h"],
    ];
    for arguments in commands {
        let unnamed = handover(arguments)
            .env("MESSENGER_ACCOUNTS_FILE", "accounts.json")
            .env("MESSENGER_APP_SECRET", "secret");
        let unnamed = unnamed.run().await;
        let said = unnamed.misuse();
        for part in ["accounts.json", "set MESSENGER_PAGE_ID to the `page`"] {
            assert!(said.contains(part), "{arguments:?}: {said}");
        }
    }
    let nothing_else = handover(&["thread", "owner", "1"]);
    let nothing_else = nothing_else.env("MESSENGER_ACCOUNTS_FILE", "accounts.json");
    let said = nothing_else.run().await;
    assert!(said.misuse().contains("accounts.json"), "{}", said.stderr);
}

#[tokio::test]
async fn a_file_that_gives_no_value_is_an_error() {
    let commands: [(&[&str], &str); 4] = [
        (&["thread", "owner", "1"], "MESSENGER_ACCESS_TOKEN_FILE"),
        (&["operations"], "MESSENGER_APP_SECRET_FILE"),
        (&["inspect"], "HANDOVER_STORE_FILE"),
        (&["export", "1"], "HANDOVER_STORE_FILE"),
    ];
    for (arguments, variable) in commands {
        let command = handover(arguments).env("MESSENGER_PAGE_ID", "1");
        let answer = command.env(variable, "/nowhere/value").run().await;
        let said = answer.misuse();
        for part in [
            format!("{variable}: /nowhere/value cannot be read"),
            format!("unset {variable}"),
        ] {
            assert!(said.contains(&part), "{arguments:?}: {said}");
        }
    }
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
