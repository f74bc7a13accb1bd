use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::super::desk::Desk;
use super::answer::{Answer, Declined, Json, body};

/// Nobody has to look further ahead than this.
const YEAR: u64 = 366 * 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

/// `POST /desk/clock`: moves the clock on. It never goes back.
pub(super) async fn advance(State(desk): State<Arc<Desk>>, bytes: Bytes) -> Answer {
    let Advance { advance_ms } = body(&bytes)?;
    if advance_ms > YEAR {
        let why = format!("`advance_ms` is {advance_ms}: at most {YEAR}, a year, at a time");
        return Err(Declined::Malformed(why));
    }
    desk.advance(Duration::from_millis(advance_ms));
    Ok(Json::of(&json!({ "now": desk.now() })))
}
