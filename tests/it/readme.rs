//! Every command that the README gives is run here; its code is compiled with the documentation.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use handover_testkit::cargo::without_package;
use handover_testkit::http;

use crate::support::directory::Directory;
use crate::support::example::alone_with_cargo;
use crate::support::program::Program;
use crate::support::root;

const README: &str = include_str!("../../README.md");

/// The lines of the `sh` blocks.
fn commands() -> BTreeSet<&'static str> {
    let blocks = README.split("```sh\n").skip(1);
    blocks
        .flat_map(|rest| rest.split("```").next().unwrap_or_default().lines())
        .collect()
}

/// The command, as a newcomer types it. What it runs is built first: no deadline covers that, nor a wait for
/// another cargo.
fn typed(command: &str) -> Command {
    assert!(
        commands().contains(command),
        "the README does not say `{command}`"
    );
    let (cargo, _) = command.split_once(" -- ").unwrap_or((command, ""));
    let build = cargo.replacen("cargo run", "cargo build --quiet", 1);
    let built = bash(&build).status();
    assert!(built.expect("bash runs").success(), "`{build}` failed");
    bash(command)
}

/// A command at the root of the repository.
fn bash(command: &str) -> Command {
    let mut shell = Command::new("bash");
    without_package(&mut shell)
        .args(["-c", &format!("exec {command}")])
        .current_dir(root());
    shell
}

#[test]
fn no_command_is_forgotten_here() {
    let mut tested = BTreeSet::from([
        "cargo run --example live_chat",
        SIMULATOR,
        "cargo run --example understand -- body.json",
        "./test",
    ]);
    tested.extend(OWN_BOT);
    assert_eq!(commands(), tested);
}

/// The commands that create a bot.
const OWN_BOT: [&str; 4] = [
    "cargo install --path handover-cli",
    "handover new ../my-bot --path .",
    "cd ../my-bot",
    "handover dev",
];

#[test]
fn a_bot_of_ones_own_is_begun_by_the_newcomer() {
    let script = include_str!("../newcomer.sh").replace('"', "");
    for command in OWN_BOT {
        // It leaves nothing beside the repository.
        let typed = command.replace("..", "$place");
        assert!(script.contains(&typed), "`{typed}` is not in newcomer.sh");
    }
}

#[tokio::test]
async fn live_chat_prints_the_addresses_of_two_pages() {
    let _alone = alone_with_cargo();
    let mut command = typed("cargo run --example live_chat");
    for variable in [
        "PAGE_ID",
        "ACCESS_TOKEN",
        "APP_ID",
        "APP_SECRET",
        "VERIFY_TOKEN",
    ] {
        command.env_remove(format!("MESSENGER_{variable}"));
    }
    let mut program = Program::start(&mut command).expect("bash runs");
    let address = program.wait_for("the page's address", |line| {
        let (_, address) = line.split_once("Be the customer and the agent:")?;
        Some(address.trim().to_owned())
    });
    let page = http::get(address).await.unwrap();
    assert_eq!(page.status(), 200);
    let address = program.wait_for("the operations page's address", |line| {
        let (_, address) = line.split_once("See what the bot does:")?;
        Some(address.trim().to_owned())
    });
    let (page, token) = address.split_once("#token=").unwrap();
    assert!(!token.is_empty());
    let overview = http::get(format!("{page}overview")).await.unwrap();
    assert_eq!(overview.status(), 200);
}

const SIMULATOR: &str = "cargo run -p handover-sim -- --bot http://127.0.0.1:8080/webhook --app-secret my-secret --verify-token my-token";

#[tokio::test]
async fn the_simulator_prints_the_address_of_its_page() {
    // Whoever has the usual ports. The bot accepts connections and says nothing.
    let bot = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = bot.local_addr().unwrap().to_string();
    let _alone = alone_with_cargo();
    typed(SIMULATOR);
    let free_ports = SIMULATOR.replace("127.0.0.1:8080", &address) + " --port 0";
    let mut program = Program::start(&mut bash(&free_ports)).expect("bash runs");
    let address = program.wait_for("the page's address", |line| {
        let (_, address) = line.split_once("Act as person and agent at ")?;
        Some(address.trim().to_owned())
    });
    assert_eq!(http::get(address).await.unwrap().status(), 200);
}

#[test]
fn understand_explains_a_body() {
    const COMMAND: &str = "cargo run --example understand -- body.json";
    let directory = Directory::new();
    let body = directory.path().join("body.json");
    let content = r#"{"object":"page","entry":[{"id":"7","standby":[{"sender":{"id":"9"},"message":{"mid":"m","text":"hi"}}]}]}"#;
    std::fs::write(&body, content).unwrap();
    let _alone = alone_with_cargo();
    typed(COMMAND);
    // The body does not lie in the repository.
    let elsewhere = COMMAND.replace("body.json", body.to_str().unwrap());
    let output = bash(&elsewhere).output();
    let printed = String::from_utf8(output.expect("bash runs").stdout).unwrap();
    let expected = format!("{}: message  thread 7/9  standby of page\n", body.display());
    assert_eq!(printed, expected);
}

#[test]
fn the_test_command_is_there_and_is_what_ci_runs() {
    assert!(commands().contains("./test"));
    let root = root();
    for script in ["test", ".ci/run"] {
        let mode = std::fs::metadata(root.join(script))
            .unwrap()
            .permissions()
            .mode();
        assert!(mode & 0o111 != 0, "{script} is not executable");
    }
    assert!(
        std::fs::read_to_string(root.join(".ci/run"))
            .unwrap()
            .contains("./test")
    );
}
