use std::fmt;
use std::panic::Location;

/// Fails the scenario at a line.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn fail(at: &Location<'_>, why: impl fmt::Display) -> ! {
    panic!("{at}: {why}")
}

/// Fails the scenario at its end.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn fail_at_the_end(why: &str) -> ! {
    panic!("{why}")
}

/// Returns the result of an action, or fails if it is impossible.
pub(super) fn done<T, E: fmt::Display>(at: &Location<'_>, what: &str, done: Result<T, E>) -> T {
    done.unwrap_or_else(|error| fail(at, format_args!("{what}: {error}")))
}
