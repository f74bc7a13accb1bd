//! Responses and errors of the control API.

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::form_urlencoded;

use super::super::encode::to_json;
use crate::platform::ActionError;

/// JSON response.
pub(super) struct JsonResponse(pub(super) String);

impl JsonResponse {
    pub(super) fn of<T: Serialize>(value: &T) -> Self {
        Self(to_json(value))
    }
}

impl IntoResponse for JsonResponse {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

/// Error of the control API.
#[derive(Debug)]
pub(super) enum ControlApiError {
    /// 400: the request is malformed.
    Malformed(String),
    /// 404: the thing does not exist.
    Unknown(String),
    /// 409: the rules of the platform forbid it.
    Forbidden(String),
}

pub(super) type ApiResult<T = JsonResponse> = Result<T, ControlApiError>;

impl IntoResponse for ControlApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(why) => error(StatusCode::BAD_REQUEST, &why),
            Self::Unknown(why) => error(StatusCode::NOT_FOUND, &why),
            Self::Forbidden(why) => error(StatusCode::CONFLICT, &why),
        }
    }
}

impl From<ActionError> for ControlApiError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NoSuchThread(_) | ActionError::NoSuchAccount(_) => {
                Self::Unknown(error.to_string())
            }
            other => Self::Forbidden(other.to_string()),
        }
    }
}

fn error(status: StatusCode, why: &str) -> Response {
    (status, JsonResponse::of(&json!({ "error": why }))).into_response()
}

/// Requires JSON, which pages of other sites cannot send without a preflight request.
pub(super) async fn only_json(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if reads || is_json {
        return next.run(request).await;
    }
    error(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "send a JSON object with the header content-type: application/json",
    )
}

pub(super) async fn nothing_here() -> ControlApiError {
    ControlApiError::Unknown(
        "this path does not exist: /control/openapi.json lists all paths".to_owned(),
    )
}

pub(super) async fn not_this_way() -> Response {
    let why = "this path has other methods: /control/openapi.json lists them";
    error(StatusCode::METHOD_NOT_ALLOWED, why)
}

/// Parses the body of a request.
pub(super) fn body<T: DeserializeOwned>(body: &[u8]) -> ApiResult<T> {
    serde_json::from_slice(body).map_err(|error| ControlApiError::Malformed(error.to_string()))
}

/// Parses a query string. Numbers are text.
pub(super) fn query<T: DeserializeOwned>(query: Option<&str>) -> ApiResult<T> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let filled = pairs.filter(|(_, value)| !value.is_empty());
    let fields = filled.map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    serde_json::from_value(serde_json::Value::Object(fields.collect()))
        .map_err(|error| ControlApiError::Malformed(error.to_string()))
}

/// Parses a number.
pub(super) fn number(name: &str, text: Option<&str>) -> ApiResult<Option<u64>> {
    let read = |text: &str| {
        text.parse().map_err(|_| {
            ControlApiError::Malformed(format!("`{name}` is {text:?}: it must be an integer"))
        })
    };
    text.map(read).transpose()
}
