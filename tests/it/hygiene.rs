//! What the attributes write means the same everywhere: without a prelude, among types and
//! modules with the names of the standard library's, in macros, in functions, whatever is denied.
//!
//! A crate that knows `handover` by another name is in `renamed/`.

#![no_implicit_prelude]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![deny(clippy::pedantic)]
#![allow(dead_code, reason = "what is shadowed is not used")]

use ::handover::prelude::*;
use ::handover::testing::{Answer, dispatch, event};
use ::handover::{TargetApp, extract};
use ::std::prelude::v1::test;
use ::std::{assert, assert_eq};

/// Asks the routes about a message with this text.
fn ask(routes: Routes, text: &str) -> Answer {
    let runtime = ::tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime
        .unwrap()
        .block_on(dispatch(routes, event::message(text).from("42")))
        .unwrap()
}

/// Everything that the expansion could mean by mistake.
#[allow(non_snake_case, reason = "functions with the names of variants")]
mod shadowed {
    use ::handover::prelude::*;

    mod core {}
    mod std {}
    mod handover {}
    struct Option;
    struct Result;
    struct String;
    struct Vec;
    struct Meta;
    struct Key;
    struct Routes;
    fn Some() {}
    fn None() {}
    fn Ok() {}
    fn Err() {}
    macro_rules! shadow {
        ($($name:ident)*) => {$(
            #[allow(unused_macros)]
            macro_rules! $name { () => { "shadowed" } }
        )*};
    }
    shadow!(file line module_path unreachable panic concat stringify);

    pub(super) type Text = ::handover::extract::Text;

    fn is_short(answer: &str) -> bool {
        answer.len() < 10
    }

    fn always(_: &::handover::extract::Context) -> bool {
        true
    }

    #[on_message(text = ["a", "b"], regex = "")]
    #[cfg(any())]
    async fn never() {}

    #[on_message(regex = "^a", object = "page", when = always)]
    #[handoff(to = "page_inbox", say = "Bye.", metadata = "note", when = is_short)]
    pub(super) async fn everything(text: Text, captures: Captures) -> ::std::string::String {
        ::std::format!("{text}{}", captures.get(0).unwrap_or_default())
    }

    #[derive(FromPayload)]
    pub(super) struct Line {
        pub(super) article: ::std::string::String,
        pub(super) count: u32,
    }

    #[derive(BotState)]
    pub(super) struct Shop {
        name: &'static str,
    }

    #[on_postback(payload = "ADD:{article}:{count}")]
    pub(super) async fn add(line: Payload<Line>, _: State<&'static str>) -> &'static str {
        if line.count > 1 { "several" } else { "one" }
    }

    pub(super) fn routes() -> ::handover::Routes<Shop> {
        routes![add]
    }

    pub(super) fn messages() -> ::handover::Routes {
        routes![everything]
    }

    pub(super) fn shop() -> Shop {
        Shop { name: "Anna's" }
    }
}

#[test]
fn names_of_the_standard_library_can_be_taken() {
    let answer = ask(shadowed::messages(), "abc");
    assert_eq!(answer.texts(), ["abca", "Bye."]);
    assert_eq!(
        answer.handoff(),
        ::std::option::Option::Some(TargetApp::Inbox)
    );
    let bot = Bot::with_state(shadowed::shop(), shadowed::routes());
    assert!(bot.describe().json().contains("shadowed::add"));
}

mod first {
    use ::handover::prelude::*;

    #[on_message(text = "first")]
    pub(crate) async fn start() -> &'static str {
        "first"
    }
}

mod second {
    use ::handover::prelude::*;

    #[on_message(text = "second")]
    pub(in crate::hygiene::second) async fn start() -> &'static str {
        "second"
    }

    pub(super) fn routes() -> Routes {
        routes![start, super::first::start]
    }
}

#[test]
fn handlers_of_different_modules_can_have_one_name() {
    assert_eq!(ask(second::routes(), "first").texts(), ["first"]);
    assert_eq!(ask(second::routes(), "second").texts(), ["second"]);
}

#[test]
fn handlers_can_stand_in_functions() {
    struct Word(::std::string::String);

    impl extract::FromEvent<::handover::trigger::OnMessage> for Word {
        type State = ::handover::NoState;

        async fn from_event(
            context: &extract::Context,
            state: &::handover::NoState,
        ) -> ::std::result::Result<Self, extract::Rejection> {
            let text = <Text as extract::FromEvent<::handover::trigger::OnMessage>>::from_event(
                context, state,
            );
            let text = text.await;
            text.map(|text| Self(text.0))
        }
    }

    #[on_message]
    async fn local(word: Word) -> ::std::string::String {
        word.0
    }

    assert_eq!(ask(routes![local], "here").texts(), ["here"]);
}

macro_rules! handler {
    ($name:ident, $text:literal, $target:expr, $argument:ty, $answer:block) => {
        #[on_message(text = $text)]
        #[handoff(to = $target)]
        async fn $name(_: $argument, _: $argument) -> &'static str $answer
    };
}

handler!(of_a_macro, "macro", "default_app", Text, { "from a macro" });

#[test]
fn handlers_can_come_from_macros() {
    let answer = ask(routes![of_a_macro], "macro");
    assert_eq!(answer.texts(), ["from a macro"]);
    assert_eq!(
        answer.handoff(),
        ::std::option::Option::Some(TargetApp::DefaultApp)
    );
}

/// Says `type`.
///
/// And no more.
#[on_message(text = "raw")]
async fn r#type() -> &'static str {
    "type"
}

#[test]
fn names_can_be_raw_and_documentation_is_kept() {
    let described = ::handover::Bot::new(routes![r#type]).describe().json();
    let described: ::serde_json::Value = ::serde_json::from_str(&described).unwrap();
    assert_eq!(described[0]["handler"], "hygiene::type");
    assert_eq!(described[0]["summary"], "Says `type`.");
    assert_eq!(ask(routes![r#type], "raw").texts(), ["type"]);
}

#[handoff(to = 42)]
#[on_message(text = "above")]
async fn above(Text(mut text): Text) -> ::std::string::String {
    text.push('!');
    text
}

#[on_message(text = "below")]
#[handoff(to = 42)]
async fn below(mut text: Text, Sender(_): Sender, _: Thread) -> ::std::string::String {
    text.0.push('!');
    text.0
}

/// Not a handler: one can call it.
#[handoff(to = 42)]
async fn alone((mut first, second): (u8, u8)) -> &'static str {
    first += second;
    if first == 3 { "three" } else { "" }
}

#[on_message(text = "called")]
async fn caller() -> ::handover::outcome::WithHandoff<&'static str, ::handover::AppNumber<42>> {
    alone((1, 2)).await
}

#[test]
fn a_handoff_may_be_above_below_and_alone() {
    for (text, said) in [
        ("above", "above!"),
        ("below", "below!"),
        ("called", "three"),
    ] {
        let answer = ask(routes![above, below, caller], text);
        assert_eq!(answer.texts(), [said]);
        assert_eq!(
            answer.handoff(),
            ::std::option::Option::Some(TargetApp::Id(42))
        );
    }
}

#[cfg_attr(all(), on_message(text = "conditional"))]
async fn conditional() {}

#[test]
fn attributes_can_be_conditional() {
    let answer = ask(routes![conditional], "conditional");
    assert_eq!(answer.handler(), ::std::option::Option::Some("conditional"));
}
