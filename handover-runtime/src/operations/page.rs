//! The operations page: its files, and what its parts need.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::NestedPathRejection;
use axum::extract::{NestedPath, Path};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use handover_protocol::{AppId, Timestamp, pages};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::health::Health;
use super::scrape::Samples;
use super::{dead_letters, overview, thread_pages};
use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::journal::{Figures, Journal, JournalError, LaneScope};
use crate::outbox::AccountPauses;
use crate::secrets::Secrets;

/// Counting a million threads takes a while, so it is repeated only after this multiple of its duration.
const REST: u32 = 20;

/// What the operations page shows is read from these.
pub(crate) struct PageState {
    pub(crate) journal: Journal,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) pauses: AccountPauses,
    pub(crate) health: Arc<Health>,
    pub(crate) samples: Arc<Samples>,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Clock,
    pub(crate) started_at: Timestamp,
    pub(crate) figures: Mutex<Option<(Figures, Instant)>>,
}

/// The page itself, which anybody may have.
pub(super) fn files() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/assets/{*file}", get(asset))
}

/// What it shows.
pub(super) fn data(state: PageState) -> Router {
    Router::new()
        .route("/overview", get(overview::overview))
        .route("/threads", get(thread_pages::list))
        .route("/threads/{account}/{person}", get(thread_pages::one))
        .route("/dead_letters", get(dead_letters::list))
        .route("/dead_letters/preview", post(dead_letters::preview))
        .route("/dead_letters/discard", post(dead_letters::discard))
        .with_state(Arc::new(state))
}

/// Where the router is nested, the files are below that.
async fn page(nested: Result<NestedPath, NestedPathRejection>) -> Response {
    let base = nested.as_ref().map_or("", NestedPath::as_str);
    let base = base.trim_end_matches('/');
    let html = include_str!("../../assets/page.html");
    let mut response = Html(html.replace("{base}", base)).into_response();
    let headers = response.headers_mut();
    let values = [
        (header::CONTENT_SECURITY_POLICY, pages::POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in values {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

async fn asset(Path(file): Path<String>) -> Response {
    let own = FILES.iter().find(|(name, _)| *name == file);
    let content = own.map(|(_, content)| *content);
    let Some(content) = content.or_else(|| pages::shared_file(&file)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, pages::content_type(&file)),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/", $name)))),*]
    };
}

/// Those of this page alone.
const FILES: &[(&str, &str)] = files! {
    "main.js"
    "data/api.js" "data/token.js"
    "parts/chart.js" "parts/count.js" "parts/table.js" "parts/words.js"
    "views/accounts.js" "views/dead_letters.js" "views/now.js" "views/thread.js" "views/threads.js"
    "style/page.css"
};

/// The name of an app of Meta's.
pub(super) fn app_name(app: &str) -> Option<&'static str> {
    let known = [
        (AppId::PAGE_INBOX, "Page Inbox"),
        (AppId::INSTAGRAM_INBOX, "Instagram Inbox"),
    ];
    let found = known.iter().find(|(id, _)| id.as_str() == app)?;
    Some(found.1)
}

impl PageState {
    /// How many threads there are, counted now or a while ago.
    pub(super) async fn figures(&self, now: Timestamp) -> Result<Figures, JournalError> {
        let mut known = self.figures.lock().await;
        let began = Instant::now();
        if let Some((figures, until)) = &*known
            && began < *until
        {
            return Ok(*figures);
        }
        let figures = self.journal.figures(now, LaneScope::All).await?;
        *known = Some((figures, Instant::now() + began.elapsed() * REST));
        Ok(figures)
    }
}
