//! Persons: profiles, labels, linked accounts, and keeping them away.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::Rules;
use handover_sim::platform::{ActionError, Parameters, Platform};
use serde_json::{Value, json};

fn profile(rules: &mut Rules, fields: &str) -> Result<Value, Refused> {
    let person = rules.ana.clone();
    let parameters = Parameters::from_iter([("fields".to_owned(), json!(fields))]);
    rules.ask_of(|p, c| p.person_profile(c, &person, &parameters))
}

#[test]
fn a_profile_shows_the_fields_that_are_asked_for() {
    let mut rules = Rules::routed();
    let ana = rules.ana.clone();
    assert_eq!(
        profile(&mut rules, "first_name,locale,timezone"),
        Ok(json!({"first_name": "Ana", "locale": "en_US", "timezone": 0, "id": ana}))
    );
    assert_eq!(profile(&mut rules, "first_name,username"), Err(PARAMETER));
    let mut rules = Rules::instagram();
    let ana = rules.ana.clone();
    assert_eq!(
        profile(&mut rules, "username,follower_count,is_verified_user"),
        Ok(json!({"username": "ana", "follower_count": 0, "is_verified_user": false, "id": ana}))
    );
    assert_eq!(profile(&mut rules, "first_name"), Err(PARAMETER));
}

#[test]
fn name_locale_and_time_zone_are_those_that_were_set() {
    let mut rules = Rules::routed();
    let mut change = |json: Value| {
        let change = serde_json::from_value(json).unwrap();
        let changed = rules.act(|p, ana, now| p.change_person(ana, &change, now));
        changed.map(drop)
    };
    let german = json!({"name": "Ana Lind", "locale": "de_AT", "timezone": 1});
    assert_eq!(change(german), Ok(()));
    assert_eq!(change(json!({"timezone": 5.5})), Ok(()));
    for locale in ["German", "de", "de-AT", "DE_at", "de_", "_AT"] {
        let wrong = Err(ActionError::NotALocale(locale.to_owned()));
        assert_eq!(change(json!({ "locale": locale })), wrong);
    }
    let far = Err(ActionError::NotATimezone("14.5".to_owned()));
    assert_eq!(change(json!({"timezone": 14.5})), far);
    assert_eq!(change(json!({"name": " "})), Err(ActionError::NoName));
    let ana = rules.ana.clone();
    assert_eq!(
        profile(&mut rules, "name,last_name,locale,timezone"),
        Ok(
            json!({"name": "Ana Lind", "last_name": "Lind", "locale": "de_AT", "timezone": 5.5,
                  "id": ana})
        )
    );
}

#[test]
fn labels_are_put_on_persons_and_taken_off() {
    let mut rules = Rules::routed();
    let vip = json!({"page_label_name": "vip"});
    let id = rules.ask(Platform::create_label, vip.clone()).unwrap()["id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(
        rules.ask(Platform::create_label, vip),
        Err(PARAMETER),
        "there is one"
    );
    let ana = rules.ana.clone();
    let user = Parameters::from_iter([("user".to_owned(), json!(ana))]);
    let name = Parameters::from_iter([("fields".to_owned(), json!("page_label_name"))]);
    let on = |rules: &mut Rules| {
        let labels = rules.ask_of(|p, c| p.labels_on(c, &ana, &name)).unwrap();
        labels["data"].as_array().unwrap().len()
    };
    let success = Ok(json!({"success": true}));
    assert_eq!(
        rules.ask_of(|p, c| p.put_label(c, id, &user, true)),
        success
    );
    assert_eq!(on(&mut rules), 1);
    assert_eq!(
        rules.ask_of(|p, c| p.put_label(c, id, &user, false)),
        success
    );
    assert_eq!(on(&mut rules), 0);
    let shown = rules.ask_of(|p, c| p.label(c, id, &name));
    assert_eq!(shown, Ok(json!({"page_label_name": "vip", "id": id})));
    assert_eq!(rules.ask_of(|p, c| p.delete_label(c, id)), success);
    assert_eq!(
        rules.ask_of(|p, c| p.delete_label(c, id)),
        Err((100, Some(33)))
    );
}

#[test]
fn nobody_writes_to_a_person_who_is_blocked() {
    let mut rules = Rules::with_bot_as_owner();
    let body = |actions: Value| json!({"user_ids": [{"id": rules.ana}], "actions": actions});
    let (block, unblock) = (body(json!(["block_user"])), body(json!(["unblock_user"])));
    let success = Ok(json!({"success": true}));
    assert_eq!(rules.ask(Platform::moderate, block), success);
    assert_eq!(
        rules.message(json!({"text": "hi"})),
        Err((551, Some(1_545_041)))
    );
    assert_eq!(rules.ask(Platform::moderate, unblock), success);
    assert!(rules.message(json!({"text": "hi"})).is_ok());
}

#[test]
fn one_call_moderates_1_to_10_persons_with_1_or_2_actions() {
    let mut rules = Rules::routed();
    let mut moderate = |persons: usize, actions: &[&str]| {
        let persons = vec![json!({"id": rules.ana}); persons];
        let body = json!({"user_ids": persons, "actions": actions});
        rules.ask(Platform::moderate, body).map(drop)
    };
    assert_eq!(moderate(10, &["ban_user", "move_to_spam"]), Ok(()));
    assert_eq!(moderate(11, &["ban_user"]), Err(PARAMETER));
    assert_eq!(moderate(0, &["ban_user"]), Err(PARAMETER));
    assert_eq!(moderate(1, &[]), Err(PARAMETER));
    assert_eq!(
        moderate(1, &["ban_user", "unban_user", "move_to_spam"]),
        Err(PARAMETER)
    );
    assert_eq!(moderate(1, &["tickle_user"]), Err(PARAMETER));
}

#[test]
fn linked_accounts_are_reported_and_unlinked() {
    let mut rules = Rules::routed();
    let (ana, now) = (rules.ana.clone(), rules.now);
    rules.platform.follow_account_link(&ana, now).unwrap();
    let linked = rules
        .platform
        .finish_account_link(&ana, "CODE", now)
        .unwrap();
    let event = serde_json::to_value(&linked.deliveries[0].event).unwrap();
    assert_eq!(
        event["account_linking"],
        json!({"status": "linked", "authorization_code": "CODE"})
    );
    let body = json!({"psid": ana});
    let unlinked = rules.ask(Platform::unlink_account, body);
    assert_eq!(unlinked, Ok(json!({"result": "unlink account success"})));
    let stranger = rules.ask(Platform::unlink_account, json!({"psid": "42"}));
    assert_eq!(stranger, Err((100, Some(2_018_001))));
}
