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

use crate::clock::Clock;
use crate::journal::{Journal, PauseChange, ThreadChange, Wake};
use crate::thread::ThreadKey;

/// State of the endpoints.
pub(crate) struct ThreadsApi {
    pub(crate) journal: Journal,
    pub(crate) wake: Wake,
    pub(crate) clock: Clock,
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
    let begins = PauseChange::Begins {
        until: control.clock.now() + time,
        echo: None,
        spares: None,
    };
    let thread = ThreadKey::new(account, person);
    control.change(thread, begins).await?;
    Ok("paused\n")
}

async fn resume(
    State(control): State<Arc<ThreadsApi>>,
    Path((account, person)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<&'static str, ThreadError> {
    control.check(&headers)?;
    let thread = ThreadKey::new(account, person);
    control.change(thread, PauseChange::Ends).await?;
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

    async fn change(&self, thread: ThreadKey, pause: PauseChange) -> Result<(), ThreadError> {
        let change = ThreadChange::of_pause(pause);
        match self.journal.change_thread(thread, change).await {
            Ok(ready) => {
                self.wake.up(ready);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a thread could not be changed");
                Err((StatusCode::SERVICE_UNAVAILABLE, "not stored\n"))
            }
        }
    }
}
