//! An `Arc` that hides what it holds from the compiler's question whether it can be moved between
//! threads.
//!
//! A handler's future has to be `Send`, and so all that it keeps over an `.await`. For an argument that
//! holds an `Arc` of much, the compiler would look through all of that, for each handler again: for a
//! `Session`, that took three times as long as the rest of the handler's types.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Like `Arc<T>`.
pub(crate) struct OpaqueArc<T>(Arc<dyn Holds<T>>);

trait Holds<T>: Send + Sync {
    fn held(&self) -> &T;
}

impl<T: Send + Sync> Holds<T> for T {
    fn held(&self) -> &T {
        self
    }
}

impl<T: Send + Sync + 'static> OpaqueArc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for OpaqueArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        (*self.0).held()
    }
}

impl<T> Clone for OpaqueArc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for OpaqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
