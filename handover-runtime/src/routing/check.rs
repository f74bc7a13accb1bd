//! Compile-time checks of one handler, called in never-run code by the macros so that an error
//! stands where the handler is written.

use std::future::Future;

use crate::outcome::IntoOutcome;
use crate::trigger::Trigger;

/// The answer of the handler is an outcome of `E`.
pub fn check_outcome<E, F>(_: impl FnOnce() -> F)
where
    E: Trigger,
    F: Future<Output: IntoOutcome<E>>,
{
}

/// The handler can be moved between threads.
pub fn check_future<F: Future + Send>(_: impl FnOnce() -> F) {}
