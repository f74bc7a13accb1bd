//! Commands that the nodes carry out.

use super::*;

/// The nodes are asked through the database: the owner of each lane does what is its part.
#[tokio::test]
async fn the_nodes_replay_what_was_given_up() {
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    until(async || {
        let nodes = cluster.rows(&["nodes"]).await;
        nodes.len() == 2 && nodes.iter().all(|node| node["lanes"] == 128)
    })
    .await;
    let failing = people();
    for (number, person) in failing.iter().enumerate() {
        nodes[number % 2].receive([says(person, "fail")]).await;
    }
    cluster.has("dead-letters", PEOPLE).await;
    let dry = cluster.run(&["replay", "dead-letters"]).await;
    assert!(
        dry.good().contains("nothing is replayed yet"),
        "{}",
        dry.stdout
    );
    cluster.has("dead-letters", PEOPLE).await;

    cluster.works.from_now.store(1, Ordering::Relaxed);
    let first = &failing[0];
    let one = cluster
        .run(&[
            "replay",
            "dead-letters",
            "--thread",
            first,
            "--yes",
            "--json",
        ])
        .await;
    one.good();
    assert_eq!(one.json().len(), 1);
    until(async || cluster.sent_to(first) == ["Now it works"]).await;
    cluster.has("dead-letters", PEOPLE - 1).await;

    let all = cluster.run(&["replay", "dead-letters", "--yes"]).await;
    let said = format!("{} replayed", PEOPLE - 1);
    assert!(all.good().contains(&said), "{}", all.stdout);
    for person in &failing {
        until(async || cluster.sent_to(person) == ["Now it works"]).await;
    }
    cluster.has("dead-letters", 0).await;
    let again = cluster.run(&["replay", "dead-letters", "--yes"]).await;
    assert!(again.good().contains("nothing to replay"));

    // Handled events, by number.
    let handled = cluster.rows(&["handled", "--thread", first]).await;
    let newest = handled[0]["id"].to_string();
    let unknown = cluster.run(&["replay", "events", "99"]).await;
    assert!(unknown.fault().contains("no event with the number 99"));
    cluster
        .run(&["replay", "events", &newest, "--yes"])
        .await
        .good();
    until(async || cluster.sent_to(first).len() == 2).await;
    for node in nodes {
        node.handle.stop().await;
    }
}

#[tokio::test]
async fn pauses_signals_and_the_wish_to_be_forgotten_reach_the_node() {
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    for person in people() {
        nodes[0].receive([says(&person, "ask")]).await;
        until(async || cluster.sent_to(&person) == ["An answer"]).await;
        let pause = ["thread", "pause", &person, "--for", "1h"];
        assert!(cluster.run(&pause).await.good().starts_with("paused"));
        let threads = cluster.rows(&["threads", "--thread", &person]).await;
        assert!(threads[0]["paused_until"].is_number(), "{threads:?}");
        cluster.run(&["thread", "resume", &person]).await.good();
        let threads = cluster.rows(&["threads", "--thread", &person]).await;
        assert!(threads[0]["paused_until"].is_null(), "{threads:?}");

        let signal = ["signal", "shipped", &person, r#"{"order": 42}"#];
        let options = ["--id", "shipped-42", "--wait", "30s", "--json"];
        let sent = cluster.run(&[&signal[..], &options].concat()).await;
        sent.good();
        let sent = sent.json().remove(0);
        assert_eq!(sent["status"], "sent", "{sent}");
        assert_eq!(
            cluster.sent_to(&person),
            ["An answer", "Order 42 is on its way."]
        );
        let again = cluster.run(&[&signal[..], &options].concat()).await;
        assert_eq!(again.json()[0]["status"], "sent");
        let other = ["signal", "shipped", &person, r#"{"order": 43}"#];
        let other = cluster.run(&[&other[..], &options].concat()).await;
        assert!(other.fault().contains("shipped-42"), "{}", other.stderr);

        let export = cluster.run(&["export", &person]).await;
        let export: Value = serde_json::from_str(export.good()).unwrap();
        assert_eq!(export["events"].as_array().unwrap().len(), 2, "{export}");
        let shown = cluster.run(&["forget", &person]).await;
        assert!(shown.good().contains("2 events"), "{}", shown.stdout);
        let done = cluster.run(&["forget", &person, "--yes", "--json"]).await;
        let done = done.json().remove(0);
        assert_eq!(
            (&done["events"], &done["sessions"], &done["timers"]),
            (&2.into(), &1.into(), &1.into()),
            "{done}"
        );
        let again = cluster.run(&["forget", &person, "--yes"]).await;
        assert_eq!(again.good(), "nothing is stored about this person\n");
        assert_eq!(cluster.sent_to(&person).len(), 2, "nothing was sent twice");
    }
}

/// What is asked while no node runs is stored, and done by the next one; forgetting does not wait.
#[tokio::test]
async fn without_a_node_the_next_one_does_it() {
    let cluster = Cluster::new("&lease=2s").await;
    let node = cluster.node().await;
    node.receive([says("1", "ask"), says("2", "fail"), says("3", "ask")])
        .await;
    cluster.has("handled", 3).await;
    node.handle.stop().await;

    let pause = cluster.run(&["thread", "pause", "3", "--for", "1h"]).await;
    assert!(pause.good().contains("no node runs"), "{}", pause.stdout);
    let asking = "asking the nodes of ";
    assert!(pause.stderr.contains(asking), "{}", pause.stderr);
    let signal = cluster.run(&["signal", "shipped", "1", r#"{"order": 7}"#]);
    let signal = signal.await;
    assert!(signal.good().contains("waiting"), "{}", signal.stdout);
    assert!(signal.stdout.contains("no node runs"), "{}", signal.stdout);
    cluster
        .run(&["replay", "dead-letters", "--yes"])
        .await
        .good();
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(nodes[0]["arrivals"], 3, "{nodes:?}");
    assert!(nodes[0]["lag_ms"].as_u64().unwrap() > 0, "{nodes:?}");
    let forgotten = cluster.run(&["forget", "3", "--yes"]).await;
    assert!(forgotten.good().contains("1 event"), "{}", forgotten.stdout);
    assert!(cluster.rows(&["threads", "--thread", "3"]).await.is_empty());

    cluster.works.from_now.store(1, Ordering::Relaxed);
    let node = cluster.node().await;
    until(async || cluster.sent_to("1").len() == 2).await;
    until(async || cluster.sent_to("2") == ["Now it works"]).await;
    assert_eq!(cluster.sent_to("1")[1], "Order 7 is on its way.");
    node.handle.stop().await;
}
