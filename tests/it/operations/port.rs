//! The port for operators.

use super::*;

fn config() -> Config {
    Config::new(PAGE, APP)
        .access_token(ACCESS_TOKEN)
        .app_secret(SECRET)
        .verify_token(VERIFY_TOKEN)
        .store(Store::Memory)
}

#[tokio::test]
async fn one_that_was_chosen_has_to_be_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let bot = bot().config(config().operations(Some(address)));
    let error = bot.into_parts().unwrap_err();
    assert!(matches!(error, Error::Operations { address: at, .. } if at == address));
    let text = error.to_string();
    assert!(text.contains("HANDOVER_OPERATIONS"), "{text}");
}

fn minimal(directory: &Directory, operations: &str) -> Program {
    let mut command = std::process::Command::new(binary("minimal"));
    command
        .current_dir(directory.path())
        .env_remove("RUST_LOG")
        .envs([
            ("MESSENGER_PAGE_ID", PAGE),
            ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN),
            ("MESSENGER_APP_ID", &APP.to_string()),
            ("MESSENGER_APP_SECRET", SECRET),
            ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN),
            // Nobody listens there.
            ("GRAPH_API_URL", "http://127.0.0.1:9"),
            ("HANDOVER_STORE", "memory:"),
            ("HANDOVER_OPERATIONS", operations),
            ("HANDOVER_LOG", "json"),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
        ]);
    Program::start(&mut command).unwrap()
}

/// The first line of the log whose message has this in it, after that.
fn logged(program: &mut Program, text: &str) -> (Value, String) {
    program.wait_for(text, |line| {
        let line: Value = serde_json::from_str(line).expect("every line is JSON");
        let message = line["message"].as_str().expect("it says something");
        let (_, rest) = message.split_once(text)?;
        let rest = rest.to_owned();
        Some((line, rest))
    })
}

#[tokio::test]
async fn a_bot_that_runs_serves_it_and_logs_json() {
    let directory = Directory::new();
    let mut bot = minimal(&directory, "127.0.0.1:0");
    let (_, metrics) = logged(&mut bot, "metrics are at ");
    let (_, webhook) = logged(&mut bot, "the bot listens on ");
    let operations = metrics.strip_suffix("/metrics").unwrap();
    let platform = crate::support::platform::Platform::new(webhook);
    platform.says("hello").await;
    let handled = [("handover_events_handled_total{kind=\"message\"}", 1.0)];
    Scrape::shows(operations, &handled).await;
    let (line, _) = logged(&mut bot, "handled");
    let span = &line["span"];
    assert_eq!(span["name"], "event", "{line}");
    assert_eq!(span["thread"], format!("{PAGE}/{PERSON}"), "{line}");
    assert_eq!(span["kind"], "message", "{line}");
    let key = span["key"].as_str().unwrap();
    assert!(
        key.starts_with(&format!("{PAGE}/messaging/message/m_")),
        "{line}"
    );
    assert_eq!(line["handler"], "echo", "{line}");
}

#[test]
fn it_can_be_switched_off() {
    let directory = Directory::new();
    let mut bot = minimal(&directory, "off");
    bot.wait_for("the webhook's address, and no other", |line| {
        assert!(!line.contains("/metrics"), "{line}");
        line.contains("the bot listens on").then_some(())
    });
}
