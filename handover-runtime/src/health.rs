//! Whether the bot lives, and whether it can do its work.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::accounts::{Account, Accounts};
use crate::error;
use crate::journal::Journal;
use crate::outbox::Pauses;
use crate::setup::Reports;
use crate::stop::Stop;

/// A journal that does not answer by then cannot take anything either.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What there is to ask.
pub(crate) struct Health {
    journal: Arc<dyn Journal>,
    accounts: Arc<Accounts>,
    reports: Reports,
    pauses: Pauses,
    stop: Stop,
}

/// What is not well.
#[derive(Default)]
struct Problems {
    /// What keeps the bot from all of its work.
    of_all: Vec<String>,
    of_some: Vec<String>,
}

impl Health {
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        accounts: Arc<Accounts>,
        reports: Reports,
        pauses: Pauses,
        stop: Stop,
    ) -> Self {
        Self {
            journal,
            accounts,
            reports,
            pauses,
            stop,
        }
    }

    async fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        if self.stop.has_begun() {
            problems.of_all.push("the bot is stopping".to_owned());
        }
        match tokio::time::timeout(TIMEOUT, self.journal.backlog()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => problems.of_all.push(error.to_string()),
            Err(_) => problems
                .of_all
                .push("the journal does not answer".to_owned()),
        }
        let all = match tokio::time::timeout(TIMEOUT, self.accounts.all()).await {
            Ok(Ok(all)) => all,
            Ok(Err(error)) => {
                let error = error::with_causes(&*error);
                problems
                    .of_some
                    .push(format!("the token store fails: {error}"));
                Vec::new()
            }
            Err(_) => {
                let problem = "the token store does not answer".to_owned();
                problems.of_some.push(problem);
                Vec::new()
            }
        };
        let pauses = self.pauses.all();
        let is_paused = |account: &Account| account.ids().any(|id| pauses.contains_key(id));
        // While one account works, the bot has to be reached.
        let nothing_works = !pauses.is_empty() && all.iter().all(is_paused);
        let paused = pauses.iter().map(|(account, pause)| {
            let until = match pause.until {
                Some(until) => format!("until {until}"),
                None => "until it has another access token".to_owned(),
            };
            let reason = &pause.reason;
            format!("nothing is sent for account {account} {until}: {reason}")
        });
        if nothing_works {
            problems.of_all.extend(paused);
        } else {
            problems.of_some.extend(paused);
        }
        let unknown = self.accounts.unknown().into_iter();
        problems.of_some.extend(unknown.map(|(account, reason)| {
            format!("events of account {account} are kept as dead letters: {reason}")
        }));
        problems.of_some.extend(self.reports.all());
        problems
    }
}

/// `GET /livez`: the process answers. `GET /readyz`: 200 if it can do its work for at least one
/// account, else 503; and what is not well.
pub(crate) fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(Arc::new(health))
}

async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, Json<Value>) {
    let Problems { of_all, of_some } = health.problems().await;
    let ready = of_all.is_empty();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let problems = [of_all, of_some].concat();
    (
        status,
        Json(json!({ "ready": ready, "problems": problems })),
    )
}
