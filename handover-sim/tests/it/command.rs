//! The command: its file, what it prints, and how it ends.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use handover_testkit::http;

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../docs/simulator/handover-sim.toml"
);

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover-sim"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Ends the command if the test does not.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it, and reads until it says how to end it.
fn start(arguments: &[&str]) -> (Running, Vec<String>) {
    let mut child = Running(command(arguments).spawn().unwrap());
    let output = BufReader::new(child.0.stdout.take().unwrap());
    let mut lines = Vec::new();
    for line in output.lines() {
        let line = line.unwrap();
        let last = line.starts_with("Stop with");
        lines.push(line);
        if last {
            return (child, lines);
        }
    }
    panic!("it ended: {lines:#?}");
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = command(arguments).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

fn page(lines: &[String]) -> String {
    let page = lines[0].strip_prefix("Act as person and agent at ");
    page.unwrap().to_owned()
}

fn state(lines: &[String]) -> serde_json::Value {
    let url = format!("{}control/state", page(lines));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { http::get(url).await.unwrap().json().await.unwrap() })
}

#[test]
fn the_sample_file_sets_up_two_accounts_and_two_bots() {
    let (_running, lines) = start(&["--config", SAMPLE, "--port", "0"]);
    let printed = lines.join("\n");
    for line in [
        "Live chat listens at http://127.0.0.1:8080/webhook, with",
        "  MESSENGER_ACCESS_TOKEN=local-token",
        "  MESSENGER_ACCESS_TOKEN=token-1517776481860111-17841405793187218",
        "  MESSENGER_APP_SECRET=secret-2262510160704936",
        "  MESSENGER_VERIFY_TOKEN=local-verify",
    ] {
        assert!(lines.iter().any(|one| one == line), "{line}\n\n{printed}");
    }
    let state = state(&lines);
    let accounts = state["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2);
    assert_eq!(
        accounts[0]["routing"]["links"]["spring"],
        "2262510160704936"
    );
    assert_eq!(accounts[0]["ads"][0]["control_days"], 3);
    assert_eq!(accounts[1]["product"], "instagram");
    assert_eq!(accounts[1]["routing"]["default_app"], "1517776481860111");
    assert_eq!(state["faults"]["seed"], 7);
    assert_eq!(state["faults"]["rules"][1]["fault"]["type"], "close_after");
}

#[test]
fn options_are_enough_for_one_bot() {
    let arguments = ["--port", "0", "--instagram", "--zero-config", "--seed", "3"];
    let (_running, lines) = start(&arguments);
    let state = state(&lines);
    let accounts = state["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2, "the Page and its Instagram account");
    assert_eq!(accounts[0]["routing"]["mode"], "zero_config");
    assert_eq!(state["faults"]["seed"], 3);
}

#[test]
fn it_ends_at_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let (mut running, _) = start(&["--port", "0"]);
        let id = running.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(running.0.wait().unwrap().success(), "{signal}");
    }
}

/// A file that is gone after the test.
struct File(PathBuf);

impl File {
    fn with(name: &str, text: &str) -> Self {
        let name = format!("handover-sim-{}-{name}.toml", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // Nobody minds a file too many in the temporary directory.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn mistakes_in_the_file_are_found_by_their_line() {
    let app = "[[apps]]\nid = \"1\"\nname = \"Bot\"\n";
    for (name, text, line, hint) in [
        (
            "key",
            format!("{app}webhok = \"http://x/\"\n"),
            4,
            "did you mean `webhook`?",
        ),
        ("top", format!("prot = 1\n{app}"), 1, "did you mean `port`?"),
        ("type", format!("port = \"x\"\n{app}"), 1, "expected u16"),
        (
            "choice",
            format!("{app}[behavior]\napp_ids = \"number\"\n"),
            5,
            "did you mean `numbers`?",
        ),
        ("syntax", format!("{app}x =\n"), 4, ""),
    ] {
        let file = File::with(name, &text);
        let path = file.0.display().to_string();
        let error = refused(&["--config", &path]);
        let place = format!("handover-sim: {path}:{line}: ");
        assert!(
            error.starts_with(&place) && error.contains(hint),
            "{name}: {error}"
        );
    }
    let file = File::with("none", "");
    let error = refused(&["--config", &file.0.display().to_string()]);
    assert!(error.contains("[[apps]]"), "{error}");
    let error = refused(&["--config", "/nowhere.toml"]);
    assert!(error.contains("cannot read /nowhere.toml"), "{error}");
    let routing = "[[accounts]]\nid = \"5\"\nname = \"P\"\nrouting = \
                   { mode = \"conversation\", default_app = \"2\" }\n";
    let file = File::with("default", &format!("{app}{routing}"));
    let error = refused(&["--config", &file.0.display().to_string(), "--port", "0"]);
    assert!(error.contains("app 2 is not connected"), "{error}");
}

#[test]
fn the_commands_of_the_documentation_work() {
    let document = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/simulator/control-api.md"
    );
    let document = std::fs::read_to_string(document).unwrap();
    let blocks = document.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() > 8, "{blocks:?}");
    let script = format!("set -eux\n{}", blocks.join("\n"));
    // Nobody listens there: what is sent waits.
    let (_running, lines) = start(&["--port", "0", "--bot", "http://127.0.0.1:9/webhook"]);
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .env("SIM", page(&lines).trim_end_matches('/'))
        .output()
        .unwrap();
    let trace = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{trace}\n{printed}");
    assert!(printed.contains("async fn saved_scenario"), "{printed}");
}
