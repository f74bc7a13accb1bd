//! Sender actions.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::stage::Stage;
use serde_json::{Value, json};

fn act(stage: &mut Stage, action: &str, payload: Value) -> Result<Value, Refused> {
    let body = json!({"recipient": {"id": stage.ana}, "sender_action": action, "payload": payload});
    stage.post(body)
}

fn instagram() -> Stage {
    let mut stage = Stage::instagram();
    stage.ana_says("hello");
    stage
}

#[test]
fn actions_are_written_in_either_case_and_answered_with_the_recipient_alone() {
    let mut stage = Stage::with_bot_as_owner();
    for action in ["typing_on", "TYPING_OFF", "mark_seen", "MARK_SEEN"] {
        let answer = act(&mut stage, action, Value::Null).unwrap();
        assert_eq!(answer, json!({"recipient_id": stage.ana}), "{action}");
    }
}

#[test]
fn a_message_and_an_action_do_not_go_together() {
    let mut stage = Stage::with_bot_as_owner();
    let body = json!({"recipient": {"id": stage.ana}, "sender_action": "typing_on",
                      "message": {"text": "hi"}});
    assert_eq!(stage.post(body), Err((100, Some(2_018_014))));
}

#[test]
fn reactions_are_emojis_on_messenger_and_love_on_instagram() {
    for (mut stage, good, bad) in [
        (Stage::with_bot_as_owner(), "👍", "love"),
        (instagram(), "love", "👍"),
    ] {
        let mid = stage.thread().messages().next().unwrap().mid.clone();
        let reaction = |mid: &str, reaction: &str| json!({"message_id": mid, "reaction": reaction});
        assert_eq!(
            act(&mut stage, "react", reaction(&mid, bad)),
            Err(PARAMETER)
        );
        assert_eq!(
            act(&mut stage, "react", json!({"message_id": mid})),
            Err(PARAMETER)
        );
        assert_eq!(
            act(&mut stage, "react", reaction("m_5", good)),
            Err(PARAMETER)
        );
        let answer = act(&mut stage, "react", reaction(&mid, good)).unwrap();
        assert_eq!(answer, json!({"recipient_id": stage.ana}));
        assert!(stage.thread().messages().next().unwrap().reaction.is_some());
        act(&mut stage, "unreact", json!({"message_id": mid})).unwrap();
        assert_eq!(stage.thread().messages().next().unwrap().reaction, None);
    }
}
