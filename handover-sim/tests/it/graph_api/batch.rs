//! Batches: several calls in one request.

use handover_testkit::http::Method;
use serde_json::{Value, json};

use crate::graph_api::http::{Graph, TOKEN, error, form};

/// A batch, sent as JSON; the answers in order.
async fn batch(graph: &Graph, items: Value) -> Vec<Value> {
    let body = json!({"access_token": TOKEN, "include_headers": false, "batch": items});
    let request = graph.request(Method::POST, "/v26.0/").json(&body);
    let answer = crate::graph_api::http::good(request.send().await.unwrap()).await;
    answer.as_array().unwrap().clone()
}

fn send(graph: &Graph, text: &str) -> Value {
    let recipient = json!({"id": graph.ana.id()}).to_string();
    let message = json!({"text": text}).to_string();
    let body = form([("recipient", &recipient), ("message", &message)]);
    json!({"method": "POST", "relative_url": "v26.0/me/messages", "body": body})
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn items_are_answered_in_order_each_with_a_code_and_its_own_row() {
    let graph = Graph::start().await;
    let rows = |graph: &Graph| {
        graph
            .sim
            .timeline()
            .iter()
            .filter(|row| row.title == "messages")
            .count()
    };
    let before = rows(&graph);
    let items = json!([
        send(&graph, "one"),
        {"method": "POST", "relative_url": "me/messages", "body": "recipient=%7B%7D"},
        {"method": "GET", "relative_url": "me?fields=id"},
        send(&graph, "two"),
    ]);
    let answers = batch(&graph, items).await;
    let codes: Vec<_> = answers
        .iter()
        .map(|answer| answer["code"].clone())
        .collect();
    assert_eq!(codes, [200, 400, 200, 200]);
    assert_eq!(graph.texts(), ["one", "two"]);
    assert_eq!(body(&answers[1])["error"]["code"], 100);
    assert_eq!(body(&answers[2])["id"], crate::support::rules::PAGE);
    assert_eq!(answers[0].get("headers"), None);
    assert_eq!(rows(&graph), before + 3);
}

#[tokio::test]
async fn a_batch_may_be_a_form_and_shows_headers_by_default() {
    let graph = Graph::start().await;
    let items = json!([send(&graph, "one")]).to_string();
    let request = graph
        .request(Method::POST, "/")
        .header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(form([("access_token", TOKEN), ("batch", &items)]));
    let answer = crate::graph_api::http::good(request.send().await.unwrap()).await;
    let headers = answer[0]["headers"].as_array().unwrap();
    assert!(
        headers
            .iter()
            .any(|one| one["name"] == "facebook-api-version" && one["value"] == "v26.0")
    );
}

#[tokio::test]
async fn a_batch_has_1_to_50_items() {
    let graph = Graph::start().await;
    let item = json!({"method": "GET", "relative_url": "me"});
    assert_eq!(batch(&graph, json!(vec![item.clone(); 50])).await.len(), 50);
    for items in [
        json!(vec![item; 51]),
        json!([]),
        json!("x"),
        json!([5]),
        json!([{"method": "GET"}]),
        json!([{"method": "FETCH", "relative_url": "me"}]),
    ] {
        let body = json!({"access_token": TOKEN, "batch": items});
        let request = graph.request(Method::POST, "/").json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(error(answer).await.0, 100);
    }
    let request = graph
        .request(Method::POST, "/")
        .json(&json!({"batch": [{"method": "GET", "relative_url": "me"}]}));
    assert_eq!(
        graph.refused(request).await.0,
        190,
        "a token is needed at the top"
    );
}

#[tokio::test]
async fn items_take_from_the_answers_of_others() {
    let graph = Graph::start().await;
    let persona = form([
        ("name", "Ben"),
        ("profile_picture_url", "https://cdn.example/1.png"),
    ]);
    let mut sent = send(&graph, "I am {result=ben:$.id}");
    let with_persona = format!(
        "{}&persona_id={{result=ben:$.id}}",
        sent["body"].as_str().unwrap()
    );
    sent["body"] = json!(with_persona);
    let answers = batch(
        &graph,
        json!([
            {"method": "POST", "relative_url": "me/personas", "body": persona, "name": "ben",
             "omit_response_on_success": false},
            sent,
            {"method": "GET", "relative_url": "{result=ben:$.id}?fields=name"},
        ]),
    )
    .await;
    let id = body(&answers[0])["id"].as_str().unwrap().to_owned();
    assert_eq!(graph.texts(), [format!("I am {id}")]);
    assert_eq!(
        graph.ana.messages().pop().unwrap().persona.as_deref(),
        Some("Ben")
    );
    assert_eq!(body(&answers[2])["name"], "Ben");
}

#[tokio::test]
async fn what_others_refer_to_is_left_out_and_what_refers_to_failures_does_not_happen() {
    let graph = Graph::start().await;
    let mut after = send(&graph, "after");
    after["depends_on"] = json!("first");
    let mut never = send(&graph, "never");
    never["depends_on"] = json!("bad");
    let mut nobody = send(&graph, "nobody");
    nobody["depends_on"] = json!("unknown");
    let answers = batch(
        &graph,
        json!([
            {"method": "GET", "relative_url": "me", "name": "first"},
            after,
            {"method": "GET", "relative_url": "me/shoe_size", "name": "bad"},
            never,
            nobody,
            {"method": "GET", "relative_url": "{result=bad:$.id}"},
            {"method": "GET", "relative_url": "me", "omit_response_on_success": true},
        ]),
    )
    .await;
    assert_eq!(answers[0], Value::Null, "it was only needed by another");
    assert_eq!(answers[1]["code"], 200);
    assert_eq!(answers[2]["code"], 400, "failures are shown");
    assert_eq!(
        answers[3..],
        [Value::Null, Value::Null, Value::Null, Value::Null]
    );
    assert_eq!(graph.texts(), ["after"]);
}

#[tokio::test]
async fn items_may_have_their_own_tokens() {
    let graph = Graph::start().await;
    let mut sent = send(&graph, "hi");
    sent["relative_url"] = json!("me/messages?access_token=unknown");
    let answers = batch(&graph, json!([sent, send(&graph, "hello")])).await;
    assert_eq!(body(&answers[0])["error"]["code"], 190);
    assert_eq!(graph.texts(), ["hello"]);
}
