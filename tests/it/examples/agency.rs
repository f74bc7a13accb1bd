use std::fs;

use handover::TokenFile;
use handover::testing::{DurationExt, Scenario};
use serde_json::{Value, json};

use super::transcript;
use crate::support::directory::Directory;
use crate::support::root;
use crate::support::wait::until;

#[path = "../../../examples/agency.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let directory = Directory::new();
    let file = directory.path().join("agency.json");
    let clients = fs::read_to_string(root().join("examples/agency.json")).unwrap();
    let clients: Value = serde_json::from_str(&clients).unwrap();
    // As a file should be replaced that others read.
    let write = |clients: &Value| {
        let new = file.with_extension("new");
        fs::write(&new, clients.to_string()).unwrap();
        fs::rename(new, &file).unwrap();
    };
    write(&clients);
    let bot = example::bot(TokenFile::open(&file).unwrap());
    let scenario = Scenario::builder()
        .platform(example::platform)
        .bot("agency", bot)
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("hours").await;
    ana.sees("We answer at any time.").await;
    ana.says("I need a human").await;
    ana.sees_in_a_text("a colleague is taking over").await;
    scenario.inbox().sees(&ana).await;

    let dan = scenario.person_on(example::BAKERY, "Dan");
    dan.says("hours").await;
    dan.sees("We answer Mon-Sat 05:00-12:00 Europe/Berlin.").await;
    write(&json!([clients[0]]));
    // What was known of it is believed for a second.
    scenario.pass_time(1.seconds()).await;
    dan.says("Is anybody there?").await;
    let letters = until("its message is kept", async || {
        let letters = scenario.dead_letters().await;
        match letters.is_empty() {
            false => Ok(letters),
            true => Err(String::new()),
        }
    })
    .await;
    assert!(letters[0].cause.contains("was removed"), "{}", letters[0]);

    let mut changed = clients.clone();
    changed[1]["settings"]["office_hours"] = json!("Mon-Fri 08:00-12:00 Europe/Berlin");
    write(&changed);
    scenario.pass_time(1.seconds()).await;
    dan.says("hours").await;
    dan.sees("We answer Mon-Fri 08:00-12:00 Europe/Berlin.").await;
    transcript::played(&["bot"], &[&ana, &dan])
}
