//! Settings that a business changes on Meta's pages, behavior, and faults.

use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use handover_protocol::{AccountId, AppId};
use serde::Deserialize;
use serde_json::json;

use super::super::faults::{FaultRule, Faults};
use super::super::shared_state::SharedState;
use super::response::{ApiResult, ControlApiError, JsonResponse, body};
use crate::platform::{Ad, Behavior, Routing};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    name: Option<String>,
    get_started: Option<String>,
    routing: Option<Routing>,
    ads: Option<Vec<Ad>>,
    /// An empty text turns it off.
    instant_reply: Option<String>,
    away_message: Option<String>,
}

/// `PATCH /control/accounts/{id}`.
pub(super) async fn account(
    State(shared): State<Arc<SharedState>>,
    Path(id): Path<AccountId>,
    bytes: Bytes,
) -> ApiResult {
    let change: AccountChange = body(&bytes)?;
    if let Some(routing) = change.routing {
        shared.route(&id, routing)?;
    }
    shared
        .configure(|platform| {
            let account = platform.account_mut(&id)?;
            if let Some(name) = change.name {
                account.name = name;
            }
            if let Some(payload) = change.get_started {
                account.get_started = Some(payload);
            }
            if let Some(ads) = change.ads {
                account.ads = ads;
            }
            if let Some(text) = change.instant_reply {
                account.instant_reply = unless_blank(text);
            }
            if let Some(text) = change.away_message {
                account.away_message = unless_blank(text);
            }
            Some(())
        })
        .ok_or_else(|| no_account(&id))?;
    Ok(JsonResponse::of(&json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectionChange {
    connected: Option<bool>,
    can_take: Option<bool>,
    standby: Option<bool>,
    subscribed: Option<bool>,
}

/// `PATCH /control/accounts/{id}/apps/{app}`.
pub(super) async fn connection(
    State(shared): State<Arc<SharedState>>,
    Path((id, app)): Path<(AccountId, AppId)>,
    bytes: Bytes,
) -> ApiResult {
    let change: ConnectionChange = body(&bytes)?;
    shared
        .configure(|platform| {
            match change.connected {
                Some(true) => platform.reconnect(&id, &app),
                Some(false) if platform.connection_mut(&id, &app).is_some() => {
                    platform.disconnect(&id, &app);
                    return Some(());
                }
                _ => {}
            }
            let connection = platform.connection_mut(&id, &app)?;
            connection.can_take = change.can_take.unwrap_or(connection.can_take);
            connection.standby = change.standby.unwrap_or(connection.standby);
            connection.subscribed = change.subscribed.unwrap_or(connection.subscribed);
            Some(())
        })
        .ok_or_else(|| {
            ControlApiError::Unknown(format!(
                "there is no account {id} with an app {app}: /control/state lists all"
            ))
        })?;
    Ok(JsonResponse::of(&json!({})))
}

/// `PUT /control/behavior`: changes the given settings. The others stay.
pub(super) async fn behavior(State(shared): State<Arc<SharedState>>, bytes: Bytes) -> ApiResult {
    let wanted: serde_json::Map<String, serde_json::Value> = body(&bytes)?;
    let now = shared.read(|platform, _| platform.behavior());
    let mut all = json!(now);
    for (name, choice) in wanted {
        all[name] = choice;
    }
    let chosen: Behavior = serde_json::from_value(all)
        .map_err(|error| ControlApiError::Malformed(error.to_string()))?;
    shared.configure(|platform| {
        platform.set_behavior(chosen);
        Some(())
    });
    Ok(JsonResponse::of(&chosen))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFaults {
    seed: Option<u64>,
    rules: Vec<FaultRule>,
}

/// `PUT /control/faults`: replaces the rules and restarts the sequence.
pub(super) async fn faults(State(shared): State<Arc<SharedState>>, bytes: Bytes) -> ApiResult {
    let new: NewFaults = body(&bytes)?;
    let seed = shared.snapshot(|snapshot| snapshot.faults.seed());
    let faults = Faults::new(new.seed.unwrap_or(seed), new.rules)
        .map_err(|error| ControlApiError::Malformed(error.to_string()))?;
    shared.set_faults(faults);
    Ok(shared.snapshot(|snapshot| JsonResponse::of(snapshot.faults)))
}

fn unless_blank(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

fn no_account(id: &AccountId) -> ControlApiError {
    ControlApiError::Unknown(format!(
        "there is no account {id}: /control/state lists all"
    ))
}
