//! Which handler takes an event, what it is given, and what its answer leads to.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

use std::sync::Arc;

use crate::support::bot::RunningBot;
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, item};
use handover::prelude::*;
use handover::protocol::{OutgoingAttachment, SenderAction};
use handover::{Provides, Routes, Target, TargetApp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Delivers the items and gives what the bot sends: texts, or the body of any other call.
async fn answers(
    routes: Routes,
    items: impl IntoIterator<Item = Value>,
    count: usize,
) -> Vec<Value> {
    let bot = RunningBot::start(routes).await;
    bot.platform.deliver(items).await;
    let calls = bot.graph.wait_for_calls(count).await;
    calls
        .into_iter()
        .map(|call| call.text().map_or(call.body.clone(), Value::from))
        .collect()
}

fn says(text: &str) -> Value {
    crate::support::platform::message(PERSON, text)
}

fn taps(payload: &str) -> Value {
    item(
        "postback",
        json!({ "title": "A button", "payload": payload }),
    )
}

mod messages {
    use super::*;

    #[on_message(text = ["Ja", " yes "])]
    async fn agrees() -> &'static str {
        "agreed"
    }

    #[on_message(text = "ÄPFEL")]
    async fn apples() -> &'static str {
        "apples"
    }

    #[on_message(regex = r"(?i)order\s+(?<number>\d+)")]
    async fn order(captures: Captures, text: Text) -> String {
        format!(
            "order {:?} in {text}",
            captures.name("number").unwrap_or_default()
        )
    }

    #[on_message(quick_reply = ["PICK_RED", "PICK_BLUE"])]
    async fn picked(payload: Payload) -> String {
        format!("picked {payload}")
    }

    #[on_message]
    async fn picture(attachments: Attachments, sender: Sender) -> String {
        format!("{} from {sender}", attachments[0].kind)
    }

    #[on_message]
    async fn other(text: Text, thread: Thread) -> String {
        format!("{text} in {}", *thread)
    }

    #[tokio::test]
    async fn the_first_route_whose_keys_and_arguments_fit_takes_the_message() {
        let quick_reply = |payload: &str| {
            item(
                "message",
                json!({ "mid": payload, "text": "Red", "quick_reply": { "payload": payload } }),
            )
        };
        let image = json!({ "mid": "m_image", "attachments": [{ "type": "image", "payload": { "url": "https://x.example/1.jpg" } }] });
        let nothing = json!({ "mid": "m_nothing", "is_deleted": true });
        let routes = routes![agrees, apples, order, picked, picture, other];
        let items = [
            says("  JA\n"),
            says("Yes"),
            says("yes please"),
            says("äpfel"),
            says("Where is ORDER 42?"),
            quick_reply("PICK_BLUE"),
            quick_reply("PICK_GREEN"),
            item("message", nothing),
            item("message", image),
        ];
        let thread = format!("{PAGE}/{PERSON}");
        assert_eq!(
            answers(routes, items, 8).await,
            [
                json!("agreed"),
                json!("agreed"),
                json!(format!("yes please in {thread}")),
                json!("apples"),
                json!("order \"42\" in Where is ORDER 42?"),
                json!("picked PICK_BLUE"),
                json!(format!("Red in {thread}")),
                json!(format!("image from {PERSON}")),
            ]
        );
    }
}

mod postbacks {
    use super::*;

    #[on_postback(payload = ["START", "GET_STARTED"])]
    async fn start() -> &'static str {
        "started"
    }

    #[on_postback]
    async fn amount(cents: Payload<u32>) -> String {
        format!("{} cents", *cents)
    }

    #[on_postback]
    async fn any(payload: Option<Payload>) -> String {
        payload.map_or_else(
            || "no payload".into(),
            |payload| format!("payload {payload}"),
        )
    }

    #[tokio::test]
    async fn payloads_are_matched_exactly_and_parsed() {
        let bare = item("postback", json!({ "title": "Bare" }));
        let items = [
            taps("GET_STARTED"),
            taps("get_started"),
            taps("250"),
            taps("2.5"),
            bare,
        ];
        assert_eq!(
            answers(routes![start, amount, any], items, 5).await,
            [
                "started",
                "payload get_started",
                "250 cents",
                "payload 2.5",
                "no payload"
            ]
        );
    }
}

mod handovers {
    use super::*;

    #[derive(Deserialize)]
    struct Note {
        about: String,
    }

    #[on_pass_thread_control(from = "page_inbox")]
    async fn from_inbox(note: Metadata<Note>, previous: PreviousOwner) -> String {
        format!("{} by {}", note.about, *previous)
    }

    #[on_pass_thread_control(from = 4711, to = 1517776481860111)]
    async fn from_number(new_owner: NewOwner) -> String {
        format!("now {}", *new_owner)
    }

    #[on_pass_thread_control]
    async fn from_anyone(note: Option<Metadata>, previous: Option<PreviousOwner>) -> String {
        format!(
            "{:?} from {:?}",
            note.map(|note| note.0),
            previous.map(|app| app.to_string())
        )
    }

    #[on_request_thread_control]
    #[handoff(to = "requester", metadata = "here you are")]
    async fn grant(app: RequestingApp) -> String {
        format!("granted to {}", *app)
    }

    fn pass(previous: Value, metadata: Value) -> Value {
        item(
            "pass_thread_control",
            json!({ "previous_owner_app_id": previous, "new_owner_app_id": APP, "metadata": metadata }),
        )
    }

    #[tokio::test]
    async fn apps_are_distinguished_as_numbers_and_strings() {
        let routes = routes![from_inbox, from_number, from_anyone];
        let items = [
            pass(json!(PAGE_INBOX), json!(r#"{"about":"shoes"}"#)),
            pass(json!(PAGE_INBOX.to_string()), json!("no JSON")),
            pass(json!("4711"), Value::Null),
            pass(Value::Null, json!("")),
            item("pass_thread_control", json!({})),
        ];
        assert_eq!(
            answers(routes, items, 5).await,
            [
                json!(format!("shoes by {PAGE_INBOX}")),
                json!(format!("Some(\"no JSON\") from Some(\"{PAGE_INBOX}\")")),
                json!(format!("now {APP}")),
                json!("Some(\"\") from None"),
                json!("None from None"),
            ]
        );
    }

    #[tokio::test]
    async fn who_asks_for_the_thread_is_answered_and_gets_it() {
        let request = item(
            "request_thread_control",
            json!({ "requested_owner_app_id": 4711, "metadata": "please" }),
        );
        assert_eq!(
            answers(routes![grant], [request], 2).await,
            [
                json!("granted to 4711"),
                json!({ "recipient": { "id": PERSON }, "target_app_id": "4711", "metadata": "here you are" })
            ]
        );
    }

    #[on_take_thread_control(from = 1517776481860111)]
    async fn taken(event: Event, log: State<Log>) {
        log.note(format!("taken: {}", event.event.body.kind()));
    }

    #[on_app_roles]
    async fn roles(roles: AppRoles, log: State<Log>) {
        log.note(format!("roles: {}", roles.0.len()));
    }

    #[on_standby(kind = ["message", "echo"])]
    async fn overheard(text: Text, log: State<Log>) {
        log.note(format!("overheard: {text}"));
    }

    #[tokio::test]
    async fn what_the_bot_only_hears_about_is_handled_in_silence() {
        let log = Log::default();
        let routes = routes![taken, roles, overheard, from_anyone];
        let bot = RunningBot::start_with(Bot::with_state(log.clone(), routes)).await;
        let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": PAGE_INBOX });
        let app_roles = json!({ "recipient": { "id": PAGE }, "timestamp": 1, "app_roles": { "4711": ["primary_receiver"] } });
        bot.platform
            .deliver([item("take_thread_control", take)])
            .await;
        bot.platform
            .deliver_on_standby([says("psst"), item("postback", json!({}))])
            .await;
        bot.platform
            .deliver_on_standby([item("message", json!({ "mid": "m_e", "is_echo": true, "app_id": PAGE_INBOX, "text": "Hi, this is Ana" }))])
            .await;
        bot.platform.deliver([app_roles]).await;
        bot.platform.passes_back(None).await;
        bot.graph.wait_for_calls(1).await;
        let mut noted = log.noted();
        // The roles belong to the account, not to the thread, and may come at any time.
        noted.retain(|note| note != "roles: 1");
        assert_eq!(noted.len() + 1, log.noted().len());
        assert_eq!(
            noted,
            [
                "taken: take_thread_control",
                "overheard: psst",
                "overheard: Hi, this is Ana"
            ]
        );
    }
}

/// State that the tests can look into.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    fn noted(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Provides<Log> for Log {
    fn provide(&self) -> &Log {
        self
    }
}

mod outcomes {
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
        let bot =
            RunningBot::start_with(Bot::new(routes()).retries(0).app("billing", 815_u64)).await;
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
        let graph = crate::support::stub::GraphStub::start().await;
        let bot = Bot::new(routes![named]).config(crate::support::bot::config(&graph));
        let error = bot.into_parts().unwrap_err().to_string();
        for part in [
            "`named`",
            "tests/it/routing.rs",
            "`billing`",
            "MESSENGER_APP_ID_BILLING",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }
}

mod regexes {
    use super::*;

    #[on_message(regex = "[z-a]")]
    async fn broken() {}

    #[tokio::test]
    async fn one_that_is_none_stops_the_bot_from_starting() {
        let graph = crate::support::stub::GraphStub::start().await;
        let bot = Bot::new(routes![broken]).config(crate::support::bot::config(&graph));
        let error = bot.into_parts().unwrap_err().to_string();
        assert!(
            error.contains("`broken`") && error.contains("invalid character class range"),
            "{error}"
        );
    }
}

mod settings {
    use super::*;

    #[tokio::test]
    async fn a_wrong_one_is_named_by_its_variable() {
        let graph = crate::support::stub::GraphStub::start().await;
        let config = crate::support::bot::config(&graph).graph_version("26");
        let bot = Bot::new(Routes::default()).config(config);
        let error = bot.into_parts().unwrap_err();
        let told = error.to_string();
        assert!(told.starts_with("GRAPH_API_VERSION: "), "{error}");
        assert!(told.contains("version has to look like v26.0"), "{error}");
        assert_eq!(
            format!("{error:?}"),
            error.to_string(),
            "what `main` prints"
        );
    }
}

mod state {
    use super::*;

    #[derive(BotState)]
    struct Shop {
        name: String,
        prices: Arc<Vec<u32>>,
    }

    #[on_message]
    async fn price(name: State<String>, prices: State<Arc<Vec<u32>>>) -> String {
        format!("{} from {} cents at {}", prices.len(), prices[0], *name)
    }

    #[tokio::test]
    async fn each_handler_gets_the_parts_it_asks_for() {
        let shop = Shop {
            name: "Kaffeehaus".into(),
            prices: Arc::new(vec![250, 300]),
        };
        let bot = RunningBot::start_with(Bot::with_state(shop, routes![price])).await;
        bot.platform.says("how much?").await;
        bot.graph.wait_for_calls(1).await;
        assert_eq!(bot.graph.texts(), ["2 from 250 cents at Kaffeehaus"]);
    }
}

mod sessions {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    struct Count(u32);

    #[on_message(text = "fail")]
    async fn fail(mut count: Session<Count>) -> Result<(), &'static str> {
        count.0 += 100;
        Err("so the session stays as it was")
    }

    #[on_message]
    async fn wants_a_picture(mut count: Session<Count>, _pictures: Attachments) {
        count.0 += 1000;
    }

    #[fallback]
    async fn counted(mut count: Session<Count>) -> String {
        count.0 += 1;
        count.0.to_string()
    }

    #[tokio::test]
    async fn each_thread_has_its_own_and_only_answers_change_it() {
        let bot = RunningBot::start(routes![counted, wants_a_picture, fail]).await;
        for text in ["a", "fail", "b"] {
            bot.platform.says(text).await;
        }
        bot.platform
            .deliver([crate::support::platform::message("another person", "c")])
            .await;
        let calls = bot.graph.wait_for_calls(3).await;
        let of = |person: &str| -> Vec<_> {
            let theirs = calls
                .iter()
                .filter(|call| call.body["recipient"]["id"] == *person);
            theirs.filter_map(|call| call.text()).collect()
        };
        assert_eq!(of(PERSON), ["1", "2"]);
        assert_eq!(of("another person"), ["1"]);
    }
}

mod fallbacks {
    use super::*;

    #[fallback]
    async fn lost() -> &'static str {
        "lost"
    }

    #[on_message(text = "known")]
    async fn known() -> &'static str {
        "known"
    }

    #[tokio::test]
    async fn they_take_messages_and_postbacks_that_nobody_else_takes_and_nothing_else() {
        let items = [
            item("read", json!({ "watermark": 1 })),
            item("delivery", json!({ "mids": ["m"], "watermark": 1 })),
            item(
                "reaction",
                json!({ "reaction": "love", "action": "react", "mid": "m" }),
            ),
            item(
                "message",
                json!({ "mid": "m_echo", "is_echo": true, "app_id": 4711, "text": "known" }),
            ),
            item("optin", json!({ "ref": "R" })),
            says("known"),
            says("unknown"),
            taps("UNKNOWN"),
        ];
        assert_eq!(
            answers(routes![lost, known], items, 3).await,
            ["known", "lost", "lost"]
        );
    }
}
