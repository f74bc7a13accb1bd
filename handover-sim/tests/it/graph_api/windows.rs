//! When a message may be sent, and what tags change.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::{BOT, DAY, Rules, SHOP};
use serde_json::{Value, json};

const WINDOW: Refused = (10, Some(2_018_278));
const WINDOW_INSTAGRAM: Refused = (10, Some(2_534_022));
const NOT_OWNER: Refused = (10, Some(2_018_300));
const NOT_OWNER_INSTAGRAM: Refused = (100, Some(2_534_037));

fn instagram() -> Rules {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    rules
}

fn tagged(rules: &Rules, tag: &str) -> Value {
    json!({"recipient": {"id": rules.ana}, "messaging_type": "MESSAGE_TAG", "tag": tag,
           "message": {"text": "hello"}})
}

fn feedback() -> Value {
    json!({"attachment": {"type": "template", "payload": {
        "template_type": "customer_feedback", "title": "How was it?",
        "business_privacy": {"url": "https://x.example/privacy"},
        "feedback_screens": [{"questions": [{"id": "q", "type": "nps"}]}]}}})
}

#[test]
fn each_product_has_its_own_words_for_a_closed_window() {
    for (mut rules, refused) in [
        (Rules::with_bot_as_owner(), WINDOW),
        (instagram(), WINDOW_INSTAGRAM),
    ] {
        rules.later(DAY - 1);
        assert!(rules.message(json!({"text": "hi"})).is_ok());
        rules.later(1);
        assert_eq!(rules.message(json!({"text": "hi"})), Err(refused));
    }
}

#[test]
fn each_product_has_its_own_words_for_others_than_the_owner_and_for_strangers() {
    let stranger = json!({"recipient": {"id": "42"}, "message": {"text": "hi"}});
    for (mut rules, refused) in [
        (Rules::with_bot_as_owner(), NOT_OWNER),
        (instagram(), NOT_OWNER_INSTAGRAM),
    ] {
        let body = json!({"recipient": {"id": rules.ana}, "message": {"text": "hi"}});
        assert_eq!(rules.post_as(&SHOP, body, None), Err(refused));
    }
    let messenger = Rules::with_bot_as_owner().post(stranger.clone());
    assert_eq!(messenger, Err((100, Some(2_018_001))));
    assert_eq!(instagram().post(stranger), Err((100, Some(2_534_014))));
}

#[test]
fn the_human_agent_tag_needs_the_feature() {
    let mut rules = Rules::with_bot_as_owner();
    let body = tagged(&rules, "HUMAN_AGENT");
    assert!(rules.post_as(&SHOP, body.clone(), None).is_ok());
    assert_eq!(rules.owner(), Some(SHOP), "sending took control");
    let mut rules = Rules::with_bot_as_owner();
    rules.platform.app_mut(&SHOP).unwrap().human_agent = false;
    let body = tagged(&rules, "HUMAN_AGENT");
    assert_eq!(rules.post_as(&SHOP, body, None), Err((10, None)));
    assert_eq!(rules.owner(), Some(BOT));
}

#[test]
fn a_human_agent_takes_an_idle_thread_from_the_default_app() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(DAY);
    let body = tagged(&rules, "HUMAN_AGENT");
    assert!(rules.post_as(&BOT, body.clone(), None).is_ok());
    assert_eq!(rules.owner(), None, "the default app may send anyway");
    assert!(rules.post_as(&SHOP, body, None).is_ok());
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn the_feedback_tag_is_for_feedback_templates_within_seven_days() {
    let mut rules = Rules::with_bot_as_owner();
    let text = tagged(&rules, "CUSTOMER_FEEDBACK");
    assert_eq!(rules.post(text.clone()), Err(PARAMETER));
    let mut asking = text;
    asking["message"] = feedback();
    rules.later(7 * DAY - 1);
    assert_eq!(
        rules.message(feedback()),
        Err(WINDOW),
        "without the tag it is a day"
    );
    assert!(rules.post(asking.clone()).is_ok());
    rules.later(1);
    assert_eq!(rules.post(asking), Err(WINDOW));
}

#[test]
fn tags_that_are_retired_unknown_or_missing_are_refused() {
    let mut rules = Rules::with_bot_as_owner();
    for tag in [
        "CONFIRMED_EVENT_UPDATE",
        "POST_PURCHASE_UPDATE",
        "ACCOUNT_UPDATE",
        "BIRTHDAY",
    ] {
        let body = tagged(&rules, tag);
        assert_eq!(rules.post(body), Err(PARAMETER), "{tag}");
    }
    let news = tagged(&rules, "NON_PROMOTIONAL_SUBSCRIPTION");
    assert_eq!(rules.post(news), Err((10, None)));
    let untagged = json!({"recipient": {"id": rules.ana}, "messaging_type": "MESSAGE_TAG",
                          "message": {"text": "hi"}});
    assert_eq!(rules.post(untagged), Err(PARAMETER));
}
