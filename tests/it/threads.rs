//! One thread at a time, in order; and never over the head of whoever owns the thread.

use crate::support::bot::RunningBot;
use crate::support::gate::{Gate, Gated};
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::watched::Watched;
use handover::journal::DeadLetterContent;
use handover::prelude::*;
use serde_json::json;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "A colleague is taking over."
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("heard {text}")
}

#[on_pass_thread_control]
async fn back() -> &'static str {
    "I am back."
}

async fn start() -> Watched {
    Watched::start(routes![to_agent, back, echo]).await
}

mod order {
    use super::*;

    /// Waits for the gate if the text says so.
    #[on_message]
    async fn patient(text: Text, gate: State<Gate>) -> String {
        if text.starts_with("wait") {
            gate.passed().await;
        }
        text.0
    }

    #[tokio::test]
    async fn a_slow_handler_delays_its_own_thread_only() {
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let bot = RunningBot::start_with(Bot::with_state(state, routes![patient])).await;
        bot.platform
            .deliver([message(PERSON, "wait 1"), message(PERSON, "2")])
            .await;
        bot.platform.says("3").await;
        for person in ["b", "c"] {
            bot.platform.deliver([message(person, person)]).await;
        }
        bot.graph.wait_for_calls(2).await;
        let mut others = bot.graph.texts();
        others.sort();
        assert_eq!(others, ["b", "c"]);
        gate.open_for(1);
        bot.graph.wait_for_calls(5).await;
        assert_eq!(bot.graph.texts()[2..], ["wait 1", "2", "3"]);
    }

    #[tokio::test]
    async fn calls_leave_in_order_though_one_has_to_be_repeated() {
        let watched = start().await;
        let busy = json!({ "error": { "message": "Service temporarily unavailable", "type": "OAuthException", "code": 2, "fbtrace_id": "A" } });
        watched.bot.graph.next_answer(500, busy);
        for text in ["1", "2", "3"] {
            watched.bot.platform.says(text).await;
        }
        watched.bot.graph.wait_for_calls(4).await;
        assert_eq!(
            watched.called(),
            ["heard 1", "heard 1", "heard 2", "heard 3"]
        );
    }
}

#[tokio::test]
async fn the_bots_own_echo_never_reaches_a_handler() {
    let watched = start().await;
    let echo_of = |app: u64| {
        let echo = json!({ "mid": format!("m_{}", fresh()), "is_echo": true, "app_id": app, "text": "agent" });
        let mut echo = item("message", echo);
        let (sender, recipient) = (echo["sender"].take(), echo["recipient"].take());
        (echo["sender"], echo["recipient"]) = (recipient, sender);
        echo
    };
    watched.bot.platform.deliver([echo_of(APP)]).await;
    watched
        .bot
        .platform
        .deliver_on_standby([echo_of(APP)])
        .await;
    watched.bot.platform.says("hello").await;
    watched.bot.graph.wait_for_calls(1).await;
    watched.settled().await;
    assert_eq!(watched.called(), ["heard hello"]);
}

#[tokio::test]
async fn a_message_during_the_handoff_is_left_to_the_new_owner() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.graph.hold();
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(1).await;
    bot.platform.says("are you there?").await;
    bot.graph.let_go();
    bot.graph.wait_for_calls(2).await;
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["A colleague is taking over.", "pass_thread_control"]
    );

    bot.platform.passes_back(None).await;
    bot.graph.wait_for_calls(3).await;
    bot.platform.says("hello again").await;
    bot.graph.wait_for_calls(4).await;
    assert_eq!(watched.called()[2..], ["I am back.", "heard hello again"]);
    assert!(watched.dead_letters().await.is_empty());
}

#[tokio::test]
async fn everything_during_the_handoff_is_left_to_the_new_owner() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.graph.hold();
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(1).await;
    for text in ["one", "two", "agent"] {
        bot.platform.says(text).await;
    }
    let request = json!({ "requested_owner_app_id": 777 });
    bot.platform
        .deliver([item("request_thread_control", request)])
        .await;
    bot.platform.says("three").await;
    bot.graph.let_go();
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["A colleague is taking over.", "pass_thread_control"]
    );
}

#[tokio::test]
async fn a_handoff_in_the_middle_of_a_burst_ends_it() {
    let watched = start().await;
    let burst = ["1", "agent", "2", "3", "agent"].map(|text| message(PERSON, text));
    watched.bot.platform.deliver(burst).await;
    watched.bot.graph.wait_for_calls(3).await;
    watched.settled().await;
    assert_eq!(
        watched.called(),
        [
            "heard 1",
            "A colleague is taking over.",
            "pass_thread_control"
        ]
    );
}

#[tokio::test]
async fn a_thread_that_comes_back_before_the_pass_is_answered_is_the_bots() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.platform.says("hello").await;
    bot.graph.wait_for_calls(1).await;
    watched.settled().await;
    bot.graph.hold();
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(2).await;
    bot.platform.passes_back(None).await;
    bot.graph.let_go();
    bot.graph.wait_for_calls(4).await;
    bot.platform.says("and now?").await;
    bot.graph.wait_for_calls(5).await;
    assert_eq!(watched.called()[3..], ["I am back.", "heard and now?"]);
}

#[tokio::test]
async fn where_every_app_hears_everything_the_platform_is_asked_for_the_owner() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(2).await;
    watched.settled().await;
    bot.graph.owned_by(PAGE_INBOX);
    bot.platform.says("to the colleague").await;
    watched.settled().await;
    bot.graph.owned_by(APP);
    bot.platform.says("to the bot").await;
    bot.graph.wait_for_calls(3).await;
    assert_eq!(watched.called()[2..], ["heard to the bot"]);
}

#[tokio::test]
async fn on_instagram_the_bot_is_silent_while_the_inbox_owns_the_thread() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    let says = async |text: &str| {
        let entry = json!({ "id": PAGE, "messaging": [message(PERSON, text)] });
        let body = json!({ "object": "instagram", "entry": [entry] });
        assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
    };
    says("agent").await;
    bot.graph.wait_for_calls(2).await;
    watched.settled().await;
    bot.graph.owned_by(1_217_981_644_879_628);
    says("to the colleague").await;
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["A colleague is taking over.", "pass_thread_control"]
    );
    assert!(
        watched.dead_letters().await.is_empty(),
        "no handler has run"
    );
}

#[tokio::test]
async fn a_pass_whose_answer_was_lost_has_gone_through() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.graph
        .next_answer(200, json!({ "recipient_id": PERSON, "message_id": "m_1" }));
    bot.graph.next_answer(502, json!("no Graph answer"));
    let refused = "(#100) The calling app is not the thread owner";
    bot.graph.next_answer(
        400,
        json!({ "error": { "message": refused, "code": 100, "fbtrace_id": "A" } }),
    );
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(3).await;
    watched.settled().await;
    assert!(watched.dead_letters().await.is_empty());
    bot.graph.owned_by(PAGE_INBOX);
    bot.platform.says("are you there?").await;
    watched.settled().await;
    assert_eq!(
        watched.called()[1..],
        ["pass_thread_control", "pass_thread_control"]
    );
}

#[tokio::test]
async fn a_pass_to_another_app_is_not_the_bots_to_answer() {
    let watched = start().await;
    let pass = json!({ "previous_owner_app_id": PAGE_INBOX, "new_owner_app_id": 777 });
    watched
        .bot
        .platform
        .deliver([item("pass_thread_control", pass)])
        .await;
    watched.settled().await;
    assert!(watched.called().is_empty());
    assert!(watched.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_postback_is_heard_with_its_payload_though_it_was_seen_without() {
    #[on_postback]
    async fn tapped(payload: Payload) -> String {
        format!("tapped {payload}")
    }

    let bot = RunningBot::start(routes![tapped]).await;
    bot.platform
        .deliver_on_standby([item("postback", json!({ "mid": "m_tap" }))])
        .await;
    bot.platform
        .deliver([item(
            "postback",
            json!({ "mid": "m_tap", "payload": "BUY" }),
        )])
        .await;
    bot.graph.wait_for_calls(1).await;
    assert_eq!(bot.graph.texts(), ["tapped BUY"]);
}

#[tokio::test]
async fn a_message_after_others_on_standby_is_the_bots_again() {
    let watched = start().await;
    let on_standby = message(PERSON, "to somebody else");
    let body = json!({ "object": "page", "entry": [
        { "id": PAGE, "standby": [on_standby] },
        { "id": PAGE, "messaging": [message(PERSON, "to the bot")] },
    ] });
    assert_eq!(watched.bot.platform.post_bytes(body.to_string()).await, 200);
    watched.bot.graph.wait_for_calls(1).await;
    assert_eq!(watched.called(), ["heard to the bot"]);
}

#[tokio::test]
async fn a_refusal_outweighs_messages_that_had_arrived_before_it() {
    #[on_message]
    async fn slow(text: Text, gate: State<Gate>) -> String {
        if &*text == "second" {
            gate.passed().await;
        }
        text.0
    }

    let gate = Gate::default();
    let state = Gated { gate: gate.clone() };
    let watched = Watched::start_with(Bot::with_state(state, routes![slow])).await;
    let not_owner =
        json!({ "error": { "message": "not the owner", "code": 10, "error_subcode": 2_018_300 } });
    watched.bot.graph.next_answer(400, not_owner);
    let texts = ["first", "second"];
    watched
        .bot
        .platform
        .deliver(texts.map(|text| message(PERSON, text)))
        .await;
    watched.dead_letter_count_becomes(1).await;
    gate.open_for(1);
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["first"],
        "the second one is not said over the owner"
    );
}

#[tokio::test]
async fn what_was_queued_behind_a_handoff_is_not_said_over_the_new_owner() {
    #[on_message(text = "agent")]
    async fn talks_on() -> (Handoff, &'static str) {
        (Handoff::saying("Bye."), "One more thing")
    }

    let watched = Watched::start(routes![talks_on]).await;
    watched.bot.platform.says("agent").await;
    watched.bot.graph.wait_for_calls(2).await;
    watched.settled().await;
    assert_eq!(watched.called(), ["Bye.", "pass_thread_control"]);
    let dead = watched.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert!(matches!(dead[0].content, DeadLetterContent::Call(_)));
    assert_eq!(
        dead[0].cause,
        format!("blocked: app {PAGE_INBOX} owns the thread")
    );
}

#[tokio::test]
async fn a_refusal_because_another_app_owns_the_thread_silences_the_bot() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    let not_owner = json!({ "error": {
        "message": "(#10) Message failed to send because another app is controlling this thread now.",
        "type": "OAuthException", "code": 10, "error_subcode": 2_018_300, "fbtrace_id": "AbCdEf123" } });
    bot.graph.hold();
    bot.graph.next_answer(400, not_owner);
    bot.platform
        .deliver([message(PERSON, "1"), message(PERSON, "2")])
        .await;
    bot.graph.wait_for_calls(1).await;
    bot.graph.let_go();
    watched.settled().await;
    assert_eq!(
        watched.called(),
        ["heard 1"],
        "the second one was not even tried"
    );
    let causes: Vec<_> = watched
        .dead_letters()
        .await
        .into_iter()
        .map(|dead| dead.cause)
        .collect();
    assert_eq!(causes.len(), 2, "{causes:#?}");
    assert!(
        causes[0].contains("2018300") && causes[0].contains("AbCdEf123"),
        "{}",
        causes[0]
    );
    assert!(causes[1].starts_with("blocked"), "{}", causes[1]);

    // The platform sends `messaging` to the owner, so the bot has the thread again.
    bot.platform.says("3").await;
    bot.graph.wait_for_calls(2).await;
    assert_eq!(watched.called(), ["heard 1", "heard 3"]);
}

#[tokio::test]
async fn a_pass_that_is_refused_leaves_the_thread_with_the_bot() {
    let watched = start().await;
    let Watched { bot, .. } = &watched;
    bot.graph
        .next_answer(200, json!({ "recipient_id": PERSON, "message_id": "m_1" }));
    let wrong_app = json!({ "error": { "message": "Incorrect App ID.", "type": "OAuthException", "code": 100, "error_subcode": 2_018_164, "fbtrace_id": "A" } });
    bot.graph.next_answer(400, wrong_app);
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(3).await;
    bot.platform.says("still there?").await;
    bot.graph.wait_for_calls(4).await;
    watched.settled().await;
    assert_eq!(
        watched.called()[2..],
        [
            "I could not reach a colleague just now, so I am staying with you.",
            "heard still there?",
        ]
    );
    let dead = watched.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert!(dead[0].cause.contains("2018164"), "{}", dead[0].cause);
}

#[tokio::test]
async fn what_fails_is_kept_with_its_cause() {
    #[on_message]
    async fn fails() -> Result<(), &'static str> {
        Err("the shop is closed")
    }

    let watched = Watched::start(routes![fails]).await;
    watched.bot.platform.says("hello").await;
    watched.settled().await;
    let dead = watched.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].cause, "the shop is closed");
    assert!(
        matches!(&dead[0].content, DeadLetterContent::Event(received) if received.event.body.kind() == "message")
    );
}
