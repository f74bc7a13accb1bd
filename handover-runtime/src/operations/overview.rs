//! `GET /overview`: what happens now, for the first view of the operations page.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use handover_protocol::Timestamp;
use serde_json::{Value, json};

use super::page::{PageState, app_name};
use crate::accounts::Account;

/// A part that takes longer is left out.
const TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn overview(State(page): State<Arc<PageState>>) -> Json<Value> {
    let now = page.clock.now();
    let (ready, problems) = page.health.report().await;
    let backlog = within(page.journal.total_backlog()).await;
    let figures = within(page.figures(now)).await;
    let handovers = within(page.journal.handovers()).await.map(|handovers| {
        let mut handovers = json!(handovers);
        if let Some(to) = handovers["to"].as_array_mut() {
            for target in to {
                target["name"] = target["app"].as_str().and_then(app_name).into();
            }
        }
        handovers
    });
    let nodes = match page.journal.node_status() {
        Some(_) => within(page.journal.nodes()).await,
        None => None,
    };
    Json(json!({
        "now": now,
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": page.started_at,
        "is_durable": page.journal.outlives_the_process(),
        "ready": ready,
        "problems": problems,
        "waiting": backlog.map(|backlog| json!({
            "events": backlog.events,
            "calls": backlog.calls,
            "notices": backlog.notices,
            "dead_letters": backlog.dead_letters,
            "oldest_event_at": figures.and_then(|figures| figures.oldest_event_at),
            "oldest_call_at": figures.and_then(|figures| figures.oldest_call_at),
        })),
        "threads": figures.map(|figures| json!({
            "bot": figures.threads.bot,
            "inbox": figures.threads.inbox,
            "app": figures.threads.app,
            "unknown": figures.threads.unknown,
        })),
        "handovers": handovers,
        "accounts": page.accounts_now(now).await,
        "node": page.journal.node_status().map(|node| json!({
            "has_lease": node.has_lease,
            "lanes": node.lanes,
            "nodes": node.nodes,
        })),
        "nodes": nodes,
        "samples": page.samples.series(),
    }))
}

/// What comes in time and without an error.
async fn within<T, E>(part: impl Future<Output = Result<T, E>>) -> Option<T> {
    tokio::time::timeout(TIMEOUT, part).await.ok()?.ok()
}

impl PageState {
    /// The accounts, and the state of their tokens.
    async fn accounts_now(&self, now: Timestamp) -> Value {
        let all = tokio::time::timeout(TIMEOUT, self.accounts.all()).await;
        let Ok(Ok(all)) = all else {
            return Value::Null;
        };
        let tallies = self.accounts.tallies().all();
        let of_one = |account: &Account| {
            let pauses = self.pauses.all();
            let mut pauses = account.ids().filter_map(|id| pauses.get(id));
            let pause = pauses.find(|pause| pause.until.is_none_or(|until| until > now));
            let mut sum = [0; 6];
            for tally in account.ids().filter_map(|id| tallies.get(id)) {
                let counts = [
                    tally.events_handled,
                    tally.events_failed,
                    tally.messages_sent,
                    tally.messages_failed,
                    tally.handoffs_passed,
                    tally.handoffs_failed,
                ];
                for (sum, count) in sum.iter_mut().zip(counts) {
                    *sum += count;
                }
            }
            let [
                events_handled,
                events_failed,
                messages_sent,
                messages_failed,
                handoffs_passed,
                handoffs_failed,
            ] = sum;
            let token = match pause {
                Some(pause) if pause.until.is_none() => "refused",
                Some(_) => "limited",
                None if messages_sent + handoffs_passed > 0 => "works",
                None => "unused",
            };
            json!({
                "page": account.page(),
                "instagram": account.instagram,
                "token": token,
                "until": pause.and_then(|pause| pause.until),
                "reason": pause.map(|pause| &pause.reason),
                "events_handled": events_handled,
                "events_failed": events_failed,
                "messages_sent": messages_sent,
                "messages_failed": messages_failed,
                "handoffs_passed": handoffs_passed,
                "handoffs_failed": handoffs_failed,
            })
        };
        let known = all.iter().map(of_one);
        let unknown = self.accounts.unknown().into_iter().map(|(id, reason)| {
            json!({ "page": id, "instagram": [], "token": "missing", "reason": &*reason })
        });
        known.chain(unknown).collect()
    }
}
