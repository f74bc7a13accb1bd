//! Which events an app wants of an account.

use crate::graph_api::ask::PARAMETER;
use crate::support::rules::{BOT, Rules, delivered};
use handover_sim::platform::Platform;
use serde_json::json;

#[test]
fn subscribing_replaces_the_fields_there_were() {
    let mut rules = Rules::routed();
    let mut set = |fields| {
        rules.ask(
            Platform::set_subscribed_apps,
            json!({"subscribed_fields": fields}),
        )
    };
    let success = Ok(json!({"success": true}));
    assert_eq!(set(json!("messages,message_reads")), success);
    assert_eq!(set(json!(["messages", "standby"])), success);
    assert_eq!(set(json!("messages,shoe_size")), Err(PARAMETER));
    assert_eq!(set(json!("")), Err(PARAMETER));
    assert_eq!(set(json!({"a": 1})), Err(PARAMETER));
    let shown = rules.ask_of(|p, c| p.subscribed_apps(c)).unwrap();
    assert_eq!(shown["data"][0]["id"], BOT.as_str());
    assert_eq!(
        shown["data"][0]["subscribed_fields"],
        json!(["messages", "standby"])
    );
}

#[test]
fn who_unsubscribes_hears_nothing_until_subscribing_again() {
    let mut rules = Rules::routed();
    rules.ask_of(Platform::delete_subscribed_apps).unwrap();
    let shown = rules.ask_of(|p, c| p.subscribed_apps(c)).unwrap();
    assert_eq!(shown, json!({"data": []}));
    let hears = |rules: &mut Rules| {
        delivered(&rules.ana_says("hello"))
            .iter()
            .any(|(app, ..)| *app == BOT)
    };
    assert!(!hears(&mut rules));
    let fields = json!({"subscribed_fields": "messages"});
    rules.ask(Platform::set_subscribed_apps, fields).unwrap();
    assert!(hears(&mut rules));
}
