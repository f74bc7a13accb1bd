//! Recipients who are not named by their id.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::{DAY, Rules};
use serde_json::{Value, json};

const TOKEN: Refused = (100, None);

fn to(rules: &mut Rules, recipient: Value) -> Result<Value, Refused> {
    rules.post(json!({"recipient": recipient, "message": {"text": "hello"}}))
}

#[test]
fn a_recipient_is_named_in_exactly_one_way() {
    let mut rules = Rules::with_bot_as_owner();
    let id = rules.ana.clone();
    for recipient in [
        json!({}),
        json!("Ana"),
        json!({"id": id, "user_ref": "visitor"}),
        json!({"comment_id": "1_2", "post_id": "1"}),
    ] {
        assert_eq!(
            to(&mut rules, recipient.clone()),
            Err(PARAMETER),
            "{recipient}"
        );
    }
}

#[test]
fn who_ticked_a_box_is_reached_by_user_ref_and_stays_unnamed() {
    let mut rules = Rules::routed();
    assert_eq!(
        to(&mut rules, json!({"user_ref": "visitor-17"})),
        Err((100, Some(2_018_001)))
    );
    let (ana, now) = (rules.ana.clone(), rules.now);
    let ticked = rules
        .platform
        .tick_box(&ana, "visitor-17", Some("SHOP"), now)
        .unwrap();
    let optin = serde_json::to_value(&ticked.deliveries[0].event).unwrap();
    assert_eq!(
        optin["optin"],
        json!({"ref": "SHOP", "user_ref": "visitor-17"})
    );
    assert_eq!(optin.get("sender"), None);
    let sent = to(&mut rules, json!({"user_ref": "visitor-17"})).unwrap();
    assert_eq!(sent.get("recipient_id"), None);
    assert!(sent["message_id"].is_string());
    rules.later(DAY);
    assert_eq!(
        to(&mut rules, json!({"user_ref": "visitor-17"})),
        Err((10, Some(2_018_278)))
    );
}

#[test]
fn who_gave_their_number_is_reached_by_it_and_stays_unnamed() {
    let mut rules = Rules::routed();
    let by_number = json!({"phone_number": "+16505551234", "name": {"first_name": "Ana"}});
    assert_eq!(
        to(&mut rules, by_number.clone()),
        Err((100, Some(2_018_001)))
    );
    let (ana, now) = (rules.ana.clone(), rules.now);
    rules
        .platform
        .share_phone_number(&ana, "+16505551234", now)
        .unwrap();
    let sent = to(&mut rules, by_number).unwrap();
    assert_eq!(sent.get("recipient_id"), None);
}

#[test]
fn a_comment_is_answered_in_private_once_and_within_seven_days() {
    let mut rules = Rules::routed();
    let (ana, now) = (rules.ana.clone(), rules.now);
    let first = rules.platform.comment(&ana, "Nice!", now).unwrap().value;
    let second = rules.platform.comment(&ana, "Nice!", now).unwrap().value;
    let post = rules.platform.post(&ana, "Nice!", now).unwrap().value;
    let sent = to(&mut rules, json!({"comment_id": first})).unwrap();
    assert_eq!(
        sent["recipient_id"],
        json!(ana),
        "the answer names the person"
    );
    assert_eq!(
        to(&mut rules, json!({"comment_id": first})),
        Err((10_900, None))
    );
    let by_id = json!({"id": ana});
    let window = Err((10, Some(2_018_278)));
    assert_eq!(
        to(&mut rules, by_id),
        window,
        "more only when the person has answered"
    );
    rules.later(7 * DAY - 1);
    assert!(to(&mut rules, json!({"post_id": post})).is_ok());
    rules.later(1);
    assert_eq!(to(&mut rules, json!({"comment_id": second})), window);
    assert_eq!(
        to(&mut rules, json!({"comment_id": "1_2"})),
        Err((100, Some(33)))
    );
}

#[test]
fn instagram_says_in_its_own_words_that_a_comment_is_not_valid() {
    let mut rules = Rules::instagram();
    assert_eq!(
        to(&mut rules, json!({"comment_id": "1_2"})),
        Err((100, Some(2_534_025)))
    );
}

#[test]
fn leave_for_one_notification_is_used_up_by_one() {
    let mut rules = Rules::with_bot_as_owner();
    let template = json!({"template_type": "one_time_notif_req", "title": "When it is back?", "payload": "HAT"});
    let sent = rules.attach("template", template).unwrap();
    let mid = sent["message_id"].as_str().unwrap();
    let (ana, now) = (rules.ana.clone(), rules.now);
    let agreed = rules
        .platform
        .agree_to_notifications(&ana, mid, now)
        .unwrap();
    let token = agreed.value.clone();
    let optin = serde_json::to_value(&agreed.deliveries[0].event).unwrap();
    assert_eq!(
        optin["optin"],
        json!({"type": "one_time_notif_req", "payload": "HAT", "one_time_notif_token": token})
    );
    rules.later(30 * DAY);
    assert!(to(&mut rules, json!({"one_time_notif_token": token})).is_ok());
    assert_eq!(
        to(&mut rules, json!({"one_time_notif_token": token})),
        Err(TOKEN)
    );
    assert_eq!(
        to(&mut rules, json!({"one_time_notif_token": "5"})),
        Err(TOKEN)
    );
}

#[test]
fn a_comment_that_comes_twice_is_answered_once() {
    let mut rules = Rules::instagram();
    let (ana, now) = (rules.ana.clone(), rules.now);
    let delivered = rules.platform.comment_on_ad(&ana, "Nice!", now).unwrap();
    let comment = json!({"comment_id": delivered.value});
    assert!(to(&mut rules, comment.clone()).is_ok());
    assert_eq!(to(&mut rules, comment), Err((10_900, None)));
}

#[test]
fn marketing_messages_are_a_day_apart_and_their_leave_ends_after_a_year() {
    let mut rules = Rules::with_bot_as_owner();
    let template =
        json!({"template_type": "notification_messages", "title": "Offers", "payload": "P"});
    let sent = rules.attach("template", template).unwrap();
    let mid = sent["message_id"].as_str().unwrap();
    let (ana, now) = (rules.ana.clone(), rules.now);
    let agreed = rules
        .platform
        .agree_to_notifications(&ana, mid, now)
        .unwrap();
    let token = json!({"notification_messages_token": agreed.value});
    let event = serde_json::to_value(&agreed.deliveries[0].event).unwrap();
    assert_eq!(
        event["optin"]["notification_messages_token"],
        json!(agreed.value)
    );
    assert_eq!(event["optin"]["notification_messages_frequency"], "DAILY");
    assert!(to(&mut rules, token.clone()).is_ok());
    rules.later(DAY - 1);
    assert_eq!(to(&mut rules, token.clone()), Err((4, Some(2_018_354))));
    rules.later(1);
    assert!(to(&mut rules, token.clone()).is_ok());
    rules.later(364 * DAY);
    assert_eq!(to(&mut rules, token), Err(TOKEN));
}

#[test]
fn only_templates_that_ask_can_be_agreed_to() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let (ana, now) = (rules.ana.clone(), rules.now);
    assert!(
        rules
            .platform
            .agree_to_notifications(&ana, &mid, now)
            .is_err()
    );
}
