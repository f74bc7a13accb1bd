//! Events of every kind that the platform is known to send reach `#[on_event]` by their names.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "what goes wrong here fails a test, and `json!` makes values"
)]

use handover::extract::Content;
use handover::prelude::*;
use handover::protocol::{Feed, InstagramComment, VoiceCall, read};
use handover::testing::dispatch;
use serde_json::{Value, json};

#[on_event(name = ["feed"])]
async fn feed(_: Content<Feed>) {}

#[on_event(name = ["comments", "live_comments"])]
async fn comment(_: Content<InstagramComment>) {}

#[on_event(name = "calls")]
async fn call(_: Content<VoiceCall>) {}

#[on_event(name = [
    "leadgen", "inbox_labels", "mention", "mentions", "group_feed", "marketing_message_deliveries",
    "messaging_customer_information", "response_feedback", "order", "template", "form", "game_play",
    "payment", "pre_checkout", "checkout_update", "story_insights", "messaging_optouts",
])]
async fn other(_: Content) {}

#[on_referral]
async fn lead(event: Event) -> Option<String> {
    event.event.lead()?.data.into_iter().next()?.answer
}

#[on_message]
async fn message(event: Event) -> Option<String> {
    let from = event.event.prior_message().and_then(|prior| prior.source);
    let through = event.hop_context().into_iter().next()?.metadata;
    Some(format!("{} {}", from?, through?))
}

fn change(object: &str, field: &str, value: Value) -> Value {
    json!({"object": object, "entry": [{"id": "7", "time": 1_520_383_571, "changes": [
        {"field": field, "value": value}]}]})
}

fn item(content: Value) -> Value {
    let mut item = json!({"sender": {"id": "9"}, "recipient": {"id": "7"}, "timestamp": 1});
    let fields = content.as_object().unwrap().clone();
    item.as_object_mut().unwrap().extend(fields);
    json!({"object": "page", "entry": [{"id": "7", "time": 1, "messaging": [item]}]})
}

async fn handler_of(body: &Value) -> Option<String> {
    let bytes = body.to_string();
    let mut received = read(bytes.as_bytes()).unwrap().received;
    assert_eq!(received.len(), 1, "{body}");
    let routes = routes![feed, comment, call, other];
    let answer = dispatch(routes, received.remove(0)).await.unwrap();
    assert!(answer.outcome().is_ok(), "{body}");
    answer.handler().map(str::to_owned)
}

#[tokio::test]
async fn changes_and_calls() {
    let comment = json!({"id": "1", "text": "hi", "from": {"id": "9", "username": "ana"}});
    let bodies = [
        (
            change(
                "page",
                "feed",
                json!({"item": "comment", "verb": "add", "message": "hi"}),
            ),
            "feed",
        ),
        (
            change("page", "leadgen", json!({"leadgen_id": 1, "page_id": 7})),
            "other",
        ),
        (
            change(
                "page",
                "inbox_labels",
                json!({"user": {"id": "9"}, "action": "add"}),
            ),
            "other",
        ),
        (change("instagram", "comments", comment.clone()), "comment"),
        (change("instagram", "live_comments", comment), "comment"),
        (
            change(
                "page",
                "mention",
                json!({"item": "post", "verb": "add", "post_id": "1_2"}),
            ),
            "other",
        ),
        (
            change("instagram", "mentions", json!({"media_id": "1"})),
            "other",
        ),
        (
            change("instagram", "story_insights", json!({"media_id": "1"})),
            "other",
        ),
        (
            json!({"object": "page", "entry": [{"id": "7", "time": 1, "calls": [
                {"id": "c_1", "to": "7", "from": "9", "event": "connect", "timestamp": 1}]}]}),
            "call",
        ),
    ];
    for (body, handler) in bodies {
        assert_eq!(handler_of(&body).await.as_deref(), Some(handler), "{body}");
    }
}

#[test]
fn mentions_need_the_field_of_their_product() {
    #[on_event(name = "mention")]
    async fn of_page(_: Content) {}

    #[on_event(name = "mentions")]
    async fn of_instagram(_: Content) {}

    for (routes, name, product, other) in [
        (routes![of_page], "mention", "page", "instagram"),
        (routes![of_instagram], "mentions", "instagram", "page"),
    ] {
        let described: Value = serde_json::from_str(&Bot::new(routes).describe().json()).unwrap();
        let needs = |product: &str| {
            let fields = &described[0]["webhook_fields"][product]["required"];
            fields.as_array().unwrap().contains(&json!(name))
        };
        assert!(needs(product) && !needs(other), "{name}: {described}");
    }
}

#[tokio::test]
async fn items_without_an_attribute() {
    let contents = [
        json!({"messaging_customer_information": {"screens": []}}),
        json!({"response_feedback": {"feedback": "Good response", "mid": "m_1"}}),
        json!({"order": {"products": [], "note": "gift"}}),
        json!({"template": {"type": "coupon", "payload": "P"}}),
        json!({"form": {"id": "1"}}),
        json!({"game_play": {"game_id": "1"}}),
        json!({"payment": {"payload": "P"}}),
        json!({"pre_checkout": {"payload": "P"}}),
        json!({"checkout_update": {"payload": "P"}}),
        json!({"messaging_optouts": {"type": "new"}}),
        json!({"field": "group_feed", "group_id": "1", "item": "comment", "message": "hi"}),
        json!({"field": "marketing_message_deliveries", "mid": "mid.1", "page_id": 7}),
    ];
    for content in contents {
        let body = item(content);
        assert_eq!(handler_of(&body).await.as_deref(), Some("other"), "{body}");
    }
}

#[tokio::test]
async fn what_accompanies_an_event_is_in_it() {
    for (content, said) in [
        (
            json!({"referral": {"type": "LEAD_COMPLETE"},
                "lead": {"data": [{"question": "Name?", "answer": "Ana"}]}}),
            "Ana",
        ),
        (
            json!({"message": {"mid": "m"}, "prior_message": {"source": "checkbox_plugin"},
                "hop_context": {"app_id": 5, "metadata": "messenger_lead_gen_complete"}}),
            "checkbox_plugin messenger_lead_gen_complete",
        ),
    ] {
        let body = item(content).to_string();
        let received = read(body.as_bytes()).unwrap().received.remove(0);
        let answer = dispatch(routes![lead, message], received).await.unwrap();
        assert_eq!(answer.messages()[0].text.as_deref(), Some(said));
    }
}

#[tokio::test]
async fn what_the_test_button_of_the_dashboard_sends_is_a_message() {
    let item = json!({"sender": {"id": "12334"}, "recipient": {"id": "23245"},
        "timestamp": "1527459824", "message": {"mid": "test_message_id", "text": "test_message"}});
    let body = change("page", "messages", item).to_string();
    let received = read(body.as_bytes()).unwrap().received.remove(0);
    let answer = dispatch(routes![message], received).await.unwrap();
    assert_eq!(answer.handler(), Some("message"));
}
