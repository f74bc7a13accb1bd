//! For operators: the operations page and its data, `/livez`, `/readyz`, `/metrics` and, with a token,
//! pauses, signals and messages of threads, on a port that only this machine reaches.

mod access;
mod address;
#[cfg(feature = "metrics")]
mod by_account;
mod dead_letters;
mod error;
mod health;
mod overview;
mod page;
mod privacy;
mod redact;
mod reports;
#[cfg(feature = "metrics")]
mod samples;
#[cfg(feature = "metrics")]
mod scrape;
#[cfg(not(feature = "metrics"))]
#[path = "no_metrics.rs"]
mod scrape;
mod speak;
mod thread_pages;
mod threads;
#[cfg(feature = "metrics")]
mod waiting;

use std::sync::Arc;

use axum::routing::get;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use crate::secrets::operations_token;
pub(crate) use address::{AddressInUse, OperationsAddress};
pub(crate) use health::{Health, public as health};
pub(crate) use page::PageState;
pub(crate) use reports::{Report, Reports};
pub(crate) use scrape::{Samples, Scraper};
pub(crate) use speak::SpeakApi;
pub(crate) use threads::ThreadsApi;

use crate::server;

/// `/livez`, `/readyz` and `/metrics` are for programs, under whatever name they know this machine.
pub(crate) fn router(
    scraper: Scraper,
    control: ThreadsApi,
    speak: SpeakApi,
    page: PageState,
) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(scrape::scrape))
        .with_state(Arc::new(scraper));
    let guard = middleware::from_fn_with_state(page.secrets.clone(), access::guard);
    health::with_problems(page.health.clone())
        .merge(metrics)
        .merge(page::files())
        .merge(
            threads::router(control)
                .merge(speak::router(speak))
                .merge(page::data(page))
                .layer(guard),
        )
}

/// Serves the router until the task is aborted, so also while the bot stops.
pub(crate) fn serve(
    listener: std::net::TcpListener,
    router: Router,
) -> std::io::Result<JoinHandle<()>> {
    let listener = TcpListener::from_std(listener)?;
    if let Ok(address) = listener.local_addr() {
        if cfg!(feature = "metrics") {
            tracing::info!("metrics are at http://{address}/metrics");
        }
        tracing::info!("the operations page is at http://{address}/");
    }
    let never = std::future::pending();
    Ok(tokio::spawn(server::serve(listener, router, never)))
}

/// The value of a parameter in a query.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut all = url::form_urlencoded::parse(query?.as_bytes());
    let found = all.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}
