//! Several nodes on one PostgreSQL server, which are killed, frozen and stopped, as is the server.

#[path = "it/support/mod.rs"]
mod support;

use support::{harness, mutated_harness};

#[test]
#[ignore = "finds messages that are sent twice, so several nodes are experimental"]
fn three_nodes_lose_and_repeat_nothing_whatever_happens_to_them() {
    let output = harness(&["cluster", "--faults", "25"]);
    assert!(output.status.success(), "violations: see above");
}

/// A harness that finds nothing proves nothing. `docs/reliability.md` says what each mistake shows as.
#[test]
fn mistakes_between_nodes_are_found() {
    for (mutation, fault, violation) in [
        ("no_fence", "freeze", "A, C: "),
        ("dedupe_per_node", "kill", "A: "),
    ] {
        let busy = [
            "cluster", "--faults", "12", "--rate", "250", "--fault", fault,
        ];
        let output = mutated_harness(mutation, &busy);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{mutation} was not found");
        let mut lines = text.lines().map(str::trim);
        let found = lines.any(|line| line.starts_with(violation));
        assert!(found, "{mutation} does not show as {violation}");
    }
}
