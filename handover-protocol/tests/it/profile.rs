//! What an account shows before and beside a conversation, and its limits.

use crate::support::shape;
use handover_protocol::{
    Button, Command, DeleteProfile, DeleteUserSettings, GetStarted, Greeting, IceBreaker,
    IceBreakerQuestion, Limit, LimitExceeded, Listing, LocalizedCommands, MessengerProfile,
    PersistentMenu, ResultText, UserSettings, UserSettingsRow,
};
use serde_json::json;

fn exceeds(result: Result<(), LimitExceeded>, limit: Limit, field: &str, found: u64) {
    let exceeded = result.unwrap_err();
    assert_eq!(exceeded.call, "messenger_profile");
    assert_eq!(
        (exceeded.limit, &*exceeded.field, exceeded.found),
        (limit, field, found)
    );
}

fn long(length: usize) -> String {
    "ü".repeat(length)
}

#[test]
fn profiles() {
    let json = json!({"get_started": {"payload": "GET_STARTED"},
        "greeting": [{"locale": "default", "text": "Hi {{user_first_name}}"}],
        "ice_breakers": [{"call_to_actions": [{"question": "Where are you?", "payload": "WHERE"}],
            "locale": "default"}],
        "persistent_menu": [{"locale": "default", "composer_input_disabled": false,
            "call_to_actions": [{"type": "postback", "title": "Talk", "payload": "HUMAN"},
                {"type": "web_url", "title": "Shop", "url": "https://example.com"}]}],
        "commands": [{"locale": "default", "commands":
            [{"name": "flights", "description": "Find a flight"}]}],
        "whitelisted_domains": ["https://example.com"],
        "account_linking_url": "https://example.com/login", "platform": "instagram",
        "description": "D", "subject_to_new_eu_privacy_rules": true});
    shape::<MessengerProfile>(json.clone());
    let profile: MessengerProfile = serde_json::from_value(json).unwrap();
    assert_eq!(profile.check(), Ok(()));
    assert_eq!(profile.get_started, Some(GetStarted::new("GET_STARTED")));
    assert_eq!(profile.greeting, [Greeting::new("Hi {{user_first_name}}")]);
    let question = IceBreakerQuestion::new("Where are you?", "WHERE");
    assert_eq!(profile.ice_breakers, [IceBreaker::new([question])]);
    let items = [
        Button::postback("Talk", "HUMAN"),
        Button::url("Shop", "https://example.com"),
    ];
    let menu = PersistentMenu {
        composer_input_disabled: Some(false),
        ..PersistentMenu::new(items)
    };
    assert_eq!(profile.persistent_menu, [menu]);
    let flights = Command::new("flights", "Find a flight");
    assert_eq!(profile.commands, [LocalizedCommands::new([flights])]);
}

#[test]
fn answers_about_profiles() {
    let set: Listing<MessengerProfile> =
        shape(json!({"data": [{"get_started": {"payload": "P"}}]}));
    assert_eq!(set.data.len(), 1);
    shape::<Listing<MessengerProfile>>(json!({"data": []}));
    shape::<DeleteProfile>(json!({"fields": ["get_started"], "platform": "instagram"}));
    shape::<ResultText>(json!({"result": "success"}));
}

#[test]
fn ice_breakers_in_the_older_form() {
    let profile: MessengerProfile =
        shape(json!({"ice_breakers": [{"question": "Where?", "payload": "WHERE"}]}));
    assert_eq!(profile.ice_breakers[0].question.as_deref(), Some("Where?"));
    let with = |count| {
        let profile = MessengerProfile {
            ice_breakers: vec![profile.ice_breakers[0].clone(); count],
            ..Default::default()
        };
        profile.check()
    };
    assert_eq!(with(4), Ok(()));
    exceeds(with(5), Limit::IceBreakers, "ice_breakers", 5);
}

#[test]
fn limits_of_get_started_and_greetings() {
    let started = |length| {
        let profile = MessengerProfile {
            get_started: Some(GetStarted::new(long(length))),
            ..Default::default()
        };
        profile.check()
    };
    assert_eq!(started(1000), Ok(()));
    exceeds(
        started(1001),
        Limit::GetStartedPayload,
        "get_started.payload",
        1001,
    );
    let greeting = |length| {
        let profile = MessengerProfile {
            greeting: vec![
                Greeting::new("Hi"),
                Greeting::in_locale("en_US", long(length)),
            ],
            ..Default::default()
        };
        profile.check()
    };
    assert_eq!(greeting(160), Ok(()));
    exceeds(greeting(161), Limit::GreetingText, "greeting[1].text", 161);
}

#[test]
fn limits_of_ice_breakers_and_domains() {
    let asking = |count| {
        let questions = vec![IceBreakerQuestion::new("Q", "P"); count];
        let profile = MessengerProfile {
            ice_breakers: vec![IceBreaker::new(questions)],
            ..Default::default()
        };
        profile.check()
    };
    assert_eq!(asking(4), Ok(()));
    exceeds(
        asking(5),
        Limit::IceBreakers,
        "ice_breakers[0].call_to_actions",
        5,
    );
    let trusting = |count| {
        let profile = MessengerProfile {
            whitelisted_domains: vec!["https://example.com".into(); count],
            ..Default::default()
        };
        profile.check()
    };
    assert_eq!(trusting(50), Ok(()));
    exceeds(
        trusting(51),
        Limit::WhitelistedDomains,
        "whitelisted_domains",
        51,
    );
}

#[test]
fn limits_of_menus() {
    let menu = |items: Vec<Button>| PersistentMenu::new(items).check();
    let item = || Button::postback("T", "P");
    assert_eq!(menu(vec![item(); 20]), Ok(()));
    exceeds(
        menu(vec![item(); 21]),
        Limit::MenuItems,
        "call_to_actions",
        21,
    );
    let titled = |length| menu(vec![item(), Button::postback(long(length), "P")]);
    assert_eq!(titled(30), Ok(()));
    exceeds(
        titled(31),
        Limit::MenuItemTitle,
        "call_to_actions[1].title",
        31,
    );
    let carrying = |length| menu(vec![Button::postback("T", long(length))]);
    assert_eq!(carrying(1000), Ok(()));
    let field = "call_to_actions[0].payload";
    exceeds(carrying(1001), Limit::MenuItemPayload, field, 1001);
    let nested = Button {
        call_to_actions: vec![Button::postback(long(31), "P")],
        ..item()
    };
    let field = "call_to_actions[0].call_to_actions[0].title";
    exceeds(menu(vec![nested]), Limit::MenuItemTitle, field, 31);
}

#[test]
fn limits_of_commands() {
    let offering = |count| LocalizedCommands::new(vec![Command::new("n", "d"); count]).check();
    assert_eq!((offering(1), offering(100)), (Ok(()), Ok(())));
    exceeds(offering(0), Limit::Commands, "commands", 0);
    exceeds(offering(101), Limit::Commands, "commands", 101);
    let named = |length| LocalizedCommands::new([Command::new(long(length), "d")]).check();
    assert_eq!((named(1), named(32)), (Ok(()), Ok(())));
    exceeds(named(0), Limit::CommandName, "commands[0].name", 0);
    exceeds(named(33), Limit::CommandName, "commands[0].name", 33);
    let described = |length| LocalizedCommands::new([Command::new("n", long(length))]).check();
    assert_eq!((described(1), described(64)), (Ok(()), Ok(())));
    exceeds(
        described(0),
        Limit::CommandDescription,
        "commands[0].description",
        0,
    );
    exceeds(
        described(65),
        Limit::CommandDescription,
        "commands[0].description",
        65,
    );
}

#[test]
fn menus_of_one_person() {
    let json = json!({"psid": "9", "persistent_menu": [{"locale": "default",
        "call_to_actions": [{"type": "postback", "title": "Log out", "payload": "LOG_OUT"}]}]});
    shape::<UserSettings>(json.clone());
    let mut settings: UserSettings = serde_json::from_value(json).unwrap();
    assert_eq!(settings.check(), Ok(()));
    settings.persistent_menu[0].call_to_actions[0].title = Some(long(31));
    let exceeded = settings.check().unwrap_err();
    assert_eq!(exceeded.call, "custom_user_settings");
    assert_eq!(
        exceeded.field,
        "persistent_menu[0].call_to_actions[0].title"
    );
    shape::<DeleteUserSettings>(json!({"psid": "9", "params": ["persistent_menu"]}));
    let nested = json!({"type": "nested", "title": "More", "call_to_actions":
        [{"type": "postback", "title": "A", "payload": "A"}]});
    let set: Listing<UserSettingsRow> = shape(json!({"data": [{
        "user_level_persistent_menu": [{"locale": "default", "call_to_actions": [nested]}],
        "page_level_persistent_menu": [{"locale": "default"}]}]}));
    assert_eq!(set.data[0].user_level_persistent_menu.len(), 1);
}
