//! Variables, tokens, routing and the inbox.

use std::time::Duration;

use handover::protocol::AppId;
use handover::{Store, routes};
use handover_sim::SimulatorBuilder;
use handover_testkit::http;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{PAGE, Platform, World, doctor, findings, is_fault};
use crate::support::{Folder, handover, until};

async fn patch(address: &str, settings: Value) {
    let request = http::Client::new().patch(address).json(&settings);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

#[tokio::test]
async fn what_is_not_configured_is_named() {
    let folder = Folder::new("doctor");
    let answer = handover(&[
        "doctor",
        "--json",
        "--webhook",
        "http://127.0.0.1:9/webhook",
    ])
    .within(folder.path())
    .env("MESSENGER_PAGE_ID", PAGE)
    .run()
    .await;
    for name in [
        "MESSENGER_ACCESS_TOKEN",
        "MESSENGER_APP_ID",
        "MESSENGER_APP_SECRET",
        "MESSENGER_VERIFY_TOKEN",
    ] {
        is_fault(&answer, "configuration", name);
    }
    // It is not said to be well if there is nothing to examine it with.
    assert!(!findings(&answer).contains_key("webhook"));

    let answer = handover(&["doctor", "--json"])
        .within(folder.path())
        .env("MESSENGER_PAGEID", PAGE)
        .run()
        .await;
    is_fault(&answer, "configuration", "`MESSENGER_PAGEID` is set");

    let address = doctor("graph", &folder, &["--json"]).run().await;
    is_fault(&address, "configuration", "GRAPH_API_URL=`graph`");
    let nobody = doctor("http://127.0.0.1:9", &folder, &["--json"])
        .run()
        .await;
    is_fault(&nobody, "graph api", "cannot be reached");
}

#[tokio::test]
async fn a_file_that_gives_no_value_is_found() {
    let world = World::start(|platform| platform).await;
    let folder = Folder::new("doctor");
    for name in [
        "MESSENGER_ACCESS_TOKEN",
        "HANDOVER_STORE",
        "HANDOVER_API_TOKEN",
    ] {
        let variable = format!("{name}_FILE");
        let command = world.doctor(&folder).env(name, "");
        let answer = command.env(&variable, "/nowhere/value").run().await;
        let what = format!("{variable}: /nowhere/value cannot be read");
        is_fault(&answer, "configuration", &what);
        let said = &answer.stdout;
        assert_eq!(said.matches(&variable).count(), 2, "once: {said}");
        assert!(!said.contains("this command"), "{said}");
    }
}

#[tokio::test]
async fn wrong_secrets_are_found() {
    let world = World::start(|platform| platform).await;
    let folder = Folder::new("doctor");
    let token = world
        .doctor(&folder)
        .env("MESSENGER_ACCESS_TOKEN", "another")
        .run()
        .await;
    is_fault(&token, "token", "not valid");
    let secret = world
        .doctor(&folder)
        .env("MESSENGER_APP_SECRET", "another")
        .run()
        .await;
    is_fault(&secret, "app secret", "refused");
    let secret = doctor(
        &world.simulator.graph_url(),
        &folder,
        &["--json", "--webhook", &world.webhook],
    );
    let secret = secret.env("MESSENGER_APP_SECRET", "another").run().await;
    is_fault(&secret, "webhook", "refuses the app's signature");
    let word = world
        .doctor(&folder)
        .env("MESSENGER_VERIFY_TOKEN", "another")
        .run()
        .await;
    is_fault(&word, "webhook", "refuses the verify token");
    let page = world
        .doctor(&folder)
        .env("MESSENGER_PAGE_ID", "42")
        .run()
        .await;
    is_fault(&page, "token", "not of Page 42");
}

#[tokio::test]
async fn without_a_default_app_there_is_something_to_think_about() {
    let world = World::start(SimulatorBuilder::zero_config).await;
    let folder = Folder::new("doctor");
    let answer = world.doctor(&folder).run().await;
    answer.good();
    let found = findings(&answer);
    assert_eq!(found["routing"]["state"], "warning");
    assert_eq!(found["inbox"]["state"], "warning");
}

#[handover::on_message]
#[handover::handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[tokio::test]
async fn an_inbox_that_cannot_be_handed_to_is_found() {
    let folder = Folder::new("doctor");
    let journal = Store::Sqlite(folder.path().join("handover.db"));
    let world = World::with_bot(|platform| platform, routes![to_agent], journal).await;
    let account = format!("{}control/accounts/{PAGE}", world.simulator.page_url());
    let connect = async |connected: bool| {
        let inbox = format!("{account}/apps/{}", AppId::PAGE_INBOX);
        patch(&inbox, json!({"connected": connected})).await;
    };
    let ana = world.simulator.person("Ana");

    connect(false).await;
    is_fault(
        &world.doctor(&folder).run().await,
        "inbox",
        "is not connected",
    );
    ana.says("agent").await.unwrap();
    let file = Connection::open(folder.path().join("handover.db")).unwrap();
    let given_up = "SELECT count(*) FROM dead_letter";
    until(async || file.query_row(given_up, [], |row| row.get(0)) == Ok(1)).await;
    // Without a default app nobody but the journal can tell.
    patch(&account, json!({"routing": {"mode": "zero_config"}})).await;
    is_fault(&world.doctor(&folder).run().await, "inbox", "was refused");

    connect(true).await;
    ana.says("agent").await.unwrap();
    until(async || {
        let found = &findings(&world.doctor(&folder).run().await)["inbox"];
        found["state"] == "good" && found["what"].as_str().unwrap().contains("had a thread")
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async |change: &dyn Fn(&mut Value)| {
        let platform = Platform::new(&world.webhook)
            .answer("debug_token", |response| change(&mut response["data"]));
        doctor(&platform.start().await, &folder, &["--json"])
            .run()
            .await
    };
    examine(&|_| {}).await.good();
    let expired = json!({"code": 190, "message": "Session has expired", "subcode": 463});
    let answer = examine(&|data| {
        data["is_valid"] = json!(false);
        data["error"] = expired.clone();
    })
    .await;
    is_fault(&answer, "token", "Session has expired");
    let answer = examine(&|data| data["app_id"] = json!("99")).await;
    is_fault(&answer, "token", "of app 99");
    let answer = examine(&|data| data["type"] = json!("USER")).await;
    is_fault(&answer, "token", "of the kind USER");
    let answer = examine(&|data| data["profile_id"] = json!("77")).await;
    is_fault(&answer, "token", "of Page 77");
    let answer = examine(&|data| data["scopes"] = json!(["pages_manage_metadata"])).await;
    is_fault(&answer, "permissions", "pages_messaging");
    let soon = crate::support::seconds_from_now(3600);
    let answer = examine(&|data| data["expires_at"] = json!(soon)).await;
    answer.good();
    assert_eq!(findings(&answer)["token"]["state"], "warning");
}

#[tokio::test]
async fn a_wrong_clock_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let mut platform = Platform::new(&world.webhook);
    platform.date = Some("Tue, 15 Nov 2022 08:12:31 GMT");
    let answer = doctor(&platform.start().await, &folder, &["--json"])
        .run()
        .await;
    is_fault(&answer, "clock", "off the platform's");

    let simulated = World::start(|platform| platform).await;
    simulated
        .simulator
        .pass_time(Duration::from_secs(3600))
        .await;
    let answer = simulated.doctor(&folder).run().await;
    is_fault(&answer, "clock", "off the platform's");
}
