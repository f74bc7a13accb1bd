//! `POST /threads/{account}/{person}/forget` and `GET …/export`: for `handover forget` and
//! `handover export`, while the bot runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::threads::{OperatorRequest, ThreadError, ThreadsApi};
use crate::causes;
use crate::journal::{Forgotten, JournalError, ThreadExport};

pub(super) async fn forget(
    _: OperatorRequest,
    State(api): State<Arc<ThreadsApi>>,
    Path((account, person)): Path<(String, String)>,
) -> Result<Json<Forgotten>, ThreadError> {
    let thread = api.threads.of(account, person);
    // Whoever hangs up does not stop it.
    let forgotten = tokio::spawn(async move { thread.forget().await }).await;
    let forgotten = forgotten.unwrap_or(Err(JournalError::Closed));
    forgotten.map(Json).map_err(|error| {
        if let JournalError::Unanswered = error {
            return (
                StatusCode::GATEWAY_TIMEOUT,
                "the node that works the thread has not answered; it deletes everything as soon as it can\n",
            );
        }
        let said = match error {
            JournalError::Erase(_) => "deleted, but maybe still in the file; ask again, or see the log\n",
            _ => "not deleted; the log says why\n",
        };
        let error = causes::with_causes(&error);
        tracing::error!(error, "a person could not be forgotten");
        (StatusCode::SERVICE_UNAVAILABLE, said)
    })
}

pub(super) async fn export(
    _: OperatorRequest,
    State(api): State<Arc<ThreadsApi>>,
    Path((account, person)): Path<(String, String)>,
) -> Result<Json<ThreadExport>, ThreadError> {
    let exported = api.threads.of(account, person).export().await;
    exported.map(Json).map_err(|error| {
        let error = causes::with_causes(&error);
        tracing::error!(error, "what is kept of a person could not be read");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not read; the log says why\n",
        )
    })
}
