//! Several nodes on one PostgreSQL server, which are killed, frozen, cut off and stopped, as is the server.

#[path = "it/support/mod.rs"]
mod support;

use support::{assert_shows, harness, mutated_harness};

#[test]
fn three_nodes_lose_and_repeat_nothing_whatever_happens_to_them() {
    let output = harness(&["cluster", "--faults", "22", "--rate", "60"]);
    assert!(output.status.success(), "violations: see above");
}

/// As while nodes are replaced one by one, and back: the tables of the next version have more columns, and its
/// functions in the database have other names.
#[test]
fn nodes_of_two_versions_of_the_tables_share_the_work() {
    let output = mutated_harness(
        "next_version",
        &["cluster", "--faults", "13", "--rate", "60"],
    );
    assert!(output.status.success(), "violations: see above");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("the tables have version 2"));
}

/// A harness that finds nothing proves nothing. `docs/reliability.md` says what each mistake shows as.
#[test]
fn mistakes_between_nodes_are_found() {
    for (mutation, fault, rate, violation) in [
        // What a node has sent arrives when others have its lanes.
        ("no_fence", "partition", "250", "C: "),
        ("dedupe_per_node", "kill", "250", "A: "),
        ("lease_not_checked", "freeze", "200", "L: "),
    ] {
        let busy = ["cluster", "--faults", "4", "--rate", rate, "--fault", fault];
        assert_shows(mutation, &[violation], &busy);
    }
}
