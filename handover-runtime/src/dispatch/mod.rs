//! Dispatch: events of one thread in order, one at a time; many threads at once.

mod claim;
mod consequences;
mod wake;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AppId;

pub(crate) use claim::run;
pub(crate) use wake::Wake;

use crate::graph::Graph;
use crate::journal::Journal;
use crate::routing::Table;
use crate::target::AppDirectory;

/// A handler that has not answered by then has failed.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);

/// What every worker shares.
pub(crate) struct Dispatcher<S> {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) table: Table<S>,
    pub(crate) state: S,
    pub(crate) apps: Arc<AppDirectory>,
    pub(crate) graph: Graph,
    pub(crate) app_id: AppId,
    pub(crate) wake: Wake,
}
