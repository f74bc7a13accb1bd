//! Limits on how fast apps send, which are off unless chosen.

use crate::graph_api::ask::Refused;
use crate::support::stage::Stage;
use handover_sim::platform::{Choices, RateLimits};
use serde_json::{Value, json};

const TOO_FAST: Refused = (613, None);

fn limited(stage: Stage) -> Stage {
    stage.choosing(Choices {
        rate_limits: RateLimits::documented(),
        ..Choices::default()
    })
}

fn text(stage: &mut Stage) -> Result<(), Refused> {
    stage.message(json!({"text": "hi"})).map(drop)
}

fn video(stage: &mut Stage) -> Result<(), Refused> {
    stage
        .attach("video", json!({"url": "https://cdn.example/1.mp4"}))
        .map(drop)
}

#[test]
fn an_account_sends_300_texts_and_10_videos_a_second() {
    let mut stage = limited(Stage::with_bot_as_owner());
    for _ in 0..300 {
        assert_eq!(text(&mut stage), Ok(()));
    }
    for _ in 0..10 {
        assert_eq!(video(&mut stage), Ok(()));
    }
    assert_eq!(text(&mut stage), Err(TOO_FAST));
    assert_eq!(video(&mut stage), Err(TOO_FAST));
    stage.later(999);
    assert_eq!(text(&mut stage), Err(TOO_FAST), "this lengthens the wait");
    stage.later(999);
    assert_eq!(text(&mut stage), Err(TOO_FAST));
    stage.later(1000);
    assert_eq!(text(&mut stage), Ok(()));
    assert_eq!(video(&mut stage), Ok(()));
}

#[test]
fn instagram_says_so_in_its_own_words() {
    let mut stage = limited(Stage::instagram());
    stage.ana_says("hello");
    for _ in 0..10 {
        assert_eq!(video(&mut stage), Ok(()));
    }
    assert_eq!(video(&mut stage), Err((613, Some(2_534_040))));
}

#[test]
fn nothing_is_limited_unless_chosen() {
    let mut stage = Stage::with_bot_as_owner();
    for _ in 0..400 {
        assert_eq!(video(&mut stage), Ok(()));
    }
}

#[test]
fn what_is_refused_does_not_count() {
    let mut stage = limited(Stage::with_bot_as_owner());
    for _ in 0..400 {
        assert!(stage.message(json!({"text": Value::Null})).is_err());
    }
    assert_eq!(text(&mut stage), Ok(()));
}

#[test]
fn an_account_replies_in_private_750_times_an_hour() {
    let mut stage = limited(Stage::routed());
    let (ana, now) = (stage.ana.clone(), stage.now);
    let reply = |stage: &mut Stage| {
        let comment = stage.platform.comment(&ana, "Nice!", now).unwrap().value;
        let body = json!({"recipient": {"comment_id": comment}, "message": {"text": "hi"}});
        stage.later(10).post(body).map(drop)
    };
    for _ in 0..750 {
        assert_eq!(reply(&mut stage), Ok(()));
    }
    assert_eq!(reply(&mut stage), Err(TOO_FAST));
}
