use std::time::Duration;

use handover::journal::DeadLetter;
use handover::testing::{DurationExt, Person, Scenario};
use handover_testkit::graph::GraphStub;
use serde_json::{Value, json};

use super::transcript;
use crate::support::example::Example;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, Platform, SECRET, VERIFY_TOKEN};
use crate::support::wait::until;
use model::Model;
use server::{ModelServer, Reply, call, words};

#[path = "../../../examples/language_model/bot.rs"]
#[allow(unreachable_pub, reason = "the template has it in a library")]
mod bot;
#[path = "../../../examples/language_model/model.rs"]
#[allow(unreachable_pub, reason = "the template has it in a library")]
mod model;
#[path = "../../../examples/language_model/tools.rs"]
#[allow(unreachable_pub, reason = "the template has it in a library")]
mod tools;

#[path = "../../../templates/language-model/tests/support/mod.rs"]
#[allow(
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "a file of a template"
)]
mod server;

struct Played {
    scenario: Scenario,
    server: ModelServer,
    ana: Person,
}

impl Played {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Model)) -> Self {
        let server = ModelServer::start().await;
        let mut model = Model::from_env().unwrap();
        model.base_url.clone_from(&server.base_url);
        model.api_key = "a key".to_owned();
        model.name = "a model".to_owned();
        model.pauses = vec![Duration::ZERO; 2];
        change(&mut model);
        let scenario = Scenario::with(bot::bot(model)).await;
        let ana = scenario.person("Ana");
        Self {
            scenario,
            server,
            ana,
        }
    }

    /// What the colleague reads beside the thread.
    fn note(&self) -> String {
        let rows = self.scenario.simulator().timeline();
        let mut passes = rows.iter().rev();
        let pass = passes.find(|row| row.title == "pass_thread_control" && row.method == "POST");
        let pass = pass.unwrap().request.as_deref().unwrap();
        let pass: Value = serde_json::from_str(pass).unwrap();
        pass["metadata"].as_str().unwrap().to_owned()
    }

    async fn a_colleague_has_it(&self) {
        self.ana.sees("I am fetching a colleague.").await;
        self.scenario.inbox().sees(&self.ana).await;
        self.ana.sees_nothing_more().await;
    }

    async fn dead_letter(&self) -> DeadLetter {
        let dead = self.scenario.dead_letters().await;
        assert_eq!(dead.len(), 1, "{dead:?}");
        dead.into_iter().next().unwrap()
    }
}

/// The messages of a request, as `role: content`.
fn said(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().unwrap().iter().skip(1);
    let line = |message: &Value| {
        let speaker = message["name"].as_str().or(message["role"].as_str());
        let content = message["content"].as_str().unwrap_or_default();
        format!("{}: {content}", speaker.unwrap_or_default())
    };
    messages.map(line).collect()
}

pub(crate) async fn played() -> String {
    let played = Played::start().await;
    let (ana, server) = (&played.ana, &played.server);
    server.calls("opening_hours", r#"{"day":"sunday"}"#);
    server.says("Yes, from 10 to 14.");
    ana.says("Are you open on Sunday?").await;
    ana.sees("Yes, from 10 to 14.").await;

    ana.says("My hat came without its feather").await;
    server.request(3).await;
    ana.says("and I want my money back").await;
    let request = server.request(4).await;
    assert_eq!(
        said(&request),
        [
            "user: Are you open on Sunday?",
            "assistant: Yes, from 10 to 14.",
            "user: My hat came without its feather",
            "user: and I want my money back",
        ]
    );
    server.given_up(1).await;
    server.calls(
        "hand_to_human",
        r#"{"reason":"The hat lacks its feather; wants the money back."}"#,
    );
    ana.sees("I am fetching a colleague.").await;
    let inbox = played.scenario.inbox();
    inbox.sees(ana).await;
    assert_eq!(
        played.note(),
        "The hat lacks its feather; wants the money back."
    );
    inbox
        .replies(ana, "Sorry! You will have it back by Friday.")
        .await;
    ana.says("Thank you").await;
    played.scenario.settles().await;
    assert_eq!(server.requests(), 4, "it is silent meanwhile");

    server.says("You are welcome! Your refund arrives by Friday.");
    inbox.done(ana).await;
    ana.sees("You are welcome! Your refund arrives by Friday.")
        .await;
    let request = server.request(5).await;
    let said = said(&request);
    let since: Vec<_> = said.iter().skip(4).map(String::as_str).collect();
    assert_eq!(
        since,
        [
            "assistant: I am fetching a colleague.",
            "colleague: Sorry! You will have it back by Friday.",
            "user: Thank you",
        ]
    );
    transcript::played(&["bot"], &[ana])
}

#[tokio::test]
async fn the_request_is_that_of_the_api() {
    let played = Played::start().await;
    played.server.says("Hello!");
    played.ana.says("hi").await;
    played.ana.sees("Hello!").await;
    let request = played.server.request(1).await;
    assert_eq!(request["authorization"], "Bearer a key");
    assert_eq!(request["stream"], true);
    assert_eq!(request["model"], "a model");
    assert_eq!(request["messages"][0]["role"], "system");
    let names: Vec<_> = request["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["opening_hours", "hand_to_human"]);
    let parameters = &request["tools"][1]["function"]["parameters"];
    assert_eq!(parameters["required"], json!(["reason"]));
    assert_eq!(parameters["properties"]["reason"]["type"], "string");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let played = Played::start().await;
    played
        .server
        .replies(Reply::Break(vec![words("We are op")]));
    played
        .server
        .replies(Reply::Stop(vec![words("We are open u")]));
    played.server.says("We are open until 18.");
    played.ana.says("Until when are you open?").await;
    played.ana.sees("We are open until 18.").await;
    played.ana.sees_nothing_more().await;
    assert_eq!(played.server.requests(), 3);

    played
        .server
        .replies(Reply::Error(vec![words("From 9 t")]));
    played.server.says("From 9 to 18.");
    played.ana.says("And from when?").await;
    played.ana.sees("From 9 to 18.").await;
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again() {
    for trouble in [429, 500, 503] {
        let played = Played::start().await;
        played.server.replies(Reply::Status(trouble));
        played.server.says("Hello!");
        played.ana.says("hi").await;
        played.ana.sees("Hello!").await;
        assert_eq!(played.server.requests(), 2, "{trouble}");
    }
}

#[tokio::test]
async fn a_server_that_stays_in_trouble_gets_the_person_a_colleague() {
    let silent = |model: &mut Model| model.patience = Duration::from_millis(100);
    let played = Played::start_with(silent).await;
    played.server.replies(Reply::Status(429));
    played.server.replies(Reply::Stream(Vec::new()));
    played.server.replies(Reply::Stall(vec![words("Hel")]));
    played.ana.says("hi").await;
    played.a_colleague_has_it().await;
    played.server.given_up(1).await;
    let cause = played.dead_letter().await.cause;
    assert!(played.note().contains(&cause), "{cause}: {}", played.note());
}

#[tokio::test]
async fn calls_in_one_answer_keep_their_arguments() {
    let played = Played::start().await;
    let both = [
        call(0, "opening_hours", r#"{"day":"sunday"}"#),
        call(1, "opening_hours", r#"{"day":"monday"}"#),
    ];
    played.server.replies(Reply::Stream(both.concat()));
    played.server.says("On both.");
    played.ana.says("Sunday and Monday?").await;
    played.ana.sees("On both.").await;
    let request = played.server.request(2).await;
    assert_eq!(
        said(&request).split_off(1),
        [
            "assistant: ",
            "tool: open on sunday from 10 to 14",
            "tool: open on monday from 9 to 18",
        ]
    );
    let messages = request["messages"].as_array().unwrap();
    let calls = messages[2]["tool_calls"].as_array().unwrap();
    assert_eq!(calls[1]["function"]["arguments"], r#"{"day":"monday"}"#);
    assert_eq!(calls[0]["id"], messages[3]["tool_call_id"]);
    assert_eq!(calls[1]["id"], messages[4]["tool_call_id"]);
}

#[tokio::test]
async fn the_model_learns_of_its_mistakes() {
    for (name, arguments, mistake) in [
        ("opening_hours", "{\"day\":", "these arguments are wrong"),
        ("opening_hours", "{}", "missing field `day`"),
        (
            "refund_everybody",
            "{}",
            "there is no tool \"refund_everybody\"",
        ),
    ] {
        let played = Played::start().await;
        played.server.calls(name, arguments);
        played.server.says("Until 18.");
        played.ana.says("Until when are you open?").await;
        played.ana.sees("Until 18.").await;
        let request = played.server.request(2).await;
        let said = said(&request);
        assert!(said.last().unwrap().contains(mistake), "{said:?}");
    }
}

/// It was announced by the call.
#[tokio::test]
async fn a_handoff_happens_whatever_is_wrong_with_its_arguments() {
    for arguments in ["{\"reason\": \"an angry", "{}", ""] {
        let played = Played::start().await;
        let mut changes = vec![words("A colleague will be with you.")];
        changes.extend(call(0, "hand_to_human", arguments));
        played.server.replies(Reply::Stream(changes));
        played.ana.says("This is outrageous").await;
        played.a_colleague_has_it().await;
    }
}

#[tokio::test]
async fn who_uses_tools_without_end_gets_a_colleague() {
    let played = Played::start().await;
    for _ in 0..6 {
        played.server.calls("opening_hours", r#"{"day":"sunday"}"#);
    }
    played.ana.says("Are you open?").await;
    played.a_colleague_has_it().await;
    assert_eq!(played.server.requests(), 6);
}

#[tokio::test]
async fn the_budget_counts_what_failed_and_begins_anew_each_day() {
    let patient = |model: &mut Model| model.pauses = vec![Duration::ZERO; 32];
    let played = Played::start_with(patient).await;
    // Each question costs 33 requests, and is handed over.
    for _ in 0..3 {
        for _ in 0..33 {
            played.server.replies(Reply::Status(500));
        }
        played.ana.says("hi").await;
        played.a_colleague_has_it().await;
        played.dead_letter().await;
        played.scenario.inbox().done(&played.ana).await;
        played.ana.sees("I am back.").await;
    }
    played.server.says("This is the last one today.");
    played.ana.says("hi").await;
    played.ana.sees("This is the last one today.").await;
    played.ana.says("hi").await;
    played.a_colleague_has_it().await;
    assert_eq!(played.server.requests(), 100);
    assert!(played.note().contains("used up"), "{}", played.note());

    played.scenario.pass_time(2.hours()).await;
    played.ana.sees("I am back.").await;
    played.scenario.pass_time(23.hours()).await;
    played.server.says("Good morning!");
    played.ana.says("hi").await;
    played.ana.sees("Good morning!").await;
}

#[tokio::test]
async fn it_speaks_the_language_of_the_person() {
    let played = Played::start().await;
    let jan = played.scenario.person("Jan").with_locale("de_DE");
    played.server.calls("hand_to_human", r#"{"reason":"?"}"#);
    jan.says("Ich will einen Menschen").await;
    jan.sees("Ich hole jemanden dazu.").await;
    let request = played.server.request(1).await;
    let system = request["messages"][0]["content"].as_str().unwrap();
    assert!(system.ends_with("Language: de_DE."), "{system}");
    played.scenario.inbox().sees(&jan).await;
    played.scenario.inbox().done(&jan).await;
    jan.sees("Ich bin wieder da.").await;
}

/// Nobody was there.
#[tokio::test]
async fn the_bot_goes_on_if_no_colleague_comes() {
    let played = Played::start().await;
    played.server.calls("hand_to_human", r#"{"reason":"?"}"#);
    played.ana.says("A human please").await;
    played.a_colleague_has_it().await;
    played.ana.says("Hello?").await;
    played.server.says("Nobody is here now. Can I help?");
    played.scenario.pass_time(2.hours()).await;
    played.ana.sees("Nobody is here now. Can I help?").await;
    played.scenario.bot_owns(&played.ana).await;
}

/// The program itself, in production, on the server that its environment names.
#[tokio::test]
async fn the_environment_says_which_model_it_is() {
    let (graph, server) = (GraphStub::start().await, ModelServer::start().await);
    let environment = [
        ("MESSENGER_PAGE_ID", PAGE.to_owned()),
        ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
        ("MESSENGER_APP_ID", APP.to_string()),
        ("MESSENGER_APP_SECRET", SECRET.to_owned()),
        ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
        ("GRAPH_API_URL", graph.url()),
        ("PORT", "0".to_owned()),
        ("OPENAI_BASE_URL", server.base_url.clone()),
        ("OPENAI_API_KEY", "sk-secret".to_owned()),
        ("OPENAI_MODEL", "another model".to_owned()),
    ];
    let mut program = Example::start("language_model", &environment);
    let platform = Platform::new(program.webhook());
    server.says("Hello!");
    platform.says("hi").await;
    let request = server.request(1).await;
    assert_eq!(request["authorization"], "Bearer sk-secret");
    assert_eq!(request["model"], "another model");
    until("the answer is sent", async || {
        let texts = graph.texts();
        let is_sent = texts == ["Hello!"];
        is_sent.then_some(()).ok_or(format!("{texts:?}"))
    })
    .await;
}
