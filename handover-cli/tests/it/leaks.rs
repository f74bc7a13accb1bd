//! No command prints a secret, whatever it is asked and whatever the platform answers.

use handover_testkit::graph::GraphStub;
use serde_json::json;

use crate::support::{Folder, handover};

const TOKEN: &str = "EAABcanaryAccessToken4711";
const SECRET: &str = "canary0app0secret0815";
const WORD: &str = "canary-verify-token-17";
const API_TOKEN: &str = "canary-api-token-18";

/// The platform quotes tokens in its errors.
#[tokio::test]
async fn no_command_prints_a_secret() {
    let message = format!("Malformed access token {TOKEN}");
    let error = json!({ "message": message, "type": "OAuthException", "code": 190 });
    let graph = GraphStub::start().await;
    graph.always(400, json!({ "error": error }).to_string());
    no_command_prints_a_secret_of(&graph).await;
    // `debug_token` tells of a token that is not valid like this.
    let token = json!({ "is_valid": false, "error": error });
    graph.always(200, json!({ "data": token }).to_string());
    no_command_prints_a_secret_of(&graph).await;
}

async fn no_command_prints_a_secret_of(graph: &GraphStub) {
    let folder = Folder::new("leaks");
    folder.write(
        "wrong.json",
        &format!("[{{\"page\": \"1\", \"token\": \"{TOKEN}\", }}]"),
    );
    folder.write(
        "accounts.json",
        &format!("[{{\"page\": \"1\", \"access_token\": \"{TOKEN}\"}}]"),
    );
    let secrets = [TOKEN, SECRET, WORD, API_TOKEN].map(str::to_owned);
    let tokens = [handover_runtime::operations_token(SECRET)];
    let commands: [&[&str]; 14] = [
        &["doctor"],
        &["doctor", "--json"],
        &["thread", "owner", "2"],
        &["thread", "take", "2"],
        &["send", "2", "hello"],
        &["signal", "shipped", "2"],
        &["catch-up", "--since", "1h"],
        &["inspect"],
        &["inspect", "dead-letters", "--json"],
        &["replay", "dead-letters"],
        &["forget", "2", "--yes"],
        &["export", "2"],
        &["trigger", "message", "--text", "hello"],
        &["thread", "pass", "2", "--to", "nobody"],
    ];
    for arguments in commands {
        for accounts in [None, Some("wrong.json"), Some("accounts.json")] {
            let mut command = handover(arguments)
                .within(folder.path())
                .env("MESSENGER_PAGE_ID", "1744550565845823")
                .env("MESSENGER_ACCESS_TOKEN", TOKEN)
                .env("MESSENGER_APP_ID", "1517776481860111")
                .env("MESSENGER_APP_SECRET", SECRET)
                .env("MESSENGER_VERIFY_TOKEN", WORD)
                .env("HANDOVER_API_TOKEN", API_TOKEN)
                .env("HANDOVER_OPERATIONS", "127.0.0.1:9")
                .env("GRAPH_API_URL", graph.url())
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full");
            if let Some(accounts) = accounts {
                command = command.env("MESSENGER_ACCOUNTS_FILE", accounts);
            }
            let answer = command.run().await;
            let said = format!("{}{}", answer.stdout, answer.stderr);
            for secret in secrets.iter().chain(&tokens) {
                assert!(
                    !said.contains(secret),
                    "{arguments:?} prints {secret}: {said}"
                );
            }
        }
    }
}

/// Whatever is taken for a store may have a password in it.
#[tokio::test]
async fn no_command_prints_a_password_of_a_store() {
    let folder = Folder::new("leaks");
    let commands: [&[&str]; 5] = [
        &["inspect"],
        &["replay", "dead-letters"],
        &["export", "2", "--account", "1"],
        &["migrate", "--to", "memory:"],
        &["doctor"],
    ];
    for (store, shown) in [
        ("postgre://bot:hunter2@db/bot", "`postgre://…`"),
        ("POSTGRES://bot:hunter2@db/bot", "`POSTGRES://…`"),
        ("\"postgres://bot:hunter2@db/bot\"", "`\"postgres://…`"),
        ("bot:hunter2@db/bot", "`…`"),
        ("host=db password=hunter2", "`…`"),
    ] {
        for arguments in commands {
            let command = handover(arguments)
                .within(folder.path())
                .env("GRAPH_API_URL", "http://127.0.0.1:9")
                .env("HANDOVER_STORE", store);
            let answer = command.run().await;
            let said = format!("{}{}", answer.stdout, answer.stderr);
            assert!(said.contains(shown), "{arguments:?} {store}: {said}");
            assert!(!said.contains("hunter2"), "{arguments:?}: {said}");
        }
    }
}
