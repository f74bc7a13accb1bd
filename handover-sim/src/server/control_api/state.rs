//! The state of the simulator as a whole: snapshot, clock and reset.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::super::shared_state::SharedState;
use super::super::view::StateView;
use super::response::{ApiResult, ControlApiError, JsonResponse, body};

/// `GET /control/state`.
pub(super) async fn state(State(shared): State<Arc<SharedState>>) -> JsonResponse {
    shared.snapshot(|snapshot| JsonResponse::of(&StateView::of(&snapshot)))
}

/// `POST /control/reset`: removes persons, threads and timeline. Settings stay.
pub(super) async fn reset(State(shared): State<Arc<SharedState>>) -> JsonResponse {
    shared.reset();
    JsonResponse::of(&json!({}))
}

/// Maximum step of the clock: a year.
const YEAR: u64 = 366 * 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

/// `POST /control/clock`: moves the clock forward.
pub(super) async fn advance(State(shared): State<Arc<SharedState>>, bytes: Bytes) -> ApiResult {
    let Advance { advance_ms } = body(&bytes)?;
    if advance_ms > YEAR {
        let why = format!("`advance_ms` is {advance_ms}: at most {YEAR}, a year, at a time");
        return Err(ControlApiError::Malformed(why));
    }
    shared.advance(Duration::from_millis(advance_ms));
    Ok(JsonResponse::of(&json!({ "now": shared.now() })))
}
