//! A database that is wrong, or away.

use super::*;

#[tokio::test]
async fn mistakes_are_one_error_without_a_password() {
    let server = Postgres::shared();
    let folder = Folder::new("postgres");
    let run = async |store: String, arguments: &[&str]| {
        let answer = handover(arguments)
            .within(folder.path())
            .env("HANDOVER_STORE", store)
            .run()
            .await;
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(
            !said.contains("hunter2") && !said.contains("secret"),
            "{said}"
        );
        assert_eq!(answer.stderr.lines().count(), 1, "{said}");
        answer
    };
    let wrong = server.fresh_address().replace(":secret@", ":hunter2@");
    let refused = run(wrong, &["inspect"]).await;
    assert!(refused.fault().contains("refuses the login"));
    let none = run(server.fresh_address(), &["inspect"]).await;
    assert!(none.fault().contains("no journal"), "{}", none.stderr);
    let gone = "postgres://handover:secret@127.0.0.1:9/postgres";
    let gone = run(gone.to_owned(), &["replay", "dead-letters"]).await;
    assert!(
        gone.fault().contains("cannot be reached"),
        "{}",
        gone.stderr
    );
    let text = "postgres://handover:hunter2@127.0.0.1:x/postgres";
    let text = run(text.to_owned(), &["inspect"]).await;
    assert!(text.misuse().contains("no address"), "{}", text.stderr);
}

/// What is acknowledged is stored; what cannot be stored is refused, and the platform delivers it again.
#[tokio::test]
async fn a_database_that_goes_away_is_waited_for() {
    let server = Postgres::start().unwrap();
    let mut cluster = Cluster::new("").await;
    cluster.store = server.address("schema=bot&lease=2s");
    let node = cluster.node().await;
    node.receive([says("1", "ask")]).await;
    until(async || cluster.sent_to("1").len() == 1).await;
    server.stop("immediate").unwrap();
    let again = says("1", "ask");
    assert_eq!(node.post([again.clone()]).await, 503);
    let said = node.is_not_ready("127.0.0.1").await;
    assert!(!said.contains("secret"), "{said}");
    server.run().unwrap();
    until(async || node.post([again.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 2).await;
    until(async || node.readiness().await.0 == 200).await;

    // It is full: what the server says is passed on, until there is space again.
    let definition = "SELECT pg_get_functiondef('bot.commit_1'::regproc)";
    let definition = server.query(definition).unwrap();
    let fails = "\nBEGIN\n  RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100';\n";
    let full = definition.replacen("\nBEGIN\n", fails, 1);
    assert_ne!(full, definition);
    server.query(&full).unwrap();
    let third = says("1", "ask");
    assert_eq!(node.post([third.clone()]).await, 503);
    node.is_not_ready("No space left on device").await;
    server.query(&definition).unwrap();
    until(async || node.post([third.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 3).await;

    // It becomes a replica of another one, as after a failover.
    server
        .query("ALTER DATABASE postgres SET default_transaction_read_only = on")
        .unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'handover'";
    server.query(cut).unwrap();
    let fourth = says("1", "ask");
    until(async || node.post([fourth.clone()]).await == 503).await;
    node.is_not_ready("read-only").await;
    server
        .query(
            "BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT",
        )
        .unwrap();
    until(async || node.post([fourth.clone()]).await == 200).await;
    until(async || cluster.sent_to("1").len() == 4).await;
    node.handle.stop().await;
}
