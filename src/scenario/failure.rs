use std::fmt;
use std::panic::Location;

/// Ends the scenario, at the line that could not be played.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn fail(at: &Location<'_>, why: impl fmt::Display) -> ! {
    panic!("{at}: {why}")
}

/// The same where no line is to blame.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn fail_at_the_end(why: &str) -> ! {
    panic!("{why}")
}

/// What was to be done, if that was possible.
pub(super) fn done<T, E: fmt::Display>(at: &Location<'_>, what: &str, done: Result<T, E>) -> T {
    done.unwrap_or_else(|error| fail(at, format_args!("{what}: {error}")))
}
