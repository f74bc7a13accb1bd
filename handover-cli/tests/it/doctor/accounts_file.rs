//! A bot of several Pages, which are in a file.

use serde_json::{Value, json};

use super::{PAGE, Platform, TOKEN, World, doctor, findings, is_fault};
use crate::support::{Answer, Folder, Handover};

const OTHER_PAGE: &str = "1063254873751024";
const OTHER_TOKEN: &str = "another token nobody may see";

/// The variables of the app alone, and the file.
fn with_file(command: Handover) -> Handover {
    command
        .env("MESSENGER_PAGE_ID", "")
        .env("MESSENGER_ACCESS_TOKEN", "")
        .env("MESSENGER_ACCOUNTS_FILE", "accounts.json")
}

fn write(folder: &Folder, accounts: &Value) {
    folder.write("accounts.json", &accounts.to_string());
}

/// What was found, of a check and an account.
fn rows(answer: &Answer, check: &str, account: &str) -> Vec<Value> {
    assert!(!answer.stdout.contains(OTHER_TOKEN), "{}", answer.stdout);
    findings(answer);
    let rows = answer.json().into_iter();
    rows.filter(|row| row["check"] == check && row["account"] == account)
        .collect()
}

#[tokio::test]
async fn each_account_of_the_file_is_examined() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let one = json!({"page": PAGE, "access_token": TOKEN});
    write(&folder, &json!([one]));
    let answer = with_file(world.doctor(&folder)).run().await;
    answer.good();
    // Without a Page in the variables, the bot does not look for its token.
    let beside = with_file(world.doctor(&folder));
    let beside = beside.env("MESSENGER_ACCESS_TOKEN_FILE", "/nowhere/token");
    beside.run().await.good();
    for check in ["token", "page", "routing", "inbox"] {
        let found = rows(&answer, check, PAGE);
        assert_eq!(found.len(), 1, "{check}: {}", answer.stdout);
        assert_eq!(found[0]["state"], "good", "{}", found[0]);
    }

    write(
        &folder,
        &json!([one, {"page": OTHER_PAGE, "access_token": OTHER_TOKEN}]),
    );
    let platform = Platform::new(&world.webhook).start().await;
    let answer = with_file(doctor(&platform, &folder, &["--json"]))
        .run()
        .await;
    let what = format!("not of Page {OTHER_PAGE}");
    is_fault(&answer, "token", &what);
    assert_eq!(rows(&answer, "token", PAGE)[0]["state"], "good");
    assert_eq!(rows(&answer, "page", PAGE)[0]["state"], "good");
    assert_eq!(rows(&answer, "token", OTHER_PAGE)[0]["state"], "fault");
    assert_eq!(rows(&answer, "page", OTHER_PAGE)[0]["state"], "fault");
    let configuration = &findings(&answer)["configuration"];
    assert_eq!(configuration["state"], "good", "{configuration}");
    let what = configuration["what"].as_str().unwrap();
    assert!(what.contains("2 accounts"), "{what}");

    let printed = with_file(doctor(&platform, &folder, &[])).run().await;
    let line = format!("Page {OTHER_PAGE}: it is of Page {PAGE}");
    assert!(printed.fault().contains(&line), "{}", printed.stdout);
}

/// With a wrong app secret, nothing can be said of any of them.
#[tokio::test]
async fn what_holds_for_all_accounts_is_said_once() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let accounts = [PAGE, OTHER_PAGE].map(|page| json!({"page": page, "access_token": TOKEN}));
    write(&folder, &json!(accounts));
    let answer = with_file(world.doctor(&folder))
        .env("MESSENGER_APP_SECRET", "another")
        .run()
        .await;
    is_fault(&answer, "app secret", "refused");
    let rows = answer.json().into_iter();
    let found: Vec<_> = rows.filter(|row| row["check"] == "app secret").collect();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[tokio::test]
async fn what_is_wrong_with_the_file_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async || with_file(world.doctor(&folder)).run().await;
    let answer = examine().await;
    is_fault(&answer, "configuration", "accounts.json cannot be read");
    write(&folder, &json!([{"page": PAGE, "token": TOKEN}]));
    is_fault(&examine().await, "configuration", "is wrong at line 1");
    write(&folder, &json!([]));
    is_fault(&examine().await, "configuration", "has no account");
    write(
        &folder,
        &json!([{"page": "no/page", "access_token": TOKEN}]),
    );
    is_fault(&examine().await, "configuration", "page_id");

    // A Page in the variables comes on top, and needs its token.
    write(&folder, &json!([]));
    let beside = with_file(world.doctor(&folder)).env("MESSENGER_PAGE_ID", PAGE);
    let answer = beside.run().await;
    is_fault(
        &answer,
        "configuration",
        "MESSENGER_ACCESS_TOKEN is not set",
    );
    // It is the bot that does not start.
    assert!(!answer.stdout.contains("this command"), "{}", answer.stdout);
    let beside = world.doctor(&folder);
    let beside = beside.env("MESSENGER_ACCOUNTS_FILE", "accounts.json");
    let answer = beside.run().await;
    answer.good();
    assert_eq!(rows(&answer, "token", PAGE).len(), 1);
}
