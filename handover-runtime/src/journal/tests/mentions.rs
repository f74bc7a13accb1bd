//! A person is forgotten whose comments belong to the account, which another node may work.

use std::time::Instant;

use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;

use crate::journal::{DedupeKey, Journal, NewEvent, Settlement, ThreadRelease};

use super::fixture::{NOW, says, schema, thread};
use super::nodes::{fresh, two_nodes};

/// People on many lanes, so that each node works some of them.
const PEOPLE: std::ops::Range<usize> = 7_000_000..7_000_008;
const ANOTHER: usize = 8_000_000;

/// The account says that this person has commented.
fn comment(person: usize, number: usize) -> NewEvent {
    NewEvent {
        thread: thread(person).of_account(),
        dedupe_key: DedupeKey::of(&format!("{person}/{number}")),
        ..message(person, "a comment")
    }
}

/// Now, for what was settled long ago is deleted anyway.
fn message(person: usize, text: &str) -> NewEvent {
    NewEvent {
        received_at: crate::clock::now(),
        ..says(person, text)
    }
}

/// Settles whatever waits, on whichever node.
async fn settle(nodes: &[Journal], events: usize) {
    let (mut settled, deadline) = (0, Instant::now() + PATIENCE);
    while settled < events {
        assert!(Instant::now() < deadline, "{settled} of {events}");
        for journal in nodes {
            journal.take_arrivals().await.unwrap();
            for claim in journal.claim(NOW, 100).await.unwrap().items {
                let sequences = claim.events.iter().map(|event| event.sequence).collect();
                let released = ThreadRelease {
                    thread: claim.thread.clone(),
                    until: None,
                };
                settled += claim.events.len();
                let done = Settlement::of(claim.thread, sequences);
                journal.settle(vec![done], vec![released]).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn comments_of_a_person_are_forgotten_whichever_node_has_them() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    let everybody = || PEOPLE.chain([ANOTHER]);
    for person in everybody() {
        let events = vec![comment(person, 1), message(person, "a message")];
        nodes[person % 2].append(events, 0).await.unwrap();
    }
    settle(&nodes, 2 * everybody().count()).await;
    for person in everybody() {
        // One of the two has not been taken up by the node that works the account.
        for (number, journal) in nodes.iter().enumerate() {
            let waits = comment(person, 2 + number);
            journal.append(vec![waits], 0).await.unwrap();
        }
    }
    let looking = nodes
        .clone()
        .map(|node| tokio::spawn(async move { while node.look_around().await.is_ok() {} }));
    for person in PEOPLE {
        let journal = &nodes[person / 2 % 2];
        // What has not been taken up is not in it yet.
        let export = journal.export(thread(person)).await.unwrap();
        assert!(
            (3..=4).contains(&export.events.len()),
            "{person}: {export:?}"
        );
        let forgotten = journal.forget(thread(person)).await.unwrap();
        assert_eq!(forgotten.events, 4, "{person}: {forgotten:?}");
        let left = format!(
            "SELECT count(*) FROM {schema}.event WHERE strpos(content, '\"{person}\"') > 0",
            schema = schema(&address)
        );
        assert_eq!(Postgres::shared().query(&left).unwrap(), "0", "{person}");
    }
    // Nothing of anybody else is.
    let mut waiting = 0;
    for journal in &nodes {
        journal.take_arrivals().await.unwrap();
        waiting += journal.backlog().await.unwrap().events;
    }
    assert_eq!(waiting, 2);
    settle(&nodes, 2).await;
    let forgotten = nodes[0].forget(thread(ANOTHER)).await.unwrap();
    assert_eq!(forgotten.events, 4);
    looking.iter().for_each(tokio::task::JoinHandle::abort);
}
