//! A person asks an app to delete their data.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use handover_sim::platform::ActionError;
use handover_sim::{SimulatedApp, Simulator, TimelineKind, TimelineState};
use handover_testkit::http::Method;
use serde_json::{Value, json};

use crate::graph_api::http::{Graph, SECRET, TOKEN};
use crate::support::rules::{BOT, INSTAGRAM, PAGE};

/// An app that answers data deletion requests with this; returns its webhook, and what came.
async fn app(answer: Value) -> (String, Arc<Mutex<Vec<String>>>) {
    let came = Arc::new(Mutex::new(Vec::new()));
    let notes = came.clone();
    let router = Router::new().route(
        "/deep/data-deletion",
        post(async move |body: String| {
            notes.lock().unwrap().push(body);
            answer.to_string()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/deep/webhook"), came)
}

async fn simulator(webhook: &str) -> Simulator {
    Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .page("5", "Another")
        .instagram(INSTAGRAM, "kaffeehaus", PAGE)
        .app(
            SimulatedApp::new(BOT, "Bot")
                .secret(SECRET)
                .webhook(webhook),
        )
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_app_is_asked_with_a_signed_request() {
    let (webhook, came) =
        app(json!({"url": "https://x.example/1", "confirmation_code": "1"})).await;
    let sim = simulator(&webhook).await;
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let receipt = ana.requests_data_deletion().await.unwrap();
    assert_eq!(receipt.confirmation_code, "1");
    let came = came.lock().unwrap().clone();
    let (signature, payload) = came[0]
        .strip_prefix("signed_request=")
        .unwrap()
        .split_once('.')
        .unwrap();
    assert_eq!(signature.len(), 43, "32 bytes in base64url: {signature}");
    assert!(payload.starts_with("eyJ"), "JSON in base64url: {payload}");
    let rows = sim.timeline();
    let row = rows
        .iter()
        .find(|row| row.kind == TimelineKind::DataDeletion)
        .unwrap();
    assert_eq!(
        (row.state, row.status),
        (TimelineState::Succeeded, Some(200))
    );
    let ben = sim.person_on(INSTAGRAM, "Ben").unwrap();
    ben.says("hello").await.unwrap();
    assert_eq!(
        ben.requests_data_deletion().await,
        Err(ActionError::NoAppScopedId)
    );
}

#[tokio::test]
async fn an_app_that_does_not_answer_rightly_is_told_of() {
    let (webhook, _) = app(json!({"url": "https://x.example/1"})).await;
    for webhook in [webhook.as_str(), "http://127.0.0.1:9/webhook"] {
        let sim = simulator(webhook).await;
        let ana = sim.person("Ana");
        let refused = ana.requests_data_deletion().await;
        assert!(
            matches!(refused, Err(ActionError::DeletionRefused { .. })),
            "{refused:?}"
        );
        let failed = sim.timeline().iter().any(|row| {
            row.kind == TimelineKind::DataDeletion && row.state == TimelineState::Failed
        });
        assert!(failed);
    }
}

#[tokio::test]
async fn an_app_asks_who_the_person_is_at_its_pages() {
    let graph = Graph::start().await;
    let user = graph.ana.app_scoped_id().unwrap();
    let token = format!("{BOT}|{SECRET}");
    let ask = async |token: &str, query: &str| {
        let request = graph.request(Method::GET, &format!("/{user}/ids_for_pages{query}"));
        let answer = request.bearer_auth(token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let ids = ask(&token, "").await;
    let row = json!({"id": graph.ana.id(), "page": {"id": PAGE, "name": "Kaffeehaus"}});
    assert_eq!(ids["data"], json!([row]));
    assert_eq!(ask(&token, "?page=5").await["data"], json!([]));
    assert_eq!(
        ask(&token, &format!("?page={PAGE}&limit=1")).await["data"],
        json!([row])
    );
    let refused = ask(TOKEN, "").await;
    assert!(refused["error"]["code"].is_number(), "{refused}");
    let unknown = graph
        .request(Method::GET, "/1099999/ids_for_pages")
        .bearer_auth(&token);
    assert_eq!(graph.refused(unknown).await.0, 100);
}
