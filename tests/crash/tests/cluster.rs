//! Several nodes on one PostgreSQL server, which are killed, frozen, cut off and stopped, as is the server.

#[path = "it/support/mod.rs"]
mod support;

use support::{harness, mutated_harness};

#[test]
fn three_nodes_lose_and_repeat_nothing_whatever_happens_to_them() {
    let output = harness(&["cluster", "--faults", "22", "--rate", "60"]);
    assert!(output.status.success(), "violations: see above");
}

/// A harness that finds nothing proves nothing. `docs/reliability.md` says what each mistake shows as.
#[test]
fn mistakes_between_nodes_are_found() {
    for (mutation, fault, more, violation) in [
        ("no_fence", "freeze", &[][..], "A, C: "),
        ("dedupe_per_node", "kill", &[], "A: "),
        (
            "lease_not_checked",
            "freeze",
            &["--send-rate", "150"],
            "L: ",
        ),
    ] {
        let busy = [
            "cluster", "--faults", "12", "--rate", "250", "--fault", fault,
        ];
        let output = mutated_harness(mutation, &[&busy, more].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{mutation} was not found");
        let mut lines = text.lines().map(str::trim);
        let found = lines.any(|line| line.contains(violation));
        assert!(found, "{mutation} does not show as {violation}");
    }
}
