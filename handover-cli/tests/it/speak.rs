//! `handover signal` and `handover send`, to a bot that runs.

use handover::prelude::*;
use handover::{BotHandle, Store};
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use serde_json::json;
use tokio::net::TcpListener;

use crate::doctor::World;
use crate::support::{Answer, Folder, Handover, PAGE, config, handover, serve, shipped};

const PERSON: &str = "1254477777772919";
const SECRET: &str = "a secret nobody may see";

/// A bot whose operations port the command finds.
struct Shop {
    graph: GraphStub,
    handle: BotHandle,
    folder: Folder,
    operations: String,
}

impl Shop {
    async fn start() -> Self {
        let graph = GraphStub::start().await;
        let folder = Folder::new("speak");
        let store = Store::Sqlite(folder.path().join("handover.db"));
        let config = config(&graph.url(), store).app_secret(SECRET);
        let bot = Bot::new(routes![shipped]).config(config);
        let (_, handle) = bot.into_parts().unwrap();
        let operations = serve(handle.operations()).await.to_string();
        Self {
            graph,
            handle,
            folder,
            operations,
        }
    }

    fn command(&self, arguments: &[&str]) -> Handover {
        handover(arguments)
            .within(self.folder.path())
            .env("MESSENGER_PAGE_ID", PAGE)
            .env("MESSENGER_APP_SECRET", SECRET)
            .env("HANDOVER_OPERATIONS", &self.operations)
    }

    async fn run(&self, arguments: &[&str]) -> Answer {
        let answer = self.command(arguments).run().await;
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!said.contains(SECRET), "{said}");
        answer
    }
}

#[tokio::test]
async fn a_signal_is_handled_and_the_command_tells_what_became_of_it() {
    let shop = Shop::start().await;
    let signal = [
        "signal",
        "shipped",
        PERSON,
        "{\"order\": 42}",
        "--id",
        "shipped-42",
    ];
    let sent = shop.run(&[&signal[..], &["--wait", "10s"]].concat()).await;
    assert_eq!(sent.good().trim(), "shipped-42: sent");
    // The same once more, as a program that did not hear the answer would.
    let again = shop.run(&[&signal[..], &["--json"]].concat()).await;
    again.good();
    let receipt = again.json().remove(0);
    assert_eq!(
        (&receipt["id"], &receipt["signal"], &receipt["status"]),
        (&json!("shipped-42"), &json!("shipped"), &json!("sent"))
    );
    assert_eq!(shop.graph.texts(), ["Order 42 is on its way."]);
}

#[tokio::test]
async fn a_message_is_sent() {
    let shop = Shop::start().await;
    let sent = shop
        .run(&["send", PERSON, "Your table is ready.", "--wait", "10s"])
        .await;
    assert!(sent.good().trim().ends_with(": sent"), "{}", sent.stdout);
    assert_eq!(shop.graph.texts(), ["Your table is ready."]);
}

#[tokio::test]
async fn what_waits_for_a_human_is_said_to_be_held() {
    let shop = Shop::start().await;
    let thread = shop.handle.threads().of(PAGE, PERSON);
    thread
        .pause(std::time::Duration::from_secs(600))
        .await
        .unwrap();
    for arguments in [
        &["send", PERSON, "Your table is ready."][..],
        &["signal", "shipped", PERSON, "{\"order\": 42}"],
    ] {
        let held = shop
            .run(&[arguments, &["--hold", "--wait", "10s"]].concat())
            .await;
        assert!(
            held.good().contains("held, until the bot"),
            "{}",
            held.stdout
        );
    }
    let refused = shop
        .run(&["send", PERSON, "At once.", "--wait", "10s"])
        .await;
    let said = refused.fault();
    assert!(said.contains("failed (paused)"), "{said}");
    thread.resume().await.unwrap();
    shop.graph.wait_for_calls(2).await;
    assert_eq!(
        shop.graph.texts(),
        ["Your table is ready.", "Order 42 is on its way."]
    );
}

#[tokio::test]
async fn an_id_that_was_used_for_something_else_is_an_error() {
    let shop = Shop::start().await;
    let first = shop
        .run(&["send", PERSON, "One.", "--id", "a", "--wait", "10s"])
        .await;
    first.good();
    for other in [
        &["send", PERSON, "Two.", "--id", "a"][..],
        &["signal", "shipped", PERSON, "{\"order\": 1}", "--id", "a"],
    ] {
        let said = shop.run(other).await.fault();
        assert!(
            said.contains("answers 409: the id `a` was used in this thread for another message"),
            "{said}"
        );
    }
    assert_eq!(shop.graph.texts(), ["One."]);
}

#[tokio::test]
async fn a_signal_that_no_handler_takes_is_kept_and_doctor_names_it() {
    let shop = Shop::start().await;
    let sent = shop.run(&["signal", "paid", PERSON, "--wait", "10s"]).await;
    let said = sent.fault();
    assert!(said.contains("failed (no_handler)"), "{said}");
    assert!(
        said.contains("no handler takes the signal `paid`, so it is kept as a dead letter"),
        "{said}"
    );
    let dead = shop.run(&["inspect", "dead-letters", "--json"]).await;
    dead.good();
    assert_eq!(dead.json().len(), 1, "{}", dead.stdout);
    let world = World::start(|platform| platform).await;
    let answer = world.doctor(&shop.folder).run().await;
    answer.good();
    let store = &crate::doctor::findings(&answer)["store"];
    let what = store["what"].as_str().unwrap();
    assert!(
        what.contains("has 1 dead letter,") && what.contains("`paid` (1)"),
        "{store}"
    );
    assert!(
        store["fix"].as_str().unwrap().contains("#[on_signal]"),
        "{store}"
    );
}

#[tokio::test]
async fn what_the_bot_does_not_accept_is_said_with_its_reason() {
    let shop = Shop::start().await;
    let fault = async |arguments: &[&str], expected: &str| {
        let said = shop.run(arguments).await.fault();
        assert!(said.contains(expected), "{arguments:?}: {said}");
    };
    // An argument of a program has at most 128 KiB, so only its name can be too long here.
    let long = "x".repeat(201);
    fault(
        &["send", PERSON, "Hello", "--id", &long],
        "answers 400: an id has 1 to 200 characters",
    )
    .await;
    fault(
        &["signal", "shipped", PERSON, "{}"],
        "answers 422: the content does not fit the signal `shipped`",
    )
    .await;
    fault(&["send", PERSON, " "], "answers 422: the message is empty").await;
    fault(
        &["send", PERSON, "Hello", "--account", "4711"],
        "answers 404: the bot speaks for no account 4711",
    )
    .await;
    fault(
        &["send", PERSON, "Hello", "--id", ""],
        "answers 400: an id has 1 to 200 characters",
    )
    .await;
    let misuse = shop
        .run(&["signal", "shipped", PERSON, "{order: 42}"])
        .await;
    assert!(
        misuse.misuse().contains("it is not JSON"),
        "{}",
        misuse.stderr
    );
    // A person who never wrote to the bot is accepted: the platform decides.
    let unknown = shop.run(&["send", "4711", "Hello", "--wait", "10s"]).await;
    unknown.good();
    assert_eq!(shop.graph.texts(), ["Hello"]);
}

#[tokio::test]
async fn without_the_bot_or_its_secret_nothing_is_sent() {
    let shop = Shop::start().await;
    let wrong = shop
        .command(&["send", PERSON, "Hello"])
        .env("MESSENGER_APP_SECRET", "another");
    let said = wrong.run().await.fault();
    assert!(said.contains("has another app secret"), "{said}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap().to_string();
    drop(closed);
    let nobody = shop
        .command(&["send", PERSON, "Hello"])
        .env("HANDOVER_OPERATIONS", address);
    let said = nobody.run().await.fault();
    assert!(
        said.contains("no bot answers at") && said.contains("start it"),
        "{said}"
    );
    let off = shop
        .command(&["send", PERSON, "Hello"])
        .env("HANDOVER_OPERATIONS", "off");
    assert!(
        off.run()
            .await
            .misuse()
            .contains("HANDOVER_OPERATIONS is `off`")
    );
    let unset = handover(&["send", PERSON, "Hello"]).env("MESSENGER_PAGE_ID", PAGE);
    assert!(unset.run().await.misuse().contains("MESSENGER_APP_SECRET"));
    let anybody = http::get(format!(
        "http://{}/threads/{PAGE}/{PERSON}/receipts/a",
        shop.operations
    ));
    assert!([401, 403].contains(&anybody.await.unwrap().status().as_u16()));
    assert!(shop.graph.calls().is_empty());
}
