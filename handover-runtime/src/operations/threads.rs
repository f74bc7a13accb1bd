//! `POST /threads/{account}/{person}/pause/{seconds}` and `…/resume`: for `handover thread`, while the bot
//! runs.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;

use super::access::{check_operator, check_store};
use super::error::OperationsError;
use super::privacy;
use crate::journal::{JournalError, Replay};
use crate::secrets::Secrets;
use crate::threads::Threads;

/// State of the endpoints.
pub(crate) struct ThreadsApi {
    pub(crate) threads: Threads,
    pub(crate) secrets: Secrets,
}

pub(super) type ThreadError = (StatusCode, &'static str);

pub(super) fn router(control: ThreadsApi) -> Router {
    Router::new()
        .route("/threads/{account}/{person}/pause/{seconds}", post(pause))
        .route("/threads/{account}/{person}/resume", post(resume))
        .route("/replay", post(replay))
        .route("/threads/{account}/{person}/forget", post(privacy::forget))
        .route("/threads/{account}/{person}/export", get(privacy::export))
        .with_state(Arc::new(control))
}

/// What `handover replay` asks of a bot that runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayRequest {
    source: ReplayedKind,
    ids: Vec<u64>,
    #[serde(default)]
    repeat_messages: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReplayedKind {
    DeadLetters,
    Events,
}

/// `POST /replay`: puts dead letters or handled events back, by their numbers; answers with the numbers
/// of those that were.
async fn replay(
    _: OperatorRequest,
    State(control): State<Arc<ThreadsApi>>,
    body: Bytes,
) -> Result<Json<Vec<u64>>, ThreadError> {
    let request: ReplayRequest = serde_json::from_slice(&body)
        .map_err(|_| (StatusCode::BAD_REQUEST, "the body is not a replay\n"))?;
    if request.ids.is_empty() {
        return Ok(Json(Vec::new()));
    }
    let mut replay = match request.source {
        ReplayedKind::DeadLetters => Replay::dead_letters(),
        ReplayedKind::Events => Replay::events(),
    };
    replay = replay.ids(request.ids);
    if request.repeat_messages {
        replay = replay.repeating_messages();
    }
    match control.threads.replay(replay).await {
        Ok(replayed) => {
            let done = replayed.iter().filter(|one| one.refusal.is_none());
            Ok(Json(done.map(|one| one.id).collect()))
        }
        Err(error) => {
            tracing::error!(%error, "nothing could be replayed");
            Err((StatusCode::SERVICE_UNAVAILABLE, "not stored\n"))
        }
    }
}

async fn pause(
    _: OperatorRequest,
    State(control): State<Arc<ThreadsApi>>,
    Path((account, person, seconds)): Path<(String, String, u32)>,
) -> Result<&'static str, ThreadError> {
    let time = Duration::from_secs(seconds.into());
    stored(control.threads.of(account, person).pause(time).await)?;
    Ok("paused\n")
}

async fn resume(
    _: OperatorRequest,
    State(control): State<Arc<ThreadsApi>>,
    Path((account, person)): Path<(String, String)>,
) -> Result<&'static str, ThreadError> {
    stored(control.threads.of(account, person).resume().await)?;
    Ok("resumed\n")
}

/// A request with an operator's token, which means the store of this bot.
pub(super) struct OperatorRequest;

impl FromRequestParts<Arc<ThreadsApi>> for OperatorRequest {
    type Rejection = OperationsError;

    async fn from_request_parts(
        parts: &mut Parts,
        api: &Arc<ThreadsApi>,
    ) -> Result<Self, Self::Rejection> {
        check_operator(&api.secrets, &parts.headers)?;
        check_store(api.threads.store(), parts.uri.query())?;
        Ok(Self)
    }
}

fn stored(changed: Result<(), JournalError>) -> Result<(), ThreadError> {
    changed.map_err(|error| {
        tracing::error!(%error, "a thread could not be changed");
        (StatusCode::SERVICE_UNAVAILABLE, "not stored\n")
    })
}
