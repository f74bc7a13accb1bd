//! The desk's own API: what the page and tests in any language use. `openapi.json` describes it.

mod acts;
mod answer;
mod clock;
mod curl;
mod events;
mod faults;
mod scenario;
mod settings;
mod state;
mod threads;
mod timeline;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, patch, post, put};

use super::desk::Desk;

pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/desk/openapi.json", get(openapi))
        .route("/desk/events", get(events::events))
        .route("/desk/state", get(state::state))
        .route("/desk/threads", get(threads::threads))
        .route("/desk/threads/{person}", get(threads::thread))
        .route("/desk/threads/{person}/scenario", get(scenario::scenario))
        .route("/desk/timeline", get(timeline::rows))
        .route("/desk/timeline/{id}", get(timeline::row))
        .route("/desk/timeline/{id}/curl", get(curl::curl))
        .route("/desk/timeline/{id}/again", post(timeline::again))
        .route("/desk/persons", post(acts::meet))
        .route("/desk/persons/{person}", patch(acts::change))
        .route("/desk/act/{act}", post(acts::act))
        .route("/desk/accounts/{id}", patch(settings::account))
        .route(
            "/desk/accounts/{id}/apps/{app}",
            patch(settings::connection),
        )
        .route("/desk/choices", put(settings::choices))
        .route("/desk/faults", put(faults::replace))
        .route("/desk/clock", post(clock::advance))
        .route("/desk/reset", post(state::reset))
        .route(
            "/desk/{*rest}",
            get(answer::nothing_here).fallback(answer::nothing_here),
        )
        .layer(middleware::from_fn(answer::only_json))
        .method_not_allowed_fallback(answer::not_this_way)
}

async fn openapi() -> answer::Json {
    answer::Json(include_str!("openapi.json").to_owned())
}
