//! What those see who look after a bot: `/livez`, `/readyz` and `/metrics`, on a port of their own
//! that only this machine reaches.

mod address;
mod scrape;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) use address::Address;
pub(crate) use scrape::Scraper;

use crate::error::{Error, Result};
use crate::health::{self, Health};
use crate::server;

/// A bot's routers, for [`Bot::into_routers`](crate::Bot::into_routers).
#[derive(Clone, Debug)]
pub struct Routers {
    /// `/webhook` for the platform, and `/livez` and `/readyz`, which say no more than yes or no.
    pub public: Router,
    /// `/livez`, `/readyz` with what is not well, and `/metrics` for Prometheus. It names accounts
    /// and says what the platform said of them, so it is not for everybody.
    pub operations: Router,
}

pub(crate) fn router(health: Arc<Health>, scraper: Scraper) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(scrape::scrape))
        .with_state(Arc::new(scraper));
    health::with_problems(health).merge(metrics)
}

/// Serves it until the task is aborted: also while the bot stops, which may take a while.
pub(crate) fn serve(listener: std::net::TcpListener, router: Router) -> Result<JoinHandle<()>> {
    let listener = TcpListener::from_std(listener).map_err(Error::other)?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!("metrics are at http://{address}/metrics");
    }
    let never = std::future::pending();
    Ok(tokio::spawn(server::serve(listener, router, never)))
}
