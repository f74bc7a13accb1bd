//! What business people set on the platform's own pages, for which there is no Graph API.

use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use handover_protocol::{AccountId, AppId};
use serde::Deserialize;
use serde_json::json;

use super::super::desk::Desk;
use super::answer::{Answer, Declined, Json, body};
use crate::platform::{Ad, Choices, Routing};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    name: Option<String>,
    get_started: Option<String>,
    routing: Option<Routing>,
    ads: Option<Vec<Ad>>,
    /// Empty switches it off.
    instant_reply: Option<String>,
    away_message: Option<String>,
}

/// `PATCH /desk/accounts/{id}`.
pub(super) async fn account(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<AccountId>,
    bytes: Bytes,
) -> Answer {
    let change: AccountChange = body(&bytes)?;
    if let Some(routing) = change.routing {
        desk.route(&id, routing)?;
    }
    desk.set_up(|platform| {
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
    Ok(Json::of(&json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectionChange {
    connected: Option<bool>,
    can_take: Option<bool>,
    standby: Option<bool>,
    subscribed: Option<bool>,
}

/// `PATCH /desk/accounts/{id}/apps/{app}`.
pub(super) async fn connection(
    State(desk): State<Arc<Desk>>,
    Path((id, app)): Path<(AccountId, AppId)>,
    bytes: Bytes,
) -> Answer {
    let change: ConnectionChange = body(&bytes)?;
    desk.set_up(|platform| {
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
        Declined::Unknown(format!(
            "there is no account {id} with an app {app}: /desk/state lists what there is"
        ))
    })?;
    Ok(Json::of(&json!({})))
}

/// `PUT /desk/choices`: those that are named are chosen, the others stay.
pub(super) async fn choices(State(desk): State<Arc<Desk>>, bytes: Bytes) -> Answer {
    let wanted: serde_json::Map<String, serde_json::Value> = body(&bytes)?;
    let now = desk.look(|platform, _| platform.choices());
    let mut all = json!(now);
    for (name, choice) in wanted {
        all[name] = choice;
    }
    let chosen: Choices =
        serde_json::from_value(all).map_err(|error| Declined::Malformed(error.to_string()))?;
    desk.set_up(|platform| {
        platform.choose(chosen);
        Some(())
    });
    Ok(Json::of(&chosen))
}

fn unless_blank(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

fn no_account(id: &AccountId) -> Declined {
    Declined::Unknown(format!(
        "there is no account {id}: /desk/state lists what there is"
    ))
}
