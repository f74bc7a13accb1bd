//! Why a request of an operator or of another program is refused.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::causes;
use crate::journal::JournalError;
use crate::threads::SubmitError;

/// What is wrong with a request.
pub(super) struct OperationsError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl OperationsError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }
}

impl From<SubmitError> for OperationsError {
    fn from(error: SubmitError) -> Self {
        let (status, code) = match &error {
            SubmitError::UnknownAccount { .. } => (StatusCode::NOT_FOUND, "unknown_account"),
            SubmitError::NoPerson => (StatusCode::BAD_REQUEST, "no_person"),
            SubmitError::IdConflict { .. } => (StatusCode::CONFLICT, "id_conflict"),
            SubmitError::InvalidId => (StatusCode::BAD_REQUEST, "invalid_id"),
            SubmitError::Unwritable { .. } => (StatusCode::BAD_REQUEST, "bad_request"),
            SubmitError::TooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_long"),
            SubmitError::EmptyMessage => (StatusCode::UNPROCESSABLE_ENTITY, "empty_message"),
            SubmitError::Limit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "limit_exceeded"),
            SubmitError::Journal(JournalError::Unanswered) => {
                (StatusCode::GATEWAY_TIMEOUT, "not_answered")
            }
            SubmitError::Journal(JournalError::Full { .. }) => {
                (StatusCode::SERVICE_UNAVAILABLE, "too_much_waits")
            }
            SubmitError::TokenStore(_) | SubmitError::Journal(_) => {
                tracing::error!(%error, "something for a thread could not be stored");
                (StatusCode::SERVICE_UNAVAILABLE, "not_stored")
            }
        };
        Self::new(status, code, error.to_string())
    }
}

/// `{"error": {"code": "…", "message": "…"}}`.
impl IntoResponse for OperationsError {
    fn into_response(self) -> Response {
        let Self {
            status,
            code,
            message,
        } = self;
        let body = json!({ "error": { "code": code, "message": message } });
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let bearer = header::HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

impl From<JournalError> for OperationsError {
    fn from(error: JournalError) -> Self {
        let message = causes::with_causes(&error);
        tracing::error!(error = message, "the journal failed an operator");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed", message)
    }
}
