//! Subscribing an app: its webhook has to answer first.

use handover_sim::SimulatedApp;
use handover_testkit::http::{Method, RequestBuilder};
use serde_json::json;

use crate::graph_api::http::{Graph, SECRET, good};
use crate::support::bot::{Bot, VERIFY_TOKEN};
use crate::support::rules::BOT;

fn own(graph: &Graph, method: Method) -> RequestBuilder {
    let request = graph.request(method, &format!("/v26.0/{BOT}/subscriptions"));
    request.bearer_auth(format!("{BOT}|{SECRET}"))
}

#[tokio::test]
async fn a_webhook_that_answers_the_challenge_is_subscribed() {
    let graph = Graph::start().await;
    let bot = Bot::start().await;
    let body = json!({"object": "page", "callback_url": bot.webhook(), "verify_token": VERIFY_TOKEN,
                      "fields": "messages,messaging_postbacks", "include_values": true});
    let done = own(&graph, Method::POST).json(&body).send().await.unwrap();
    assert_eq!(good(done).await, json!({"success": true}));
    let shown = good(own(&graph, Method::GET).send().await.unwrap()).await;
    let page = &shown["data"][0];
    assert_eq!(page["object"], "page");
    assert_eq!(page["callback_url"], bot.webhook());
    assert_eq!(page["active"], true);
    let fields: Vec<_> = page["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(fields, ["messages", "messaging_postbacks"]);

    graph.ana.says("are you there?").await.unwrap();
    let delivered = graph
        .sim
        .wait_until("the bot gets a webhook", || !bot.webhooks().is_empty())
        .await;
    delivered.unwrap();

    let body = json!({"object": "page", "fields": "messages"});
    good(
        own(&graph, Method::DELETE)
            .json(&body)
            .send()
            .await
            .unwrap(),
    )
    .await;
    let shown = good(own(&graph, Method::GET).send().await.unwrap()).await;
    assert_eq!(shown["data"][0]["fields"][0]["name"], "messaging_postbacks");
}

#[tokio::test]
async fn a_webhook_that_does_not_answer_is_not_subscribed() {
    let graph = Graph::with(SimulatedApp::new(BOT, "Bot")).await;
    let bot = Bot::start().await;
    let subscribe = |url: &str, token: &str, fields: &str| {
        let body =
            json!({"object": "page", "callback_url": url, "verify_token": token, "fields": fields});
        own(&graph, Method::POST).json(&body)
    };
    let url = bot.webhook();
    let wrong = subscribe(&url, "wrong", "messages");
    assert_eq!(graph.refused(wrong).await, (2200, None));
    let nowhere = subscribe("http://127.0.0.1:9/webhook", VERIFY_TOKEN, "messages");
    assert_eq!(graph.refused(nowhere).await, (2200, None));
    let asked = bot.requests().len();
    for (url, fields) in [
        ("webhook", "messages"),
        (url.as_str(), "shoe_size"),
        (url.as_str(), ""),
    ] {
        let bad = subscribe(url, VERIFY_TOKEN, fields);
        assert_eq!(graph.refused(bad).await, (100, None));
    }
    assert_eq!(
        bot.requests().len(),
        asked,
        "what is wrong anyway is not even tried"
    );
    let shown = good(own(&graph, Method::GET).send().await.unwrap()).await;
    assert_eq!(shown, json!({"data": []}));
}
