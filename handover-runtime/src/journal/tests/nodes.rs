//! What only a journal that several nodes share can show.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;

use crate::clock::Clock;
use crate::journal::receipt::{Submission, SubmitStatus, Submitted};
use crate::journal::{
    CallResult, DedupeKey, Due, Journal, JournalError, NewEvent, PauseChange, PostgresAddress,
    Retention, Settlement, ThreadChange, TimerChange,
};

use super::fixture::{
    NOW, claim_one, connect, due, echo, release, says, schema, send, start_one, text_of, thread,
    timer,
};

/// A new schema, with short leases.
pub(super) fn fresh() -> PostgresAddress {
    let address = Postgres::shared().fresh_address();
    format!("{address}&lease=2s").parse().unwrap()
}

/// How many lanes each node has.
fn lanes(address: &PostgresAddress) -> Vec<usize> {
    let schema = schema(address);
    let counts = format!(
        "SELECT count(l.lane) FROM {schema}.node n LEFT JOIN {schema}.lane l ON l.epoch = n.epoch
         GROUP BY n.epoch ORDER BY n.epoch"
    );
    let counts = Postgres::shared().query(&counts).unwrap();
    counts.lines().map(|line| line.parse().unwrap()).collect()
}

pub(super) async fn until<T: PartialEq + std::fmt::Debug>(what: impl Fn() -> T, expected: T) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = what();
        if found == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{found:?} is not {expected:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn two_nodes(address: &PostgresAddress) -> [Journal; 2] {
    let nodes = [connect(address), connect(address)];
    until(|| lanes(address), vec![128, 128]).await;
    nodes
}

/// Handles whatever is there on any of the nodes, until so many events are; what each thread was given, in
/// order, and by which node.
pub(super) async fn handle(
    nodes: &[Journal],
    events: usize,
) -> BTreeMap<String, Vec<(String, usize)>> {
    let mut handled: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let mut count = 0;
    let deadline = Instant::now() + PATIENCE;
    while count < events {
        assert!(Instant::now() < deadline, "{count} of {events}");
        for (node, journal) in nodes.iter().enumerate() {
            journal.take_arrivals().await.unwrap();
            for claim in journal.claim(NOW, 100).await.unwrap().items {
                let thread = handled.entry(claim.thread.party.to_string()).or_default();
                let texts = claim.events.iter().map(|it| text_of(&it.event).to_owned());
                thread.extend(texts.map(|text| (text, node)));
                count += claim.events.len();
                let sequences = claim.events.iter().map(|event| event.sequence).collect();
                let settled = Settlement::of(claim.thread.clone(), sequences);
                let person = claim.thread.party.to_string().parse().unwrap();
                journal
                    .settle(vec![settled], release(person))
                    .await
                    .unwrap();
            }
        }
    }
    handled
}

#[tokio::test]
async fn lanes_are_shared_evenly_and_go_back_at_once() {
    let address = fresh();
    let [first, second] = two_nodes(&address).await;
    let third = connect(&address);
    until(|| lanes(&address).iter().sum::<usize>(), 256).await;
    until(
        || {
            lanes(&address)
                .iter()
                .all(|lanes| (84..=86).contains(lanes))
        },
        true,
    )
    .await;
    let leaving = Instant::now();
    second.close().await.unwrap();
    until(|| lanes(&address), vec![128, 128]).await;
    third.close().await.unwrap();
    until(|| lanes(&address), vec![256]).await;
    assert!(
        leaving.elapsed() < Duration::from_secs(10),
        "no lease ran out"
    );
    first.close().await.unwrap();
    until(|| lanes(&address), Vec::new()).await;
}

#[tokio::test]
async fn any_node_receives_and_the_owner_of_the_lane_works() {
    receive_and_work(&fresh()).await;
}

/// The sessions of the server are those of whoever is served next.
#[tokio::test]
async fn nodes_work_through_a_pooler() {
    let pooler = Postgres::shared().pooler().unwrap();
    let address = pooler.fresh_address(Postgres::shared());
    receive_and_work(&format!("{address}&lease=2s").parse().unwrap()).await;
}

async fn receive_and_work(address: &PostgresAddress) {
    let nodes = two_nodes(address).await;
    let people = 60;
    for round in 0..4 {
        for person in 0..people {
            let event = says(person, &round.to_string());
            nodes[(person + round) % 2]
                .append(vec![event], 0)
                .await
                .unwrap();
        }
    }
    let handled = handle(&nodes, 4 * people).await;
    assert_eq!(handled.len(), people);
    let mut workers = BTreeSet::new();
    for (person, events) in &handled {
        let texts: Vec<_> = events.iter().map(|(text, _)| &**text).collect();
        assert_eq!(
            texts,
            ["0", "1", "2", "3"],
            "{person}: in the order in which they were accepted"
        );
        let nodes: BTreeSet<_> = events.iter().map(|(_, node)| *node).collect();
        assert_eq!(nodes.len(), 1, "{person}: by one node");
        workers.extend(nodes);
    }
    assert_eq!(workers.len(), 2, "both work");
    // The platform delivers all of it again, to the other node.
    for round in 0..4 {
        let again = (0..people).map(|person| says(person, &round.to_string()));
        nodes[round % 2].append(again.collect(), 0).await.unwrap();
    }
    nodes[0]
        .append(vec![says(people, "last")], 0)
        .await
        .unwrap();
    let handled = handle(&nodes, 1).await;
    assert_eq!(
        handled.into_keys().collect::<Vec<_>>(),
        [people.to_string()]
    );
    for journal in &nodes {
        assert_eq!(journal.claim(NOW, 100).await.unwrap().items.len(), 0);
        assert_eq!(journal.backlog().await.unwrap().events, 0);
    }
}

#[tokio::test]
async fn what_waits_goes_on_when_its_node_leaves() {
    let address = fresh();
    let [first, second] = two_nodes(&address).await;
    let events = (0..40).map(|person| says(person, "a"));
    first.append(events.collect(), 0).await.unwrap();
    let nodes = [first];
    // What the second has is taken up by nobody yet.
    second.close().await.unwrap();
    let handled = handle(&nodes, 40).await;
    assert_eq!(handled.len(), 40);
}

#[tokio::test]
async fn a_thread_that_is_worked_moves_only_afterwards() {
    let address = fresh();
    let first = connect(&address);
    let events = (0..40).map(|person| says(person, "a"));
    first.append(events.collect(), 0).await.unwrap();
    let claims = first.claim(NOW, 100).await.unwrap().items;
    assert_eq!(claims.len(), 40);
    let second = connect(&address);
    // Lanes without work go at once; of the others, those that are to go wait.
    until(|| lanes(&address)[1] > 80, true).await;
    let later = (0..40).map(|person| says(person, "b"));
    second.append(later.collect(), 0).await.unwrap();
    assert_eq!(second.claim(NOW, 100).await.unwrap().items.len(), 0);
    for claim in claims {
        let mut settled = Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence]);
        settled.calls = vec![send(1, "c")];
        settled.hands_out = true;
        let person = claim.thread.party.to_string().parse().unwrap();
        let result = first.settle(vec![settled], release(person)).await.unwrap();
        assert!(!result.is_stale);
        for call in result.calls {
            let sent = super::fixture::finished(call.id, person, CallResult::Sent);
            first.finish_calls(sent).await.unwrap();
        }
    }
    until(|| lanes(&address), vec![128, 128]).await;
    let nodes = [first, second];
    let handled = handle(&nodes, 40).await;
    assert!(
        handled
            .values()
            .all(|events| events.len() == 1 && events[0].0 == "b")
    );
    let mut calls = 0;
    let deadline = Instant::now() + PATIENCE;
    while calls < 40 && Instant::now() < deadline {
        let mut left = 0;
        for journal in &nodes {
            for call in journal.start_calls(due(100)).await.unwrap().items {
                assert!(!call.uncertain, "it was never begun");
                let person = call.thread.party.to_string().parse().unwrap();
                let sent = super::fixture::finished(call.id, person, CallResult::Sent);
                journal.finish_calls(sent).await.unwrap();
            }
            left += journal.backlog().await.unwrap().calls;
        }
        calls = 40 - left;
    }
    assert_eq!(calls, 40);
}

#[tokio::test]
async fn a_node_whose_lease_has_ended_can_do_no_harm() {
    let address = fresh();
    let first = connect(&address);
    let events = (0..20).map(|person| says(person, "a"));
    first.append(events.collect(), 0).await.unwrap();
    let claims = first.claim(NOW, 100).await.unwrap().items;
    let epoch = claims[0].epoch;
    assert!(first.may_act(epoch));
    // As another node does when this one has been frozen for longer than its lease.
    let schema = schema(&address);
    let take =
        format!("BEGIN; DELETE FROM {schema}.node; UPDATE {schema}.lane SET epoch = NULL; COMMIT");
    Postgres::shared().query(&take).unwrap();
    let second = connect(&address);
    let mut settled_once = BTreeSet::new();
    for claim in claims {
        let settled = Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence]);
        let person = claim.thread.party.to_string().parse().unwrap();
        match first.settle(vec![settled], release(person)).await {
            // Only if the lane has come back meanwhile and nobody has worked it.
            Ok(result) if !result.is_stale => {
                settled_once.insert(claim.thread.party.to_string());
            }
            Ok(_) => {}
            Err(error) => assert!(matches!(error, JournalError::Write(_)), "{error}"),
        }
        first.settle(Vec::new(), release(person)).await.unwrap();
    }
    let deadline = Instant::now() + PATIENCE;
    while first.may_act(epoch) {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // It comes back as a new node; each event takes effect once.
    let nodes = [first, second];
    let handled = handle(&nodes, 20 - settled_once.len()).await;
    assert!(handled.keys().all(|person| !settled_once.contains(person)));
    assert_eq!(handled.len() + settled_once.len(), 20);
}

/// As one does that is still under way when its connection is cut, after the node has read its lanes again.
#[tokio::test]
async fn a_commit_of_an_earlier_session_comes_too_late() {
    let address = fresh();
    let journal = connect(&address);
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    let (server, schema) = (Postgres::shared(), schema(&address));
    let commit = |session| {
        let nothing = "'{}', '{}', '{}'";
        let commit =
            format!("SELECT {schema}.commit_1(epoch, {session}, {nothing}) FROM {schema}.node");
        server.query(&commit)
    };
    commit("session").unwrap();
    let late = commit("session - 1").unwrap_err().to_string();
    assert!(late.contains("its lanes have changed"), "{late}");
    let next = format!("UPDATE {schema}.node SET session = session + 1");
    server.query(&next).unwrap();
    let refused = journal.append(vec![says(1, "b")], 0).await;
    assert!(refused.is_err(), "{refused:?}");
    journal.append(vec![says(1, "b")], 0).await.unwrap();
    let handled = handle(std::slice::from_ref(&journal), 2).await;
    assert_eq!(handled["1"].len(), 2);
}

#[tokio::test]
async fn the_echo_of_an_uncertain_call_counts_whichever_node_gets_it() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    let mut calls = 0;
    for person in 0..20 {
        nodes[0].append(vec![says(person, "a")], 0).await.unwrap();
        let (mut owner, mut claims) = (0, Vec::new());
        let deadline = Instant::now() + PATIENCE;
        while claims.is_empty() {
            assert!(Instant::now() < deadline);
            owner = 1 - owner;
            nodes[owner].take_arrivals().await.unwrap();
            claims = nodes[owner].claim(NOW, 1).await.unwrap().items;
        }
        let claim = claims.remove(0);
        let settlement = Settlement {
            calls: vec![send(person, "b")],
            hands_out: true,
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        let settled = nodes[owner].settle(vec![settlement], release(person)).await;
        let call = settled.unwrap().calls.remove(0);
        let due_at = NOW + Duration::from_secs(10);
        let lost = CallResult::Uncertain(due_at);
        let lost = super::fixture::finished(call.id, person, lost);
        nodes[owner].finish_calls(lost).await.unwrap();
        let echo = NewEvent {
            confirms: Some(call.reference),
            ..echo(person, "b")
        };
        let is_due = due_at + Duration::from_secs(1);
        // The owner has heard nothing of the echo when the call is due, or is about to be made.
        if person % 2 == 0 {
            nodes[1 - owner].append(vec![echo], 0).await.unwrap();
            let repeated = start_one(&nodes[owner], is_due).await;
            assert!(repeated.is_none(), "{repeated:?}");
        } else {
            let repeated = start_one(&nodes[owner], is_due).await.unwrap();
            let has_echo = async || nodes[owner].has_echo(repeated.id, thread(person)).await;
            assert!(!has_echo().await.unwrap());
            nodes[1 - owner].append(vec![echo], 0).await.unwrap();
            assert!(has_echo().await.unwrap());
            let put_off = CallResult::PutOff(is_due);
            let put_off = super::fixture::finished(repeated.id, person, put_off);
            nodes[owner].finish_calls(put_off).await.unwrap();
        }
        calls += nodes[owner].backlog().await.unwrap().calls;
    }
    assert_eq!(calls, 0);
}

#[tokio::test]
async fn commands_reach_the_owner_of_the_lane() {
    let address = fresh();
    let nodes = two_nodes(&address).await;
    for person in 0..30 {
        nodes[0].append(vec![says(person, "a")], 0).await.unwrap();
    }
    handle(&nodes, 30).await;
    // As the bot does beside its work.
    let looking = nodes
        .clone()
        .map(|node| tokio::spawn(async move { while node.look_around().await.is_ok() {} }));
    let pause = |until| {
        ThreadChange::of_pause(PauseChange::Begins {
            until,
            echo: None,
            spares: None,
        })
    };
    for person in 0..30 {
        let journal = &nodes[person % 2];
        let change = pause(NOW + Duration::from_secs(9));
        journal.change_thread(thread(person), change).await.unwrap();
        let submission = Submission {
            thread: thread(person),
            id: "order 17".to_owned(),
            digest: DedupeKey::of("c"),
            content: Submitted::Calls(vec![send(person, "c")]),
        };
        let (submitted, _) = journal.submit(submission).await.unwrap();
        assert_eq!(submitted.found, SubmitStatus::New);
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut calls = 0;
        for journal in &nodes {
            calls += journal.backlog().await.unwrap().calls;
        }
        if calls == 30 {
            break;
        }
        assert!(Instant::now() < deadline, "{calls}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for person in 0..30 {
        for journal in &nodes {
            let state = journal.thread(thread(person)).await.unwrap();
            assert_eq!(state.paused_until(), Some(NOW + Duration::from_secs(9)));
            let receipt = journal.receipt(thread(person), "order 17".to_owned());
            assert!(receipt.await.unwrap().is_some());
        }
        let again = Submission {
            thread: thread(person),
            id: "order 17".to_owned(),
            digest: DedupeKey::of("another"),
            content: Submitted::Calls(vec![send(person, "d")]),
        };
        let (submitted, _) = nodes[(person + 1) % 2].submit(again).await.unwrap();
        assert_eq!(submitted.found, SubmitStatus::Other);
    }
    for person in 0..10 {
        let forgotten = nodes[0].forget(thread(person)).await.unwrap();
        assert_eq!(
            (forgotten.sessions, forgotten.calls),
            (1, 1),
            "{forgotten:?}"
        );
        let export = nodes[1].export(thread(person)).await.unwrap();
        assert!(export.events.is_empty() && export.calls.is_empty());
    }
    looking.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Tables without a lane are small, or keep hashes.
#[tokio::test]
async fn each_table_can_be_spread_by_its_lane() {
    let address = fresh();
    let journal = connect(&address);
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    let schema = schema(&address);
    let without = format!(
        "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class AS c
         WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND NOT EXISTS (SELECT FROM pg_index AS i
             JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.attname = 'lane'
             WHERE i.indrelid = c.oid AND i.indisprimary)"
    );
    let without = Postgres::shared().query(&without).unwrap();
    assert_eq!(without, "answer deletion meta node pause seen");
}

#[tokio::test]
async fn timers_run_out_once_where_their_lane_is() {
    let address = fresh();
    let first = connect(&address);
    let at = NOW + Duration::from_secs(3600);
    for person in 0..40 {
        first.append(vec![says(person, "a")], 0).await.unwrap();
        let claim = claim_one(&first).await;
        let set = TimerChange {
            name: "reminder".to_owned(),
            set: Some((at, timer("reminder"))),
        };
        let settlement = Settlement {
            timers: vec![set],
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        let settled = first.settle(vec![settlement], release(person)).await;
        settled.unwrap();
    }
    let nodes = [first, connect(&address)];
    until(|| lanes(&address), vec![128, 128]).await;
    let mut by_node = [0, 0];
    let deadline = Instant::now() + PATIENCE;
    while by_node[0] + by_node[1] < 40 {
        assert!(Instant::now() < deadline, "{by_node:?}");
        for (node, journal) in nodes.iter().enumerate() {
            for claim in journal.claim(at, 100).await.unwrap().items {
                assert_eq!(text_of(&claim.events[0].event), "reminder");
                by_node[node] += claim.events.len();
                let sequences = claim.events.iter().map(|event| event.sequence).collect();
                let person = claim.thread.party.to_string().parse().unwrap();
                let settled = Settlement::of(claim.thread, sequences);
                journal
                    .settle(vec![settled], release(person))
                    .await
                    .unwrap();
            }
        }
    }
    assert!(by_node.iter().all(|count| *count > 0), "{by_node:?}");
    for journal in &nodes {
        assert!(journal.claim(at, 100).await.unwrap().items.is_empty());
    }
}

#[tokio::test]
async fn old_sessions_go_whichever_node_has_them() {
    let address = fresh();
    let retention = Retention {
        sessions: Some(Duration::from_secs(3600)),
        ..Retention::default()
    };
    let clock = Clock::default();
    let nodes = [(); 2].map(|()| Journal::connect(&address, retention, clock.clone()).unwrap());
    until(|| lanes(&address), vec![128, 128]).await;
    for person in 0..30 {
        let change = ThreadChange {
            session: Some(serde_json::json!(1)),
            ..ThreadChange::default()
        };
        let changed = nodes[person % 2]
            .change_thread(thread(person), change)
            .await;
        changed.unwrap();
    }
    for journal in &nodes {
        journal.take_arrivals().await.unwrap();
    }
    let schema = schema(&address);
    let count = || {
        let count = format!("SELECT count(*) FROM {schema}.thread");
        Postgres::shared().query(&count).unwrap()
    };
    assert_eq!(count(), "30");
    clock.advance(Duration::from_secs(2 * 3600));
    until(count, "0".to_owned()).await;
}

/// Nodes give numbers of different blocks: the lowest are not the oldest.
#[tokio::test]
async fn old_events_go_whichever_node_has_stored_them() {
    let address = fresh();
    let journal = Journal::connect(&address, Retention::default(), Clock::default()).unwrap();
    let schema = schema(&address);
    let (younger, older) = ((600, 1_i64 << 30, 1), (700, 1_i64 << 40, 5 * 24));
    for (count, after, hours) in [younger, older] {
        let events = format!(
            "INSERT INTO {schema}.event (sequence, lane, account, person, kind, channel, content,
                                         received_at, settled_at, outcome)
             SELECT n + {after}, 0, '1', '2', 'message', 'messaging', '{{}}', at, at, 'handled'
             FROM generate_series(1, {count}) AS n, (SELECT (extract(epoch FROM clock_timestamp())
               - 3600 * {hours})::bigint * 1000 AS at) AS t"
        );
        Postgres::shared().query(&events).unwrap();
    }
    let count = || {
        let count = format!("SELECT count(*) FROM {schema}.event");
        Postgres::shared().query(&count).unwrap()
    };
    until(count, "600".to_owned()).await;
    journal.close().await.unwrap();
}

/// Lanes may move more often than an echo is waited for.
#[tokio::test]
async fn the_wait_for_an_echo_goes_on_when_lanes_move() {
    let address = fresh();
    let clock = Clock::default();
    let open = || Journal::connect(&address, Retention::default(), clock.clone()).unwrap();
    let first = open();
    let mut calls = Vec::new();
    for person in 0..20 {
        first.append(vec![says(person, "a")], 0).await.unwrap();
        let claim = claim_one(&first).await;
        let settlement = Settlement {
            calls: vec![send(person, "b")],
            hands_out: true,
            ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
        };
        let settled = first.settle(vec![settlement], release(person)).await;
        calls.push((settled.unwrap().calls.remove(0), person));
    }
    // It has heard echoes for longer than one takes.
    clock.advance(Duration::from_secs(20));
    let due_at = clock.now() + Duration::from_secs(1);
    for (call, person) in calls {
        let lost = CallResult::Uncertain(due_at);
        let lost = super::fixture::finished(call.id, person, lost);
        first.finish_calls(lost).await.unwrap();
    }
    let second = open();
    until(|| lanes(&address), vec![128, 128]).await;
    let due = Due {
        now: due_at,
        ..due(100)
    };
    let repeated = first.start_calls(due.clone()).await.unwrap().items;
    assert!(repeated.iter().all(|call| call.uncertain));
    let left = first.backlog().await.unwrap().calls;
    assert_eq!(repeated.len(), left);
    assert!((1..20).contains(&left), "{left}");
    // The other has just begun to hear echoes.
    assert!(second.start_calls(due).await.unwrap().items.is_empty());
    assert_eq!(second.backlog().await.unwrap().calls, 20 - left);
}
