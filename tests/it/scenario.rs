//! What scenarios can express, and how they fail if something expected does not happen.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use handover::prelude::*;
use handover::testing::{DurationExt, Scenario};
use handover::{Target, TargetApp};

#[on_postback(payload = "GET_STARTED")]
async fn welcome() -> Message {
    Message::text("Which colour?").quick_reply("Red", "RED")
}

#[on_message(quick_reply = "RED")]
async fn red() -> &'static str {
    "Red it is."
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_pass_thread_control(from = "page_inbox")]
async fn back_again() -> &'static str {
    "I am back."
}

#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "Nobody came."
}

#[on_message(text = "remind me")]
async fn remind(timers: Timers) -> &'static str {
    timers.set("reminder", Duration::from_secs(2 * 60 * 60));
    timers.set("second reminder", Duration::from_secs(20 * 60 * 60));
    "I will."
}

#[on_timer(name = "reminder")]
async fn reminder() -> &'static str {
    "Time is up."
}

#[on_timer(name = "second reminder")]
async fn second_reminder() -> &'static str {
    "Time is up again."
}

#[fallback]
async fn echo(text: Text) -> String {
    format!("You said: {}", text.0)
}

fn bot() -> Bot {
    Bot::new(routes![
        welcome,
        red,
        to_agent,
        back_again,
        nobody_came,
        remind,
        reminder,
        second_reminder,
        echo
    ])
}

/// What a scenario says that cannot be played to its end.
async fn failure(scenario: impl Future<Output = ()>) -> String {
    let panic = AssertUnwindSafe(scenario)
        .catch_unwind()
        .await
        .expect_err("the scenario fails");
    *panic.downcast::<String>().expect("it says why")
}

#[tokio::test]
async fn a_whole_handover() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    ana.sees("Which colour?").await;
    ana.taps_quick_reply("Red").await;
    ana.sees("Red it is.").await;
    ana.says("agent").await;
    ana.sees("One moment.").await;
    scenario.inbox().sees(&ana).await;
    ana.says("hello?").await;
    ana.sees_nothing_more().await;
    scenario.inbox().replies(&ana, "Ben here.").await;
    ana.sees("Ben here.").await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back.").await;
    scenario.bot_owns(&ana).await;
    ana.says("thanks").await;
    ana.sees("You said: thanks").await;
    ana.sees_nothing_more().await;
}

mod elsewhere {
    use super::*;
    use handover::protocol::{AccountLinking, Feed, OneTimeNotificationTemplate, Recipient};

    #[on_account_linking(status = "linked")]
    async fn linked(linking: AccountLinking) -> Option<String> {
        Some(format!("Welcome, {}.", linking.authorization_code?))
    }

    #[on_account_linking(status = "unlinked")]
    async fn unlinked() -> &'static str {
        "Goodbye."
    }

    #[on_optin(payload = "HAT")]
    async fn notify() -> &'static str {
        "You will hear from us."
    }

    #[on_optin(ref = "shop")]
    async fn ticked(mut times: Session<u32>) -> String {
        *times += 1;
        format!("Ticked {} times.", *times)
    }

    #[on_message]
    async fn offer() -> OneTimeNotificationTemplate {
        OneTimeNotificationTemplate {
            title: "When the hat is back".to_owned(),
            payload: "HAT".to_owned(),
            ..Default::default()
        }
    }

    #[on_event(name = "feed")]
    async fn in_public(Content(feed): Content<Feed>, graph: Graph) -> handover::Result {
        let written =
            (feed.comment_id.map(Recipient::comment)).or_else(|| feed.post_id.map(Recipient::post));
        let to = written.expect("it has an id");
        let thanks = format!("Thanks for {:?}!", feed.message.unwrap_or_default());
        graph
            .send_to(to)
            .text(&thanks)
            .await
            .map_err(handover::Error::other)?;
        Ok(())
    }

    #[tokio::test]
    async fn who_writes_in_public_is_answered_in_private() {
        let scenario = Scenario::with(Bot::new(routes![in_public])).await;
        let ana = scenario.person("Ana");
        ana.comments("great cake").await;
        ana.sees("Thanks for \"great cake\"!").await;
        ana.posts("I was here").await;
        ana.sees("Thanks for \"I was here\"!").await;
        ana.sees_nothing_more().await;
    }

    #[tokio::test]
    async fn people_log_in_tick_boxes_and_agree_to_be_notified() {
        let bot = Bot::new(routes![linked, unlinked, notify, ticked, offer]);
        let scenario = Scenario::with(bot).await;
        let ana = scenario.person("Ana");
        ana.says("the hat?").await;
        ana.sees_something("the offer", |message| message.attachment.is_some())
            .await;
        ana.agrees_to_notifications().await;
        ana.sees("You will hear from us.").await;
        ana.logs_in("SHOP-7").await;
        ana.sees("Welcome, SHOP-7.").await;
        ana.logs_out().await;
        ana.sees("Goodbye.").await;
        let ben = scenario.person("Ben");
        ana.ticks_box("visitor-9", Some("shop")).await;
        ana.sees("Ticked 1 times.").await;
        ben.ticks_box("visitor-10", Some("shop")).await;
        ben.sees("Ticked 1 times.").await;
        ana.ticks_box("visitor-9", Some("shop")).await;
        ana.sees("Ticked 2 times.").await;
        let message = failure(ben.agrees_to_notifications()).await;
        assert!(message.contains("Ben agrees to notifications"), "{message}");
    }
}

#[tokio::test]
async fn half_an_hour_passes_at_once() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    scenario.pass_time(29.minutes()).await;
    ana.sees("One moment.").await;
    ana.sees_nothing_more().await;
    scenario.pass_time(2.minutes()).await;
    ana.sees("Nobody came.").await;
    scenario.bot_owns(&ana).await;
}

/// Both timers run out inside the messaging window, each at its own time: at the end of the span
/// the window is closed.
#[tokio::test]
async fn what_falls_due_on_the_way_happens_on_the_way() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    ana.says("remind me").await;
    ana.sees("I will.").await;
    scenario.pass_time(25.hours()).await;
    ana.sees("Time is up.").await;
    ana.sees("Time is up again.").await;
    scenario.nobody_owns(&ana).await;
    let waited = |later: usize| {
        let messages = ana.messages();
        messages[later].at.as_millis() - messages[0].at.as_millis()
    };
    for (message, hours) in [(2, 2), (3, 20)] {
        let due: Duration = DurationExt::hours(hours);
        let late = waited(message) - i64::try_from(due.as_millis()).unwrap();
        assert!((0..60_000).contains(&late), "{late} ms late");
    }
}

#[tokio::test]
async fn a_failure_shows_the_line_the_chat_and_the_timeline() {
    let scenario = Scenario::builder()
        .platform(|platform| platform.wait_timeout(Duration::from_millis(300)))
        .bot("echo", bot())
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    scenario.settles().await;
    let line = line!() + 1;
    let said = failure(ana.sees("Good morning")).await;
    for part in [
        &format!("tests/it/scenario.rs:{line}:"),
        "Ana sees \"Good morning\"",
        "webhook message to",
        "call messages by",
        "Ana: hello",
        ": You said: hello",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_and_what_is_too_much_fail_too() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    let said = failure(ana.taps_button("Buy")).await;
    assert!(said.contains("no message has a button \"Buy\""), "{said}");
    let said = failure(scenario.inbox().done(&ana)).await;
    assert!(said.contains("does not own the thread"), "{said}");
    ana.says("hello").await;
    let said = failure(ana.sees_nothing_more()).await;
    assert!(said.contains("one more: \"You said: hello\""), "{said}");
}

#[tokio::test]
async fn persons_and_scenarios_do_not_mix() {
    let (one, other) = tokio::join!(Scenario::with(bot()), Scenario::with(bot()));
    let (ana, ben) = (one.person("Ana"), one.person("Ben"));
    one.pass_time(3.days()).await;
    ana.says("hello").await;
    ben.says("agent").await;
    one.inbox().sees(&ben).await;
    ana.sees("You said: hello").await;
    one.bot_owns(&ana).await;
    let eva = other.person("Eva");
    eva.says("hi").await;
    eva.sees("You said: hi").await;
    let apart = ana.messages()[0].at.as_millis() - eva.messages()[0].at.as_millis();
    assert!(apart > 2 * 24 * 60 * 60 * 1000, "{apart} ms");
    assert!(other.person("Ben").messages().is_empty());
}

#[tokio::test]
async fn several_bots_share_a_page() {
    struct Billing;

    impl Target for Billing {
        const APP: TargetApp = TargetApp::Named("billing");
    }

    #[on_message(text = "invoice")]
    #[handoff(to = Billing)]
    async fn to_billing() -> &'static str {
        "That is one for billing."
    }

    #[on_pass_thread_control]
    async fn hello() -> &'static str {
        "Billing here."
    }

    let scenario = Scenario::builder()
        .bot("reception", Bot::new(routes![to_billing]))
        .bot("billing", Bot::new(routes![hello]))
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("invoice").await;
    ana.sees("That is one for billing.").await;
    ana.sees("Billing here.").await;
    ana.sees_nothing_more().await;
}

/// What a person does with messages; the bot answers with the kind of the event.
#[tokio::test]
async fn persons_do_more_than_write() {
    #[on_message]
    async fn message(event: Event) -> String {
        let mut news = vec!["message".to_owned()];
        if let handover::protocol::EventBody::Message(message) = &event.event.body {
            news.extend(message.reply_to.iter().map(|_| "reply".to_owned()));
            news.extend(message.attachments.iter().map(|sent| sent.kind.clone()));
        }
        news.join(" ")
    }

    #[on_reaction]
    async fn reaction() -> &'static str {
        "reaction"
    }

    #[on_message_edit]
    async fn edit() -> &'static str {
        "edit"
    }

    #[on_referral(ref = "spring")]
    async fn link() -> &'static str {
        "referral"
    }

    let scenario = Scenario::with(Bot::new(routes![message, reaction, edit, link])).await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    ana.sees("message").await;
    ana.replies_to("message", "what?").await;
    ana.sees("message reply").await;
    ana.sends("image", "https://example.com/1.jpg").await;
    ana.sees("message image").await;
    ana.reacts("message reply", "love").await;
    ana.sees("reaction").await;
    ana.unreacts("message reply").await;
    ana.sees("reaction").await;
    ana.edits("hello", "hello!").await;
    ana.sees("edit").await;
    ana.opens_link("spring").await;
    ana.sees("referral").await;
    ana.sees_nothing_more().await;
    let said = failure(ana.edits("never said", "anything")).await;
    assert!(said.contains("has no message \"never said\""), "{said}");
}
