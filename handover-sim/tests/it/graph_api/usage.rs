//! Limits on calls, and the headers that tell of them.

use handover_testkit::http::{Method, Response};
use serde_json::{Value, json};

use crate::graph_api::http::{Graph, TOKEN, error};
use crate::support::rules::PAGE;

async fn me(graph: &Graph) -> Response {
    let request = graph.request(Method::GET, "/me").bearer_auth(TOKEN);
    request.send().await.unwrap()
}

fn header(response: &Response, name: &str) -> Option<Value> {
    let value = response.headers().get(name)?.to_str().unwrap();
    Some(serde_json::from_str(value).unwrap())
}

#[tokio::test]
async fn answers_tell_how_much_has_been_used() {
    let graph = Graph::start().await;
    let first = me(&graph).await;
    assert_eq!(header(&first, "x-app-usage"), None, "too little to tell");
    for _ in 0..3 {
        me(&graph).await;
    }
    let later = me(&graph).await;
    let app = header(&later, "x-app-usage").unwrap();
    assert!(app["call_count"].as_u64().unwrap() > 0);
    let business = header(&later, "x-business-use-case-usage").unwrap();
    assert_eq!(business[PAGE][0]["type"], "messenger");
    assert_eq!(business[PAGE][0]["estimated_time_to_regain_access"], 0);
}

#[tokio::test]
async fn a_used_up_limit_reports_how_long_to_wait() {
    let graph = Graph::start().await;
    graph
        .set_behavior(json!({"rate_limits": {"daily_calls_per_person": 3}}))
        .await;
    for _ in 0..3 {
        assert_eq!(me(&graph).await.status(), 200);
    }
    assert_eq!(error(me(&graph).await).await, (80_001, None));
    let refused = me(&graph).await;
    let business = header(&refused, "x-business-use-case-usage").unwrap();
    let minutes = business[PAGE][0]["estimated_time_to_regain_access"]
        .as_u64()
        .unwrap();
    assert_eq!(minutes, 24 * 60);
    graph
        .sim
        .pass_time(std::time::Duration::from_mins(24 * 60 + 1))
        .await;
    assert_eq!(me(&graph).await.status(), 200);
}

#[tokio::test]
async fn some_calls_have_separate_limits() {
    let graph = Graph::start().await;
    graph
        .set_behavior(json!({"rate_limits": {"profile_calls_per_10_minutes": 10,
                                       "conversation_calls_per_second": 0}}))
        .await;
    let get = |path: &str| {
        let request = graph.request(Method::GET, path).bearer_auth(TOKEN);
        request.send()
    };
    for _ in 0..10 {
        let profile = get("/me/messenger_profile?fields=greeting").await.unwrap();
        assert_eq!(profile.status(), 200);
    }
    for path in ["/me/messenger_profile?fields=greeting", "/me/conversations"] {
        assert_eq!(
            error(get(path).await.unwrap()).await,
            (80_001, None),
            "{path}"
        );
    }
    assert_eq!(me(&graph).await.status(), 200);
}
