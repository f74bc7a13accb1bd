//! Who gets what on which channel, for every kind of event.

use crate::support::rules::{BOT, INBOX, PAGE, Rules, SHOP, delivered, item, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, Channel, OutgoingMessage, SendRequest};
use handover_sim::platform::{
    Account, App, Behavior, Connection, Delivered, Platform, WebhookDelivery,
};
use serde_json::json;

/// A third app, which only listens in.
const CRM: AppId = AppId::from_static("498721317747541");

/// The events of one kind, each to all three apps, of which the shop owns the thread.
fn with_the_shop_responsible(kind: &str) -> Vec<(AppId, Channel, String)> {
    tells([
        (BOT, Standby, kind),
        (SHOP, Messaging, kind),
        (CRM, Standby, kind),
    ])
}

fn with_three_apps() -> Rules {
    let mut rules = Rules::with_shop_as_owner();
    rules.platform.connect(App::new(CRM, "CRM"));
    rules
}

fn of_kind(deliveries: &[WebhookDelivery], kind: &str) -> Vec<(AppId, Channel, String)> {
    let mut delivered = delivered(deliveries);
    delivered.retain(|one| one.2 == kind);
    delivered
}

/// The app sends a button, whose message the answer names.
fn offers(rules: &mut Rules, app: &AppId) -> String {
    let attachment = json!({"type": "template", "payload": {"template_type": "button", "text": "?",
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}});
    let request = SendRequest {
        message: Some(OutgoingMessage::attachment(
            serde_json::from_value(attachment).unwrap(),
        )),
        ..rules.text("")
    };
    rules.send(app, &request).unwrap().value.message_id.unwrap()
}

#[test]
fn the_owner_has_messages_on_messaging_and_the_others_on_standby() {
    let mut rules = with_three_apps();
    let said = rules.ana_says("hello");
    assert_eq!(delivered(&said), with_the_shop_responsible("message"));
}

#[test]
fn a_thread_with_the_inbox_leaves_every_app_on_standby() {
    let mut rules = Rules::with_shop_as_owner();
    rules.pass(&SHOP, Some(&INBOX)).unwrap();
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(BOT, Standby, "message"), (SHOP, Standby, "message")])
    );
}

#[test]
fn the_default_app_has_an_idle_threads_events_on_messaging() {
    let mut rules = Rules::with_bot_as_owner();
    let hello = rules.text("hello");
    rules.send(&BOT, &hello).unwrap();
    rules.release(&BOT).unwrap();
    let read = rules.act(Platform::read).unwrap();
    assert_eq!(
        delivered(&read.deliveries),
        tells([(BOT, Messaging, "read"), (SHOP, Standby, "read")])
    );
}

#[test]
fn echoes_go_to_every_app_and_to_the_sender_itself() {
    let mut rules = with_three_apps();
    let hello = rules.text("hello");
    let sent = rules.send(&SHOP, &hello).unwrap();
    let echoes = of_kind(&sent.deliveries, "echo");
    assert_eq!(echoes, with_the_shop_responsible("echo"));
    let echo = item(&sent.deliveries[1]);
    assert_eq!(echo["sender"]["id"], PAGE);
    assert_eq!(echo["recipient"]["id"], rules.ana.as_str());
    assert_eq!(
        echo["message"],
        json!({"mid": sent.value.message_id, "text": "hello", "is_echo": true,
               "app_id": 2_262_510_160_704_936_u64})
    );
}

#[test]
fn deliveries_go_the_same_ways_as_messages() {
    let mut rules = with_three_apps();
    let hello = rules.text("hello");
    let sent = rules.send(&SHOP, &hello).unwrap();
    let deliveries = of_kind(&sent.deliveries, "delivery");
    assert_eq!(deliveries, with_the_shop_responsible("delivery"));
    let last = item(sent.deliveries.last().unwrap());
    assert_eq!(
        last["delivery"],
        json!({"mids": [sent.value.message_id], "watermark": rules.now.as_millis()})
    );
}

#[test]
fn reads_go_the_same_ways_as_messages() {
    let mut rules = with_three_apps();
    let hello = rules.text("hello");
    rules.send(&SHOP, &hello).unwrap();
    let read = rules.act(Platform::read);
    assert_eq!(
        delivered(&read.unwrap().deliveries),
        with_the_shop_responsible("read")
    );
}

#[test]
fn reactions_and_edits_go_the_same_ways_as_messages() {
    let mut rules = with_three_apps();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let reacted = rules.act(|platform, ana, now| platform.react(ana, &mid, "like", None, now));
    assert_eq!(
        delivered(&reacted.unwrap().deliveries),
        with_the_shop_responsible("reaction")
    );
    let edited = rules.act(|platform, ana, now| platform.edit(ana, &mid, "hullo", now));
    assert_eq!(
        delivered(&edited.unwrap().deliveries),
        with_the_shop_responsible("message_edit")
    );
}

#[test]
fn a_tap_on_the_owners_button_is_whole_to_it_and_has_no_payload_on_standby() {
    let mut rules = with_three_apps();
    let mid = offers(&mut rules, &SHOP);
    let tapped = rules
        .act(|platform, ana, now| platform.tap_button(ana, &mid, 0, now))
        .unwrap();
    assert_eq!(
        delivered(&tapped.deliveries),
        tells([
            (SHOP, Messaging, "postback"),
            (BOT, Standby, "postback"),
            (CRM, Standby, "postback"),
        ])
    );
    for delivery in &tapped.deliveries {
        let payload = item(delivery)["postback"].get("payload").cloned();
        let whole = delivery.app == SHOP;
        assert_eq!(payload, whole.then(|| json!("BUY")), "{}", delivery.app);
        assert_eq!(item(delivery)["postback"]["title"], "Buy");
    }
}

#[test]
fn a_tap_is_whole_to_the_app_that_sent_the_button_also_when_another_owns_the_thread() {
    let mut rules = with_three_apps();
    let mid = offers(&mut rules, &SHOP);
    rules.pass(&SHOP, Some(&BOT)).unwrap();
    let tapped = rules
        .act(|platform, ana, now| platform.tap_button(ana, &mid, 0, now))
        .unwrap();
    assert_eq!(
        delivered(&tapped.deliveries),
        tells([
            (SHOP, Messaging, "postback"),
            (BOT, Messaging, "postback"),
            (CRM, Standby, "postback"),
        ])
    );
    let payloads: Vec<_> = tapped
        .deliveries
        .iter()
        .map(|one| item(one)["postback"].get("payload").cloned())
        .collect();
    assert_eq!(payloads, [Some(json!("BUY")), None, None]);
}

#[test]
fn a_tap_reaches_the_app_that_sent_the_button_also_without_standby() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = offers(&mut rules, &BOT);
    rules.connection(&BOT).standby = false;
    rules.connection(&SHOP).subscribed = false;
    rules.pass(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(rules.ana_says("hello"), []);
    let tapped = rules.act(|platform, ana, now| platform.tap_button(ana, &mid, 0, now));
    assert_eq!(
        delivered(&tapped.unwrap().deliveries),
        tells([(BOT, Messaging, "postback")])
    );
}

#[test]
fn referrals_are_not_for_standby() {
    let mut rules = with_three_apps();
    let opened = rules.act(|platform, ana, now| platform.open_link(ana, "spring", now));
    assert_eq!(
        delivered(&opened.unwrap().deliveries),
        tells([(SHOP, Messaging, "referral")])
    );
}

#[test]
fn without_access_to_standby_an_app_hears_nothing_of_threads_it_does_not_own() {
    let account = Account::page(PAGE, "Kaffeehaus").default_app(BOT);
    let shop = Connection {
        standby: false,
        ..Connection::new(SHOP)
    };
    let mut rules = Rules::with(account, shop);
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(BOT, Messaging, "message")])
    );
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    let both = tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), both);
}

#[test]
fn optionally_everybody_has_messaging_whoever_owns_the_thread() {
    let behavior = Behavior {
        messenger_delivery: Delivered::Messaging,
        ..Behavior::default()
    };
    let mut rules = with_three_apps().with_behavior(behavior);
    let everybody = |kind| {
        tells([
            (BOT, Messaging, kind),
            (SHOP, Messaging, kind),
            (CRM, Messaging, kind),
        ])
    };
    assert_eq!(delivered(&rules.ana_says("hello")), everybody("message"));
    assert_eq!(
        rules.says(&BOT, "hello"),
        Err((10, Some(2_018_300))),
        "ownership still decides who may send"
    );
}

#[test]
fn an_app_that_is_not_connected_hears_nothing_and_may_do_nothing() {
    let mut rules = with_three_apps();
    let account = rules.account();
    rules.platform.disconnect(&account, &BOT);
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(SHOP, Messaging, "message"), (CRM, Standby, "message")])
    );
    assert_eq!(rules.says(&BOT, "hello"), Err((200, None)));
    assert!(rules.pass(&SHOP, Some(&BOT)).is_err());
}
