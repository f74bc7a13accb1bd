//! The journal.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{World, findings, is_fault};
use crate::journal::RunningBot;
use crate::support::{Folder, says};

#[tokio::test]
async fn what_is_wrong_with_the_store_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "sqlite:missing/handover.db")
        .run()
        .await;
    is_fault(&answer, "store", "cannot be written");
    folder.write(
        "text.db",
        "not a database, but a text that is long enough to look like one, more or less",
    );
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "sqlite:text.db")
        .run()
        .await;
    is_fault(&answer, "store", "is not a journal");
    let answer = world
        .doctor(&folder)
        .env("HANDOVER_STORE", "memory:")
        .run()
        .await;
    answer.good();
    assert_eq!(findings(&answer)["store"]["state"], "warning");

    let bot = RunningBot::start().await;
    let folder = &bot.folder;
    bot.receive([says("1", "fail")]).await;
    bot.has("dead-letters", 1).await;
    let answer = world.doctor(folder).run().await;
    answer.good();
    let store = &findings(&answer)["store"];
    assert!(
        store["what"]
            .as_str()
            .unwrap()
            .contains("has 1 dead letter"),
        "{store}"
    );
    let original = Connection::open(folder.path().join("handover.db")).unwrap();
    for name in ["held.db", "damaged.db"] {
        let copy = folder.path().join(name);
        let copied = original.execute("VACUUM INTO ?1", [copy.to_str()]);
        copied.unwrap();
    }
    let elsewhere = Connection::open(folder.path().join("held.db")).unwrap();
    elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = world.doctor(folder).env("HANDOVER_STORE", "sqlite:held.db");
    is_fault(&held.run().await, "store", "cannot be written now");
    elsewhere.execute_batch("ROLLBACK").unwrap();
    let free = world.doctor(folder).env("HANDOVER_STORE", "sqlite:held.db");
    free.run().await.good();

    let damaged = folder.path().join("damaged.db");
    let mut content = std::fs::read(&damaged).unwrap();
    content[4096..].fill(0xff);
    std::fs::write(&damaged, content).unwrap();
    let answer = world
        .doctor(folder)
        .env("HANDOVER_STORE", "sqlite:damaged.db");
    is_fault(&answer.run().await, "store", "is damaged");
}

/// An account whose messages come only as edits in which nothing was edited.
#[tokio::test]
async fn an_account_that_gets_no_messages_is_named() {
    let world = World::start(|platform| platform).await;
    let bot = RunningBot::start().await;
    let edit = |mid: &str| json!({"timestamp": 1, "message_edit": {"mid": mid, "num_edit": 0}});
    let entry = |account: &str, items: &[Value]| json!({"id": account, "messaging": items});
    let edits = [edit("1"), edit("2")];
    let entries = [entry("7", &edits), entry("8", &edits)];
    bot.receive_body(&json!({"object": "instagram", "entry": entries}))
        .await;
    let message = entry("8", &[says("1", "hi")]);
    bot.receive_body(&json!({"object": "instagram", "entry": [message]}))
        .await;
    let found = findings(&world.doctor(&bot.folder).run().await);
    assert_eq!(found["messages"]["state"], "warning");
    let what = found["messages"]["what"].as_str().unwrap();
    assert!(what.contains("account 7 "), "{what}");
    assert!(!what.contains("account 8 "), "{what}");
}
