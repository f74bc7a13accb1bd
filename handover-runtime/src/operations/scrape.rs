//! `GET /metrics`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_protocol::{AccountId, Timestamp};
use prometheus::{Encoder, Registry, TextEncoder};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::accounts::{Accounts, Tally};
use crate::clock::Clock;
use crate::journal::{Figures, Journal, LaneScope};
use crate::outbox::AccountPauses;

pub(crate) use super::samples::Samples;
use super::waiting::PendingWork;
use super::{by_account, parameter};

/// Counting a million threads takes a while, so it is repeated only after this multiple of its duration.
const REST: u32 = 20;
/// Prometheus times out after 10 s by default.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Scraper {
    registry: Registry,
    journal: Journal,
    pauses: AccountPauses,
    clock: Clock,
    accounts: Arc<Accounts>,
    sample: Mutex<Option<Sample>>,
}

/// Last figures of the journal.
struct Sample {
    figures: Figures,
    believed_until: Instant,
}

impl Scraper {
    pub(crate) fn new(
        registry: Registry,
        journal: Journal,
        pauses: AccountPauses,
        clock: Clock,
        accounts: Arc<Accounts>,
    ) -> Self {
        Self {
            registry,
            journal,
            pauses,
            clock,
            accounts,
            sample: Mutex::default(),
        }
    }

    /// All counters, and what is waiting if known.
    fn to_text(
        &self,
        waiting: Option<&PendingWork>,
        tallies: Option<BTreeMap<AccountId, Tally>>,
    ) -> prometheus::Result<Vec<u8>> {
        let mut families = self.registry.gather();
        if let Some(tallies) = tallies {
            families.extend(by_account::gather(tallies)?);
        }
        if let Some(waiting) = waiting {
            families.extend(waiting.gather()?);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }

    /// `None` if the journal does not answer.
    async fn waiting(&self) -> Option<PendingWork> {
        let now = self.clock.now();
        let figures = match tokio::time::timeout(TIMEOUT, self.figures(now)).await {
            Ok(figures) => figures?,
            Err(_) => {
                tracing::warn!("the journal does not answer; /metrics leaves out what waits");
                return None;
            }
        };
        let shared = tokio::time::timeout(TIMEOUT, self.journal.shared_figures()).await;
        let shared = shared.ok().and_then(Result::ok).flatten();
        let pauses = self.pauses.all();
        let without_token = pauses.values().filter(|pause| pause.until.is_none());
        let limited = pauses
            .values()
            .filter(|pause| pause.until.is_some_and(|until| until > now));
        Some(PendingWork {
            figures,
            now,
            without_token: without_token.count(),
            limited: limited.count(),
            node: self.journal.node_status(),
            shared,
        })
    }

    /// Those of the accounts that there are.
    async fn tallies(&self) -> BTreeMap<AccountId, Tally> {
        let mut tallies = self.accounts.tallies().all();
        if let Ok(Ok(all)) = tokio::time::timeout(TIMEOUT, self.accounts.all()).await {
            tallies.retain(|id, _| all.iter().any(|account| account.is(id)));
        }
        tallies
    }

    async fn figures(&self, now: Timestamp) -> Option<Figures> {
        let mut sample = self.sample.lock().await;
        let began = Instant::now();
        if let Some(known) = &*sample
            && began < known.believed_until
        {
            return Some(known.figures);
        }
        match self.journal.figures(now, LaneScope::Node).await {
            Ok(figures) => {
                *sample = Some(Sample {
                    figures,
                    believed_until: Instant::now() + began.elapsed() * REST,
                });
                Some(figures)
            }
            Err(error) => {
                tracing::warn!(%error, "/metrics leaves out what waits");
                None
            }
        }
    }
}

/// With `?by=account`, also the figures of each account.
pub(super) async fn scrape(
    State(scraper): State<Arc<Scraper>>,
    RawQuery(query): RawQuery,
) -> Response {
    let waiting = scraper.waiting().await;
    let by_account = parameter(query.as_deref(), "by").is_some_and(|by| by == "account");
    let tallies = match by_account {
        true => Some(scraper.tallies().await),
        false => None,
    };
    match scraper.to_text(waiting.as_ref(), tallies) {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
