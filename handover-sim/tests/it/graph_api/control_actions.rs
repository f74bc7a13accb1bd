//! What a person does at the api, and what apps can then ask or send.

use handover_testkit::http::Method;
use serde_json::{Value, json};

use crate::graph_api::http::{Graph, TOKEN, good};

async fn act(graph: &Graph, name: &str, fields: Value) -> Value {
    let mut body = json!({"person": graph.ana.id()});
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let request = graph.request(Method::POST, &format!("/control/actions/{name}"));
    good(request.json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn a_linking_token_identifies_the_person_for_five_minutes() {
    let graph = Graph::start().await;
    let token = act(&graph, "follow_account_link", json!({})).await["token"].clone();
    let token = token.as_str().unwrap();
    let path = format!("/me?fields=recipient&account_linking_token={token}");
    let answer = graph.get(&path).await;
    assert_eq!(
        answer,
        json!({"recipient": graph.ana.id(), "id": crate::support::rules::PAGE})
    );
    let unknown = "/me?fields=recipient&account_linking_token=5";
    let unknown = graph.request(Method::GET, unknown).bearer_auth(TOKEN);
    assert_eq!(graph.refused(unknown).await, (10_303, None));
    graph.sim.pass_time(std::time::Duration::from_mins(6)).await;
    let late = graph.request(Method::GET, &path).bearer_auth(TOKEN);
    assert_eq!(graph.refused(late).await, (10_303, None));
}

#[tokio::test]
async fn who_comments_or_ticks_a_box_is_written_to_without_their_id() {
    let graph = Graph::start().await;
    let comment = act(&graph, "comment", json!({"text": "nice"})).await["id"].clone();
    act(&graph, "tick_box", json!({"user_ref": "visitor-17"})).await;
    for (recipient, named) in [
        (json!({"comment_id": comment}), true),
        (json!({"user_ref": "visitor-17"}), false),
    ] {
        let body = json!({"recipient": recipient, "message": {"text": "hi"}});
        let sent = graph.post("/me/messages", body).await;
        assert_eq!(sent.get("recipient_id").is_some(), named);
    }
    assert_eq!(graph.texts(), ["hi", "hi"]);
}
