//! A program that is built without SQLite says so, and what to do.
#![cfg(not(feature = "sqlite"))]
#![allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]

use handover_runtime::routing::Routes;
use handover_runtime::{Bot, Config, Store};

fn error_with(store: Store) -> Option<String> {
    let config = Config::new("1744550565845823", 1517776481860111)
        .access_token("token")
        .app_secret("secret")
        .verify_token("verify")
        .store(store);
    let parts = Bot::new(Routes::default()).config(config).into_parts();
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
