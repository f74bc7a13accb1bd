//! `handover routes`, with a stub for Cargo: building a bot takes too long here.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::{Folder, handover};

/// A `cargo` that does this.
pub(crate) fn cargo(folder: &Folder, script: &str) -> PathBuf {
    folder.write("cargo", &format!("#!/bin/sh\n{script}\n"));
    let path = folder.path().join("cargo");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, executable).unwrap();
    path
}

#[tokio::test]
async fn the_bot_itself_is_asked() {
    let folder = Folder::new("routes");
    let cargo = cargo(&folder, "echo \"$HANDOVER_DESCRIBE: $*\"");
    for (format, flag) in [
        ("text", None),
        ("markdown", Some("--markdown")),
        ("mermaid", Some("--mermaid")),
        ("json", Some("--json")),
    ] {
        let mut arguments = vec!["routes", "--bin", "desk", "--release"];
        arguments.extend(flag);
        arguments.extend(["--", "reception"]);
        let answer = handover(&arguments)
            .env("CARGO", cargo.to_str().unwrap())
            .run()
            .await;
        let quiet = if format == "json" { " --quiet" } else { "" };
        let expected = format!("{format}: run --bin desk --release{quiet} -- reception\n");
        assert_eq!(answer.good(), expected);
    }
}

#[tokio::test]
async fn errors_are_distinguished() {
    let folder = Folder::new("routes");
    let failing = cargo(&folder, "echo 'error: mismatched types' >&2; exit 101");
    let answer = handover(&["routes"])
        .env("CARGO", failing.to_str().unwrap())
        .run()
        .await;
    let said = answer.fault();
    assert!(
        said.contains("mismatched types") && said.contains("see the messages above"),
        "{said}"
    );

    let silent = cargo(&folder, "true");
    let answer = handover(&["routes"])
        .env("CARGO", silent.to_str().unwrap())
        .run()
        .await;
    assert!(
        answer.fault().contains("does it call `handover::run`"),
        "{}",
        answer.stderr
    );

    let answer = handover(&["routes"])
        .env("CARGO", "/nowhere/cargo")
        .run()
        .await;
    assert!(
        answer.fault().contains("install Rust with rustup"),
        "{}",
        answer.stderr
    );
}

#[tokio::test]
async fn a_bot_answers_without_being_configured() {
    let folder = Folder::new("routes");
    let bot = std::env::current_exe().unwrap();
    let script = format!("exec {bot:?} --ignored --exact dev::be_the_bot --nocapture");
    let cargo = cargo(&folder, &script);
    for (flag, expected) in [
        (
            "--json",
            "\"handler\":\"dev::count\",\"waits_for\":\"on_message\"",
        ),
        ("--markdown", "| `dev::count` | `on_message` |"),
        ("--mermaid", "flowchart TD"),
    ] {
        // By this the program tells that it is to be the bot.
        let asked = handover(&["routes", flag]).env("HANDOVER_STORE", "memory:");
        let answer = asked.env("CARGO", cargo.to_str().unwrap()).run().await;
        assert!(answer.good().contains(expected), "{}", answer.stdout);
    }
}

/// Two routes, one of them with a name that would be HTML.
const DESCRIBED: &str = r#"[{"handler":"to_agent","waits_for":"on_message(text = \"<b>agent</b>\")","hands_off_to":"page_inbox","place":"src/main.rs:7","summary":"Hands the conversation to a person & waits.","accounts":[],"webhook_fields":{"page":{"required":[],"recommended":[]},"instagram":{"required":[],"recommended":[]}}},{"handler":"lost","waits_for":"fallback","hands_off_to":null,"place":"src/main.rs:20","summary":"","accounts":[],"webhook_fields":{"page":{"required":[],"recommended":[]},"instagram":{"required":[],"recommended":[]}}}]"#;

#[tokio::test]
async fn the_routes_are_drawn_in_a_page_by_itself() {
    let folder = Folder::new("routes");
    let cargo = cargo(&folder, &format!("cat <<'END'\n{DESCRIBED}\nEND"));
    let file = folder.path().join("routes.html");
    let answer = handover(&["routes", "--html", file.to_str().unwrap()])
        .env("CARGO", cargo.to_str().unwrap())
        .run()
        .await;
    assert!(answer.good().contains("wrote "), "{}", answer.stdout);
    let page = std::fs::read_to_string(file).unwrap();
    for part in [
        "on_message(text = &quot;&lt;b&gt;agent&lt;/b&gt;&quot;)",
        "Hands the conversation to a person &amp; waits.",
        "hands off to",
        "page_inbox",
        "2 routes",
        "no handler",
        "default-src 'none'",
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    assert!(
        !page.contains("<script") && !page.contains("http://"),
        "{page}"
    );
    assert!(!page.contains("https://"), "{page}");
}

#[tokio::test]
async fn the_diagram_is_opened_in_the_browser() {
    let folder = Folder::new("routes");
    let cargo = cargo(&folder, &format!("cat <<'END'\n{DESCRIBED}\nEND"));
    let opened = folder.path().join("opened");
    folder.write(
        "xdg-open",
        &format!("#!/bin/sh\ncp \"$1\" {}\n", opened.display()),
    );
    let opener = folder.path().join("xdg-open");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&opener, executable).unwrap();
    let path = std::env::var("PATH").unwrap();
    let with_browser = format!("{}:{path}", folder.path().display());
    let answer = handover(&["routes", "--open"])
        .env("CARGO", cargo.to_str().unwrap())
        .env("PATH", &with_browser)
        .env("TMPDIR", folder.path().to_str().unwrap())
        .run()
        .await;
    assert!(answer.good().contains("opened "), "{}", answer.stdout);
    let page = std::fs::read_to_string(opened).unwrap();
    assert!(page.contains("page_inbox"), "{page}");

    // A machine without a browser.
    let answer = handover(&["routes", "--open"])
        .env("CARGO", cargo.to_str().unwrap())
        .env("PATH", "/nowhere:/bin:/usr/bin")
        .env("DISPLAY", "")
        .env("BROWSER", "/nowhere")
        .env("TMPDIR", folder.path().to_str().unwrap())
        .run()
        .await;
    // Where a browser is installed, it may have opened.
    if !answer.stdout.contains("opened ") {
        assert!(
            answer.fault().contains("no browser was found"),
            "{}",
            answer.stderr
        );
    }
}
