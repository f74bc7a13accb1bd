//! Control API, which the page and tests in any language use. `openapi.json` describes it.

mod actions;
mod curl;
mod events;
mod response;
mod scenario;
mod settings;
mod state;
mod threads;
mod timeline;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{any, get, patch, post, put};

use super::shared_state::SharedState;

pub(super) fn router() -> Router<Arc<SharedState>> {
    Router::new()
        .route("/control/openapi.json", get(openapi))
        .route("/control/events", get(events::events))
        .route("/control/state", get(state::state))
        .route("/control/threads", get(threads::threads))
        .route("/control/threads/{person}", get(threads::thread))
        .route(
            "/control/threads/{person}/scenario",
            get(scenario::scenario),
        )
        .route("/control/timeline", get(timeline::rows))
        .route("/control/timeline/{id}", get(timeline::row))
        .route("/control/timeline/{id}/curl", get(curl::curl))
        .route("/control/timeline/{id}/again", post(timeline::again))
        .route("/control/persons", post(actions::add_person))
        .route("/control/persons/{person}", patch(actions::change_person))
        .route("/control/actions/{action}", post(actions::action))
        .route("/control/accounts/{id}", patch(settings::account))
        .route(
            "/control/accounts/{id}/apps/{app}",
            patch(settings::connection),
        )
        .route("/control/behavior", put(settings::behavior))
        .route("/control/faults", put(settings::faults))
        .route("/control/clock", post(state::advance))
        .route("/control/reset", post(state::reset))
        .route("/control", any(response::nothing_here))
        .route("/control/", any(response::nothing_here))
        .route("/control/{*rest}", any(response::nothing_here))
        .layer(middleware::from_fn(response::only_json))
        .method_not_allowed_fallback(response::not_this_way)
}

async fn openapi() -> response::JsonResponse {
    response::JsonResponse(include_str!("openapi.json").to_owned())
}
