//! Limits on how fast apps send, which are off unless chosen.

use crate::graph_api::ask::Refused;
use crate::support::rules::Rules;
use handover_sim::platform::{Behavior, RateLimits};
use serde_json::{Value, json};

const TOO_FAST: Refused = (613, None);

fn limited(rules: Rules) -> Rules {
    rules.with_behavior(Behavior {
        rate_limits: RateLimits::documented(),
        ..Behavior::default()
    })
}

fn text(rules: &mut Rules) -> Result<(), Refused> {
    rules.message(json!({"text": "hi"})).map(drop)
}

fn video(rules: &mut Rules) -> Result<(), Refused> {
    rules
        .attach("video", json!({"url": "https://cdn.example/1.mp4"}))
        .map(drop)
}

#[test]
fn an_account_sends_300_texts_and_10_videos_a_second() {
    let mut rules = limited(Rules::with_bot_as_owner());
    for _ in 0..300 {
        assert_eq!(text(&mut rules), Ok(()));
    }
    for _ in 0..10 {
        assert_eq!(video(&mut rules), Ok(()));
    }
    assert_eq!(text(&mut rules), Err(TOO_FAST));
    assert_eq!(video(&mut rules), Err(TOO_FAST));
    rules.later(999);
    assert_eq!(text(&mut rules), Err(TOO_FAST), "this lengthens the wait");
    rules.later(999);
    assert_eq!(text(&mut rules), Err(TOO_FAST));
    rules.later(1000);
    assert_eq!(text(&mut rules), Ok(()));
    assert_eq!(video(&mut rules), Ok(()));
}

#[test]
fn instagram_says_so_in_its_own_words() {
    let mut rules = limited(Rules::instagram());
    rules.ana_says("hello");
    for _ in 0..10 {
        assert_eq!(video(&mut rules), Ok(()));
    }
    assert_eq!(video(&mut rules), Err((613, Some(2_534_040))));
}

#[test]
fn nothing_is_limited_unless_chosen() {
    let mut rules = Rules::with_bot_as_owner();
    for _ in 0..400 {
        assert_eq!(video(&mut rules), Ok(()));
    }
}

#[test]
fn what_is_refused_does_not_count() {
    let mut rules = limited(Rules::with_bot_as_owner());
    for _ in 0..400 {
        assert!(rules.message(json!({"text": Value::Null})).is_err());
    }
    assert_eq!(text(&mut rules), Ok(()));
}

#[test]
fn an_account_replies_in_private_750_times_an_hour() {
    let mut rules = limited(Rules::routed());
    let (ana, now) = (rules.ana.clone(), rules.now);
    let reply = |rules: &mut Rules| {
        let comment = rules.platform.comment(&ana, "Nice!", now).unwrap().value;
        let body = json!({"recipient": {"comment_id": comment}, "message": {"text": "hi"}});
        rules.later(10).post(body).map(drop)
    };
    for _ in 0..750 {
        assert_eq!(reply(&mut rules), Ok(()));
    }
    assert_eq!(reply(&mut rules), Err(TOO_FAST));
}
