//! `POST /threads/{account}/{person}/pause/{seconds}` and `…/resume`: for `handover thread`, while the bot
//! runs.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::journal::JournalError;
use crate::threads::Threads;

/// State of the endpoints.
pub(crate) struct ThreadsApi {
    pub(crate) threads: Threads,
    pub(crate) app_secrets: Vec<SecretString>,
}

/// Bearer token for requests that change something, derived from the app secret.
#[doc(hidden)]
#[must_use]
pub fn operations_token(app_secret: &str) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        return String::new();
    };
    let token = mac.chain_update("handover operations").finalize();
    hex::encode(token.into_bytes())
}

type ThreadError = (StatusCode, &'static str);

pub(super) fn router(control: ThreadsApi) -> Router {
    Router::new()
        .route("/threads/{account}/{person}/pause/{seconds}", post(pause))
        .route("/threads/{account}/{person}/resume", post(resume))
        .with_state(Arc::new(control))
}

async fn pause(
    State(control): State<Arc<ThreadsApi>>,
    Path((account, person, seconds)): Path<(String, String, u32)>,
    headers: HeaderMap,
) -> Result<&'static str, ThreadError> {
    control.check(&headers)?;
    let time = Duration::from_secs(seconds.into());
    stored(control.threads.of(account, person).pause(time).await)?;
    Ok("paused\n")
}

async fn resume(
    State(control): State<Arc<ThreadsApi>>,
    Path((account, person)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<&'static str, ThreadError> {
    control.check(&headers)?;
    stored(control.threads.of(account, person).resume().await)?;
    Ok("resumed\n")
}

impl ThreadsApi {
    fn check(&self, headers: &HeaderMap) -> Result<(), ThreadError> {
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        let given = given.unwrap_or_default();
        let secrets = self.app_secrets.iter();
        let is_right = secrets
            .map(|secret| operations_token(secret.expose_secret()))
            .any(|token| !token.is_empty() && bool::from(token.as_bytes().ct_eq(given)));
        if is_right {
            return Ok(());
        }
        tracing::warn!("a request to change a thread was refused: its token is wrong");
        Err((StatusCode::UNAUTHORIZED, "the token is wrong\n"))
    }
}

fn stored(changed: Result<(), JournalError>) -> Result<(), ThreadError> {
    changed.map_err(|error| {
        tracing::error!(%error, "a thread could not be changed");
        (StatusCode::SERVICE_UNAVAILABLE, "not stored\n")
    })
}
