//! What nodes store for each other.

use std::time::{Duration, Instant};

use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;
use serde_json::json;

use super::fixture::{NOW, connect, release, says, schema, send, thread};
use super::nodes::{fresh, handle, two_nodes};
use crate::journal::forward::ForwardedCommand;
use crate::journal::receipt::{Submission, SubmitStatus, Submitted};
use crate::journal::storage::ReplayRefusal;
use crate::journal::{
    DeadLetterContent, DedupeKey, EventResult, PauseChange, Replay, Settlement, ThreadChange,
};
use crate::thread::ThreadKey;

/// As where nodes of different versions share a database.
#[tokio::test]
async fn what_cannot_be_read_is_kept_as_a_dead_letter() {
    let address = fresh();
    let journal = connect(&address);
    let schema = schema(&address);
    let mut event = serde_json::to_value(ForwardedCommand::Event(says(7, "hello"))).unwrap();
    event["event"].as_object_mut().unwrap().remove("dedupe_key");
    let newer = json!({"newer": {"thread": thread(7), "times": 3}});
    for content in [event.to_string(), newer.to_string(), "{".to_owned()] {
        let lane = thread(7).lane();
        let store = format!(
            "INSERT INTO {schema}.arrival (lane, content) VALUES ({lane}, $it${content}$it$)"
        );
        Postgres::shared().query(&store).unwrap();
    }
    journal.append(vec![says(7, "later")], 0).await.unwrap();
    let letters = journal.dead_letters().await.unwrap();
    let kinds: Vec<_> = letters
        .iter()
        .map(|letter| match &letter.content {
            DeadLetterContent::Event(received) => received.event.body.kind(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["message", "unreadable", "unreadable"]);
    assert_eq!(letters[0].thread, thread(7));
    assert_eq!(letters[1].thread, thread(7));
    let cause = &letters[0].cause;
    assert!(cause.contains("a value is missing"), "{cause}");
    let backlog = journal.backlog().await.unwrap();
    assert_eq!((backlog.events, backlog.dead_letters), (1, 3));

    // Only the event can be handled again.
    let (replayed, _) = journal.replay(Replay::dead_letters()).await.unwrap();
    let refusals: Vec<_> = replayed.iter().map(|it| it.refusal).collect();
    let unreadable = Some(ReplayRefusal::Unreadable);
    assert_eq!(refusals, [None, unreadable, unreadable]);
    journal.append(vec![says(7, "last")], 0).await.unwrap();
    let backlog = journal.backlog().await.unwrap();
    assert_eq!((backlog.events, backlog.dead_letters), (3, 2));
}

/// All of it is one commit, which writes what comes afterwards in a second part.
#[tokio::test]
async fn what_comes_after_a_thread_was_forgotten_stays() {
    let address = fresh();
    let journal = connect(&address);
    let schema = schema(&address);
    let pause = |seconds| ForwardedCommand::Change {
        thread: thread(7),
        change: ThreadChange::of_pause(PauseChange::Begins {
            until: NOW + Duration::from_secs(seconds),
            echo: None,
            spares: None,
        }),
    };
    let submit = |person| {
        ForwardedCommand::Submit(Submission {
            thread: thread(person),
            id: "order 17".to_owned(),
            digest: DedupeKey::of("c"),
            content: Submitted::Calls(vec![send(person, "c")]),
        })
    };
    let commands = [
        ForwardedCommand::Event(says(7, "a")),
        submit(7),
        pause(9),
        ForwardedCommand::Forget {
            thread: thread(7),
            answer: "forgotten".to_owned(),
        },
        pause(5),
        ForwardedCommand::Event(says(7, "b")),
        submit(8),
        ForwardedCommand::Event(says(8, "c")),
    ];
    for command in commands {
        let (lane, content) = (command.lane(), serde_json::to_string(&command).unwrap());
        let store = format!(
            "INSERT INTO {schema}.arrival (lane, content) VALUES ({lane}, $it${content}$it$)"
        );
        Postgres::shared().query(&store).unwrap();
    }
    journal.take_arrivals().await.unwrap();
    let rows = |columns: &str, from: &str| {
        let query = format!("SELECT concat_ws(' ', person, {columns}) FROM {schema}.{from}");
        Postgres::shared().query(&query).unwrap()
    };
    let text = "kind, channel, content::json #>> '{event,message,text}'";
    let events = rows(text, "event ORDER BY sequence");
    assert_eq!(events, "7 message messaging b\n8 message messaging c");
    assert_eq!(rows("name, state", "call"), "8 messages waiting");
    let until = (NOW + Duration::from_secs(5)).as_millis();
    let paused = rows("paused_until", "thread WHERE paused_until IS NOT NULL");
    assert_eq!(paused, format!("7 {until}"));
}

/// Another node has the lane of the thread that it seems to be of.
#[tokio::test]
async fn what_cannot_be_read_stops_no_node() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    let schema = schema(&address);
    let mut event = serde_json::to_value(ForwardedCommand::Event(says(7, "hello"))).unwrap();
    event["event"].as_object_mut().unwrap().remove("dedupe_key");
    for content in [event.to_string(), "{".to_owned()] {
        let store = format!(
            "INSERT INTO {schema}.arrival (lane, content) SELECT lane, $it${content}$it$ FROM {schema}.lane"
        );
        Postgres::shared().query(&store).unwrap();
    }
    // The second has some for the first.
    for journal in nodes.iter().chain(&nodes[..1]) {
        journal.take_arrivals().await.unwrap();
    }
    let letters = nodes[0].dead_letters().await.unwrap();
    for thread in [thread(7), ThreadKey::new("", "")] {
        let of_thread = letters.iter().filter(|letter| letter.thread == thread);
        assert_eq!(of_thread.count(), 256, "{thread}");
    }
    let mut counted = 0;
    for (person, journal) in nodes.iter().enumerate() {
        counted += journal.backlog().await.unwrap().dead_letters;
        journal.append(vec![says(person, "a")], 0).await.unwrap();
    }
    assert_eq!(counted, letters.len());
    assert_eq!(handle(&nodes, 2).await.len(), 2);
}

/// It was to put a dead letter back.
#[tokio::test]
async fn dead_letters_that_went_for_what_cannot_be_read_are_not_counted() {
    let address = fresh();
    let journal = connect(&address);
    let schema = schema(&address);
    let lane = thread(7).lane();
    let first = format!("INSERT INTO {schema}.arrival (lane, content) VALUES ({lane}, 'first')");
    let second = format!(
        "WITH gone AS (DELETE FROM {schema}.dead_letter RETURNING lane)
         INSERT INTO {schema}.arrival (lane, content, dead_letters) SELECT lane, 'second', 1 FROM gone"
    );
    for store in [first, second] {
        Postgres::shared().query(&store).unwrap();
        journal.take_arrivals().await.unwrap();
        assert_eq!(journal.dead_letters().await.unwrap().len(), 1);
        assert_eq!(journal.backlog().await.unwrap().dead_letters, 1);
    }
}

#[tokio::test]
async fn dead_letters_that_go_for_another_node_are_not_counted() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    // As the bot does beside its work.
    let looking = nodes
        .clone()
        .map(|node| tokio::spawn(async move { while node.look_around().await.is_ok() {} }));
    for person in 0..10 {
        nodes[0].append(vec![says(person, "a")], 0).await.unwrap();
    }
    let mut failed = [0, 0];
    let deadline = Instant::now() + PATIENCE;
    while failed[0] + failed[1] < 10 {
        assert!(Instant::now() < deadline, "{failed:?}");
        for (node, journal) in nodes.iter().enumerate() {
            for claim in journal.claim(NOW, 100).await.unwrap().items {
                let person = claim.thread.party.to_string().parse().unwrap();
                let settlement = Settlement {
                    result: EventResult::Failed("on purpose".to_owned()),
                    ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
                };
                let settled = journal.settle(vec![settlement], release(person)).await;
                settled.unwrap();
                failed[node] += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(failed.iter().all(|count| *count > 0), "{failed:?}");
    for person in 0..10 {
        let forgotten = nodes[0].forget(thread(person)).await.unwrap();
        assert_eq!(forgotten.dead_letters, 1);
    }
    for journal in &nodes {
        assert_eq!(journal.backlog().await.unwrap().dead_letters, 0);
    }
    looking.iter().for_each(tokio::task::JoinHandle::abort);
}

/// The database is not there for a moment.
#[tokio::test]
async fn what_was_submitted_is_waited_for_whatever_goes_wrong_meanwhile() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    let schema = schema(&address);
    let query = |statement: &str| Postgres::shared().query(statement).unwrap();
    let arrivals = || query(&format!("SELECT count(*) FROM {schema}.arrival"));
    let mut person = 0;
    let submitted = loop {
        let submission = Submission {
            thread: thread(person),
            id: "order 17".to_owned(),
            digest: DedupeKey::of("shipped"),
            content: Submitted::Calls(vec![send(person, "shipped")]),
        };
        let journal = nodes[0].clone();
        let submitted = tokio::spawn(async move { journal.submit(submission).await });
        let deadline = Instant::now() + PATIENCE;
        while arrivals() == "0" && !submitted.is_finished() {
            assert!(Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if !submitted.is_finished() {
            break submitted;
        }
        // It is the first node's own.
        person += 1;
    };
    query(&format!("ALTER TABLE {schema}.receipt RENAME TO receipts"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    query(&format!("ALTER TABLE {schema}.receipts RENAME TO receipt"));
    nodes[1].take_arrivals().await.unwrap();
    let (submitted, _) = submitted.await.unwrap().unwrap();
    assert_eq!(submitted.found, SubmitStatus::New);
}
