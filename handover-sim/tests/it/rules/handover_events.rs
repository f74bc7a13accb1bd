//! The shapes of `messaging_handovers` events, and the behavior between them.

use crate::support::rules::{BOT, INBOX, PAGE, Rules, SHOP, delivered, item, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, TakeThreadControlRequest};
use handover_sim::platform::{
    AppIds, Batching, Behavior, EchoAfterPass, NoMetadata, PassFromIdle, TakeFromIdle, TakeNotifies,
};
use serde_json::{Value, json};

const BOT_NUMBER: u64 = 1_517_776_481_860_111;
const SHOP_NUMBER: u64 = 2_262_510_160_704_936;

fn passed(mut rules: Rules) -> Value {
    item(&rules.pass(&BOT, Some(&SHOP)).unwrap().deliveries[0])["pass_thread_control"].clone()
}

fn taken(mut rules: Rules) -> Value {
    item(&rules.take(&SHOP).unwrap().deliveries[0])["take_thread_control"].clone()
}

fn requested(mut rules: Rules) -> Value {
    rules.request(&BOT).unwrap();
    item(&rules.request(&SHOP).unwrap().deliveries[0])["request_thread_control"].clone()
}

fn with_ids(app_ids: AppIds) -> Behavior {
    Behavior {
        app_ids,
        ..Behavior::default()
    }
}

#[test]
fn a_handover_is_by_the_person_to_the_account() {
    let mut rules = Rules::with_bot_as_owner();
    let passed = rules.pass(&BOT, Some(&SHOP)).unwrap();
    let at = rules.now.as_millis();
    assert_eq!(
        serde_json::to_value(passed.deliveries[0].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [{
            "sender": {"id": rules.ana}, "recipient": {"id": PAGE}, "timestamp": at,
            "pass_thread_control": {"previous_owner_app_id": BOT_NUMBER,
                                    "new_owner_app_id": SHOP_NUMBER, "metadata": "note"},
        }]}]})
    );
}

#[test]
fn app_ids_are_numbers() {
    assert_eq!(
        taken(Rules::with_bot_as_owner()),
        json!({"previous_owner_app_id": BOT_NUMBER, "new_owner_app_id": SHOP_NUMBER,
               "metadata": "mine"})
    );
    assert_eq!(
        requested(Rules::zero_config()),
        json!({"requested_owner_app_id": SHOP_NUMBER, "metadata": "please"})
    );
}

#[test]
fn optionally_app_ids_are_strings() {
    let behavior = with_ids(AppIds::Strings);
    assert_eq!(
        passed(Rules::with_bot_as_owner().with_behavior(behavior)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP, "metadata": "note"})
    );
    assert_eq!(
        taken(Rules::with_bot_as_owner().with_behavior(behavior)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP, "metadata": "mine"})
    );
    assert_eq!(
        requested(Rules::zero_config().with_behavior(behavior)),
        json!({"requested_owner_app_id": SHOP, "metadata": "please"})
    );
}

#[test]
fn optionally_app_ids_are_mixed() {
    let behavior = with_ids(AppIds::Mixed);
    assert_eq!(
        passed(Rules::with_bot_as_owner().with_behavior(behavior)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP_NUMBER, "metadata": "note"})
    );
    assert_eq!(
        requested(Rules::zero_config().with_behavior(behavior)),
        json!({"requested_owner_app_id": SHOP, "metadata": "please"})
    );
}

#[test]
fn whoever_reads_an_event_gets_the_same_from_every_spelling() {
    for app_ids in [AppIds::Numbers, AppIds::Strings, AppIds::Mixed] {
        let mut rules = Rules::with_bot_as_owner().with_behavior(with_ids(app_ids));
        let passed = rules.pass(&BOT, Some(&SHOP)).unwrap();
        let body = serde_json::to_vec(&passed.deliveries[0].envelope()).unwrap();
        let received = handover_protocol::read(&body).unwrap().received.remove(0);
        let handover_protocol::EventBody::PassThreadControl(event) = received.event.body else {
            panic!("not a pass: {:?}", received.event);
        };
        assert_eq!(event.previous_owner_app_id, Some(BOT));
        assert_eq!(event.new_owner_app_id, Some(SHOP));
    }
}

#[test]
fn the_previous_owner_of_an_idle_thread_is_null() {
    let mut rules = Rules::zero_config();
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(
        item(&requested.deliveries[0])["pass_thread_control"],
        json!({"previous_owner_app_id": null, "new_owner_app_id": SHOP_NUMBER,
               "metadata": "please"})
    );
}

#[test]
fn optionally_the_previous_owner_of_an_idle_thread_is_absent() {
    let behavior = Behavior {
        pass_from_idle: PassFromIdle::Absent,
        ..Behavior::default()
    };
    assert_eq!(
        passed(Rules::routed().with_behavior(behavior)),
        json!({"new_owner_app_id": SHOP_NUMBER, "metadata": "note"})
    );
    let with_owner = passed(Rules::with_bot_as_owner().with_behavior(behavior));
    assert_eq!(with_owner["previous_owner_app_id"], BOT_NUMBER);
}

fn takes_without_a_word(rules: &mut Rules) -> Value {
    let request = TakeThreadControlRequest {
        recipient: rules.to_ana(),
        ..TakeThreadControlRequest::default()
    };
    let taken = rules.call(&SHOP, |platform, call| {
        platform.take_thread_control(call, &request)
    });
    item(&taken.unwrap().deliveries[0])["take_thread_control"].clone()
}

#[test]
fn metadata_that_nobody_gave_is_absent() {
    let taken = takes_without_a_word(&mut Rules::with_bot_as_owner());
    assert_eq!(taken.get("metadata"), None);
}

#[test]
fn optionally_metadata_that_nobody_gave_is_null() {
    let behavior = Behavior {
        no_metadata: NoMetadata::Null,
        ..Behavior::default()
    };
    let taken = takes_without_a_word(&mut Rules::with_bot_as_owner().with_behavior(behavior));
    assert_eq!(taken.get("metadata"), Some(&Value::Null));
}

#[test]
fn optionally_every_subscribed_app_gets_the_event_of_a_take() {
    let mut rules = Rules::with_bot_as_owner().with_behavior(Behavior {
        take_notifies: TakeNotifies::AllSubscribed,
        ..Behavior::default()
    });
    let taken = rules.take(&SHOP).unwrap();
    assert_eq!(
        delivered(&taken.deliveries),
        tells([
            (BOT, Messaging, "take_thread_control"),
            (SHOP, Messaging, "take_thread_control"),
        ])
    );
}

#[test]
fn optionally_a_take_of_an_idle_thread_names_a_null_owner() {
    let mut rules = Rules::routed().with_behavior(Behavior {
        take_from_idle: TakeFromIdle::Null,
        ..Behavior::default()
    });
    let taken = rules.take(&SHOP).unwrap();
    assert_eq!(
        delivered(&taken.deliveries),
        tells([
            (BOT, Messaging, "take_thread_control"),
            (SHOP, Messaging, "take_thread_control"),
        ])
    );
    let event = &item(&taken.deliveries[0])["take_thread_control"];
    assert_eq!(event.get("previous_owner_app_id"), Some(&Value::Null));
    assert_eq!(event["new_owner_app_id"], SHOP_NUMBER);
}

#[test]
fn the_echo_of_a_message_that_passes_control_comes_on_standby() {
    let mut rules = Rules::with_bot_as_owner();
    let sent = rules.says_and_passes(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(
        delivered(&sent.deliveries)[0],
        (BOT, Standby, "echo".to_owned())
    );
}

#[test]
fn optionally_the_echo_of_a_message_that_passes_control_comes_before() {
    let mut rules = Rules::with_bot_as_owner().with_behavior(Behavior {
        echo_after_pass: EchoAfterPass::Before,
        ..Behavior::default()
    });
    let sent = rules.says_and_passes(&BOT, Some(&SHOP)).unwrap();
    let delivered = delivered(&sent.deliveries);
    assert_eq!(delivered[0], (BOT, Messaging, "echo".to_owned()));
    let last = (SHOP, Messaging, "pass_thread_control".to_owned());
    assert_eq!(delivered.last(), Some(&last));
}

#[test]
fn a_handover_goes_to_messaging_also_of_an_app_without_standby() {
    let mut rules = Rules::with_bot_as_owner();
    rules.connection(&SHOP).standby = false;
    let passed = rules.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(
        delivered(&passed.deliveries),
        tells([(SHOP, Messaging, "pass_thread_control")])
    );
}

#[test]
fn choices_have_their_names_in_json() {
    let usual = serde_json::to_value(Behavior::default()).unwrap();
    for (choice, name) in [
        ("take_notifies", "previous_owner"),
        ("take_from_idle", "silent"),
        ("pass_from_idle", "null"),
        ("claimed_zero_config", "messaging"),
        ("messenger_delivery", "standby"),
        ("instagram_delivery", "messaging"),
        ("idle_message", "owned"),
        ("app_ids", "numbers"),
        ("no_metadata", "absent"),
        ("echo_after_pass", "after"),
        ("extend_too_long", "refused"),
        ("batching", "one_item"),
        ("inbox_done", "passes"),
    ] {
        assert_eq!(usual[choice], name, "{choice}");
    }
    let one: Behavior = serde_json::from_value(json!({"batching": "items"})).unwrap();
    assert_eq!(one.batching, Batching::Items);
    assert!(serde_json::from_value::<Behavior>(json!({"batchng": "items"})).is_err());
}

#[test]
fn an_id_that_is_no_number_stays_a_string() {
    let mut rules = Rules::routed();
    let odd = AppId::from("odd");
    rules
        .platform
        .connect(handover_sim::platform::App::new(odd.clone(), "Odd"));
    let passed = rules.pass(&BOT, Some(&odd)).unwrap();
    let event = &item(&passed.deliveries[0])["pass_thread_control"];
    assert_eq!(event["new_owner_app_id"], "odd");
}
