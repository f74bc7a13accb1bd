//! Both levels of subscription: an app gets an event only if both name its field.

use std::collections::BTreeSet;

use crate::support::stage::{BOT, SHOP, Stage, tells, told};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_sim::platform::{Field, Platform, Product, Routing};

fn all_but(product: Product, names: &[&str]) -> Option<BTreeSet<Field>> {
    let missing = |field: &Field| names.contains(&field.to_string().as_str());
    Some(
        Field::all(product)
            .filter(|field| !missing(field))
            .collect(),
    )
}

/// Every kind of event the bot gets on `messaging` in a conversation with everything in it.
fn heard_by_the_bot(mut stage: Stage) -> BTreeSet<String> {
    let mut heard = Vec::new();
    let started = stage.act(Platform::get_started);
    heard.extend(started.unwrap().deliveries);
    heard.extend(stage.ana_says("hello"));
    let mid = stage.thread().messages().last().unwrap().mid.clone();
    let hello = stage.text("hello");
    heard.extend(stage.send(&BOT, &hello).unwrap().deliveries);
    let read = stage.act(Platform::read);
    heard.extend(read.unwrap().deliveries);
    let reacted = stage.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    heard.extend(reacted.unwrap().deliveries);
    let edited = stage.act(|platform, ana, now| platform.edit(ana, &mid, "hullo", now));
    heard.extend(edited.unwrap().deliveries);
    let opened = stage.act(|platform, ana, now| platform.open_link(ana, "spring", now));
    heard.extend(opened.unwrap().deliveries);
    heard.extend(stage.take(&SHOP).unwrap().deliveries);
    told(&heard)
        .into_iter()
        .filter(|(app, channel, _)| (app, *channel) == (&BOT, Messaging))
        .map(|(_, _, kind)| kind)
        .collect()
}

/// Each field, with the kinds of events that are missing without it.
const PAGE_FIELDS: [(&str, &[&str]); 9] = [
    ("messages", &["message"]),
    ("message_echoes", &["echo"]),
    ("message_deliveries", &["delivery"]),
    ("message_reads", &["read"]),
    ("message_reactions", &["reaction"]),
    ("message_edits", &["message_edit"]),
    ("messaging_postbacks", &["postback"]),
    ("messaging_referrals", &["referral"]),
    ("messaging_handovers", &["take_thread_control"]),
];

#[test]
fn an_app_gets_an_event_only_if_the_app_names_its_field() {
    let all = heard_by_the_bot(Stage::routed());
    assert_eq!(all.len(), PAGE_FIELDS.len(), "{all:?}");
    for (field, kinds) in PAGE_FIELDS {
        let mut stage = Stage::routed();
        stage.platform.app_mut(&BOT).unwrap().page_fields = all_but(Product::Messenger, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(stage)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn an_app_gets_an_event_only_if_the_page_names_its_field() {
    let all = heard_by_the_bot(Stage::routed());
    for (field, kinds) in PAGE_FIELDS {
        let mut stage = Stage::routed();
        stage.connection(&BOT).fields = all_but(Product::Messenger, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(stage)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn on_instagram_the_fields_have_names_of_their_own_and_echoes_are_messages() {
    let all = heard_by_the_bot(Stage::instagram());
    let fields: [(&str, &[&str]); 7] = [
        ("messages", &["echo", "message"]),
        ("messaging_seen", &["read"]),
        ("message_reactions", &["reaction"]),
        ("message_edit", &["message_edit"]),
        ("messaging_postbacks", &["postback"]),
        ("messaging_referral", &["referral"]),
        ("messaging_handover", &["take_thread_control"]),
    ];
    for (field, kinds) in fields {
        let mut stage = Stage::instagram();
        stage.platform.app_mut(&BOT).unwrap().instagram_fields =
            all_but(Product::Instagram, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(stage)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn on_instagram_only_the_apps_own_fields_count() {
    let mut stage = Stage::instagram();
    stage.connection(&BOT).fields = Some(BTreeSet::new());
    assert_eq!(
        heard_by_the_bot(stage),
        heard_by_the_bot(Stage::instagram())
    );
    let mut stage = Stage::instagram();
    stage.connection(&BOT).subscribed = false;
    assert_eq!(heard_by_the_bot(stage), BTreeSet::new());
}

#[test]
fn the_fields_of_one_product_do_not_concern_the_other() {
    let mut stage = Stage::instagram();
    stage.platform.app_mut(&BOT).unwrap().page_fields = Some(BTreeSet::new());
    assert!(!heard_by_the_bot(stage).is_empty());
}

#[test]
fn standby_is_a_field_of_its_own() {
    let mut stage = Stage::routed();
    stage.connection(&SHOP).fields = Some([Field::STANDBY].into());
    assert_eq!(
        told(&stage.ana_says("hello")),
        tells([(BOT, Messaging, "message"), (SHOP, Standby, "message")])
    );
    stage.connection(&SHOP).fields = all_but(Product::Messenger, &["standby"]);
    assert_eq!(
        told(&stage.ana_says("hello")),
        tells([(BOT, Messaging, "message")])
    );
}

#[test]
fn an_app_without_a_webhook_hears_nothing() {
    let mut stage = Stage::routed();
    stage.platform.app_mut(&BOT).unwrap().webhook = false;
    assert_eq!(
        told(&stage.ana_says("hello")),
        tells([(SHOP, Standby, "message")])
    );
}

#[test]
fn an_unsubscribed_app_hears_nothing_of_the_account_until_it_is_subscribed_again() {
    let mut stage = Stage::with_bot_as_owner();
    let account = stage.account();
    assert!(stage.platform.unsubscribe(&account, &BOT));
    assert!(
        !stage.platform.unsubscribe(&account, &BOT),
        "once is enough"
    );
    assert_eq!(
        told(&stage.ana_says("hello")),
        tells([(SHOP, Standby, "message")])
    );
    assert_eq!(stage.take(&SHOP).unwrap().deliveries, []);
    assert_eq!(
        stage.says(&SHOP, "hello"),
        Ok(()),
        "calls are another matter"
    );

    let messages = Field::named(Product::Messenger, "messages").unwrap();
    let fields = [messages, Field::STANDBY].into();
    assert!(stage.platform.subscribe(&account, &BOT, Some(fields)));
    let both = tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(told(&stage.ana_says("hello")), both);
    stage.pass(&SHOP, Some(&BOT)).unwrap();
    assert_eq!(
        stage.take(&SHOP).unwrap().deliveries,
        [],
        "handovers are not among the fields any more"
    );
}

#[test]
fn only_connected_apps_can_be_subscribed() {
    let mut stage = Stage::routed();
    let account = stage.account();
    let nobody = AppId::from("1");
    assert!(!stage.platform.subscribe(&account, &nobody, None));
    assert!(!stage.platform.unsubscribe(&account, &nobody));
}

#[test]
fn routing_and_fields_have_their_names_in_json() {
    let routing: Routing = serde_json::from_value(serde_json::json!({
        "mode": "conversation", "default_app": "1", "links": {"spring": "2"}
    }))
    .unwrap();
    assert_eq!(
        serde_json::to_value(&routing).unwrap(),
        serde_json::json!({
            "mode": "conversation", "default_app": "1", "social": null, "links": {"spring": "2"}
        })
    );
    let field: Field = serde_json::from_str("\"messaging_seen\"").unwrap();
    assert_eq!(serde_json::to_string(&field).unwrap(), "\"messaging_seen\"");
    assert!(serde_json::from_str::<Field>("\"message\"").is_err());
}
