//! `handover record`: a program that records its traffic.

#![cfg(unix)]

use std::fs;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{Folder, handover};

#[tokio::test]
async fn the_program_gets_the_file_and_its_exit_code_is_passed_on() {
    let folder = Folder::new("record");
    let script = "echo \"$HANDOVER_RECORD\" >name; echo '{}' >\"$HANDOVER_RECORD\"; exit \"$1\"";
    let words = [
        "record",
        "--out",
        "talk.jsonl",
        "--",
        "sh",
        "-c",
        script,
        "sh",
        "3",
    ];
    let answer = handover(&words).within(folder.path()).run().await;
    assert_eq!(answer.code, Some(3), "{}{}", answer.stdout, answer.stderr);
    let file = folder.path().join("talk.jsonl");
    let name = fs::read_to_string(folder.path().join("name")).unwrap();
    assert!(
        name.starts_with('/') && name.trim().ends_with("/talk.jsonl"),
        "{name}"
    );
    let said = format!("{}{}", answer.stdout, answer.stderr);
    assert!(said.contains("handover-sim check"), "{said}");

    // The bot has chosen another name because there is a recording already.
    let script = "echo '{}' >\"${HANDOVER_RECORD%.jsonl}-2.jsonl\"";
    let words = ["record", "--out", "talk.jsonl", "--", "sh", "-c", script];
    let answer = handover(&words).within(folder.path()).run().await;
    let said = format!("{}{}", answer.good(), answer.stderr);
    assert!(said.contains("talk-2.jsonl"), "{said}");
    assert!(file.exists());
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let folder = Folder::new("record");
    let run = |words: &'static [&'static str]| handover(words).within(folder.path()).run();
    let answer = run(&["record", "--out", "talk.jsonl", "--", "./no-such-bot"]).await;
    assert!(
        answer.fault().contains("./no-such-bot cannot be started"),
        "{}",
        answer.stderr
    );
    let answer = run(&["record", "--out", "nowhere/talk.jsonl", "--", "true"]).await;
    assert!(
        answer
            .fault()
            .contains("nowhere for the recording does not exist"),
        "{}",
        answer.stderr
    );
    let answer = run(&["record", "--out", "talk.jsonl", "--", "true"]).await;
    let said = format!("{}{}", answer.good(), answer.stderr);
    assert!(said.contains("nothing was recorded"), "{said}");
    run(&["record"]).await.misuse();
}

#[tokio::test]
async fn the_bot_is_asked_to_stop_with_it() {
    let folder = Folder::new("record");
    let script = "trap 'echo ended; exit 0' TERM; echo started; while :; do sleep 0.05; done";
    let words = ["record", "--out", "talk.jsonl", "--", "sh", "-c", script];
    let mut child = handover(&words)
        .within(folder.path())
        .spawn(Stdio::piped(), Stdio::inherit());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("started"));
    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("ended"));
    assert!(child.wait().await.unwrap().success());
}
