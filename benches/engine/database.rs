//! The PostgreSQL server of the bots that keep their journal there.

use handover_testkit::postgres::Postgres;

/// A server for this run, if the benchmark is built with the feature `postgres`.
pub(crate) struct Database(Option<Postgres>);

impl Database {
    pub(crate) fn start() -> Self {
        Self(cfg!(feature = "postgres").then(|| Postgres::start().unwrap()))
    }

    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The address of an empty schema.
    pub(crate) fn fresh_store(&self) -> Option<String> {
        self.0.as_ref().map(Postgres::fresh_address)
    }
}
