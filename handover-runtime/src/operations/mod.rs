//! For operators: `/livez`, `/readyz`, `/metrics` and, with a token, pauses, signals and messages of
//! threads, on a port that only this machine reaches.

mod address;
#[cfg(feature = "metrics")]
mod by_account;
mod health;
mod privacy;
mod reports;
#[cfg(feature = "metrics")]
mod scrape;
#[cfg(not(feature = "metrics"))]
#[path = "no_metrics.rs"]
mod scrape;
mod speak;
mod threads;
#[cfg(feature = "metrics")]
mod waiting;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use crate::secrets::operations_token;
pub(crate) use address::{AddressInUse, OperationsAddress};
pub(crate) use health::{Health, public as health};
pub(crate) use reports::{Report, Reports};
pub(crate) use scrape::Scraper;
pub(crate) use speak::SpeakApi;
pub(crate) use threads::ThreadsApi;

use crate::server;

pub(crate) fn router(
    health: Arc<Health>,
    scraper: Scraper,
    control: ThreadsApi,
    speak: SpeakApi,
) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(scrape::scrape))
        .with_state(Arc::new(scraper));
    let threads = threads::router(control);
    health::with_problems(health)
        .merge(metrics)
        .merge(threads)
        .merge(speak::router(speak))
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
        } else {
            tracing::info!("operations are at http://{address}/readyz; there are no metrics");
        }
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
