//! The platform's data deletion callback: a person who removes the app has their data deleted.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use handover_protocol::AppId;
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::Url;

use super::signed_request;
use crate::accounts::Accounts;
use crate::causes;
use crate::clock::{Clock, iso};
use crate::graph::GraphError;
use crate::journal::{DeletionStatus, Journal, JournalError, PendingDeletion};
use crate::secrets::Secrets;
use crate::threads::Threads;

/// The longest form that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// How long to wait after the first attempt that failed; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// How often to look for requests that another node has accepted: it may be gone.
const LOOK_EVERY: Duration = Duration::from_secs(5 * 60);

/// What the callback and the work behind it need.
pub(crate) struct DataDeletion {
    /// Where the platform and people reach it.
    pub(crate) url: Url,
    pub(crate) app_id: AppId,
    pub(crate) secrets: Secrets,
    pub(crate) journal: Journal,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) threads: Threads,
    pub(crate) clock: Clock,
    pub(crate) requested: Notify,
}

/// Why a person could not be forgotten yet.
#[derive(Debug, thiserror::Error)]
enum DeletionError {
    #[error("the platform does not say who the person is at the Pages")]
    Graph(#[from] GraphError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The callback cannot be served at this path.
#[derive(Debug, thiserror::Error)]
#[error(
    "HANDOVER_DATA_DELETION: the data deletion callback cannot have the path `{path}`; give the URL another one, such as /data-deletion"
)]
pub(crate) struct UnusablePath {
    path: String,
}

/// Paths of the bot's router.
const TAKEN: [&str; 4] = ["/", "/webhook", "/livez", "/readyz"];

/// `POST` for the platform at the path of the URL, or at another, and `GET …/{code}` for the person.
pub(crate) fn router(
    deletion: Arc<DataDeletion>,
    route: Option<&str>,
) -> Result<Router, UnusablePath> {
    let path = route.unwrap_or(deletion.url.path()).trim_matches('/');
    let path = format!("/{path}");
    let is_taken = TAKEN.contains(&path.as_str()) || path.starts_with("/webhook/");
    if is_taken || path.contains(['{', '}', '*', ' ']) || path.contains("//") {
        return Err(UnusablePath { path });
    }
    Ok(Router::new()
        .route(&path, post(request))
        .route(&format!("{path}/{{code}}"), get(show))
        .with_state(deletion))
}

type DeletionRefusal = (StatusCode, &'static str);

/// Answers once the request is stored.
async fn request(
    State(deletion): State<Arc<DataDeletion>>,
    body: Body,
) -> Result<Json<Value>, DeletionRefusal> {
    let form = to_bytes(body, LONGEST).await.map_err(|error| {
        tracing::warn!(%error, "a data deletion request could not be read");
        (
            StatusCode::BAD_REQUEST,
            "the form cannot be read, or is too large\n",
        )
    })?;
    let user = signed_request::user_of(&form, &deletion.secrets.now().keys).map_err(|error| {
        tracing::warn!(%error, "a data deletion request was refused");
        (
            StatusCode::FORBIDDEN,
            "signed_request is missing or wrong\n",
        )
    })?;
    let code = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let pending = PendingDeletion {
        code: code.clone(),
        user,
        requested_at: deletion.clock.now(),
    };
    deletion
        .journal
        .request_deletion(pending)
        .await
        .map_err(|error| {
            tracing::error!(%error, "a data deletion request could not be stored");
            (StatusCode::SERVICE_UNAVAILABLE, "not stored\n")
        })?;
    tracing::info!(code, "a person wants their data deleted");
    deletion.requested.notify_one();
    let base = deletion.url.as_str().trim_end_matches('/');
    Ok(Json(json!({
        "url": format!("{base}/{code}"),
        "confirmation_code": code,
    })))
}

/// Shows a person the status of their request. Nothing else on the page is about them.
async fn show(State(deletion): State<Arc<DataDeletion>>, Path(code): Path<String>) -> Response {
    let (status, text) = match deletion.journal.deletion(code).await {
        Ok(Some(DeletionStatus {
            done_at: Some(at), ..
        })) => (
            StatusCode::OK,
            format!("Your data were deleted on {}.", iso(at)),
        ),
        Ok(Some(DeletionStatus { requested_at, .. })) => (
            StatusCode::OK,
            format!(
                "Your request of {} is being carried out. Your data will be deleted.",
                iso(requested_at)
            ),
        ),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            "There is no request with this confirmation code.".to_owned(),
        ),
        Err(error) => {
            tracing::error!(%error, "the status of a data deletion request cannot be read");
            let text = "This cannot be said right now. Please try again later.";
            (StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
        }
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">\
         <title>Data deletion</title><h1>Data deletion</h1><p>{text}</p></html>\n"
    );
    (status, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// Carries requests out, for ever: those of a process before this one first, and those of other nodes.
pub(crate) async fn work(deletion: Arc<DataDeletion>) {
    let mut failures = 0;
    loop {
        let is_done = deletion.attempt().await;
        failures = if is_done { 0 } else { failures + 1 };
        let pause = if is_done {
            deletion.journal.is_shared().then_some(LOOK_EVERY)
        } else {
            let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures - 1));
            Some(pause.min(LONGEST_PAUSE))
        };
        let again = pause.map(|pause| deletion.clock.now() + pause);
        tokio::select! {
            () = deletion.requested.notified() => {}
            () = deletion.clock.until(again) => {}
        }
    }
}

impl DataDeletion {
    /// Carries out what waits; says whether nothing is left.
    async fn attempt(&self) -> bool {
        let pending = match self.journal.pending_deletions().await {
            Ok(pending) => pending,
            Err(error) => {
                tracing::error!(%error, "data deletion requests cannot be read; trying again");
                return false;
            }
        };
        let mut is_done = true;
        for one in pending {
            if let Err(error) = self.carry_out(&one).await {
                is_done = false;
                let error = causes::with_causes(&error);
                tracing::error!(
                    code = one.code,
                    error,
                    "a person could not be forgotten yet; trying again"
                );
            }
        }
        is_done
    }

    async fn carry_out(&self, pending: &PendingDeletion) -> Result<(), DeletionError> {
        let app = self
            .accounts
            .app(&self.app_id, &self.secrets.app_secret())?;
        let mut threads = 0;
        for row in app.ids_for_pages(&pending.user).await? {
            let page = row.page.and_then(|page| page.id);
            if let (Some(person), Some(page)) = (row.id, page) {
                self.threads.of(page, person).forget().await?;
                threads += 1;
            }
        }
        self.journal.finish_deletion(pending.code.clone()).await?;
        tracing::info!(code = pending.code, threads, "a person's data were deleted");
        Ok(())
    }
}
