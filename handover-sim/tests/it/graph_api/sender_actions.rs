//! Sender actions.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::Rules;
use serde_json::{Value, json};

fn act(rules: &mut Rules, action: &str, payload: Value) -> Result<Value, Refused> {
    let body = json!({"recipient": {"id": rules.ana}, "sender_action": action, "payload": payload});
    rules.post(body)
}

fn instagram() -> Rules {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    rules
}

#[test]
fn actions_are_written_in_either_case_and_answered_with_the_recipient_alone() {
    let mut rules = Rules::with_bot_as_owner();
    for action in ["typing_on", "TYPING_OFF", "mark_seen", "MARK_SEEN"] {
        let answer = act(&mut rules, action, Value::Null).unwrap();
        assert_eq!(answer, json!({"recipient_id": rules.ana}), "{action}");
    }
}

#[test]
fn a_message_and_an_action_do_not_go_together() {
    let mut rules = Rules::with_bot_as_owner();
    let body = json!({"recipient": {"id": rules.ana}, "sender_action": "typing_on",
                      "message": {"text": "hi"}});
    assert_eq!(rules.post(body), Err((100, Some(2_018_014))));
}

#[test]
fn reactions_are_emojis_on_messenger_and_love_on_instagram() {
    for (mut rules, good, bad) in [
        (Rules::with_bot_as_owner(), "👍", "love"),
        (instagram(), "love", "👍"),
    ] {
        let mid = rules.thread().messages().next().unwrap().mid.clone();
        let reaction = |mid: &str, reaction: &str| json!({"message_id": mid, "reaction": reaction});
        assert_eq!(
            act(&mut rules, "react", reaction(&mid, bad)),
            Err(PARAMETER)
        );
        assert_eq!(
            act(&mut rules, "react", json!({"message_id": mid})),
            Err(PARAMETER)
        );
        assert_eq!(
            act(&mut rules, "react", reaction("m_5", good)),
            Err(PARAMETER)
        );
        let answer = act(&mut rules, "react", reaction(&mid, good)).unwrap();
        assert_eq!(answer, json!({"recipient_id": rules.ana}));
        assert!(rules.thread().messages().next().unwrap().reaction.is_some());
        act(&mut rules, "unreact", json!({"message_id": mid})).unwrap();
        assert_eq!(rules.thread().messages().next().unwrap().reaction, None);
    }
}
