//! A harness that finds nothing proves nothing: each of these mistakes, built into the bot, it has
//! to find.

mod support;

use support::harness;

/// With so many threads and events, all of them have something to do.
const BUSY: [&str; 6] = ["--kills", "60", "--threads", "60", "--rate", "300"];

fn is_found(mutation: &str, violation: &str, more: &[&str]) {
    let mutated = ["--look-every", "1", "--mutation", mutation];
    let output = harness(&[&BUSY, &mutated[..], more].concat());
    assert_eq!(output.status.code(), Some(1), "{mutation} was not found");
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().any(|line| line.contains(violation));
    assert!(found, "{mutation} does not show as {violation:?}");
}

macro_rules! mutations {
    ($($name:ident: $violation:literal $(, ends at $failpoint:literal)?;)*) => {$(
        #[test]
        fn $name() {
            is_found(stringify!($name), $violation, &[$("--failpoint", $failpoint)?]);
        }
    )*};
}

mutations! {
    acknowledge_before_commit: "was acknowledged, and is lost", ends at "journal.before_commit";
    dedupe_outside_transaction: "was acknowledged, and is lost", ends at "mutation.midway";
    settle_twice: "the session says";
    newest_first: "the session says";
    timer_outside_transaction: "timers were set", ends at "mutation.midway";
    calls_outside_transaction: "was never made", ends at "mutation.midway";
    send_before_settle: "was never made";
    forget_started: "was sent again", ends at "send.after_call";
    repeat_blindly: "was sent again";
    handoff_before_farewell: "was given up: blocked";
    ignore_barrier: "was given up: blocked";
}
