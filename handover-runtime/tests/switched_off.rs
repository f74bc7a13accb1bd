//! A program that is built without SQLite and metrics says so where they are asked for, and the rest works.
#![cfg(not(any(feature = "metrics", feature = "sqlite")))]
#![allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]

use axum::body::{Body, to_bytes};
use axum::http::Request;
use handover_runtime::routing::Routes;
use handover_runtime::{Bot, Config, Store};
use tower::ServiceExt;

fn bot(store: Store) -> Bot {
    let config = Config::new("1744550565845823", 1517776481860111)
        .access_token("token")
        .app_secret("secret")
        .verify_token("verify")
        .store(store);
    Bot::new(Routes::default()).config(config)
}

fn error_with(store: Store) -> Option<String> {
    let parts = bot(store).into_parts();
    parts.err().map(|error| error.to_string())
}

#[tokio::test]
async fn the_default_store_is_refused_with_what_to_do() {
    let error = error_with(Store::default()).unwrap();
    for part in ["handover.db", "feature `sqlite`", "HANDOVER_STORE"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(error_with(Store::Memory), None);
}

#[tokio::test]
async fn metrics_are_refused_with_what_to_do() {
    let (_, handle) = bot(Store::Memory).into_parts().unwrap();
    let ask = |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        handle.operations().oneshot(request)
    };
    let answer = ask("/metrics").await.unwrap();
    assert_eq!(answer.status().as_u16(), 501);
    let text = to_bytes(answer.into_body(), 1000).await.unwrap();
    assert!(String::from_utf8_lossy(&text).contains("feature `metrics`"));
    assert_eq!(ask("/livez").await.unwrap().status().as_u16(), 200);
}
