//! Lead Ads: Messenger asks the questions, and the apps wait.

use crate::support::rules::{BOT, DAY, INBOX, PAGE, Rules, SHOP, delivered, item, refused, tells};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_sim::platform::{Account, ActionError, Ad, Platform};
use serde_json::{Value, json};

const MESSENGER_FLOW: (i64, Option<i64>) = (10, Some(2_018_321));
const SHOP_NUMBER: u64 = 2_262_510_160_704_936;

/// The ad is being asked about; at the end the shop gets the thread for five days.
fn asking(ad: Ad) -> Rules {
    let account = Account::page(PAGE, "Kaffeehaus")
        .default_app(BOT)
        .ad(ad.received_by(SHOP, 5));
    let mut rules = Rules::on(account);
    let clicked = rules.act(|platform, ana, now| platform.lead_ad(ana, "6045", now));
    assert_eq!(clicked.unwrap().deliveries, []);
    rules
}

fn hats() -> Ad {
    Ad::new("6045", "Hats")
}

#[test]
fn while_a_lead_ad_asks_its_app_owns_the_thread_and_nobody_hears_anything() {
    let mut rules = asking(hats());
    assert_eq!(rules.owner(), Some(AppId::LEADGEN));
    assert_eq!(rules.ana_says("red"), []);
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let reacted = rules.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    assert_eq!(reacted.unwrap().deliveries, []);
}

#[test]
fn while_a_lead_ad_asks_nobody_may_send_or_take() {
    let mut rules = asking(hats());
    rules.ana_says("red");
    assert_eq!(rules.says(&BOT, "hello"), Err(MESSENGER_FLOW));
    assert_eq!(rules.says(&SHOP, "hello"), Err(MESSENGER_FLOW));
    assert_eq!(refused(rules.take(&SHOP)), MESSENGER_FLOW);
    assert_eq!(refused(rules.pass(&BOT, Some(&SHOP))), (100, None));
}

#[test]
fn at_its_end_the_ads_app_gets_the_thread_with_a_hop_context_beside_the_event() {
    for (complete, metadata) in [
        (true, "messenger_lead_gen_complete"),
        (false, "messenger_lead_gen_incomplete"),
    ] {
        let mut rules = asking(hats());
        rules.ana_says("red");
        let ended = rules
            .act(|platform, ana, now| platform.lead_ad_complete(ana, complete, now))
            .unwrap();
        assert_eq!(rules.owner(), Some(SHOP));
        assert_eq!(rules.expiration(), Some(rules.ahead(5 * DAY)));
        assert_eq!(
            delivered(&ended.deliveries),
            tells([(SHOP, Messaging, "pass_thread_control")])
        );
        let envelope = serde_json::to_value(ended.deliveries[0].envelope()).unwrap();
        let entry = &envelope["entry"][0];
        assert_eq!(
            entry["hop_context"],
            json!([{"app_id": SHOP_NUMBER, "metadata": metadata}])
        );
        assert_eq!(
            entry["messaging"][0]["pass_thread_control"],
            json!({"previous_owner_app_id": 413_038_776_280_800_u64,
                   "new_owner_app_id": SHOP_NUMBER, "metadata": metadata})
        );
    }
}

#[test]
fn by_its_setting_a_summary_follows_that_is_not_in_the_thread() {
    let mut rules = asking(Ad {
        lead_summary: true,
        ..hats()
    });
    rules.ana_says("red");
    rules.ana_says("large");
    let before = rules.thread().messages().count();
    let ended = rules
        .act(|platform, ana, now| platform.lead_ad_complete(ana, true, now))
        .unwrap();
    assert_eq!(
        delivered(&ended.deliveries),
        tells([
            (SHOP, Messaging, "pass_thread_control"),
            (BOT, Standby, "message"),
            (SHOP, Messaging, "message"),
        ])
    );
    let summary = item(&ended.deliveries[2]);
    assert_eq!(summary["message"]["text"], "Lead summary:\nred\nlarge");
    assert_eq!(
        summary["hop_context"],
        json!({"app_id": SHOP_NUMBER, "metadata": "messenger_lead_gen_complete"})
    );
    assert_eq!(
        summary["timestamp"],
        Value::from(rules.now.as_millis() / 1000),
        "in seconds"
    );
    assert_eq!(rules.thread().messages().count(), before);
}

#[test]
fn the_end_of_a_lead_ad_without_an_app_leaves_the_thread_idle() {
    let account = Account::page(PAGE, "Kaffeehaus")
        .default_app(BOT)
        .ad(hats());
    let mut rules = Rules::on(account);
    rules
        .act(|platform, ana, now| platform.lead_ad(ana, "6045", now))
        .unwrap();
    let ended = rules.act(|platform, ana, now| platform.lead_ad_complete(ana, true, now));
    assert_eq!(ended.unwrap().deliveries, []);
    assert_eq!(rules.owner(), None);
}

#[test]
fn so_does_the_end_of_a_lead_ad_whose_app_is_not_connected() {
    let mut rules = asking(hats());
    let account = rules.account();
    rules.platform.disconnect(&account, &SHOP);
    let ended = rules.act(|platform, ana, now| platform.lead_ad_complete(ana, true, now));
    assert_eq!(ended.unwrap().deliveries, []);
    assert_eq!(rules.owner(), None);
}

#[test]
fn the_window_counts_from_the_last_answer() {
    let mut rules = asking(hats());
    rules.ana_says("red");
    rules.later(DAY - 1);
    rules
        .act(|platform, ana, now| platform.lead_ad_complete(ana, true, now))
        .unwrap();
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
    rules.later(1);
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.says(&SHOP, "hello"), Err((10, Some(2_018_278))));
}

#[test]
fn the_inbox_may_interrupt_and_then_there_is_no_end_to_come() {
    let mut rules = asking(hats());
    let taken = rules.act(Platform::inbox_take);
    assert_eq!(taken.unwrap().deliveries, []);
    assert_eq!(rules.owner(), Some(INBOX));
    let ended = rules.act(|platform, ana, now| platform.lead_ad_complete(ana, true, now));
    assert_eq!(ended, Err(ActionError::NoLeadAd));
}

#[test]
fn one_lead_ad_at_a_time() {
    let mut rules = asking(hats());
    let again = rules.act(|platform, ana, now| platform.lead_ad(ana, "6045", now));
    assert_eq!(again, Err(ActionError::LeadAdUnderWay));
    let unknown = rules.act(|platform, ana, now| platform.lead_ad(ana, "1", now));
    assert_eq!(unknown, Err(ActionError::NoSuchAd("1".to_owned())));
}

#[test]
fn nobody_passes_to_the_lead_ads_app() {
    let mut rules = Rules::with_bot_as_owner();
    let passed = rules.pass(&BOT, Some(&AppId::LEADGEN));
    assert_eq!(refused(passed), (100, Some(2_018_164)));
}
