//! What was done for each account, for operators who ask.

use std::collections::BTreeMap;

use handover_protocol::AccountId;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, Opts};

use crate::accounts::Tally;

/// Accounts with separate figures; the others are counted together, as `other`.
const MOST: usize = 1000;

pub(super) fn gather(tallies: BTreeMap<AccountId, Tally>) -> prometheus::Result<Vec<MetricFamily>> {
    let counter =
        |name: &str, help: &str| IntCounterVec::new(Opts::new(name, help), &["account", "result"]);
    let events = counter(
        "handover_account_events_total",
        "Events of each account that were handled or given up.",
    )?;
    let messages = counter(
        "handover_account_messages_total",
        "Messages of each account that were sent or given up.",
    )?;
    let handoffs = counter(
        "handover_account_handoffs_total",
        "Handoffs of each account that were carried out or given up.",
    )?;
    for (at, (account, tally)) in tallies.into_iter().enumerate() {
        let account = if at < MOST { account.as_str() } else { "other" };
        let Tally {
            events_handled,
            events_failed,
            messages_sent,
            messages_failed,
            handoffs_passed,
            handoffs_failed,
        } = tally;
        for (counter, result, count) in [
            (&events, "handled", events_handled),
            (&events, "failed", events_failed),
            (&messages, "sent", messages_sent),
            (&messages, "failed", messages_failed),
            (&handoffs, "passed", handoffs_passed),
            (&handoffs, "failed", handoffs_failed),
        ] {
            counter.with_label_values(&[account, result]).inc_by(count);
        }
    }
    let families = [events.collect(), messages.collect(), handoffs.collect()];
    Ok(families.into_iter().flatten().collect())
}
