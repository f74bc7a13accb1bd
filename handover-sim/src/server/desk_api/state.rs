use std::sync::Arc;

use axum::extract::State;
use serde_json::json;

use super::super::desk::Desk;
use super::super::view::StateView;
use super::answer::Json;

/// `GET /desk/state`.
pub(super) async fn state(State(desk): State<Arc<Desk>>) -> Json {
    desk.glance(|glance| Json::of(&StateView::of(&glance)))
}

/// `POST /desk/reset`: an empty desk. Settings stay as they are.
pub(super) async fn reset(State(desk): State<Arc<Desk>>) -> Json {
    desk.reset();
    Json::of(&json!({}))
}
