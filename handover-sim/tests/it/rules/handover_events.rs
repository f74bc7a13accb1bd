//! The shapes of `messaging_handovers` events, and the choices between them.

use crate::support::stage::{BOT, INBOX, PAGE, SHOP, Stage, item, tells, told};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, TakeThreadControlRequest};
use handover_sim::platform::{
    AppIds, Batching, Choices, EchoAfterPass, NoMetadata, PassFromIdle, TakeFromIdle, TakeTold,
};
use serde_json::{Value, json};

const BOT_NUMBER: u64 = 1_517_776_481_860_111;
const SHOP_NUMBER: u64 = 2_262_510_160_704_936;

fn passed(mut stage: Stage) -> Value {
    item(&stage.pass(&BOT, Some(&SHOP)).unwrap().deliveries[0])["pass_thread_control"].clone()
}

fn taken(mut stage: Stage) -> Value {
    item(&stage.take(&SHOP).unwrap().deliveries[0])["take_thread_control"].clone()
}

fn requested(mut stage: Stage) -> Value {
    stage.request(&BOT).unwrap();
    item(&stage.request(&SHOP).unwrap().deliveries[0])["request_thread_control"].clone()
}

fn with_ids(app_ids: AppIds) -> Choices {
    Choices {
        app_ids,
        ..Choices::default()
    }
}

#[test]
fn a_handover_is_by_the_person_to_the_account() {
    let mut stage = Stage::with_bot_as_owner();
    let passed = stage.pass(&BOT, Some(&SHOP)).unwrap();
    let at = stage.now.as_millis();
    assert_eq!(
        serde_json::to_value(passed.deliveries[0].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [{
            "sender": {"id": stage.ana}, "recipient": {"id": PAGE}, "timestamp": at,
            "pass_thread_control": {"previous_owner_app_id": BOT_NUMBER,
                                    "new_owner_app_id": SHOP_NUMBER, "metadata": "note"},
        }]}]})
    );
}

#[test]
fn app_ids_are_numbers() {
    assert_eq!(
        taken(Stage::with_bot_as_owner()),
        json!({"previous_owner_app_id": BOT_NUMBER, "new_owner_app_id": SHOP_NUMBER,
               "metadata": "mine"})
    );
    assert_eq!(
        requested(Stage::zero_config()),
        json!({"requested_owner_app_id": SHOP_NUMBER, "metadata": "please"})
    );
}

#[test]
fn by_choice_app_ids_are_strings() {
    let choices = with_ids(AppIds::Strings);
    assert_eq!(
        passed(Stage::with_bot_as_owner().choosing(choices)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP, "metadata": "note"})
    );
    assert_eq!(
        taken(Stage::with_bot_as_owner().choosing(choices)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP, "metadata": "mine"})
    );
    assert_eq!(
        requested(Stage::zero_config().choosing(choices)),
        json!({"requested_owner_app_id": SHOP, "metadata": "please"})
    );
}

#[test]
fn by_choice_app_ids_are_mixed() {
    let choices = with_ids(AppIds::Mixed);
    assert_eq!(
        passed(Stage::with_bot_as_owner().choosing(choices)),
        json!({"previous_owner_app_id": BOT, "new_owner_app_id": SHOP_NUMBER, "metadata": "note"})
    );
    assert_eq!(
        requested(Stage::zero_config().choosing(choices)),
        json!({"requested_owner_app_id": SHOP, "metadata": "please"})
    );
}

#[test]
fn whoever_reads_an_event_gets_the_same_from_every_spelling() {
    for app_ids in [AppIds::Numbers, AppIds::Strings, AppIds::Mixed] {
        let mut stage = Stage::with_bot_as_owner().choosing(with_ids(app_ids));
        let passed = stage.pass(&BOT, Some(&SHOP)).unwrap();
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
    let mut stage = Stage::zero_config();
    let requested = stage.request(&SHOP).unwrap();
    assert_eq!(
        item(&requested.deliveries[0])["pass_thread_control"],
        json!({"previous_owner_app_id": null, "new_owner_app_id": SHOP_NUMBER,
               "metadata": "please"})
    );
}

#[test]
fn by_choice_the_previous_owner_of_an_idle_thread_is_absent() {
    let choices = Choices {
        pass_from_idle: PassFromIdle::Absent,
        ..Choices::default()
    };
    assert_eq!(
        passed(Stage::routed().choosing(choices)),
        json!({"new_owner_app_id": SHOP_NUMBER, "metadata": "note"})
    );
    let with_owner = passed(Stage::with_bot_as_owner().choosing(choices));
    assert_eq!(with_owner["previous_owner_app_id"], BOT_NUMBER);
}

fn takes_without_a_word(stage: &mut Stage) -> Value {
    let request = TakeThreadControlRequest {
        recipient: stage.to_ana(),
        ..TakeThreadControlRequest::default()
    };
    let taken = stage.call(&SHOP, |platform, call| {
        platform.take_thread_control(call, &request)
    });
    item(&taken.unwrap().deliveries[0])["take_thread_control"].clone()
}

#[test]
fn metadata_that_nobody_gave_is_absent() {
    let taken = takes_without_a_word(&mut Stage::with_bot_as_owner());
    assert_eq!(taken.get("metadata"), None);
}

#[test]
fn by_choice_metadata_that_nobody_gave_is_null() {
    let choices = Choices {
        no_metadata: NoMetadata::Null,
        ..Choices::default()
    };
    let taken = takes_without_a_word(&mut Stage::with_bot_as_owner().choosing(choices));
    assert_eq!(taken.get("metadata"), Some(&Value::Null));
}

#[test]
fn by_choice_every_subscribed_app_is_told_of_a_take() {
    let mut stage = Stage::with_bot_as_owner().choosing(Choices {
        take_told: TakeTold::AllSubscribed,
        ..Choices::default()
    });
    let taken = stage.take(&SHOP).unwrap();
    assert_eq!(
        told(&taken.deliveries),
        tells([
            (BOT, Messaging, "take_thread_control"),
            (SHOP, Messaging, "take_thread_control"),
        ])
    );
}

#[test]
fn by_choice_a_take_of_an_idle_thread_is_told_with_a_null_owner() {
    let mut stage = Stage::routed().choosing(Choices {
        take_from_idle: TakeFromIdle::Null,
        ..Choices::default()
    });
    let taken = stage.take(&SHOP).unwrap();
    assert_eq!(
        told(&taken.deliveries),
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
    let mut stage = Stage::with_bot_as_owner();
    let sent = stage.says_and_passes(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(told(&sent.deliveries)[0], (BOT, Standby, "echo".to_owned()));
}

#[test]
fn by_choice_the_echo_of_a_message_that_passes_control_comes_before() {
    let mut stage = Stage::with_bot_as_owner().choosing(Choices {
        echo_after_pass: EchoAfterPass::Before,
        ..Choices::default()
    });
    let sent = stage.says_and_passes(&BOT, Some(&SHOP)).unwrap();
    let told = told(&sent.deliveries);
    assert_eq!(told[0], (BOT, Messaging, "echo".to_owned()));
    let last = (SHOP, Messaging, "pass_thread_control".to_owned());
    assert_eq!(told.last(), Some(&last));
}

#[test]
fn a_handover_goes_to_messaging_also_of_an_app_without_standby() {
    let mut stage = Stage::with_bot_as_owner();
    stage.connection(&SHOP).standby = false;
    let passed = stage.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(
        told(&passed.deliveries),
        tells([(SHOP, Messaging, "pass_thread_control")])
    );
}

#[test]
fn choices_have_their_names_in_json() {
    let usual = serde_json::to_value(Choices::default()).unwrap();
    for (choice, name) in [
        ("take_told", "previous_owner"),
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
    let one: Choices = serde_json::from_value(json!({"batching": "items"})).unwrap();
    assert_eq!(one.batching, Batching::Items);
    assert!(serde_json::from_value::<Choices>(json!({"batchng": "items"})).is_err());
}

#[test]
fn an_id_that_is_no_number_stays_a_string() {
    let mut stage = Stage::routed();
    let odd = AppId::from("odd");
    stage
        .platform
        .connect(handover_sim::platform::App::new(odd.clone(), "Odd"));
    let passed = stage.pass(&BOT, Some(&odd)).unwrap();
    let event = &item(&passed.deliveries[0])["pass_thread_control"];
    assert_eq!(event["new_owner_app_id"], "odd");
}
