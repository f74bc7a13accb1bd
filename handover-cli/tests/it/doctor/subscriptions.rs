//! Webhook fields of the app and of the Page.

use handover::prelude::*;
use serde_json::{Value, json};

use super::{APP, PAGE, Platform, World, doctor, findings, is_fault};
use crate::support::Folder;

#[tokio::test]
async fn what_does_not_reach_the_bot_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async |path: &str, change: &dyn Fn(&mut Value)| {
        let platform =
            Platform::new(&world.webhook).answer(path, |response| change(&mut response["data"]));
        doctor(&platform.start().await, &folder, &["--json"])
            .run()
            .await
    };
    let app = format!("{APP}/subscriptions");
    let answer = examine(&app, &|rows| *rows = json!([])).await;
    is_fault(&answer, "app", "no webhook for the object page");
    let answer = examine(&app, &|rows| rows[0]["active"] = json!(false)).await;
    is_fault(&answer, "app", "switched off");
    let answer = examine(&app, &|rows| {
        rows[0]["fields"] = json!([{"name": "messages"}]);
    })
    .await;
    is_fault(&answer, "app", "messaging_handovers, messaging_postbacks");

    let page = format!("{PAGE}/subscribed_apps");
    let answer = examine(&page, &|rows| *rows = json!([{"id": "99"}])).await;
    is_fault(&answer, "page", "is not subscribed to app");
    let answer = examine(&page, &|rows| {
        rows[0]["subscribed_fields"] = json!(["messages", "standby"]);
    })
    .await;
    is_fault(&answer, "page", "messaging_handovers");
    let without = json!([
        "messages",
        "messaging_postbacks",
        "messaging_handovers",
        "standby"
    ]);
    let answer = examine(&page, &|rows| {
        rows[0]["subscribed_fields"] = without.clone();
    })
    .await;
    answer.good();
    let found = findings(&answer);
    assert_eq!(found["page"]["state"], "warning");
    assert!(
        found["page"]["what"]
            .as_str()
            .unwrap()
            .contains("message_echoes"),
        "{}",
        answer.stdout
    );
}

#[on_reaction(action = "react")]
async fn thanks() {}

#[on_optin]
async fn agreed() {}

#[on_message(page = "42")]
async fn of_another_page() {}

/// The bot itself says which fields it needs.
#[cfg(unix)]
#[tokio::test]
async fn what_the_routes_wait_for_is_required() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let described = Bot::new(routes![thanks, agreed]).describe().json();
    let script = format!("echo 'a line before it'; echo '{described}'");
    let cargo = crate::routes::cargo(&folder, &script);
    let cargo = cargo.to_str().unwrap();
    let graph = Platform::new(&world.webhook).start().await;
    let asked = doctor(&graph, &folder, &["--json", "--routes"]);
    let answer = asked.env("CARGO", cargo).run().await;
    is_fault(&answer, "app", "message_reactions, messaging_optins");
    is_fault(&answer, "page", "message_reactions, messaging_optins");
    // What no handler needs is not asked for.
    assert!(
        !answer.stdout.contains("messaging_referrals"),
        "{}",
        answer.stdout
    );

    let failed = doctor(&graph, &folder, &["--json", "--routes"]);
    let failed = failed.env("CARGO", "/nowhere/cargo").run().await;
    assert!(
        failed.fault().contains("without `--routes`"),
        "{}",
        failed.stderr
    );
    let old = crate::routes::cargo(&folder, "echo '[{\"handler\":\"thanks\"}]'");
    let old = doctor(&graph, &folder, &["--json", "--routes"]).env("CARGO", old.to_str().unwrap());
    let old = old.run().await;
    assert!(old.fault().contains("one version"), "{}", old.stderr);
}

/// Instagram has no opt-ins and other names for some fields.
#[cfg(unix)]
#[tokio::test]
async fn on_instagram_the_routes_need_the_fields_of_instagram() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let described = Bot::new(routes![thanks, agreed]).describe().json();
    let cargo = crate::routes::cargo(&folder, &format!("echo '{described}'"));
    let examine = async |fields: &[&str]| {
        let named: Vec<_> = fields.iter().map(|name| json!({"name": name})).collect();
        let platform = Platform::new(&world.webhook);
        let platform = platform.answer(&format!("{APP}/subscriptions"), |response| {
            response["data"][0]["object"] = json!("instagram");
            response["data"][0]["fields"] = json!(named);
        });
        let asked = ["--json", "--routes", "--instagram"];
        let asked = doctor(&platform.start().await, &folder, &asked);
        asked.env("CARGO", cargo.to_str().unwrap()).run().await
    };
    let all = [
        "messages",
        "messaging_handover",
        "message_reactions",
        "standby",
    ];
    let answer = examine(&all).await;
    assert_eq!(
        findings(&answer)["app"]["state"],
        "good",
        "{}",
        answer.stdout
    );
    let answer = examine(&["messages", "standby"]).await;
    is_fault(&answer, "app", "message_reactions, messaging_handover");
}

/// Old versions of the API list the fields as names.
#[tokio::test]
async fn fields_may_come_as_names() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let platform =
        Platform::new(&world.webhook).answer(&format!("{APP}/subscriptions"), |response| {
            let fields = &mut response["data"][0]["fields"];
            let names: Vec<_> = fields
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["name"].clone())
                .collect();
            *fields = json!(names);
        });
    let answer = doctor(&platform.start().await, &folder, &["--json"])
        .run()
        .await;
    assert_eq!(
        findings(&answer)["app"]["state"],
        "good",
        "{}",
        answer.stdout
    );
}

#[cfg(unix)]
#[tokio::test]
async fn routes_of_other_pages_are_left_out() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let described = Bot::new(routes![of_another_page]).describe().json();
    let cargo = crate::routes::cargo(&folder, &format!("echo '{described}'"));
    let platform =
        Platform::new(&world.webhook).answer(&format!("{PAGE}/subscribed_apps"), |response| {
            response["data"][0]["subscribed_fields"] = json!(["feed"]);
        });
    let asked = doctor(&platform.start().await, &folder, &["--json", "--routes"]);
    let answer = asked.env("CARGO", cargo.to_str().unwrap()).run().await;
    assert_eq!(
        findings(&answer)["page"]["state"],
        "good",
        "{}",
        answer.stdout
    );
}
