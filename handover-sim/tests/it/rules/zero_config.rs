//! Pages without a default app, where whoever answers, answers.

use crate::support::stage::{BOT, INBOX, PAGE, SHOP, Stage, refused, tells, told};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::EventBody;
use handover_sim::platform::{Account, Ad, Choices, Claimed};

#[test]
fn without_a_default_app_nobody_is_given_the_thread() {
    let mut stage = Stage::zero_config();
    stage.ana_says("hello");
    assert_eq!(stage.owner(), None);
}

#[test]
fn a_request_claims_an_idle_thread() {
    let mut stage = Stage::zero_config();
    let requested = stage.request(&SHOP).unwrap();
    assert_eq!(stage.owner(), Some(SHOP));
    assert_eq!(
        told(&requested.deliveries),
        tells([(SHOP, Messaging, "pass_thread_control")])
    );
}

#[test]
fn a_request_for_an_owned_thread_only_reaches_the_owner() {
    let mut stage = Stage::zero_config();
    stage.pass(&BOT, Some(&BOT)).unwrap();
    let requested = stage.request(&SHOP).unwrap();
    assert_eq!(
        stage.owner(),
        Some(BOT),
        "nothing forces the owner to react"
    );
    assert_eq!(
        told(&requested.deliveries),
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
    let mut stage = Stage::zero_config();
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(told(&stage.ana_says("hello")), everybody);
    stage.pass(&SHOP, Some(&SHOP)).unwrap();
    assert_eq!(told(&stage.ana_says("hello")), everybody);
}

#[test]
fn by_choice_the_others_have_standby_once_a_thread_is_claimed() {
    let mut stage = Stage::zero_config().choosing(Choices {
        claimed_zero_config: Claimed::Standby,
        ..Choices::default()
    });
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(told(&stage.ana_says("hello")), everybody);
    stage.pass(&SHOP, Some(&SHOP)).unwrap();
    let apart = tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(told(&stage.ana_says("hello")), apart);
}

#[test]
fn an_idle_thread_may_be_passed_to_oneself_but_not_again() {
    let mut stage = Stage::zero_config();
    stage.pass(&BOT, Some(&BOT)).unwrap();
    assert_eq!(stage.owner(), Some(BOT));
    assert_eq!(refused(stage.pass(&BOT, Some(&BOT))), (100, None));
}

#[test]
fn a_claimed_thread_is_for_its_owner_to_answer() {
    let mut stage = Stage::zero_config();
    stage.ana_says("hello");
    assert_eq!(stage.says(&BOT, "hello"), Ok(()));
    assert_eq!(stage.says(&SHOP, "hello"), Ok(()));
    assert_eq!(stage.owner(), None, "answering claims nothing");
    stage.request(&SHOP).unwrap();
    assert_eq!(stage.says(&BOT, "hello"), Err((10, Some(2_018_300))));
}

#[test]
fn a_released_thread_is_everybodys_again() {
    let mut stage = Stage::zero_config();
    stage.ana_says("hello");
    stage.request(&SHOP).unwrap();
    stage.release(&SHOP).unwrap();
    assert_eq!(stage.says(&BOT, "hello"), Ok(()));
}

#[test]
fn who_owns_a_claimed_thread_is_shown_to_its_owner_alone() {
    let mut stage = Stage::zero_config();
    stage.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(stage.shown_to(&SHOP).unwrap().0, Some(SHOP));
    assert_eq!(stage.shown_to(&BOT).unwrap().0, None);
}

#[test]
fn without_a_default_app_ads_are_routed_all_the_same() {
    let ad = Ad::new("6045", "Hats").received_by(SHOP, None);
    let mut stage = Stage::on(Account::page(PAGE, "Kaffeehaus").ad(ad));
    stage
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    stage.ana_says("hello");
    assert_eq!(stage.owner(), Some(SHOP));
}

#[test]
fn without_a_default_app_links_are_not_routed() {
    let mut stage = Stage::zero_config();
    stage
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    stage.ana_says("hello");
    assert_eq!(stage.owner(), None);
}

#[test]
fn the_inbox_takes_by_replying_also_without_a_default_app() {
    let mut stage = Stage::zero_config();
    stage.ana_says("hello");
    stage.request(&BOT).unwrap();
    let replied = stage
        .act(|platform, ana, now| platform.inbox_reply(ana, "hello", now))
        .unwrap();
    assert_eq!(stage.owner(), Some(INBOX));
    assert_eq!(
        told(&replied.deliveries)[0],
        (BOT, Messaging, "take_thread_control".to_owned())
    );
}
