//! A bot that is killed a hundred times.

use crate::support::harness;

#[test]
fn a_bot_that_is_killed_a_hundred_times_loses_and_repeats_nothing() {
    let output = harness(&["--kills", "100"]);
    assert!(output.status.success(), "violations: see above");
}
