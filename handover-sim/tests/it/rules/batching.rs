//! How webhooks are put together.

use crate::support::rules::{BOT, INBOX, PAGE, Rules, SHOP};
use handover_sim::platform::{Batching, Behavior, Post, WebhookDelivery};
use serde_json::Value;

/// What the shop's message causes while the bot listens in: an echo and a delivery to each.
fn deliveries() -> Vec<WebhookDelivery> {
    let mut rules = Rules::with_shop_as_owner();
    let hello = rules.text("hello");
    rules.send(&SHOP, &hello).unwrap().deliveries
}

fn bodies(batching: Batching, deliveries: Vec<WebhookDelivery>) -> Vec<Value> {
    Post::batched(deliveries, batching)
        .iter()
        .map(|post| serde_json::to_value(post.envelope()).unwrap())
        .collect()
}

/// How many entries each body has, and how many items each of them.
fn sizes(bodies: &[Value]) -> Vec<Vec<usize>> {
    let items = |entry: &Value| {
        ["messaging", "standby"]
            .iter()
            .filter_map(|channel| entry[channel].as_array())
            .map(Vec::len)
            .sum()
    };
    bodies
        .iter()
        .map(|body| {
            body["entry"]
                .as_array()
                .unwrap()
                .iter()
                .map(items)
                .collect()
        })
        .collect()
}

#[test]
fn one_item_in_one_entry_in_one_post() {
    let batching = Behavior::default().batching;
    let bodies = bodies(batching, deliveries());
    assert_eq!(sizes(&bodies), [[1], [1], [1], [1]]);
    let single: Vec<_> = deliveries()
        .iter()
        .map(|one| serde_json::to_value(one.envelope()).unwrap())
        .collect();
    assert_eq!(bodies, single);
}

#[test]
fn optionally_what_goes_together_is_several_items_of_an_entry() {
    let bodies = bodies(Batching::Items, deliveries());
    assert_eq!(sizes(&bodies), [[2], [2]]);
    assert_eq!(bodies[0]["entry"][0]["id"], PAGE);
    let standby = &bodies[0]["entry"][0]["standby"];
    assert_eq!(standby[0]["message"]["is_echo"], true);
    assert!(standby[1]["delivery"].is_object());
}

#[test]
fn optionally_what_goes_together_is_several_entries_of_a_post() {
    let bodies = bodies(Batching::Entries, deliveries());
    assert_eq!(sizes(&bodies), [[1, 1], [1, 1]]);
}

#[test]
fn batching_loses_nothing_and_reaches_no_other_app() {
    let mut rules = Rules::with_shop_as_owner();
    let mut all = rules.ana_says("hello");
    all.extend(rules.says_and_passes(&SHOP, Some(&BOT)).unwrap().deliveries);
    all.extend(rules.pass(&BOT, Some(&INBOX)).unwrap().deliveries);
    for batching in [Batching::OneItem, Batching::Items, Batching::Entries] {
        let posts = Post::batched(all.clone(), batching);
        for post in &posts {
            let first = &post.deliveries[0];
            assert!(post.deliveries.iter().all(|one| one.app == first.app));
        }
        for app in [BOT, SHOP] {
            let in_order = |deliveries: Vec<&WebhookDelivery>| -> Vec<WebhookDelivery> {
                let to_app = deliveries.into_iter().filter(|one| one.app == app);
                to_app.cloned().collect()
            };
            assert_eq!(
                in_order(posts.iter().flat_map(|post| &post.deliveries).collect()),
                in_order(all.iter().collect()),
            );
        }
    }
}
