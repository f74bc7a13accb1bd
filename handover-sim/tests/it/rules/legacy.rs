//! The Handover Protocol of old: a primary receiver, secondary ones, and their roles.

use crate::support::rules::{BOT, DAY, INBOX, PAGE, Rules, SHOP, delivered, item, refused, tells};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_sim::platform::{Account, Folder, Platform, Routing, Step};
use serde_json::json;

/// The bot is the primary receiver.
fn with_primary() -> Rules {
    let primary = Some(BOT);
    Rules::on(Account::page(PAGE, "Kaffeehaus").routing(Routing::Legacy { primary }))
}

/// The bot is the primary receiver, and the shop owns the thread.
fn with_shop_as_owner() -> Rules {
    let mut rules = with_primary();
    rules.ana_says("hello");
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    rules
}

/// Nobody has a role.
fn without_roles() -> Rules {
    let primary = None;
    let mut rules =
        Rules::on(Account::page(PAGE, "Kaffeehaus").routing(Routing::Legacy { primary }));
    rules.ana_says("hello");
    assert_eq!(rules.owner(), None);
    rules
}

#[test]
fn the_primary_receiver_gets_idle_threads() {
    let mut rules = with_primary();
    let said = rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(
        delivered(&said),
        tells([(BOT, Messaging, "message"), (SHOP, Standby, "message")])
    );
}

#[test]
fn the_primary_receiver_takes_at_any_time_whatever_its_switch_says() {
    let mut rules = with_shop_as_owner();
    rules.connection(&BOT).can_take = false;
    let taken = rules.take(&BOT).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(
        delivered(&taken.deliveries),
        tells([(SHOP, Messaging, "take_thread_control")])
    );
}

#[test]
fn a_secondary_receiver_takes_only_what_nobody_owns() {
    let mut rules = with_primary();
    rules.ana_says("hello");
    assert_eq!(refused(rules.take(&SHOP)), (100, None));
    rules.later(DAY);
    rules.take(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn a_secondary_receivers_request_goes_to_the_primary_whichever_app_owns_the_thread() {
    let mut rules = with_shop_as_owner();
    rules.pass(&SHOP, Some(&INBOX)).unwrap();
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(INBOX), "the primary receiver decides");
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(BOT, Messaging, "request_thread_control")])
    );
    rules.later(DAY);
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(requested.deliveries.len(), 1);
    assert_eq!(rules.owner(), None);
}

#[test]
fn the_primary_receiver_has_nobody_to_ask() {
    assert_eq!(refused(with_shop_as_owner().request(&BOT)), (100, None));
}

#[test]
fn a_secondary_receiver_passes_to_the_primary_by_default_and_the_primary_to_nobody() {
    let mut rules = with_shop_as_owner();
    let passed = rules.pass(&SHOP, None).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(
        delivered(&passed.deliveries),
        tells([(BOT, Messaging, "pass_thread_control")])
    );
    assert_eq!(refused(rules.pass(&BOT, None)), (100, None));
}

#[test]
fn what_a_secondary_receiver_releases_goes_back_to_the_primary() {
    let mut rules = with_shop_as_owner();
    assert_eq!(rules.release(&SHOP).unwrap().deliveries, []);
    assert_eq!(rules.owner(), Some(BOT));
    rules.release(&BOT).unwrap();
    assert_eq!(rules.owner(), None);
}

#[test]
fn the_primary_receiver_sees_who_owns_the_thread() {
    let mut rules = with_shop_as_owner();
    rules.pass(&SHOP, Some(&INBOX)).unwrap();
    assert_eq!(rules.shown_to(&BOT).unwrap().0, Some(INBOX));
    assert_eq!(rules.shown_to(&SHOP).unwrap().0, None);
}

#[test]
fn thread_control_of_the_send_api_needs_conversation_routing() {
    let mut rules = with_primary();
    rules.ana_says("hello");
    let passed = rules.says_and_passes(&BOT, Some(&SHOP));
    assert_eq!(refused(passed), (100, None));
}

#[test]
fn the_primary_receiver_sees_the_secondary_ones() {
    let mut rules = with_primary();
    let secondaries = |rules: &mut Rules, app: &AppId| {
        rules.call(app, |platform, call| {
            let value = platform.secondary_receivers(call)?;
            Ok(Step {
                value,
                deliveries: Vec::new(),
            })
        })
    };
    let seen = secondaries(&mut rules, &BOT).unwrap().value;
    assert_eq!(
        serde_json::to_value(seen).unwrap(),
        json!({"data": [{"id": INBOX, "name": "Page Inbox"}, {"id": SHOP, "name": "Shop"}]})
    );
    assert_eq!(
        refused(secondaries(&mut rules, &SHOP)),
        (100, Some(2_018_234))
    );
    let mut rules = Rules::zero_config();
    assert_eq!(refused(secondaries(&mut rules, &BOT)), (100, None));
}

#[test]
fn the_feature_status_shows_the_protocol_of_old() {
    for (mut rules, [hop_v2, msgr_multi_app]) in [
        (with_primary(), [true, false]),
        (Rules::routed(), [false, true]),
        (Rules::zero_config(), [false, false]),
    ] {
        let status = rules.call(&BOT, |platform, call| {
            let value = platform.messaging_feature_status(call)?;
            Ok(Step {
                value,
                deliveries: Vec::new(),
            })
        });
        let status = status.unwrap().value;
        assert_eq!(
            [status.hop_v2, status.msgr_multi_app],
            [hop_v2, msgr_multi_app]
        );
    }
}

#[test]
fn apps_get_an_event_when_their_roles_change() {
    let mut rules = Rules::routed();
    let account = rules.account();
    let mut roles = |primary| {
        let routing = Routing::Legacy { primary };
        let routed = rules.platform.route(&account, routing, rules.now).unwrap();
        let of = |one| item(one)["app_roles"].clone();
        routed.deliveries.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(
        roles(Some(BOT)),
        [
            json!({"1517776481860111": ["primary_receiver"]}),
            json!({"2262510160704936": ["secondary_receiver"]}),
        ]
    );
    assert_eq!(roles(Some(BOT)), [] as [serde_json::Value; 0]);
    assert_eq!(
        roles(None),
        [json!({"1517776481860111": ["secondary_receiver"]})]
    );
}

#[test]
fn app_roles_has_no_sender_and_goes_to_messaging() {
    let mut rules = Rules::routed();
    let account = rules.account();
    let primary = Some(INBOX);
    rules.connection(&SHOP).subscribed = false;
    let routed = rules
        .platform
        .route(&account, Routing::Legacy { primary }, rules.now)
        .unwrap();
    assert_eq!(
        delivered(&routed.deliveries),
        tells([(BOT, Messaging, "app_roles")])
    );
    assert_eq!(
        item(&routed.deliveries[0]),
        json!({"recipient": {"id": PAGE}, "timestamp": rules.now.as_millis(),
               "app_roles": {"1517776481860111": ["secondary_receiver"]}})
    );
}

#[test]
fn without_roles_everybody_gets_messaging_until_somebody_owns_the_thread() {
    let mut rules = without_roles();
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), everybody);
    rules.request(&SHOP).unwrap();
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")])
    );
}

#[test]
fn without_roles_the_first_app_that_sends_takes_passes_or_requests_owns_the_thread() {
    let mut rules = without_roles();
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.says(&BOT, "hello"), Err((10, Some(2_018_300))));

    let mut rules = without_roles();
    rules.take(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(refused(rules.take(&BOT)), (100, None));

    let mut rules = without_roles();
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));

    let mut rules = without_roles();
    rules.request(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    let requested = rules.request(&BOT).unwrap();
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(SHOP, Messaging, "request_thread_control")])
    );
}

#[test]
fn done_in_the_inbox_returns_control_to_the_primary_receiver() {
    let mut rules = with_shop_as_owner();
    rules.pass(&SHOP, Some(&INBOX)).unwrap();
    let done = rules.act(Platform::inbox_done).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(
        item(&done.deliveries[0])["pass_thread_control"]["previous_owner_app_id"],
        263_902_037_430_900_u64
    );
}

#[test]
fn moving_a_thread_out_of_done_asks_the_primary_receiver() {
    let mut rules = with_shop_as_owner();
    let requested = rules.act(Platform::inbox_request).unwrap();
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(BOT, Messaging, "request_thread_control")])
    );
    assert_eq!(rules.thread().folder(rules.now), Folder::Done);
    assert!(rules.thread().requested);
}
