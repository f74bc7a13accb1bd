//! A bot whose machine loses its power.

mod support;

use support::harness;

#[test]
fn what_was_acknowledged_survives_a_loss_of_power() {
    let output = harness(&["power-loss", "--images", "40"]);
    assert!(output.status.success(), "violations: see above");
}

/// Without a sync for each commit, no crash of the bot shows anything, but a loss of power does.
#[test]
fn a_journal_that_does_not_sync_is_found() {
    let mutation = ["--images", "12", "--mutation", "synchronous_normal"];
    let output = harness(&[&["power-loss"], &mutation[..]].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "it was not found");
    assert!(text.contains("are lost, such as"));
}
