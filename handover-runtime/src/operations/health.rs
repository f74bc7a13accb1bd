//! Liveness and readiness.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use handover_protocol::{AccountId, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::accounts::Accounts;
use crate::causes;
use crate::clock::iso;
use crate::journal::{Journal, JournalError, SharedFigures};
use crate::outbox::AccountPauses;
use crate::shutdown::WebhookGate;

use super::parameter;
use super::reports::{Report, Reports};

/// A journal that takes longer counts as unavailable.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long the result of a test write is valid.
const FRESH: Duration = Duration::from_secs(1);

/// How long figures of the database are valid.
const FRESH_FIGURES: Duration = Duration::from_secs(2);

/// Sources of the health report.
pub(crate) struct Health {
    journal: Journal,
    accounts: Arc<Accounts>,
    reports: Reports,
    pauses: AccountPauses,
    gate: WebhookGate,
    backlog_limit: usize,
    waiting_limit: usize,
    probed: Mutex<Option<Instant>>,
    /// The last figures of the rows that several nodes share, and when they were read.
    shared: Mutex<Option<(Instant, SharedFigures)>>,
}

/// Problems of the bot.
#[derive(Default)]
struct HealthProblems {
    /// The bot does not accept webhooks: a load balancer sends them elsewhere.
    unready: Vec<String>,
    /// Problems that do not keep the bot from storing events, such as those of one account.
    others: Vec<String>,
}

impl Health {
    pub(crate) fn new(
        journal: Journal,
        accounts: Arc<Accounts>,
        reports: Reports,
        pauses: AccountPauses,
        gate: WebhookGate,
        backlog_limit: usize,
        waiting_limit: usize,
    ) -> Self {
        Self {
            journal,
            accounts,
            reports,
            pauses,
            gate,
            backlog_limit,
            waiting_limit,
            probed: Mutex::default(),
            shared: Mutex::default(),
        }
    }

    /// Whether the journal can be written, and how much is waiting.
    async fn check_journal(&self, problems: &mut HealthProblems) {
        let asked = async {
            self.probe().await?;
            let backlog = self.journal.backlog().await?;
            let counted = self.journal.waiting().await?;
            Ok::<_, JournalError>((backlog.events + backlog.calls, counted))
        };
        let (waiting, counted) = match tokio::time::timeout(TIMEOUT, asked).await {
            Ok(Ok(waiting)) => waiting,
            Ok(Err(error)) => return problems.unready.push(causes::with_causes(&error)),
            Err(_) => {
                let problem = "the journal does not answer".to_owned();
                return problems.unready.push(problem);
            }
        };
        let (backlog_limit, waiting_limit) = (self.backlog_limit, self.waiting_limit);
        // Up to the limit of the webhook this node stores as well as any other, and another one could not work it off.
        if counted >= waiting_limit {
            problems.unready.push(format!(
                "webhooks are refused: {counted} events and calls wait, and HANDOVER_WAITING_LIMIT is {waiting_limit}"
            ));
        } else if waiting > backlog_limit {
            problems.others.push(format!(
                "{waiting} events and calls wait, and HANDOVER_BACKLOG_LIMIT is {backlog_limit}"
            ));
        }
    }

    /// Not every request writes.
    async fn probe(&self) -> Result<(), JournalError> {
        let mut probed = self.probed.lock().await;
        if probed.is_none_or(|at| at.elapsed() >= FRESH) {
            *probed = None;
            self.journal.probe().await?;
            *probed = Some(Instant::now());
        }
        Ok(())
    }

    /// The node and what it sees of the rows that several share, where they do.
    async fn node(&self) -> Option<Value> {
        let node = self.journal.node_status()?;
        let mut described = json!({
            "name": node.name,
            "has_lease": node.has_lease,
            "lanes": node.lanes,
            "nodes": node.nodes,
            "moves": node.moves,
        });
        if let Some(figures) = self.shared_figures().await {
            let now = self.journal.now();
            let age = |since: Timestamp| now.duration_since(since).as_secs_f64();
            let dead_tuples: u64 = figures.dead_tuples.iter().map(|(_, rows)| rows).sum();
            described["arrivals"] = figures.arrivals.into();
            described["lag_seconds"] = figures.lag.as_secs_f64().into();
            described["oldest_event_age_seconds"] = figures.oldest_event_at.map_or(0.0, age).into();
            described["dead_tuples"] = dead_tuples.into();
        }
        Some(described)
    }

    /// Not every request reads; `None` if the database does not answer.
    async fn shared_figures(&self) -> Option<SharedFigures> {
        let mut shared = self.shared.lock().await;
        if let Some((at, figures)) = &*shared
            && at.elapsed() < FRESH_FIGURES
        {
            return Some(figures.clone());
        }
        *shared = None;
        let read = tokio::time::timeout(TIMEOUT, self.journal.shared_figures()).await;
        let figures = read.ok()?.ok()??;
        *shared = Some((Instant::now(), figures.clone()));
        Some(figures)
    }

    /// Whether the bot works for this account: 404 if it does not speak for it.
    async fn of_account(&self, id: &AccountId) -> (StatusCode, Vec<String>) {
        let HealthProblems { unready, .. } = self.problems().await;
        let all = tokio::time::timeout(TIMEOUT, self.accounts.all()).await;
        let Ok(Ok(all)) = all else {
            let problem = "the token store does not answer".to_owned();
            return (StatusCode::SERVICE_UNAVAILABLE, vec![problem]);
        };
        let Some(account) = all.iter().find(|account| account.is(id)) else {
            let problem = format!("the bot has no access token for account {id}");
            return (StatusCode::NOT_FOUND, vec![problem]);
        };
        let pauses = self.pauses.all();
        let paused = account.ids().filter_map(|id| pauses.get(id));
        let paused = paused.map(|pause| format!("nothing is sent: {}", pause.reason));
        let problems: Vec<_> = unready.into_iter().chain(paused).collect();
        let ready = problems.is_empty();
        let reports = self.reports.all().into_iter();
        let of_it = |report: &Report| report.account.as_ref().is_some_and(|of| account.is(of));
        let reports = reports.filter(of_it).map(|report| report.problem);
        (status(ready), problems.into_iter().chain(reports).collect())
    }

    /// Whether the bot is ready for webhooks, and all problems.
    pub(super) async fn report(&self) -> (bool, Vec<String>) {
        let HealthProblems { unready, others } = self.problems().await;
        (unready.is_empty(), [unready, others].concat())
    }

    async fn problems(&self) -> HealthProblems {
        let mut problems = HealthProblems::default();
        if self.gate.is_closed() {
            problems.unready.push("the bot is stopping".to_owned());
            return problems;
        }
        self.check_journal(&mut problems).await;
        match tokio::time::timeout(TIMEOUT, self.accounts.all()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let error = causes::with_causes(&*error);
                let problem = format!("the token store fails: {error}");
                problems.others.push(problem);
            }
            Err(_) => {
                let problem = "the token store does not answer".to_owned();
                problems.others.push(problem);
            }
        }
        let mut pauses = self.pauses.all();
        pauses.retain(|account, _| !self.accounts.is_removed(account));
        let paused = pauses.iter().map(|(account, pause)| {
            let until = match pause.until {
                Some(until) => format!("until {}", iso(until)),
                None => "until it has another access token".to_owned(),
            };
            let reason = &pause.reason;
            format!("nothing is sent for account {account} {until}: {reason}")
        });
        problems.others.extend(paused);
        let unknown = self.accounts.unknown().into_iter();
        problems.others.extend(unknown.map(|(account, reason)| {
            format!("events of account {account} are kept as dead letters: {reason}")
        }));
        let mut reports = self.reports.all();
        reports.retain(|report| {
            let account = report.account.as_ref();
            account.is_none_or(|account| !self.accounts.is_removed(account))
        });
        let reports = reports.into_iter().map(|report| report.problem);
        problems.others.extend(reports);
        problems
    }
}

/// `GET /livez`: 200 while the process runs. The only health route on the public port.
pub(crate) fn public() -> Router {
    Router::new().route("/livez", get(alive))
}

/// For operators: `GET /livez`, and `GET /readyz`, with the problems: 200 if the bot accepts webhooks,
/// otherwise 503. With `?account=ID`, 503 also if nothing is sent for this account.
pub(crate) fn with_problems(health: Arc<Health>) -> Router {
    let ready = async |State(health): State<Arc<Health>>, RawQuery(query): RawQuery| {
        if let Some(account) = parameter(query.as_deref(), "account") {
            let (status, problems) = health.of_account(&account.into()).await;
            let ready = status == StatusCode::OK;
            return (
                status,
                Json(json!({ "ready": ready, "problems": problems })),
            );
        }
        let (ready, problems) = health.report().await;
        let mut body = json!({ "ready": ready, "problems": problems });
        if let Some(node) = health.node().await {
            body["node"] = node;
        }
        (status(ready), Json(body))
    };
    Router::new()
        .route("/livez", get(alive))
        .route("/readyz", get(ready))
        .with_state(health)
}

async fn alive() -> &'static str {
    "alive\n"
}

fn status(ready: bool) -> StatusCode {
    match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}
