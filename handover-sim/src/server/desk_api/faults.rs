use std::sync::Arc;

use axum::extract::State;
use bytes::Bytes;
use serde::Deserialize;

use super::super::desk::Desk;
use super::super::faults::{FaultRule, Faults};
use super::answer::{Answer, Declined, Json, body};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    seed: Option<u64>,
    rules: Vec<FaultRule>,
}

/// `PUT /desk/faults`: these rules instead of those there were, from their beginning.
pub(super) async fn replace(State(desk): State<Arc<Desk>>, bytes: Bytes) -> Answer {
    let wanted: Wanted = body(&bytes)?;
    let seed = desk.glance(|glance| glance.faults.seed());
    let faults = Faults::new(wanted.seed.unwrap_or(seed), wanted.rules)
        .map_err(|error| Declined::Malformed(error.to_string()))?;
    desk.set_faults(faults);
    Ok(desk.glance(|glance| Json::of(glance.faults)))
}
