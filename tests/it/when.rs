//! `when = …`: a function that says whether a handler takes an event.

#![allow(
    clippy::needless_pass_by_value,
    reason = "arguments by value are what is tested"
)]

use std::sync::Mutex;

use handover::extract::Context;
use handover::prelude::*;
use handover::testing::{Dispatcher, event};
use serde::{Deserialize, Serialize};

use crate::support::bot::RunningBot;
use crate::support::platform::{PERSON, message};
use crate::support::wait::until;

/// A form, as its steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Form {
    #[default]
    Nothing,
    Name,
    Size {
        name: String,
    },
}

fn asks_for_name(form: &Session<Form>) -> bool {
    **form == Form::Name
}

fn asks_for_size(form: &Session<Form>) -> bool {
    matches!(**form, Form::Size { .. })
}

#[on_message(text = "order")]
async fn order(mut form: Session<Form>) -> &'static str {
    *form = Form::Name;
    "Your name?"
}

#[on_message(when = asks_for_name)]
async fn name(name: Text, mut form: Session<Form>) -> &'static str {
    *form = Form::Size { name: name.0 };
    "Which size?"
}

#[on_message(when = asks_for_size)]
async fn size(size: Text, mut form: Session<Form>) -> String {
    match std::mem::take(&mut *form) {
        Form::Size { name } => format!("{size} for {name}."),
        other => format!("{other:?}"),
    }
}

#[fallback]
async fn lost() -> &'static str {
    "Write \"order\"."
}

#[tokio::test]
async fn a_form_is_routed_by_what_the_session_says() {
    let mut bot = Dispatcher::new(Bot::new(routes![order, name, size, lost])).unwrap();
    for (said, answer) in [
        ("hello", "Write \"order\"."),
        ("order", "Your name?"),
        ("Ana", "Which size?"),
        ("large", "large for Ana."),
        ("hello", "Write \"order\"."),
    ] {
        assert_eq!(bot.dispatch(event::message(said)).await.texts(), [answer]);
    }
}

#[tokio::test]
async fn a_form_is_filled_in_a_whole_bot_however_quickly_it_is() {
    let bot = RunningBot::start(routes![order, name, size, lost]).await;
    // All in one webhook: each step decides by what the one before it stored.
    let texts = ["order", "Ana", "large", "bye"];
    bot.platform
        .deliver(texts.map(|text| message(PERSON, text)))
        .await;
    bot.graph.wait_for_calls(4).await;
    let expected = [
        "Your name?",
        "Which size?",
        "large for Ana.",
        "Write \"order\".",
    ];
    assert_eq!(bot.graph.texts(), expected);
}

mod arguments {
    use super::*;

    fn never() -> bool {
        false
    }

    fn of_whole(context: &Context) -> bool {
        context
            .thread()
            .person()
            .is_some_and(|person| *person == "42")
    }

    fn is_long(text: Text) -> bool {
        text.len() > 5
    }

    fn is_even(number: Payload<u32>, _: Sender, _: Thread, _: Option<Session<u32>>) -> bool {
        number.0.is_multiple_of(2)
    }

    fn has_captured(captures: &Captures, _: &Sender, _: &Option<Session<u32>>) -> bool {
        captures.name("number") == Some("7")
    }

    /// What it changes is nobody's business.
    fn meddles(mut count: Session<u32>, timers: Timers) -> bool {
        *count += 100;
        timers.set("reminder", std::time::Duration::from_secs(1));
        true
    }

    #[on_message(when = never)]
    async fn nobody() {}

    #[on_message(text = "who", when = of_whole)]
    async fn whole() {}

    #[on_message(when = is_long)]
    async fn long() {}

    #[on_postback(payload = "NUMBER:{number}", when = is_even)]
    async fn even() {}

    #[on_message(regex = r"^n(?<number>\d+)", when = has_captured)]
    async fn seven() {}

    #[on_message(text = "count", when = meddles)]
    async fn count(mut count: Session<u32>) -> String {
        *count += 1;
        count.to_string()
    }

    async fn handler_of(event: impl Into<event::AnyEvent>) -> Option<String> {
        let routes = routes![nobody, whole, long, even, seven, count];
        let mut bot = Dispatcher::new(Bot::new(routes)).unwrap();
        let answer = bot.dispatch(event).await;
        answer.handler().map(str::to_owned)
    }

    #[tokio::test]
    async fn are_extractors_of_the_event() {
        let of = |name: &str| Some(name.to_owned());
        assert_eq!(
            handler_of(event::message("who").from("42")).await,
            of("whole")
        );
        assert_eq!(handler_of(event::message("who").from("43")).await, None);
        assert_eq!(handler_of(event::message("a long text")).await, of("long"));
        assert_eq!(handler_of(event::postback("NUMBER:4")).await, of("even"));
        assert_eq!(handler_of(event::postback("NUMBER:5")).await, None);
        // What an argument cannot be had from is no.
        assert_eq!(handler_of(event::postback("NUMBER:x")).await, None);
        assert_eq!(handler_of(event::message("n7")).await, of("seven"));
        assert_eq!(handler_of(event::message("n8")).await, None);
    }

    #[tokio::test]
    async fn a_predicate_decides_and_does_nothing() {
        let mut bot = Dispatcher::new(Bot::new(routes![count])).unwrap();
        for expected in ["1", "2"] {
            let answer = bot.dispatch(event::message("count")).await;
            assert_eq!(answer.texts(), [expected]);
        }
    }
}

/// Which texts a predicate was asked about.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn asked(text: Text, _: Session<u32>) -> bool {
    ASKED.lock().unwrap().push(text.0);
    true
}

#[on_message(when = asked, pace = "debounce(1s)", typing = true)]
async fn together(burst: Burst, text: Text) -> String {
    format!("{} messages: {}", burst.len(), text.0.replace('\n', ", "))
}

/// With a pace and with signs of typing, the route is asked for before the handler is.
#[tokio::test]
async fn it_is_asked_once_for_each_event() {
    let bot = RunningBot::start(routes![together]).await;
    bot.platform.says("one").await;
    until("it is asked", async || match ASKED.lock().unwrap().len() {
        0 => Err("not yet".to_owned()),
        _ => Ok(()),
    })
    .await;
    bot.platform.says("two").await;
    bot.platform.says("three").await;
    until("they are answered", async || match &*bot.graph.texts() {
        [one] if one == "3 messages: one, two, three" => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    assert_eq!(*ASKED.lock().unwrap(), ["one", "two", "three"]);
}

#[on_message(pace = "burst", typing = true)]
async fn burst(text: Text) -> String {
    text.0
}

fn panics(_: Text) -> bool {
    panic!("a predicate's mistake")
}

#[on_message(text = "panic", when = panics)]
async fn never_asked() {}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

#[on_error]
async fn sorry(failure: Failure) -> String {
    failure.to_string()
}

/// It is a failure of the handler, and the thread goes on.
#[tokio::test]
async fn a_panic_is_a_failure_of_the_handler() {
    for routes in [
        routes![never_asked, echo, sorry],
        routes![never_asked, burst, sorry],
    ] {
        let bot = RunningBot::start(routes).await;
        bot.platform.says("panic").await;
        bot.graph.wait_for_calls(1).await;
        assert!(
            bot.graph.texts()[0].contains("`when` panicked"),
            "{:?}",
            bot.graph.texts()
        );
        bot.platform.deliver([message("another", "hello")]).await;
        until("another is answered", async || {
            match bot.graph.texts().len() {
                2 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
    }
}
