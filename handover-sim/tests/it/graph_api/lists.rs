//! Lists over HTTP: every page leads to the next.

use handover_testkit::http::Method;
use serde_json::json;

use crate::graph_api::http::{Graph, TOKEN, good};

#[tokio::test]
async fn next_leads_through_the_whole_list_without_anything_to_add() {
    let graph = Graph::start().await;
    for number in 0..5 {
        let persona =
            json!({"name": number.to_string(), "profile_picture_url": "https://cdn.example/1.png"});
        graph.post("/v26.0/me/personas", persona).await;
    }
    let mut page = graph.get("/v26.0/me/personas?fields=name&limit=2").await;
    let mut names = Vec::new();
    loop {
        let data = page["data"].as_array().unwrap();
        names.extend(
            data.iter()
                .map(|one| one["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["paging"]["next"].as_str() else {
            break;
        };
        page = good(graph.client.get(next).send().await.unwrap()).await;
    }
    assert_eq!(names, ["4", "3", "2", "1", "0"]);
    let previous = page["paging"]["previous"].as_str().unwrap();
    let before = good(graph.client.get(previous).send().await.unwrap()).await;
    assert_eq!(before["data"][0]["name"], "2");
    let whole = serde_json::to_string(&graph.sim.timeline()).unwrap();
    assert!(!whole.contains("bot-token"), "{whole}");
}

#[tokio::test]
async fn stickers_are_found_and_sent() {
    let graph = Graph::start().await;
    let packs = graph.get("/sticker_packs").await;
    let pack = packs["data"][0]["id"].as_str().unwrap();
    let stickers = graph.get(&format!("/sticker_packs/{pack}/stickers")).await;
    let found = graph.get("/sticker_search?q=thumb").await;
    assert_eq!(found["data"][0], stickers["data"][0]);
    let id: u64 = found["data"][0]["id"].as_str().unwrap().parse().unwrap();
    let body = json!({"recipient": {"id": graph.ana.id()}, "message": {"sticker_id": id}});
    graph.post("/me/messages", body).await;
    let none = graph
        .request(Method::GET, "/sticker_packs/5/stickers")
        .bearer_auth(TOKEN);
    assert_eq!(graph.refused(none).await, (100, Some(33)));
}

#[tokio::test]
async fn persons_personas_labels_and_conversations_are_found_by_their_ids() {
    let graph = Graph::start().await;
    let ana = graph.ana.id();
    let person = graph.get(&format!("/{ana}?fields=first_name")).await;
    assert_eq!(person, json!({"first_name": "Ana", "id": ana}));
    let persona = json!({"name": "Ben", "profile_picture_url": "https://cdn.example/1.png"});
    let persona = graph.post("/me/personas", persona).await["id"].clone();
    let persona = graph.get(&format!("/{}", persona.as_str().unwrap())).await;
    assert_eq!(persona["name"], "Ben");
    let label = graph
        .post("/me/custom_labels", json!({"page_label_name": "vip"}))
        .await;
    let label = label["id"].as_str().unwrap();
    graph
        .post(&format!("/{label}/label"), json!({"user": ana}))
        .await;
    let labels = graph.get(&format!("/{ana}/custom_labels")).await;
    assert_eq!(labels["data"], json!([{"id": label}]));
    let conversations = graph
        .get("/me/conversations?fields=id,messages{message}")
        .await;
    let first = &conversations["data"][0];
    assert_eq!(first["messages"]["data"][0]["message"], "hello");
    let conversation = first["id"].as_str().unwrap();
    let messages = graph
        .get(&format!("/{conversation}/messages?fields=message"))
        .await;
    let mid = messages["data"][0]["id"].as_str().unwrap();
    assert_eq!(
        graph.get(&format!("/{mid}?fields=message")).await["message"],
        "hello"
    );
}
