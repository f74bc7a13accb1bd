//! A harness that finds nothing proves nothing: it has to find each of these mistakes, which the
//! patches in `mutations/` plant in the bot.

use crate::support::{assert_shows, mutated_harness};

/// With so many threads and events, all of them have something to do.
#[rustfmt::skip]
const BUSY: [&str; 8] = ["--kills", "60", "--threads", "60", "--rate", "300", "--look-every", "1"];

macro_rules! mutations {
    ($($name:ident: $($violation:literal)|+ $(, ends at $failpoint:literal)?;)*) => {$(
        #[test]
        fn $name() {
            let more: &[&str] = &[$("--failpoint", $failpoint)?];
            // `docs/reliability.md` says what each of them shows as.
            assert_shows(stringify!($name), &[$($violation),+], &[&BUSY[..], more].concat());
        }
    )*};
}

mutations! {
    acknowledge_before_commit: "A: " | "C: ", ends at "journal.before_commit";
    dedupe_outside_transaction: "A: ", ends at "mutation.midway";
    receipt_outside_transaction: "A: " | "D: ", ends at "mutation.midway";
    settle_twice: "A, C: ";
    newest_first: "A, C: " | "C: ";
    timer_outside_transaction: "I2: ", ends at "mutation.midway";
    calls_outside_transaction: "D: ", ends at "mutation.midway";
    send_before_settle: "D: ";
    forget_started: "D: ", ends at "send.after_call";
    repeat_blindly: "D: ";
    handoff_before_farewell: "D: ";
    ignore_barrier: "D: ";
}

/// Without a sync for each commit, no crash of the bot shows anything, but a loss of power does.
#[test]
fn a_journal_that_does_not_sync_is_found() {
    let output = mutated_harness("synchronous_normal", &["power-loss", "--images", "12"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "it was not found");
    assert!(text.contains("are lost, such as"));
}
