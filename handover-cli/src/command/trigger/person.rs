//! The person of an event for which nobody was named.

use std::time::Duration;

use handover_runtime::shared::is_loopback;
use serde_json::Value;

use crate::environment::CliEnvironment;
use crate::graph;
use crate::http::CliRequest;

/// A person that nobody knows.
const SAMPLE: &str = "5794982867201265";
const TIMEOUT: Duration = Duration::from_secs(1);

/// The person that was last active at this account in the simulator, if the bot uses one on this machine; otherwise
/// one that nobody knows.
pub(super) async fn default(account: &str, environment: &CliEnvironment) -> String {
    let simulated = simulated(account, environment).await;
    simulated.unwrap_or_else(|| SAMPLE.to_owned())
}

async fn simulated(account: &str, environment: &CliEnvironment) -> Option<String> {
    let url = graph::url(environment).ok()??;
    let mut url = is_loopback(&url).then_some(url)?;
    url.set_path("/control/threads");
    url.query_pairs_mut()
        .clear()
        .append_pair("account", account);
    url.query_pairs_mut().append_pair("limit", "1");
    // Whatever else listens there has its own answer.
    let answer = CliRequest::get(&url).send(TIMEOUT).await.ok()?;
    let threads: Value = serde_json::from_str(&answer.body).ok()?;
    let person = threads.pointer("/threads/0/person/id")?;
    person.as_str().map(str::to_owned)
}
