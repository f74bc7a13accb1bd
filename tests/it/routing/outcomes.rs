//! What handlers return.

use super::*;

struct Billing;

impl Target for Billing {
    const APP: TargetApp = TargetApp::Named("billing");
}

#[derive(Serialize)]
struct Ticket {
    about: &'static str,
}

#[on_message(text = "nothing")]
async fn nothing() {}

#[on_message(text = "maybe")]
async fn maybe() -> Option<&'static str> {
    None
}

#[on_message(text = "several")]
async fn several() -> (SenderAction, Vec<String>, Option<Message>) {
    let question = Message::text("Pick one")
        .quick_reply("Red", "PICK_RED")
        .quick_reply("Blue", "PICK_BLUE");
    (
        SenderAction::TypingOn,
        vec!["one".into(), "two".into()],
        Some(question),
    )
}

#[on_message(text = "picture")]
async fn picture() -> Message {
    Message::attachment(OutgoingAttachment::image("https://x.example/1.jpg"))
}

#[on_message(text = "fails")]
async fn fails() -> Result<&'static str, std::num::ParseIntError> {
    "no number".parse::<u8>()?;
    Ok("never said")
}

#[on_message(text = "panics")]
async fn panics() -> &'static str {
    panic!("on purpose")
}

#[on_message(text = "too long")]
async fn too_long() -> Message {
    "Which letter?".with_quick_replies([("a", "x".repeat(1001))])
}

#[on_message(text = "named")]
#[handoff(to = Billing)]
async fn named() -> Handoff<Ticket> {
    Handoff::saying("Billing will answer.").metadata(Ticket {
        about: "an invoice",
    })
}

#[handoff(to = 4711, metadata = Ticket { about: "a number" })]
#[on_message(text = "number")]
async fn number() -> &'static str {
    "To 4711."
}

#[on_message(text = "default")]
#[handoff(to = "default_app")]
async fn default_app() {}

#[on_message(text = "no handoff")]
#[handoff(to = "page_inbox")]
async fn no_handoff() -> Result<(), &'static str> {
    Err("a reason not to")
}

#[on_message(text = "release")]
async fn release() -> (&'static str, Release) {
    ("Over and out.", Release)
}

fn routes() -> Routes {
    routes![nothing, maybe, several, picture, fails, panics, too_long].routes(routes![
        named,
        number,
        default_app,
        no_handoff,
        release
    ])
}

async fn calls_for(texts: &[&str], count: usize) -> Vec<(String, Value)> {
    let bot = RunningBot::start_with(Bot::new(routes()).retries(0).app("billing", 815_u64)).await;
    bot.platform
        .deliver(texts.iter().map(|text| says(text)))
        .await;
    let calls = bot.graph.wait_for_calls(count).await;
    calls
        .into_iter()
        .map(|call| (call.name().to_owned(), call.body))
        .collect()
}

fn send(rest: Value) -> (String, Value) {
    let mut body = json!({ "recipient": { "id": PERSON } });
    body.as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    ("messages".into(), body)
}

fn message(message: Value) -> (String, Value) {
    send(json!({ "messaging_type": "RESPONSE", "message": message }))
}

#[tokio::test]
async fn every_answer_becomes_its_calls_in_order() {
    let quick_replies = json!([
        { "content_type": "text", "title": "Red", "payload": "PICK_RED" },
        { "content_type": "text", "title": "Blue", "payload": "PICK_BLUE" },
    ]);
    let picture = json!({ "attachment": { "type": "image", "payload": { "url": "https://x.example/1.jpg" } } });
    assert_eq!(
        calls_for(&["nothing", "maybe", "several", "picture"], 5).await,
        [
            send(json!({ "sender_action": "typing_on" })),
            message(json!({ "text": "one" })),
            message(json!({ "text": "two" })),
            message(json!({ "text": "Pick one", "quick_replies": quick_replies })),
            message(picture),
        ]
    );
}

#[tokio::test]
async fn a_handler_that_fails_says_nothing_and_the_thread_goes_on() {
    let texts = ["fails", "panics", "too long", "no handoff", "picture"];
    let calls = calls_for(&texts, 1).await;
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert!(calls[0].1["message"]["attachment"].is_object());
}

#[tokio::test]
async fn a_handoff_comes_last_and_finds_its_target() {
    let recipient = json!({ "id": PERSON });
    let pass = |rest: Value| {
        let (_, body) = send(rest);
        ("pass_thread_control".to_owned(), body)
    };
    assert_eq!(
        calls_for(&["named"], 2).await,
        [
            message(json!({ "text": "Billing will answer." })),
            pass(json!({ "target_app_id": "815", "metadata": "{\"about\":\"an invoice\"}" })),
        ]
    );
    assert_eq!(
        calls_for(&["number"], 2).await,
        [
            message(json!({ "text": "To 4711." })),
            pass(json!({ "target_app_id": "4711", "metadata": "{\"about\":\"a number\"}" })),
        ]
    );
    assert_eq!(calls_for(&["default"], 1).await, [pass(json!({}))]);
    assert_eq!(
        calls_for(&["release"], 2).await,
        [
            message(json!({ "text": "Over and out." })),
            (
                "release_thread_control".to_owned(),
                json!({ "recipient": recipient })
            ),
        ]
    );
}

#[tokio::test]
async fn an_app_without_an_id_stops_the_bot_from_starting() {
    let graph = handover_testkit::graph::GraphStub::start().await;
    let bot = Bot::new(routes![named]).config(crate::support::bot::config(&graph));
    let error = bot.into_parts().unwrap_err().to_string();
    for part in [
        "`named`",
        "tests/it/routing/outcomes.rs",
        "`billing`",
        "MESSENGER_APP_ID_BILLING",
    ] {
        assert!(error.contains(part), "{error}");
    }
}
