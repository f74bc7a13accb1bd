//! What the bot brings about itself: timers, failed handoffs, failing handlers.

use std::time::Duration;

use crate::support::bot::RunningBot;
use crate::support::platform::{PAGE_INBOX, PERSON};
use handover::prelude::*;
use serde_json::json;

mod timers {
    use super::*;

    #[on_message(text = "soon")]
    async fn soon() -> (&'static str, Timer) {
        (
            "I will ask.",
            Timer::after("reminder", Duration::from_millis(20)),
        )
    }

    #[on_message(text = "never")]
    async fn never() -> (Timer, Timer, &'static str) {
        let set = Timer::after("reminder", Duration::from_millis(1));
        (set, Timer::cancel("reminder"), "Cancelled.")
    }

    #[on_message(text = "twice")]
    async fn twice() -> (Timer, Timer) {
        let far = Timer::after("other", Duration::from_secs(3600));
        (far, Timer::after("other", Duration::from_millis(20)))
    }

    #[on_timer(name = "reminder")]
    async fn reminder(sender: Sender) -> String {
        format!("Now, {sender}?")
    }

    #[on_timer]
    async fn any() -> &'static str {
        "Another one."
    }

    #[on_event]
    async fn anything() -> &'static str {
        "Not for this."
    }

    #[tokio::test]
    async fn the_platform_cannot_let_one_run_out() {
        let bot = RunningBot::start(routes![reminder, any, anything]).await;
        for name in ["timer", "handover:timer"] {
            let mut item = json!({ "sender": { "id": PERSON } });
            item[name] = json!({ "name": "reminder" });
            bot.platform.deliver([item]).await;
        }
        bot.graph.wait_for_calls(2).await;
        assert_eq!(bot.graph.texts(), ["Not for this."; 2]);
    }

    #[tokio::test]
    async fn one_of_a_name_runs_out_unless_it_is_cancelled_or_moved() {
        let bot = RunningBot::start(routes![soon, never, twice, reminder, any, anything]).await;
        bot.platform.says("never").await;
        bot.platform.says("soon").await;
        bot.graph.wait_for_calls(3).await;
        bot.platform.says("twice").await;
        bot.graph.wait_for_calls(4).await;
        let reminded = format!("Now, {PERSON}?");
        assert_eq!(
            bot.graph.texts(),
            ["Cancelled.", "I will ask.", &reminded, "Another one."]
        );
    }
}

mod reclaiming {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(
        to = "page_inbox",
        reclaim_after = "1s",
        say = "A colleague will be with you."
    )]
    async fn to_agent() {}

    #[on_timer(name = "reclaim")]
    async fn nobody_came() -> &'static str {
        "Nobody is there, so it is me again."
    }

    #[on_pass_thread_control]
    async fn back() -> &'static str {
        "I am back."
    }

    #[on_message(text = "wait")]
    async fn wait() -> Timer {
        Timer::after("after the other", Duration::from_millis(1500))
    }

    #[on_timer(name = "after the other")]
    async fn waited() -> &'static str {
        "Waited."
    }

    #[tokio::test]
    async fn a_thread_that_nobody_gives_back_is_taken_back() {
        let bot = RunningBot::start(routes![to_agent, nobody_came, back]).await;
        bot.platform.says("agent").await;
        let calls = bot.graph.wait_for_calls(4).await;
        let names: Vec<_> = calls
            .iter()
            .map(|call| call.text().unwrap_or(call.name()))
            .collect();
        assert_eq!(
            names,
            [
                "A colleague will be with you.",
                "pass_thread_control",
                "take_thread_control",
                "Nobody is there, so it is me again.",
            ]
        );
        assert_eq!(calls[2].body, json!({ "recipient": { "id": PERSON } }));
    }

    #[tokio::test]
    async fn a_thread_that_came_back_is_left_in_peace() {
        let bot = RunningBot::start(routes![to_agent, nobody_came, back, wait, waited]).await;
        bot.platform.says("agent").await;
        bot.graph.wait_for_calls(2).await;
        bot.platform.passes_back(None).await;
        bot.platform.says("wait").await;
        bot.graph.wait_for_calls(4).await;
        assert_eq!(bot.graph.texts()[1..], ["I am back.", "Waited."]);
    }
}

mod failing_handoffs {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn to_agent() {}

    #[on_handoff_failed]
    async fn stay(failed: FailedHandoff) -> String {
        let target = failed.target.expect("it was handed to the inbox");
        assert!(failed.reason.contains("2018164"), "{}", failed.reason);
        format!("{target} is not there; I stay.")
    }

    #[tokio::test]
    async fn the_bot_says_that_it_stays() {
        let bot = RunningBot::start(routes![to_agent, stay]).await;
        let refusal = json!({ "error": { "message": "Incorrect App ID.", "code": 100, "error_subcode": 2_018_164 } });
        bot.graph.next_answer(400, refusal);
        bot.platform.says("agent").await;
        bot.graph.wait_for_calls(2).await;
        assert_eq!(
            bot.graph.texts(),
            [format!("{PAGE_INBOX} is not there; I stay.")]
        );
    }
}

mod handoffs_that_cross {
    use handover::journal::Journal;
    use handover::testing::Clock;

    use super::*;
    use crate::support::wait::until;

    #[on_message]
    #[handoff(to = "page_inbox")]
    async fn to_agent() {}

    /// A human answers in the inbox, and so has the thread, just before the bot passes it on. Gives how many
    /// dead letters there are.
    async fn with_owner(owner: u64) -> usize {
        let journal = Journal::in_memory(Clock::default());
        let bot = Bot::new(routes![to_agent]).journal(journal.clone());
        let bot = RunningBot::start_with(bot).await;
        let refusal = json!({ "error": { "message":
            "(#100) Pass thread control failed: the calling app is not the thread owner", "code": 100 } });
        bot.graph.owned_by(owner);
        bot.graph.next_answer(400, refusal);
        bot.platform.says("agent").await;
        until("the owner is asked for", async || {
            let backlog = journal.backlog().await.unwrap();
            let is_done = bot.graph.owner_questions() > 0 && backlog.calls + backlog.events == 0;
            is_done.then_some(()).ok_or(format!("{backlog:?}"))
        })
        .await;
        assert_eq!(bot.graph.texts(), [""; 0]);
        journal.dead_letters().await.unwrap().len()
    }

    #[tokio::test]
    async fn a_human_who_was_quicker_has_the_thread_as_wanted() {
        assert_eq!(with_owner(PAGE_INBOX).await, 0);
        assert!(with_owner(1).await > 0, "another app is not the target");
    }
}

mod failing_handlers {
    use super::*;

    #[on_message(text = "fail")]
    async fn fail(mut count: Session<u32>) -> Result<&'static str, &'static str> {
        *count += 100;
        Err("the shop is closed")
    }

    #[on_message(text = "panic")]
    async fn panics() -> &'static str {
        panic!("on purpose")
    }

    #[on_message(text = "fail softly")]
    #[handoff(to = "page_inbox", on = "error", say = "That is one for a colleague.")]
    async fn fail_softly() -> Result<&'static str, &'static str> {
        Err("too difficult")
    }

    #[on_message(text = "succeed")]
    #[handoff(to = "page_inbox", on = "error")]
    async fn succeed() -> Result<&'static str, &'static str> {
        Ok("Easy.")
    }

    #[on_error]
    async fn sorry(failure: Failure, mut count: Session<u32>, text: Event) -> String {
        *count += 1;
        format!("{}: {failure} ({})", text.event.body.kind(), *count)
    }

    #[tokio::test]
    async fn on_error_answers_instead() {
        let bot = RunningBot::start(routes![fail, panics, fail_softly, succeed, sorry]).await;
        for text in ["fail", "panic", "succeed", "fail softly"] {
            bot.platform.says(text).await;
        }
        let calls = bot.graph.wait_for_calls(5).await;
        assert_eq!(
            bot.graph.texts(),
            [
                "message: the shop is closed (1)",
                "message: it panicked: on purpose (2)",
                "Easy.",
                "That is one for a colleague.",
            ]
        );
        assert_eq!(calls[4].name(), "pass_thread_control");
    }
}

mod conditions {
    use super::*;
    use handover::extract::Context;

    fn shouting(context: &Context) -> bool {
        match &context.received().event.body {
            handover::protocol::EventBody::Message(message) => message
                .text
                .as_deref()
                .is_some_and(|text| text.contains('!')),
            _ => false,
        }
    }

    #[allow(clippy::ptr_arg, reason = "it looks at what the handler returns")]
    fn is_long(answer: &String) -> bool {
        answer.len() > 12
    }

    #[on_message(when = shouting)]
    async fn calm() -> &'static str {
        "Please calm down."
    }

    #[on_message]
    #[handoff(to = "page_inbox", when = is_long)]
    async fn repeat(text: Text) -> String {
        format!("You: {text}")
    }

    #[tokio::test]
    async fn predicates_choose_the_handler_and_the_handoff() {
        let bot = RunningBot::start(routes![calm, repeat]).await;
        for text in ["hey!", "hey", "something longer"] {
            bot.platform.says(text).await;
        }
        let calls = bot.graph.wait_for_calls(4).await;
        assert_eq!(
            bot.graph.texts(),
            ["Please calm down.", "You: hey", "You: something longer"]
        );
        assert_eq!(calls[3].name(), "pass_thread_control");
    }
}
