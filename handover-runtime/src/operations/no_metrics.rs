//! Without the feature `metrics`.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::journal::Journal;
use crate::metrics::Registry;
use crate::outbox::AccountPauses;

/// Nothing is counted.
pub(crate) struct Scraper;

impl Scraper {
    pub(crate) fn new(
        _: Registry,
        _: Journal,
        _: AccountPauses,
        _: Clock,
        _: Arc<Accounts>,
    ) -> Self {
        Self
    }
}

/// Nothing is sampled.
pub(crate) struct Samples;

impl Samples {
    pub(crate) fn new(_: Registry, _: Journal) -> Self {
        Self
    }

    pub(crate) async fn follow(&self) {
        std::future::pending::<()>().await;
    }

    pub(crate) fn series(&self) -> Option<()> {
        None
    }
}

/// Says why there are no metrics.
pub(super) async fn scrape() -> (StatusCode, &'static str) {
    (
        StatusCode::NOT_IMPLEMENTED,
        "this bot was built without the feature `metrics` of handover\n",
    )
}
