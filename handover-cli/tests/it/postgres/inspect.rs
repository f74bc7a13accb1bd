//! What nodes and their journal look like from outside.

use std::collections::BTreeMap;

use handover_testkit::PATIENCE;
use tokio::time::timeout;

use super::*;

#[tokio::test]
async fn a_bot_at_work_can_be_looked_at() {
    let cluster = Cluster::new("").await;
    let node = cluster.node().await;
    node.receive([says("1", "ask"), says("2", "wait"), says("3", "fail")])
        .await;
    cluster.has("handled", 2).await;
    until(async || cluster.rows(&["calls"]).await.is_empty()).await;

    let overview = cluster.rows(&[]).await.remove(0);
    let counts = ["events", "calls", "timers", "dead_letters"].map(|kind| overview[kind].clone());
    assert_eq!(counts, [1, 0, 1, 1].map(Value::from), "{overview}");
    assert_eq!(overview["nodes"][0]["lanes"], 256, "{overview}");
    assert!(overview["dead_tuples"].is_object(), "{overview}");
    let events = cluster.rows(&["events", "--thread", "2"]).await;
    assert_eq!(events[0]["content"]["event"]["message"]["text"], "wait");
    assert_eq!(cluster.rows(&["timers"]).await[0]["name"], "reminder");
    assert_eq!(
        cluster.rows(&["dead-letters"]).await[0]["cause"],
        "no database"
    );
    let threads = cluster.rows(&["threads", "--account", PAGE]).await;
    let one = threads.iter().find(|row| row["person"] == "2").unwrap();
    assert_eq!((&one["events"], &one["calls"]), (&1.into(), &0.into()));
    assert!(
        cluster
            .rows(&["threads", "--account", "5"])
            .await
            .is_empty()
    );
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    assert_eq!(
        (&nodes[0]["lanes"], &nodes[0]["events"], &nodes[0]["lag_ms"]),
        (&256.into(), &1.into(), &0.into()),
        "{nodes:?}"
    );
    assert!(nodes[0]["oldest_event_at"].is_number(), "{nodes:?}");

    let table = cluster.run(&["inspect"]).await;
    let said = table.good();
    for part in [
        "waiting: 1 event, 0 calls, 1 timer",
        "lanes",
        "lag ms",
        "dead tuples",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let whole = cluster.run(&["inspect", "--thread", "1"]).await;
    assert!(whole.good().contains("reminder"), "{}", whole.stdout);
    let nothing = cluster.run(&["inspect", "history"]).await;
    assert!(nothing.good().contains("no conversation"));
    node.handle.stop().await;
    let nodes = cluster.rows(&["nodes"]).await;
    assert_eq!(
        (&nodes[0]["node"], &nodes[0]["lanes"]),
        (&"nobody".into(), &256.into())
    );
}

/// For operators of a node: its share, what waits in it, and how the database is.
#[tokio::test]
async fn a_node_says_how_it_stands() {
    const DASHBOARD: &str = include_str!("../../../../docs/operations/dashboard-nodes.json");
    let cluster = Cluster::new("&lease=2s").await;
    let nodes = [cluster.node().await, cluster.node().await];
    let operations = serve(nodes[0].handle.operations()).await;
    let operations = format!("http://{operations}");
    let get = async |path: &str| {
        let answer = http::get(format!("{operations}{path}")).await.unwrap();
        answer.text().await.unwrap()
    };
    nodes[0].receive([says("1", "wait")]).await;
    until(async || {
        let ready: Value = serde_json::from_str(&get("/readyz").await).unwrap();
        ready["node"]["lanes"] == 128
    })
    .await;
    let ready: Value = serde_json::from_str(&get("/readyz").await).unwrap();
    let node = &ready["node"];
    assert_eq!(
        (&node["nodes"], &node["has_lease"]),
        (&2.into(), &true.into())
    );
    assert!(node["moves"].as_u64().unwrap() >= 256 + 128, "{node}");
    for field in [
        "arrivals",
        "lag_seconds",
        "oldest_event_age_seconds",
        "dead_tuples",
    ] {
        assert!(node[field].is_number(), "{field} is not in {node}");
    }
    assert!(
        node["name"]
            .as_str()
            .unwrap()
            .ends_with(&std::process::id().to_string())
    );
    let metrics = get("/metrics").await;
    assert!(metrics.contains("handover_node_lanes 128"), "{metrics}");
    let asked = DASHBOARD.split(|c: char| !c.is_alphanumeric() && c != '_');
    let asked: std::collections::BTreeSet<_> =
        asked.filter(|word| word.starts_with("handover_")).collect();
    assert!(asked.len() > 6, "{asked:?}");
    // There may be no dead tuple yet.
    let is_missing = |name: &&&str| {
        !metrics.contains(&format!("# TYPE {name} ")) && **name != "handover_database_dead_tuples"
    };
    let missing: Vec<_> = asked.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for node in nodes {
        node.handle.stop().await;
    }
}

#[tokio::test]
async fn what_happens_is_printed_as_it_happens() {
    let cluster = Cluster::new("").await;
    let node = cluster.node().await;
    let command = handover(&["inspect", "--follow", "--json", "--store", &cluster.store]);
    let news = async |_: usize| node.receive([says("7", "read")]).await;
    let (first, mut following) = follow(command, news).await;
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&first["what"], &first["became"]),
        (&"event".into(), &"arrived".into())
    );
    assert_eq!(first["thread"], format!("{PAGE}/7"));
    // It looks several times meanwhile, and each look sees one moment.
    const FAILING: usize = 200;
    let failing = async {
        for person in 100..100 + FAILING {
            node.receive([says(&person.to_string(), "fail")]).await;
        }
    };
    let mut became: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let output = async {
        let mut letters = 0;
        while letters < FAILING {
            let row: Value = serde_json::from_str(&following.line().await).unwrap();
            let thread = row["thread"].as_str().unwrap().to_owned();
            if thread == format!("{PAGE}/7") {
                continue;
            }
            if row["what"] == "dead letter" {
                assert_eq!(row["detail"], "no database");
                letters += 1;
            }
            let change = [&row["what"], &row["became"]].map(|it| it.as_str().unwrap());
            became.entry(thread).or_default().push(change.join(" "));
        }
    };
    let output = timeout(PATIENCE, async { tokio::join!(failing, output) }).await;
    output.expect("all dead letters");
    let expected = ["event arrived", "event failed", "dead letter given up"];
    for (thread, became) in &became {
        assert_eq!(*became, expected, "{thread}");
    }
}
