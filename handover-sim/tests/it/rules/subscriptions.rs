//! Both levels of subscription: an app gets an event only if both name its field.

use std::collections::BTreeSet;

use crate::support::rules::{BOT, Rules, SHOP, delivered, tells};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_sim::platform::{Platform, Product, Routing, WebhookField};

fn all_but(product: Product, names: &[&str]) -> Option<BTreeSet<WebhookField>> {
    let missing = |field: &WebhookField| names.contains(&field.to_string().as_str());
    Some(
        WebhookField::all(product)
            .filter(|field| !missing(field))
            .collect(),
    )
}

/// Every kind of event the bot gets on `messaging` in a conversation with everything in it.
fn heard_by_the_bot(mut rules: Rules) -> BTreeSet<String> {
    let mut heard = Vec::new();
    let started = rules.act(Platform::get_started);
    heard.extend(started.unwrap().deliveries);
    heard.extend(rules.ana_says("hello"));
    let mid = rules.thread().messages().last().unwrap().mid.clone();
    let hello = rules.text("hello");
    heard.extend(rules.send(&BOT, &hello).unwrap().deliveries);
    let read = rules.act(Platform::read);
    heard.extend(read.unwrap().deliveries);
    let reacted = rules.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    heard.extend(reacted.unwrap().deliveries);
    let edited = rules.act(|platform, ana, now| platform.edit(ana, &mid, "hullo", now));
    heard.extend(edited.unwrap().deliveries);
    let opened = rules.act(|platform, ana, now| platform.open_link(ana, "spring", now));
    heard.extend(opened.unwrap().deliveries);
    heard.extend(rules.take(&SHOP).unwrap().deliveries);
    delivered(&heard)
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
    let all = heard_by_the_bot(Rules::routed());
    assert_eq!(all.len(), PAGE_FIELDS.len(), "{all:?}");
    for (field, kinds) in PAGE_FIELDS {
        let mut rules = Rules::routed();
        rules.platform.app_mut(&BOT).unwrap().page_fields = all_but(Product::Messenger, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(rules)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn an_app_gets_an_event_only_if_the_page_names_its_field() {
    let all = heard_by_the_bot(Rules::routed());
    for (field, kinds) in PAGE_FIELDS {
        let mut rules = Rules::routed();
        rules.connection(&BOT).fields = all_but(Product::Messenger, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(rules)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn on_instagram_the_fields_have_other_names_and_echoes_are_messages() {
    let all = heard_by_the_bot(Rules::instagram());
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
        let mut rules = Rules::instagram();
        rules.platform.app_mut(&BOT).unwrap().instagram_fields =
            all_but(Product::Instagram, &[field]);
        let missing: Vec<_> = all.difference(&heard_by_the_bot(rules)).cloned().collect();
        assert_eq!(missing, kinds, "{field}");
    }
}

#[test]
fn on_instagram_only_the_apps_own_fields_count() {
    let mut rules = Rules::instagram();
    rules.connection(&BOT).fields = Some(BTreeSet::new());
    assert_eq!(
        heard_by_the_bot(rules),
        heard_by_the_bot(Rules::instagram())
    );
    let mut rules = Rules::instagram();
    rules.connection(&BOT).subscribed = false;
    assert_eq!(heard_by_the_bot(rules), BTreeSet::new());
}

#[test]
fn the_fields_of_one_product_do_not_concern_the_other() {
    let mut rules = Rules::instagram();
    rules.platform.app_mut(&BOT).unwrap().page_fields = Some(BTreeSet::new());
    assert!(!heard_by_the_bot(rules).is_empty());
}

#[test]
fn standby_is_a_separate_field() {
    let mut rules = Rules::routed();
    rules.connection(&SHOP).fields = Some([WebhookField::STANDBY].into());
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(BOT, Messaging, "message"), (SHOP, Standby, "message")])
    );
    rules.connection(&SHOP).fields = all_but(Product::Messenger, &["standby"]);
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(BOT, Messaging, "message")])
    );
}

#[test]
fn an_app_without_a_webhook_hears_nothing() {
    let mut rules = Rules::routed();
    rules.platform.app_mut(&BOT).unwrap().webhook = false;
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(SHOP, Standby, "message")])
    );
}

#[test]
fn an_unsubscribed_app_hears_nothing_of_the_account_until_it_is_subscribed_again() {
    let mut rules = Rules::with_bot_as_owner();
    let account = rules.account();
    assert!(rules.platform.unsubscribe(&account, &BOT));
    assert!(
        !rules.platform.unsubscribe(&account, &BOT),
        "once is enough"
    );
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([(SHOP, Standby, "message")])
    );
    assert_eq!(rules.take(&SHOP).unwrap().deliveries, []);
    assert_eq!(
        rules.says(&SHOP, "hello"),
        Ok(()),
        "calls are another matter"
    );

    let messages = WebhookField::named(Product::Messenger, "messages").unwrap();
    let fields = [messages, WebhookField::STANDBY].into();
    assert!(rules.platform.subscribe(&account, &BOT, Some(fields)));
    let both = tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(delivered(&rules.ana_says("hello")), both);
    rules.pass(&SHOP, Some(&BOT)).unwrap();
    assert_eq!(
        rules.take(&SHOP).unwrap().deliveries,
        [],
        "handovers are not among the fields any more"
    );
}

#[test]
fn only_connected_apps_can_be_subscribed() {
    let mut rules = Rules::routed();
    let account = rules.account();
    let nobody = AppId::from("1");
    assert!(!rules.platform.subscribe(&account, &nobody, None));
    assert!(!rules.platform.unsubscribe(&account, &nobody));
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
    let field: WebhookField = serde_json::from_str("\"messaging_seen\"").unwrap();
    assert_eq!(serde_json::to_string(&field).unwrap(), "\"messaging_seen\"");
    assert!(serde_json::from_str::<WebhookField>("\"message\"").is_err());
}
