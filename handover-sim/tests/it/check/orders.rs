//! Recordings in which things come in another order than they happen, and which begin in the middle.

use handover_sim::check::Aspect;
use handover_sim::platform::{Behavior, Platform, Routing};
use serde_json::{Value, json};

use super::recorded::Recorded;
use super::talks::{ALL, conversation};
use crate::support::rules::{BOT, INBOX};

fn talk() -> Recorded {
    Recorded::page(Routing::to(BOT), Behavior::default())
}

fn place(talk: &Recorded, is_it: impl Fn(&str) -> bool) -> usize {
    talk.lines
        .iter()
        .position(|line| is_it(&line.to_string()))
        .unwrap()
}

#[test]
fn an_answer_may_be_written_before_its_echo() {
    let mut talk = talk();
    talk.says("hello");
    talk.bot_says("hi");
    let call = talk.lines.pop().unwrap();
    let echo = place(&talk, |line| line.contains("is_echo"));
    talk.lines.insert(echo, call);
    talk.says("how are you?");
    let report = talk.checked();
    assert!(report.agrees(), "{report}");
}

/// The agent takes the thread while the bot sends; the bot hears of it after it was refused.
#[test]
fn a_call_that_was_too_late_is_no_difference() {
    let mut talk = talk();
    talk.says("hello");
    talk.bot_says("hi");
    talk.act(Platform::inbox_take);
    talk.rules.later(-1000);
    assert!(!talk.bot_says("another word"));
    let refused = talk.lines.pop().unwrap();
    let taken = place(&talk, |line| line.contains("take_thread_control"));
    talk.lines.insert(taken, refused);
    talk.agent_says("I am here");
    let report = talk.checked();
    assert!(report.agrees(), "{report}");
}

#[test]
fn a_webhook_that_comes_twice_is_no_difference() {
    let mut talk = conversation(Behavior::default());
    let lines = std::mem::take(&mut talk.lines);
    for line in lines {
        if line["type"] == "webhook" {
            talk.lines.push(line.clone());
        }
        talk.lines.push(line);
    }
    let report = talk.checked();
    assert!(report.agrees(), "{report}");
}

/// Places after an answer: what a call has caused comes before it is written.
fn pauses(talk: &Recorded) -> Vec<usize> {
    // The settings are asked for when it begins.
    let settings = 1 + place(talk, |line| line.contains("/subscriptions"));
    let lines = talk.lines.iter().enumerate().skip(settings);
    let after = lines
        .filter(|(_, line)| line["type"] == "call")
        .map(|(place, _)| place + 1);
    std::iter::once(settings).chain(after).collect()
}

#[test]
fn a_recording_may_begin_anywhere() {
    let mut wrong = Vec::new();
    // Of 302 messages, each beginning is alike.
    for (title, talk) in ALL.iter().filter(|(title, _)| *title != "many messages") {
        let pauses = pauses(&talk(Behavior::default()));
        for start in &pauses {
            let mut talk = talk(Behavior::default());
            talk.lines.drain(pauses[0]..*start);
            if talk.lines.len() > pauses[0] {
                let report = talk.checked();
                if !report.agrees() {
                    wrong.push(format!("{title}, from {start}:\n{report}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An agent takes an idle thread, of which no app hears, and every app gets the person's words alike.
#[test]
fn an_idle_thread_may_have_been_taken_where_the_channel_does_not_show_it() {
    let mut talk = Recorded::instagram(Behavior::default());
    talk.says("hello");
    talk.bot_says("hi");
    talk.calls("release_thread_control", json!({}));
    talk.act(Platform::inbox_take);
    talk.says("a person, please");
    assert!(!talk.bot_says("not mine"));
    talk.agent_says("here I am");
    talk.agent_is_done();
    assert!(talk.bot_says("back"));
    talk.says("thanks");
    let report = talk.checked();
    assert!(report.agrees(), "{report}");
}

/// The bot owns the thread, and gets no event about another owner.
#[test]
fn a_message_on_standby_of_the_owner_is_a_difference_from_the_beginning() {
    let mut talk = talk();
    talk.says("hello");
    talk.bot_says("hi");
    talk.says("how are you?");
    talk.says("and you?");
    let line = talk
        .lines
        .iter_mut()
        .rfind(|line| line["type"] == "webhook");
    let entry = &mut line.unwrap()["body"]["entry"][0];
    entry["standby"] = entry["messaging"].take();
    entry.as_object_mut().unwrap().remove("messaging");
    let report = talk.checked();
    let found: Vec<_> = report.differences.iter().map(|it| it.aspect).collect();
    assert_eq!(found, [Aspect::Channel], "{report}");
}

#[test]
fn what_was_lost_is_not_missed() {
    let mut talk = conversation(Behavior::default());
    let pauses = pauses(&talk);
    let lost = pauses[pauses.len() / 2]..pauses[pauses.len() / 2 + 2];
    talk.lines
        .splice(lost, [json!({"type": "lost", "lines": 6})]);
    let report = talk.checked();
    assert!(report.agrees(), "{report}");
    assert!(
        report
            .not_compared
            .keys()
            .any(|what| what.contains("not recorded"))
    );
}

fn webhooks_with(talk: &mut Recorded, change: impl Fn(&mut Value)) {
    for line in &mut talk.lines {
        let items = ["messaging", "standby"];
        for channel in items {
            if let Some(items) = line.pointer_mut(&format!("/body/entry/0/{channel}")) {
                items.as_array_mut().unwrap().iter_mut().for_each(&change);
            }
        }
    }
}

/// What is changed of an entry's item.
type Change = fn(&mut Value);

/// Differences that no choice is about.
#[test]
fn other_differences_are_named_as_well() {
    let changes: [(&str, &str, Change); 6] = [
        ("message.nlp", "a_message_has_the_platforms_shape", |item| {
            if item.pointer("/message/text").is_some() && item["message"]["is_echo"].is_null() {
                item["message"]["nlp"] = json!({"entities": {}});
            }
        }),
        (
            "message.app_id",
            "echoes_go_to_every_app_and_to_the_sender_itself",
            |item| {
                if let Some(id) = item.pointer("/message/app_id").cloned() {
                    item["message"]["app_id"] = id.to_string().into();
                }
            },
        ),
        (
            "reaction.emoji",
            "a_reaction_has_a_name_an_emoji_and_its_message",
            |item| {
                if let Some(reaction) = item.get_mut("reaction") {
                    reaction.as_object_mut().unwrap().remove("emoji");
                }
            },
        ),
        (
            "read.mid",
            "a_read_event_is_sent_once_and_opens_no_window",
            |item| {
                if let Some(read) = item.get_mut("read") {
                    read["mid"] = "m_1".into();
                }
            },
        ),
        (
            "postback.payload",
            "a_buttons_payload_goes_to_the_app_that_sent_it_whichever_app_owns_the_thread",
            |item| {
                if let Some(payload) = item.pointer_mut("/postback/payload") {
                    *payload = "another".into();
                }
            },
        ),
        (
            "pass_thread_control.reason",
            "a_handover_is_by_the_person_to_the_account",
            |item| {
                if let Some(pass) = item.get_mut("pass_thread_control") {
                    pass["reason"] = "new".into();
                }
            },
        ),
    ];
    for (path, rule, change) in changes {
        let mut talk = conversation(Behavior::default());
        webhooks_with(&mut talk, change);
        let report = talk.checked();
        assert!(!report.agrees(), "{path} is not found");
        let named = |rule: &str| {
            report
                .differences
                .iter()
                .any(|it| it.rule.id == rule && it.path == path)
        };
        assert!(named(rule), "{path}: {report}");
    }
}

/// Calls that the platform answers otherwise.
#[test]
fn other_answers_are_named() {
    let mut talk = talk();
    talk.says("hello");
    talk.bot_says("hi");
    talk.passes(&INBOX);
    talk.says("hello");
    talk.bot_says("not mine");
    let refused = talk.lines.last_mut().unwrap();
    refused["answer"]["error"]["error_subcode"] = json!(2_018_001);
    talk.calls("extend_thread_control", json!({"duration": 60}));
    let refused = talk.lines.last_mut().unwrap();
    (refused["status"], refused["answer"]) = (json!(200), json!({"success": true}));
    talk.says("hello");
    let report = talk.checked();
    let ids: Vec<_> = report.differences.iter().map(|it| it.rule.id).collect();
    assert_eq!(
        ids,
        [
            "each_product_has_its_own_words_for_others_than_the_owner_and_for_strangers",
            "only_the_owner_extends_up_to_seven_days_from_now",
        ],
        "{report}"
    );
    let text = report.to_string();
    assert!(
        text.contains("another error: error 10/2018001, not error 10/2018300"),
        "{text}"
    );
    assert!(text.ends_with(": 2 differences"), "{text}");
}

#[test]
fn errors_of_the_platform_itself_are_no_difference() {
    for error in [
        json!({"code": -1}),
        json!({"code": 190, "error_subcode": 463}),
        json!({"code": 1200}),
    ] {
        let mut talk = talk();
        talk.says("hello");
        talk.bot_says("hi");
        talk.lines.retain(|line| {
            !line.to_string().contains("is_echo") && !line.to_string().contains("delivery")
        });
        let call = talk.lines.last_mut().unwrap();
        (call["status"], call["answer"]) = (json!(500), json!({ "error": error }));
        talk.says("hello?");
        let report = talk.checked();
        assert!(report.agrees(), "{report}");
    }
}
