use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What could not be set up, for those who look after the bot. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports(Arc<Mutex<Vec<String>>>);

impl Reports {
    pub(super) fn replace(&self, problems: Vec<String>) {
        *self.lock() = problems;
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        // The list is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
