//! Pages without a default app, where whoever answers, answers.

use crate::support::rules::{BOT, INBOX, PAGE, Rules, SHOP, delivered, refused, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::EventBody;
use handover_sim::platform::{Account, Ad, Behavior, Claimed};

#[test]
fn without_a_default_app_nobody_is_given_the_thread() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), None);
}

#[test]
fn a_request_claims_an_idle_thread() {
    let mut rules = Rules::zero_config();
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(SHOP, Messaging, "pass_thread_control")])
    );
}

#[test]
fn a_request_for_an_owned_thread_only_reaches_the_owner() {
    let mut rules = Rules::zero_config();
    rules.pass(&BOT, Some(&BOT)).unwrap();
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(
        rules.owner(),
        Some(BOT),
        "nothing forces the owner to react"
    );
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(BOT, Messaging, "request_thread_control")])
    );
    let EventBody::RequestThreadControl(event) = &requested.deliveries[0].event.body else {
        panic!("not a request");
    };
    assert_eq!(event.requested_owner_app_id, Some(SHOP));
    assert_eq!(event.metadata.as_deref(), Some("please"));
}

#[test]
fn everybody_gets_messaging_also_of_a_claimed_thread() {
    let mut rules = Rules::zero_config();
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), everybody);
    rules.pass(&SHOP, Some(&SHOP)).unwrap();
    assert_eq!(delivered(&rules.ana_says("hello")), everybody);
}

#[test]
fn optionally_the_others_have_standby_once_a_thread_is_claimed() {
    let mut rules = Rules::zero_config().with_behavior(Behavior {
        claimed_zero_config: Claimed::Standby,
        ..Behavior::default()
    });
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), everybody);
    rules.pass(&SHOP, Some(&SHOP)).unwrap();
    let apart = tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), apart);
}

#[test]
fn an_idle_thread_may_be_passed_to_oneself_but_not_again() {
    let mut rules = Rules::zero_config();
    rules.pass(&BOT, Some(&BOT)).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(refused(rules.pass(&BOT, Some(&BOT))), (100, None));
}

#[test]
fn a_claimed_thread_is_for_its_owner_to_answer() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
    assert_eq!(rules.owner(), None, "answering claims nothing");
    rules.request(&SHOP).unwrap();
    assert_eq!(rules.says(&BOT, "hello"), Err((10, Some(2_018_300))));
}

#[test]
fn a_released_thread_is_everybodys_again() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    rules.request(&SHOP).unwrap();
    rules.release(&SHOP).unwrap();
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
}

#[test]
fn who_owns_a_claimed_thread_is_shown_to_its_owner_alone() {
    let mut rules = Rules::zero_config();
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(rules.shown_to(&SHOP).unwrap().0, Some(SHOP));
    assert_eq!(rules.shown_to(&BOT).unwrap().0, None);
}

#[test]
fn without_a_default_app_ads_are_routed_all_the_same() {
    let ad = Ad::new("6045", "Hats").received_by(SHOP, None);
    let mut rules = Rules::on(Account::page(PAGE, "Kaffeehaus").ad(ad));
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn without_a_default_app_links_are_not_routed() {
    let mut rules = Rules::zero_config();
    rules
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), None);
}

#[test]
fn the_inbox_takes_by_replying_also_without_a_default_app() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    rules.request(&BOT).unwrap();
    let replied = rules
        .act(|platform, ana, now| platform.inbox_reply(ana, "hello", now))
        .unwrap();
    assert_eq!(rules.owner(), Some(INBOX));
    assert_eq!(
        delivered(&replied.deliveries)[0],
        (BOT, Messaging, "take_thread_control".to_owned())
    );
}
