//! Whether the bot lives, and whether it can do its work.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::journal::Journal;
use crate::outbox::Pauses;
use crate::stop::Stop;

/// A journal that does not answer by then cannot take anything either.
const JOURNAL_TIMEOUT: Duration = Duration::from_secs(2);

/// What there is to ask.
pub(crate) struct Health {
    journal: Arc<dyn Journal>,
    pauses: Pauses,
    stop: Stop,
}

impl Health {
    pub(crate) fn new(journal: Arc<dyn Journal>, pauses: Pauses, stop: Stop) -> Self {
        Self {
            journal,
            pauses,
            stop,
        }
    }

    /// What keeps the bot from its work: nothing is well.
    async fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.stop.has_begun() {
            problems.push("the bot is stopping".to_owned());
        }
        match tokio::time::timeout(JOURNAL_TIMEOUT, self.journal.backlog()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => problems.push(error.to_string()),
            Err(_) => problems.push("the journal does not answer".to_owned()),
        }
        for (account, pause) in self.pauses.all() {
            let until = match pause.until {
                Some(until) => format!("until {until}"),
                None => "until it has another access token".to_owned(),
            };
            problems.push(format!(
                "nothing is sent for account {account} {until}: {}",
                pause.reason
            ));
        }
        problems
    }
}

/// `GET /livez`: the process answers. `GET /readyz`: 200 if it can do its work, else 503 and why.
pub(crate) fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(Arc::new(health))
}

async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, Json<Value>) {
    let problems = health.problems().await;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let answer = json!({ "ready": problems.is_empty(), "problems": problems });
    (status, Json(answer))
}
