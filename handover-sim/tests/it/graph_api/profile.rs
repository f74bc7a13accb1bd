//! The Messenger profile, and menus of single persons.

use crate::graph_api::ask::{PARAMETER, Refused, long};
use crate::support::rules::{INSTAGRAM, PAGE, Rules};
use handover_sim::platform::{Account, Platform};
use serde_json::{Value, json};

fn get(rules: &mut Rules, fields: &str) -> Value {
    let answer = rules.ask(|p, c, a| p.profile(c, a), json!({"fields": fields}));
    answer.unwrap()["data"].clone()
}

fn set(rules: &mut Rules, name: &str, value: Value) -> Result<Value, Refused> {
    let mut body = json!({});
    body[name] = value;
    rules.ask(Platform::set_profile, body)
}

fn delete(rules: &mut Rules, fields: Value) -> Result<Value, Refused> {
    rules.ask(Platform::delete_profile, json!({"fields": fields}))
}

fn items(count: usize, title: usize) -> Value {
    json!(vec![
        json!({"type": "postback", "title": long(title), "payload": "P"});
        count
    ])
}

fn menu(items: Value) -> Value {
    json!([{"locale": "default", "composer_input_disabled": false, "call_to_actions": items}])
}

fn done() -> Result<Value, Refused> {
    Ok(json!({"result": "success"}))
}

#[test]
fn properties_that_are_set_are_shown_in_one_object() {
    let mut rules = Rules::routed();
    assert_eq!(delete(&mut rules, json!(["get_started"])), done());
    assert_eq!(get(&mut rules, "get_started,greeting"), json!([]));
    let greeting = json!([{"locale": "default", "text": "Hi {{user_first_name}}"}]);
    assert_eq!(set(&mut rules, "greeting", greeting.clone()), done());
    assert_eq!(
        set(&mut rules, "get_started", json!({"payload": "GO"})),
        done()
    );
    assert_eq!(
        get(&mut rules, "get_started,greeting,ice_breakers"),
        json!([{"get_started": {"payload": "GO"}, "greeting": greeting}])
    );
    assert_eq!(delete(&mut rules, json!("greeting")), done());
    assert_eq!(get(&mut rules, "greeting"), json!([]));
    let nothing = rules.ask(|p, c, a| p.profile(c, a), json!({}));
    assert_eq!(nothing, Err(PARAMETER));
    assert_eq!(rules.ask(Platform::set_profile, json!({})), Err(PARAMETER));
    assert_eq!(delete(&mut rules, json!(["shoe_size"])), Err(PARAMETER));
}

#[test]
fn properties_are_named_in_either_case() {
    let mut rules = Rules::routed();
    let greeting = json!([{"locale": "default", "text": "Hi"}]);
    set(&mut rules, "greeting", greeting.clone()).unwrap();
    assert_eq!(
        get(&mut rules, "GREETING"),
        json!([{ "greeting": greeting }])
    );
    assert_eq!(delete(&mut rules, json!(["GREETING"])), done());
    assert_eq!(get(&mut rules, "greeting"), json!([]));
}

#[test]
fn get_started_is_what_the_person_taps() {
    let mut rules = Rules::routed();
    set(&mut rules, "get_started", json!({"payload": "GO"})).unwrap();
    let (ana, now) = (rules.ana.clone(), rules.now);
    let mut without = rules.clone();
    let tapped = rules.platform.get_started(&ana, now).unwrap();
    let event = serde_json::to_value(&tapped.deliveries[0].event).unwrap();
    assert_eq!(event["postback"]["payload"], "GO");
    delete(&mut without, json!(["get_started"])).unwrap();
    assert!(without.platform.get_started(&ana, now).is_err());
}

#[test]
fn get_started_stays_while_there_is_a_persistent_menu() {
    let mut rules = Rules::routed();
    assert_eq!(
        set(&mut rules, "persistent_menu", menu(items(1, 5))),
        done()
    );
    assert_eq!(delete(&mut rules, json!(["get_started"])), Err(PARAMETER));
    assert_eq!(
        delete(&mut rules, json!(["get_started", "persistent_menu"])),
        done()
    );
    let menu_alone = set(&mut rules, "persistent_menu", menu(items(1, 5)));
    assert_eq!(menu_alone, Err(PARAMETER), "there is no Get Started now");
    let both = json!({"get_started": {"payload": "GO"}, "persistent_menu": menu(items(1, 5))});
    assert_eq!(rules.ask(Platform::set_profile, both), done());
}

#[test]
fn every_property_has_its_limits() {
    let mut rules = Rules::routed();
    let localized = |key: &str, value: Value| {
        let mut one = json!({"locale": "default"});
        one[key] = value;
        json!([one])
    };
    let question = json!({"question": "Where are you?", "payload": long(1000)});
    let command = |name: usize, description: usize| json!({"name": "n".repeat(name), "description": "d".repeat(description)});
    let domains = |count| json!(vec!["https://x.example"; count]);
    for (name, good, bad) in [
        (
            "get_started",
            json!({"payload": long(1000)}),
            json!({"payload": long(1001)}),
        ),
        ("get_started", json!({"payload": "GO"}), json!({})),
        (
            "greeting",
            localized("text", json!(long(160))),
            localized("text", json!(long(161))),
        ),
        (
            "greeting",
            localized("text", json!("Hi")),
            json!([{"locale": "de_DE", "text": "Hi"}]),
        ),
        (
            "ice_breakers",
            json!(vec![question.clone(); 4]),
            json!(vec![question.clone(); 5]),
        ),
        (
            "ice_breakers",
            localized("call_to_actions", json!(vec![question.clone(); 4])),
            localized("call_to_actions", json!(vec![question.clone(); 5])),
        ),
        (
            "ice_breakers",
            json!([question]),
            json!([{"question": "Where?", "payload": long(1001)}]),
        ),
        ("persistent_menu", menu(items(20, 30)), menu(items(21, 30))),
        ("persistent_menu", menu(items(1, 30)), menu(items(1, 31))),
        (
            "persistent_menu",
            menu(json!([{"type": "web_url", "title": "Go", "url": "https://x.example"}])),
            menu(json!([{"type": "web_url", "title": "Go", "url": "x.example"}])),
        ),
        (
            "commands",
            localized("commands", json!(vec![command(32, 64); 100])),
            localized("commands", json!(vec![command(32, 64); 101])),
        ),
        (
            "commands",
            localized("commands", json!([command(1, 1)])),
            localized("commands", json!([command(33, 1)])),
        ),
        (
            "commands",
            localized("commands", json!([command(1, 1)])),
            localized("commands", json!([command(1, 65)])),
        ),
        ("whitelisted_domains", domains(50), domains(51)),
        (
            "whitelisted_domains",
            domains(1),
            json!(["http://x.example"]),
        ),
        (
            "whitelisted_domains",
            domains(1),
            json!(["https://localhost"]),
        ),
        (
            "account_linking_url",
            json!("https://x.example/login"),
            json!("login"),
        ),
    ] {
        assert_eq!(
            set(&mut rules, name, good.clone()),
            done(),
            "{name}: {good}"
        );
        assert_eq!(
            set(&mut rules, name, bad.clone()),
            Err(PARAMETER),
            "{name}: {bad}"
        );
    }
}

#[test]
fn instagram_has_its_own_profile_with_two_properties() {
    let mut rules = Rules::routed();
    let questions = json!([{"question": "Where are you?", "payload": "WHERE"}]);
    let body = json!({"platform": "instagram", "ice_breakers": questions});
    let unlinked = rules.ask(Platform::set_profile, body.clone());
    assert_eq!(unlinked, Err((100, Some(2_534_013))));
    rules
        .platform
        .add_account(Account::instagram(INSTAGRAM, "kaffeehaus", PAGE));
    assert_eq!(rules.ask(Platform::set_profile, body), done());
    assert_eq!(
        get(&mut rules, "ice_breakers"),
        json!([]),
        "the Page has none"
    );
    let fields = json!({"platform": "instagram", "fields": "ice_breakers"});
    let shown = rules.ask(|p, c, a| p.profile(c, a), fields).unwrap();
    assert_eq!(shown["data"], json!([{"ice_breakers": questions}]));
    let greeting =
        json!({"platform": "instagram", "greeting": [{"locale": "default", "text": "Hi"}]});
    assert_eq!(rules.ask(Platform::set_profile, greeting), Err(PARAMETER));
}

#[test]
fn single_persons_have_their_own_menus_three_deep() {
    let mut rules = Rules::routed();
    let nested =
        |inside: Value| json!([{"type": "nested", "title": "More", "call_to_actions": inside}]);
    let (three, four) = (
        nested(nested(items(1, 5))),
        nested(nested(nested(items(1, 5)))),
    );
    let settings = |menu: Value| json!({"psid": rules.ana, "persistent_menu": menu});
    let (good, bad) = (settings(menu(three.clone())), settings(menu(four)));
    let psid = json!({"psid": rules.ana});
    let delete = json!({"psid": rules.ana, "params": ["persistent_menu"]});
    assert_eq!(rules.ask(Platform::set_user_settings, bad), Err(PARAMETER));
    assert_eq!(rules.ask(Platform::set_user_settings, good), done());
    let page_menu = menu(items(1, 5));
    set(&mut rules, "persistent_menu", page_menu.clone()).unwrap();
    let shown = rules
        .ask(|p, c, a| p.user_settings(c, a), psid.clone())
        .unwrap();
    assert_eq!(
        shown["data"],
        json!([{"user_level_persistent_menu": menu(three), "page_level_persistent_menu": page_menu}])
    );
    assert_eq!(rules.ask(Platform::delete_user_settings, delete), done());
    let shown = rules.ask(|p, c, a| p.user_settings(c, a), psid).unwrap();
    assert_eq!(shown["data"][0].get("user_level_persistent_menu"), None);
    let stranger = rules.ask(|p, c, a| p.user_settings(c, a), json!({"psid": "42"}));
    assert_eq!(stranger, Err((100, Some(2_018_001))));
}
