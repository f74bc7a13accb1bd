//! A bot whose machine loses its power.

use crate::support::harness;

#[test]
fn what_was_acknowledged_survives_a_loss_of_power() {
    let output = harness(&["power-loss", "--images", "40"]);
    assert!(output.status.success(), "violations: see above");
}
