//! A person is forgotten whose comments belong to the account, which another node may work.

use std::time::Instant;

use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::journal::{
    DedupeKey, Journal, JournalClient, NewEvent, PostgresAddress, Settlement, ThreadRelease,
};
use crate::thread::ThreadKey;

use super::fixture::{NOW, says, schema, thread};
use super::nodes::{fresh, two_nodes, until};

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

/// Takes up what comes for the lanes of a node, as the bot does beside its work.
fn look_around(node: &Journal) -> JoinHandle<()> {
    let node = node.clone();
    tokio::spawn(async move { while node.look_around().await.is_ok() {} })
}

/// How many events name a person.
fn left(address: &PostgresAddress, person: usize) -> String {
    let schema = schema(address);
    let left =
        format!("SELECT count(*) FROM {schema}.event WHERE strpos(content, '\"{person}\"') > 0");
    Postgres::shared().query(&left).unwrap()
}

/// Which of two nodes works a thread: 0 is the one that has joined first.
fn worker(address: &PostgresAddress, thread: &ThreadKey) -> usize {
    let (schema, lane) = (schema(address), thread.lane());
    let earlier = format!(
        "SELECT count(*) FROM {schema}.node AS n JOIN {schema}.lane AS l ON n.epoch < l.epoch
         WHERE l.lane = {lane}"
    );
    let earlier = Postgres::shared().query(&earlier).unwrap();
    earlier.parse().unwrap()
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
    let looking = nodes.each_ref().map(look_around);
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
        assert_eq!(left(&address, person), "0", "{person}");
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
    looking.iter().for_each(JoinHandle::abort);
}

/// As one that has just died and keeps its lanes until its lease ends.
#[tokio::test]
async fn comments_are_forgotten_though_the_node_that_works_the_person_does_not_answer() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    let first_or_second = worker(&address, &thread(ANOTHER).of_account());
    let (of_account, silent) = (&nodes[first_or_second], &nodes[1 - first_or_second]);
    let mut theirs = PEOPLE.filter(|person| worker(&address, &thread(*person)) != first_or_second);
    let people = [(); 2].map(|()| theirs.next().unwrap());
    let comments = people.map(|person| comment(person, 1));
    of_account.append(comments.into(), 0).await.unwrap();
    settle(std::slice::from_ref(of_account), people.len()).await;
    assert_eq!(people.map(|person| left(&address, person)), ["1", "1"]);
    let looking = look_around(of_account);
    // One is forgotten by the bot, the other by an operator.
    let [one, other] = people;
    let node = of_account.clone();
    let by_bot = tokio::spawn(async move { node.forget(thread(one)).await });
    let client = JournalClient::connect(&address).unwrap();
    let by_operator = spawn_blocking(move || client.forget(&thread(other)));
    let nothing = people.map(|_| "0".to_owned());
    until(|| people.map(|person| left(&address, person)), nothing).await;
    assert!(!by_bot.is_finished() && !by_operator.is_finished());
    let silent_no_more = look_around(silent);
    assert_eq!(by_bot.await.unwrap().unwrap().events, 1);
    assert_eq!(by_operator.await.unwrap().unwrap().events, 1);
    looking.abort();
    silent_no_more.abort();
}
