//! Conversations and messages, to be read again.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::{MINUTE, Rules, SHOP};
use handover_sim::platform::Parameters;
use serde_json::{Value, json};

fn fields(text: &str) -> Parameters {
    Parameters::from_iter([("fields".to_owned(), json!(text))])
}

fn conversation(rules: &mut Rules, asked: &str) -> Result<Value, Refused> {
    let id = format!("t_{}", rules.ana);
    rules.ask_of(|p, c| p.conversation(c, &id, &fields(asked)))
}

#[test]
fn the_conversation_that_moved_last_is_first() {
    let mut rules = Rules::routed();
    let account = rules.account();
    let ben = rules.platform.add_person(&account, "Ben");
    let silent = rules.platform.add_person(&account, "Cleo");
    rules.platform.say(&ben, "hello", rules.now).unwrap();
    rules.later(MINUTE).ana_says("hello");
    let list = rules.ask(
        |p, c, a| p.conversations(c, a),
        json!({"platform": "messenger"}),
    );
    let list = list.unwrap();
    let ids: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(
        ids,
        [json!(format!("t_{}", rules.ana)), json!(format!("t_{ben}"))]
    );
    assert_eq!(list["data"][1]["updated_time"], "2026-09-21T14:13:20+0000");
    let one = rules.ask(|p, c, a| p.conversations(c, a), json!({"user_id": ben}));
    assert_eq!(one.unwrap()["data"].as_array().unwrap().len(), 1);
    let none = rules.ask(|p, c, a| p.conversations(c, a), json!({"user_id": silent}));
    assert_eq!(none.unwrap(), json!({"data": []}));
    let other = rules.ask(
        |p, c, a| p.conversations(c, a),
        json!({"platform": "instagram"}),
    );
    assert_eq!(other.unwrap(), json!({"data": []}));
    let odd = rules.ask(
        |p, c, a| p.conversations(c, a),
        json!({"platform": "pigeon"}),
    );
    assert_eq!(odd, Err(PARAMETER));
}

#[test]
fn only_conversation_routing_says_who_is_the_owner() {
    let mut rules = Rules::with_bot_as_owner();
    assert_eq!(
        conversation(&mut rules, "is_owner").unwrap()["is_owner"],
        true
    );
    rules
        .pass(&crate::support::rules::BOT, Some(&SHOP))
        .unwrap();
    assert_eq!(
        conversation(&mut rules, "is_owner").unwrap()["is_owner"],
        false
    );
    let mut zero = Rules::zero_config();
    zero.ana_says("hello");
    assert_eq!(
        conversation(&mut zero, "is_owner").unwrap().get("is_owner"),
        None
    );
}

#[test]
fn messages_are_shown_newest_first_with_the_fields_that_are_asked_for() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(MINUTE).message(json!({"text": "hi"})).unwrap();
    let shown = conversation(
        &mut rules,
        "messages.limit(1){message,from{id},created_time}",
    )
    .unwrap();
    let newest = rules.thread().messages().next_back().unwrap().mid.clone();
    let data = &shown["messages"]["data"];
    assert_eq!(data.as_array().unwrap().len(), 1);
    assert_eq!(data[0]["id"], json!(newest));
    assert_eq!(data[0]["message"], "hi");
    assert_eq!(data[0]["from"]["name"], "Kaffeehaus");
    for odd in [
        "shoe_size",
        "messages{shoe_size}",
        "messages{",
        "messages}",
        "a{b{c{d{e{f}}}}}",
    ] {
        assert!(conversation(&mut rules, odd).is_err(), "{odd}");
    }
}

#[test]
fn a_message_is_shown_while_it_is_among_the_20_newest() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    for _ in 0..19 {
        rules.message(json!({"text": "hi"})).unwrap();
    }
    let asked = fields("message,from,to,reply_to");
    let shown = rules.ask_of(|p, c| p.message(c, &mid, &asked)).unwrap();
    assert_eq!(shown["message"], "hello");
    assert_eq!(shown["from"]["id"], json!(rules.ana));
    rules.message(json!({"text": "hi"})).unwrap();
    assert_eq!(
        rules.ask_of(|p, c| p.message(c, &mid, &asked)),
        Err((9_000_001, None))
    );
    assert_eq!(
        rules.ask_of(|p, c| p.message(c, "m_5", &asked)),
        Err((100, Some(33)))
    );
}

#[test]
fn long_lists_come_in_pages() {
    let mut rules = Rules::routed();
    let account = rules.account();
    for number in 0..7 {
        let person = rules.platform.add_person(&account, &number.to_string());
        rules.later(MINUTE);
        rules.platform.say(&person, "hello", rules.now).unwrap();
    }
    let mut seen = Vec::new();
    let mut parameters = json!({"limit": 3});
    loop {
        let page = rules
            .ask(|p, c, a| p.conversations(c, a), parameters.clone())
            .unwrap();
        let data = page["data"].as_array().unwrap();
        assert!(!data.is_empty() && data.len() <= 3);
        seen.extend(data.iter().map(|one| one["id"].to_string()));
        if page["paging"].get("next").is_none() {
            let before = page["paging"]["cursors"]["before"].clone();
            parameters = json!({"limit": 3, "before": before});
            break;
        }
        parameters = json!({"limit": 3, "after": page["paging"]["cursors"]["after"]});
    }
    let whole = seen.clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7, "each once");
    let back = rules
        .ask(|p, c, a| p.conversations(c, a), parameters)
        .unwrap();
    let back: Vec<_> = back["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].to_string())
        .collect();
    assert_eq!(back, whole[3..6]);
    for bad in [
        json!({"after": "zz"}),
        json!({"after": "aa"}),
        json!({"limit": 0}),
        json!({"limit": "x"}),
    ] {
        let answer = rules.ask(|p, c, a| p.conversations(c, a), bad.clone());
        assert_eq!(answer, Err(PARAMETER), "{bad}");
    }
}
