//! Pass, take, request, release, extend, thread owner: every row of the state machine.

use crate::support::rules::{BOT, DAY, HOUR, INBOX, Rules, SHOP, delivered, refused, tells};
use handover_protocol::Channel::Messaging;
use handover_protocol::{AppId, EventBody, Timestamp};
use handover_sim::platform::{Account, Connection};

fn in_a_day(rules: &Rules) -> Option<Timestamp> {
    Some(rules.ahead(DAY))
}

fn in_seconds(rules: &Rules, seconds: u64) -> u64 {
    u64::try_from(rules.now.as_millis() / 1000).unwrap() + seconds
}

#[test]
fn the_owner_passes_to_any_connected_app_which_gets_an_event() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(HOUR);
    let passed = rules.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.expiration(), in_a_day(&rules));
    assert_eq!(
        delivered(&passed.deliveries),
        tells([(SHOP, Messaging, "pass_thread_control")])
    );
    let EventBody::PassThreadControl(event) = &passed.deliveries[0].event.body else {
        panic!("not a pass");
    };
    assert_eq!(event.previous_owner_app_id, Some(BOT));
    assert_eq!(event.new_owner_app_id, Some(SHOP));
    assert_eq!(event.metadata.as_deref(), Some("note"));
}

#[test]
fn the_page_inbox_gets_no_webhook_when_it_is_passed_the_thread() {
    let mut rules = Rules::with_bot_as_owner();
    let passed = rules.pass(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(rules.owner(), Some(INBOX));
    assert_eq!(passed.deliveries, []);
}

#[test]
fn a_pass_without_a_target_goes_to_the_default_app() {
    let mut rules = Rules::with_shop_as_owner();
    let passed = rules.pass(&SHOP, None).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(
        delivered(&passed.deliveries),
        tells([(BOT, Messaging, "pass_thread_control")])
    );
    assert_eq!(refused(Rules::zero_config().pass(&BOT, None)), (100, None));
}

#[test]
fn an_idle_thread_may_be_passed_by_any_app_and_has_no_previous_owner() {
    let mut rules = Rules::routed();
    let passed = rules.pass(&SHOP, Some(&SHOP)).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    let item = serde_json::to_value(&passed.deliveries[0].event).unwrap();
    assert_eq!(
        item["pass_thread_control"]["previous_owner_app_id"],
        serde_json::Value::Null
    );
    assert!(
        item["pass_thread_control"]
            .as_object()
            .unwrap()
            .contains_key("previous_owner_app_id"),
        "null, not absent"
    );
    assert_eq!(
        item["pass_thread_control"]["new_owner_app_id"],
        2_262_510_160_704_936_u64
    );
}

#[test]
fn a_pass_is_refused_to_others_to_oneself_and_to_unknown_apps() {
    let mut rules = Rules::with_shop_as_owner();
    assert_eq!(refused(rules.pass(&BOT, Some(&INBOX))), (100, None));
    assert_eq!(refused(rules.pass(&SHOP, Some(&SHOP))), (100, None));
    let nobody = AppId::from("1");
    assert_eq!(
        refused(rules.pass(&SHOP, Some(&nobody))),
        (100, Some(2_018_164))
    );
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn taking_notifies_only_the_previous_owner() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(HOUR);
    let taken = rules.take(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.expiration(), in_a_day(&rules));
    assert_eq!(
        delivered(&taken.deliveries),
        tells([(BOT, Messaging, "take_thread_control")])
    );
    let EventBody::TakeThreadControl(event) = &taken.deliveries[0].event.body else {
        panic!("not a take");
    };
    assert_eq!(event.previous_owner_app_id, Some(BOT));
    assert_eq!(event.new_owner_app_id, Some(SHOP));
    assert_eq!(event.metadata.as_deref(), Some("mine"));
}

#[test]
fn taking_an_idle_thread_sends_no_event() {
    let mut rules = Rules::routed();
    assert_eq!(rules.take(&SHOP).unwrap().deliveries, []);
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn taking_needs_conversation_routing_the_switch_and_another_owner() {
    assert_eq!(refused(Rules::zero_config().take(&BOT)), (27, None));

    let page = Account::page("1744550565845823", "Kaffeehaus").default_app(BOT);
    let mut shop = Connection::new(SHOP);
    shop.can_take = false;
    let mut rules = Rules::with(page, shop);
    rules.ana_says("hello");
    assert_eq!(refused(rules.take(&SHOP)), (27, None));

    assert_eq!(refused(rules.take(&BOT)), (100, None));
    assert_eq!(rules.owner(), Some(BOT));
}

#[test]
fn requests_are_refused_with_conversation_routing_and_to_the_owner() {
    assert_eq!(
        refused(Rules::with_shop_as_owner().request(&BOT)),
        (100, None)
    );
    let mut rules = Rules::zero_config();
    rules.pass(&BOT, Some(&BOT)).unwrap();
    assert_eq!(refused(rules.request(&BOT)), (100, None));
}

#[test]
fn only_the_owner_releases_and_no_event_is_sent() {
    let mut rules = Rules::with_shop_as_owner();
    assert_eq!(refused(rules.release(&BOT)), (100, None));
    assert_eq!(rules.release(&SHOP).unwrap().deliveries, []);
    assert_eq!(rules.owner(), None);
    assert_eq!(refused(rules.release(&SHOP)), (100, None));

    rules.ana_says("hello");
    assert_eq!(
        rules.owner(),
        Some(BOT),
        "the next message is routed afresh"
    );
}

#[test]
fn who_owns_the_thread_is_shown_to_the_owner_and_the_default_app() {
    let mut rules = Rules::with_bot_as_owner();
    assert_eq!(
        rules.shown_to(&SHOP),
        Some((None, Some(in_seconds(&rules, 86_400))))
    );

    rules.pass(&BOT, Some(&SHOP)).unwrap();
    let shop_until_tomorrow = Some((Some(SHOP), Some(in_seconds(&rules, 86_400))));
    assert_eq!(rules.shown_to(&SHOP), shop_until_tomorrow);
    assert_eq!(rules.shown_to(&BOT), shop_until_tomorrow);

    rules.release(&SHOP).unwrap();
    assert_eq!(rules.shown_to(&BOT), None);
    assert_eq!(rules.shown_to(&SHOP), None);
}

#[test]
fn a_thread_nobody_knows_is_no_matching_user() {
    let mut rules = Rules::with_bot_as_owner();
    rules.ana = "42".into();
    let no_matching_user = (100, Some(2_018_001));
    assert_eq!(refused(rules.pass(&BOT, Some(&INBOX))), no_matching_user);
    assert_eq!(refused(rules.take(&SHOP)), no_matching_user);
    assert_eq!(refused(rules.release(&BOT)), no_matching_user);
    assert_eq!(refused(rules.extend(&BOT, Some(1))), no_matching_user);
}

#[test]
fn the_switch_of_taking_is_each_apps_own() {
    let mut rules = Rules::with_shop_as_owner();
    rules.connection(&SHOP).can_take = false;
    rules.take(&BOT).unwrap();
    assert_eq!(refused(rules.take(&SHOP)), (27, None));
}

#[test]
fn the_inbox_may_be_taken_from_like_any_app() {
    let mut rules = Rules::with_bot_as_owner();
    rules.pass(&BOT, Some(&INBOX)).unwrap();
    let taken = rules.take(&BOT).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(taken.deliveries, [], "the inbox has no webhook");
}

#[test]
fn a_released_thread_is_routed_afresh_and_only_the_default_app_may_send_meanwhile() {
    let mut rules = Rules::with_shop_as_owner();
    rules.release(&SHOP).unwrap();
    assert_eq!(rules.says(&SHOP, "hello"), Err((10, Some(2_018_300))));
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    assert_eq!(rules.owner(), None, "sending claims nothing");
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(BOT));
}
