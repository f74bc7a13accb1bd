//! Files that are no recordings, and the command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use handover_sim::check::{CheckOptions, RecordedLine, check};
use handover_sim::platform::Behavior;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::talks::conversation;

const START: &str = "{\"handover_recording\":1,\"app\":\"1517776481860111\"}\n";
const LINE: &str = "{\"type\":\"webhook\",\"at\":1,\"body\":{\"object\":\"page\",\"entry\":[]}}\n";

fn error_of(text: &[u8]) -> String {
    let report = check(text, &CheckOptions::default());
    report.expect_err("it is refused").to_string()
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let long = format!(
        "{START}{{\"type\":\"webhook\",\"x\":\"{}\"}}\n",
        "a".repeat(33 * 1024 * 1024)
    );
    for (text, hint) in [
        ("".to_owned(), "line 1: the recording is empty"),
        ("\n\n".to_owned(), "line 1: the recording is empty"),
        (START.to_owned(), "line 1: the recording has no webhook"),
        (LINE.to_owned(), "line 1: this is not a recording"),
        ("{}\n".to_owned(), "line 1: this is not a recording"),
        ("[1]\n".to_owned(), "line 1: this is not a recording"),
        ("hello\n".to_owned(), "line 1: the line is not JSON"),
        (
            START.replace(":1,", ":2,") + LINE,
            "line 1: the recording has version 2",
        ),
        (
            START.replace(":1,", ":\"x\",") + LINE,
            "line 1: the recording has version",
        ),
        (
            "{\"handover_recording\":1}\n".to_owned() + LINE,
            "line 1: this is not a recording",
        ),
        (
            format!("{START}{LINE}{}", &LINE[..40]),
            "line 3: the line is cut off",
        ),
        (
            format!("{START}{LINE}nonsense\n"),
            "line 3: the line is not JSON",
        ),
        (
            format!("{START}{LINE}{START}"),
            "line 3: the line of type start is wrong",
        ),
        (
            format!("{START}{{\"type\":\"webhook\"}}\n"),
            "line 2: the line of type webhook is wrong",
        ),
        (
            format!("{START}{{\"type\":\"call\",\"at\":1}}\n"),
            "line 2: the line of type call is wrong: missing field",
        ),
        (
            format!("{START}{{\"type\":\"shout\"}}\n"),
            "line 2: there is no type of line \"shout\"",
        ),
        (
            format!("{START}{{\"type\":\"action\",\"action\":\"dance\"}}\n"),
            "line 2: there is no action \"dance\"",
        ),
        (
            format!("{START}{{\"type\":\"action\",\"action\":\"app_take\"}}\n"),
            "line 2: the line of type action",
        ),
        (long, "line 2: the line is longer than 32 MiB"),
    ] {
        let error = error_of(text.as_bytes());
        assert!(error.starts_with(hint), "{hint}: {error}");
        assert!(error.len() < 400 && !error.contains('\n'), "{error}");
    }
    let error = error_of(&[START.as_bytes(), b"\xff\xfe\n"].concat());
    assert!(error.starts_with("line 2: the line is not text"), "{error}");
}

#[test]
fn a_recording_of_the_end_of_time_is_compared() {
    let mut talk = conversation(Behavior::default());
    for line in &mut talk.lines {
        for pointer in ["/at", "/date", "/body/entry/0/time"] {
            if let Some(time) = line.pointer_mut(pointer) {
                *time = json!(i64::MAX);
            }
        }
        for channel in ["messaging", "standby"] {
            let pointer = format!("/body/entry/0/{channel}/0/timestamp");
            if let Some(time) = line.pointer_mut(&pointer) {
                *time = json!(i64::MAX);
            }
        }
    }
    assert!(check(talk.text().as_bytes(), &CheckOptions::default()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// No line causes a panic.
    #[test]
    fn lines_of_any_kind_are_read_or_refused(text in "\\PC*", cut in 0..200_usize) {
        let _ = RecordedLine::read(&text);
        let line = LINE.get(..cut.min(LINE.len())).unwrap_or_default();
        let _ = RecordedLine::read(line);
    }

    /// A recording of which pieces are missing or other values is read or refused.
    #[test]
    fn recordings_with_other_values_do_no_harm(place in 0..60_usize, what in 0..6_usize, value in 0..5_usize) {
        let mut talk = conversation(Behavior::default());
        let place = 1 + place % (talk.lines.len() - 1);
        let other = [json!(null), json!(-1), json!("x"), json!([]), json!({"id": []})][value].clone();
        let pointers = [
            "/body/entry/0/messaging/0/sender", "/body/entry/0/id", "/body/entry/0/messaging",
            "/body/recipient", "/answer", "/body/entry/0/messaging/0/message",
        ];
        if let Some(old) = talk.lines[place].pointer_mut(pointers[what]) {
            *old = other;
        }
        let _ = check(talk.text().as_bytes(), &CheckOptions::default());
    }
}

struct RecordingFile(PathBuf);

impl RecordingFile {
    fn with(name: &str, text: &str) -> Self {
        let name = format!("handover-sim-{}-{name}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for RecordingFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover-sim"));
    command.arg("check").args(arguments).output().unwrap()
}

/// Runs the command in a folder, as somebody types it.
fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover-sim"));
    command.arg("check").args(arguments).current_dir(folder);
    command.output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_command_of_the_guide_reads_the_file_beside_it() {
    let name = format!("handover-sim-{}-guide", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let text = conversation(Behavior::default()).text();
    std::fs::write(folder.join("talk.jsonl"), text).unwrap();
    let output = run_in(&folder, &["talk.jsonl"]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

#[test]
fn the_command_prints_what_differs_and_its_exit_code_says_whether() {
    let good = RecordingFile::with("good", &conversation(Behavior::default()).text());
    let good = good.0.to_str().unwrap();
    let output = run(&[good]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.trim_end()
            .ends_with("as the rules of the simulator say"),
        "{text}"
    );

    let output = run(&[good, "--behavior", "app_ids=strings"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("rule app_ids_are_numbers: App ids are numbers."),
        "{text}"
    );
    assert!(text.contains("choice `app_ids`: \"numbers\""), "{text}");

    let output = run(&["--json", "--behavior=app_ids=strings", good]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &report["differences"][0];
    assert_eq!(
        (&first["aspect"], &first["rule"]["setting"]),
        (&json!("type"), &json!("app_ids"))
    );
    assert_eq!(
        first["explained_by"],
        json!({"setting": "app_ids", "value": "numbers"})
    );
    assert!(first["line"].as_u64() > Some(1), "{first}");

    for wrong in [&["no-such-file.jsonl"][..], &[], &["--frobnicate"]] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    let cut = RecordingFile::with("cut", &format!("{START}{LINE}{{"));
    let output = run(&[cut.0.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(".jsonl: line 3: the line is cut off"),
        "{text}"
    );
}
