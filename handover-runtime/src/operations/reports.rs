use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_protocol::AccountId;

/// Failures of the setup, for operators. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports(Arc<Mutex<Vec<Report>>>);

#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The account, if it concerns one.
    pub(crate) account: Option<AccountId>,
    pub(crate) problem: String,
}

impl Reports {
    pub(crate) fn replace(&self, reports: Vec<Report>) {
        *self.lock() = reports;
    }

    pub(crate) fn all(&self) -> Vec<Report> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Report>> {
        // The list is consistent after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
