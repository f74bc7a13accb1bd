//! The guide's page of commands says what the commands say of themselves, and every command of
//! `handover` in it does what it is there for.
//!
//! `UPDATE_GUIDE=1 cargo test -p handover-cli --test it guide` writes the page again.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use handover_sim::{SimulatedApp, Simulator};

use crate::dev::Dev;
use crate::routes::cargo;
use crate::support::{Answer, Folder, follow, handover, says};
use crate::{doctor, journal, trigger};

/// The person that the guide asks about.
const PSID: &str = "5794982867201265";

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src")
}

/// What is in the `sh` blocks of its pages and begins with `handover`.
fn commands() -> Vec<String> {
    let mut commands = Vec::new();
    let mut folders = vec![guide()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(page) = fs::read_to_string(&path) else {
                continue;
            };
            let blocks = page.split("\n```sh\n").skip(1);
            let lines = blocks.flat_map(|rest| rest.split("```").next().unwrap().lines());
            let typed = lines.filter(|line| line.starts_with("handover "));
            commands.extend(typed.map(str::to_owned));
        }
    }
    commands.sort();
    commands.dedup();
    assert!(commands.len() > 10, "{commands:#?}");
    commands
}

#[tokio::test]
async fn every_command_of_the_guide_works() {
    for line in commands() {
        let command = line.split('#').next().unwrap().trim();
        let words = words(command);
        let words: Vec<_> = words.iter().map(|word| &**word).collect();
        match words[0] {
            "new" => writes_a_project(&words).await,
            "dev" => drop(Dev::start(&words[1..]).await),
            "trigger" => is_believed(&words).await,
            "doctor" => is_well(&words).await,
            "inspect" | "replay" => knows_the_journal(&words).await,
            "routes" => tells_what_it_does(&words).await,
            "operations" => finds_the_page(&words).await,
            "record" => {
                let folder = Folder::new("guide");
                let cargo = cargo(&folder, "exit 0");
                let asked = handover(&words).within(folder.path());
                let asked = asked.env("CARGO", cargo.to_str().unwrap());
                good(asked.run().await, command);
            }
            "thread" => reaches_the_platform(&words).await,
            "catch-up" => good(crate::catch_up::run(&words).await, command),
            other => panic!("nothing here runs `handover {other}`"),
        }
    }
}

/// Split as a shell does, without `handover`.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words.split_off(1)
}

#[track_caller]
fn good(answer: Answer, command: &str) {
    let Answer {
        code,
        stdout,
        stderr,
    } = answer;
    assert_eq!(code, Some(0), "{command}: {stdout}{stderr}");
}

/// In the root of a checkout.
async fn writes_a_project(words: &[&str]) {
    let folder = Folder::new("guide");
    let checkout = folder.path().join("handover");
    fs::create_dir(&checkout).unwrap();
    fs::write(checkout.join("Cargo.toml"), "name = \"handover\"\n").unwrap();
    let answer = handover(words).within(&checkout).run().await;
    good(answer, &words.join(" "));
    let manifest = fs::read_to_string(folder.path().join("my-bot/Cargo.toml")).unwrap();
    assert!(manifest.contains("path = "), "{manifest}");
}

/// By a bot at another address.
async fn is_believed(words: &[&str]) {
    let bot = trigger::bot().await;
    let sent = handover(&[words, &["--url", &bot]].concat());
    let sent = sent.env("MESSENGER_APP_SECRET", trigger::SECRET);
    let sent = sent
        .env("MESSENGER_PAGE_ID", "1744550565845823")
        .env("MESSENGER_APP_ID", "1517776481860111");
    good(sent.run().await, &words.join(" "));
}

/// In a project whose bot waits for nothing.
async fn tells_what_it_does(words: &[&str]) {
    let folder = Folder::new("guide");
    let cargo = cargo(&folder, "echo '[]'");
    let asked = handover(words).env("CARGO", cargo.to_str().unwrap());
    good(asked.run().await, &words.join(" "));
}

/// Of a bot that runs.
async fn finds_the_page(words: &[&str]) {
    let operations = crate::operations::bot().await;
    let asked = handover(words).env("HANDOVER_OPERATIONS", &operations);
    let asked = asked.env("MESSENGER_APP_SECRET", "the app secret");
    good(asked.run().await, &words.join(" "));
}

async fn is_well(words: &[&str]) {
    let world = doctor::World::start(|platform| platform).await;
    let folder = Folder::new("guide");
    let cargo = cargo(&folder, "echo '[]'");
    let graph = world.simulator.graph_url();
    let asked = doctor::doctor(&graph, &folder, &words[1..]);
    let answer = asked.env("CARGO", cargo.to_str().unwrap()).run().await;
    good(answer, &words.join(" "));
}

async fn knows_the_journal(words: &[&str]) {
    let bot = journal::RunningBot::start().await;
    bot.receive([says(PSID, "hello")]).await;
    if words.contains(&"--follow") {
        return follows(&bot, words).await;
    }
    bot.stop().await;
    good(bot.run(words).await, &words.join(" "));
}

async fn follows(bot: &journal::RunningBot, words: &[&str]) {
    let command = handover(words).within(bot.folder.path());
    let news = async |number: usize| bot.receive([says(PSID, &number.to_string())]).await;
    let (line, _) = follow(command, news).await;
    assert!(line.contains(PSID), "{line}");
}

/// About Ana, whose number is another one there.
async fn reaches_the_platform(words: &[&str]) {
    let app = SimulatedApp::new("1517776481860111", "Bot").token("token");
    let simulator = Simulator::builder().app(app).start().await.unwrap();
    let ana = simulator.person("Ana");
    ana.says("hello").await.unwrap();
    if words[1] == "take" {
        simulator.inbox().take(&ana).await.unwrap();
    }
    let mut words = words.to_vec();
    for word in words.iter_mut().filter(|word| **word == PSID) {
        *word = ana.id().as_str();
    }
    let asked = handover(&words)
        .env("MESSENGER_PAGE_ID", "1744550565845823")
        .env("MESSENGER_ACCESS_TOKEN", "token")
        .env("GRAPH_API_URL", simulator.graph_url());
    good(asked.run().await, &words.join(" "));
}

#[tokio::test]
async fn the_commands_are_described_as_they_describe_themselves() {
    let help = |command: &'static [&'static str]| async move {
        let asked = handover(&[command, &["--help"]].concat());
        let answer = asked.env("COLUMNS", "84").run().await;
        answer.good().trim_end().to_owned()
    };
    let whole = help(&[]).await;
    let mut expected = format!("```text\n{whole}\n```\n");
    let listed = whole.split("Commands:\n").nth(1).unwrap();
    let listed = listed.split("\n\n").next().unwrap().lines();
    let listed: Vec<_> = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    const COMMANDS: [&[&str]; 17] = [
        &["new"],
        &["dev"],
        &["trigger"],
        &["doctor"],
        &["inspect"],
        &["migrate"],
        &["operations"],
        &["record"],
        &["replay"],
        &["export"],
        &["forget"],
        &["routes"],
        &["signal"],
        &["send"],
        &["thread"],
        &["catch-up"],
        &["completions"],
    ];
    assert_eq!(listed, COMMANDS.concat());
    for command in COMMANDS {
        let said = help(command).await;
        let name = command[0];
        expected += &format!("\n## `handover {name}`\n\n```text\n{said}\n```\n");
    }

    let path = guide().join("reference/commands.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- from handover --help -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- end -->").unwrap();
    if written == format!("\n{expected}\n") {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_GUIDE").is_some(),
        "the guide's page of commands is out of date: set UPDATE_GUIDE=1 and run this test again"
    );
    let page = format!("{before}<!-- from handover --help -->\n\n{expected}\n<!-- end -->{after}");
    fs::write(path, page).unwrap();
}
