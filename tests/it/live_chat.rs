//! The example `live_chat` in production mode: the real program, a hand-written platform, and a
//! Graph API that records what is called.

use crate::support::example::Example;
use crate::support::platform::{
    self, ACCESS_TOKEN, APP, PAGE, PAGE_INBOX, PERSON, Platform, SECRET, VERIFY_TOKEN, item,
};
use handover_testkit::graph::{Call, GraphStub};
use serde_json::{Value, json};

struct LiveChat {
    _program: Example,
    platform: Platform,
    graph: GraphStub,
}

impl LiveChat {
    async fn start() -> Self {
        let graph = GraphStub::start().await;
        let environment = [
            ("MESSENGER_PAGE_ID", PAGE.to_owned()),
            ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
            ("MESSENGER_APP_ID", APP.to_string()),
            ("MESSENGER_APP_SECRET", SECRET.to_owned()),
            ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
            ("GRAPH_API_URL", graph.url()),
            ("PORT", "0".to_owned()),
        ];
        let mut program = Example::start("live_chat", &environment);
        let webhook = program.webhook();
        Self {
            _program: program,
            platform: Platform::new(webhook),
            graph,
        }
    }

    /// What the bot says next, and nothing else.
    async fn answer_to(&self, text: &str) -> String {
        let before = self.graph.calls().len();
        self.platform.says(text).await;
        let calls = self.graph.wait_for_calls(before + 1).await;
        calls[before]
            .text()
            .unwrap_or_else(|| panic!("no text in {calls:#?}"))
            .to_owned()
    }
}

fn sends(text: &str) -> Call {
    call(
        "messages",
        json!({ "recipient": { "id": PERSON }, "messaging_type": "RESPONSE", "message": { "text": text } }),
    )
}

fn call(name: &str, body: Value) -> Call {
    Call {
        method: "POST".into(),
        path: format!("/v26.0/{PAGE}/{name}"),
        authorization: format!("Bearer {ACCESS_TOKEN}"),
        body,
    }
}

/// The body of a pass, whose metadata is JSON with this reason.
fn assert_pass(call: &Call, target: u64, reason: Option<&str>) {
    assert_eq!(call.method, "POST");
    assert_eq!(call.path, format!("/v26.0/{PAGE}/pass_thread_control"));
    assert_eq!(call.authorization, format!("Bearer {ACCESS_TOKEN}"));
    assert_eq!(call.body["recipient"], json!({ "id": PERSON }));
    assert_eq!(call.body["target_app_id"], json!(target.to_string()));
    match reason {
        Some(reason) => {
            let metadata = call.body["metadata"]
                .as_str()
                .expect("metadata is a string");
            let metadata: Value = serde_json::from_str(metadata).expect("metadata is JSON text");
            assert_eq!(metadata["reason"], reason);
        }
        None => assert!(call.body.get("metadata").is_none(), "{call:#?}"),
    }
}

/// Runs the example with this environment and this `.env`, and returns what it says before it ends.
fn refused(environment: &[(&str, String)], env_file: &str) -> String {
    let directory = std::env::temp_dir().join(format!("handover-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join(".env"), env_file).unwrap();
    let output = Example::run_in(&directory, "live_chat", &[], environment);
    std::fs::remove_dir_all(directory).unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_is_missing_is_said_at_once_and_a_file_can_fill_it_in() {
    let page = [("MESSENGER_PAGE_ID", PAGE.to_owned())];
    let said = refused(
        &page,
        "MESSENGER_APP_SECRET=\"from the file\"\nMESSENGER_APP_ID=1\n",
    );
    for missing in ["MESSENGER_ACCESS_TOKEN", "MESSENGER_VERIFY_TOKEN"] {
        assert!(said.contains(missing), "{said}");
    }
    for given in [
        "MESSENGER_PAGE_ID ",
        "MESSENGER_APP_SECRET ",
        "MESSENGER_APP_ID ",
    ] {
        assert!(!said.contains(given), "{said}");
    }
    assert!(said.contains("App Dashboard"), "{said}");
}

#[tokio::test]
async fn get_started_is_greeted() {
    let chat = LiveChat::start().await;
    let tap = item(
        "postback",
        json!({ "mid": "m_start", "title": "Get Started", "payload": "GET_STARTED" }),
    );
    chat.platform.deliver([tap]).await;
    let calls = chat.graph.wait_for_calls(1).await;
    assert_eq!(
        calls,
        [sends(
            "Hi! Ask me anything, or write \"agent\" to talk to a person."
        )]
    );
}

#[tokio::test]
async fn a_wish_for_a_person_is_answered_and_then_handed_to_the_page_inbox() {
    for wish in ["agent", "  HUMAN ", "Help Me"] {
        let chat = LiveChat::start().await;
        chat.platform.says(wish).await;
        let calls = chat.graph.wait_for_calls(2).await;
        assert_eq!(calls[0], sends("One moment, a colleague is taking over."));
        assert_pass(&calls[1], PAGE_INBOX, Some("asked for a person"));
    }
}

#[tokio::test]
async fn the_thread_comes_back_with_what_the_metadata_said() {
    let chat = LiveChat::start().await;
    chat.platform.says("agent").await;
    chat.graph.wait_for_calls(2).await;
    chat.platform.passes_back(Some("refund granted")).await;
    let calls = chat.graph.wait_for_calls(3).await;
    assert_eq!(
        calls[2],
        sends("I am back. My colleague noted: refund granted.")
    );

    chat.platform.says("agent").await;
    chat.graph.wait_for_calls(5).await;
    chat.platform.passes_back(None).await;
    let calls = chat.graph.wait_for_calls(6).await;
    assert_eq!(
        calls[5],
        sends("I am back. You asked for a person: is that settled?")
    );
}

#[tokio::test]
async fn a_request_for_the_thread_is_granted() {
    let chat = LiveChat::start().await;
    let request = item(
        "request_thread_control",
        json!({ "requested_owner_app_id": PAGE_INBOX, "metadata": "please" }),
    );
    chat.platform.deliver([request]).await;
    let calls = chat.graph.wait_for_calls(1).await;
    assert_pass(&calls[0], PAGE_INBOX, None);
}

#[tokio::test]
async fn what_is_not_understood_is_repeated_twice_and_then_handed_off() {
    let chat = LiveChat::start().await;
    assert_eq!(
        chat.answer_to("What is life?").await,
        "You said: What is life?"
    );
    assert_eq!(chat.answer_to("42").await, "You said: 42");
    assert_eq!(
        chat.answer_to("why").await,
        "I did not get that, so I am fetching a colleague."
    );
    let calls = chat.graph.wait_for_calls(4).await;
    assert_pass(&calls[3], PAGE_INBOX, Some("were not understood"));

    // Somebody else answers now: the bot hears it on standby and stays silent.
    chat.platform
        .deliver_on_standby([platform::message(PERSON, "are you there?")])
        .await;
    chat.platform.passes_back(None).await;
    let calls = chat.graph.wait_for_calls(5).await;
    assert_eq!(
        calls[4],
        sends("I am back. You were not understood: is that settled?")
    );
    assert_eq!(
        chat.answer_to("and now?").await,
        "You said: and now?",
        "the count starts anew"
    );
}

#[tokio::test]
async fn long_messages_are_quoted_in_part() {
    let chat = LiveChat::start().await;
    let long = "ß".repeat(1995);
    let quoted = format!("You said: {}", "ß".repeat(240));
    assert_eq!(chat.answer_to(&long).await, quoted);
    assert_eq!(chat.answer_to(&long).await, quoted);
    chat.platform.says(&"\u{1}".repeat(1995)).await;
    let calls = chat.graph.wait_for_calls(4).await;
    assert_pass(&calls[3], PAGE_INBOX, Some("were not understood"));
}

#[tokio::test]
async fn nobody_is_left_waiting_for_a_colleague_who_cannot_come() {
    let chat = LiveChat::start().await;
    let sent = json!({ "recipient_id": PERSON, "message_id": "m_1" });
    chat.graph.next_answer(200, sent);
    let refusal = json!({ "error": { "message": "Incorrect App ID.", "code": 100, "error_subcode": 2_018_164 } });
    chat.graph.next_answer(400, refusal);
    chat.platform.says("agent").await;
    let calls = chat.graph.wait_for_calls(3).await;
    assert_eq!(
        calls[2],
        sends("Nobody can be reached right now, so I stay with you.")
    );
}
