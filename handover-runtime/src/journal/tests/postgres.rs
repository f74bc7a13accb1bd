//! What only a server can show on which a journal is.

use std::time::{Duration, Instant};

use handover_protocol::Object;
use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;

use crate::clock::Clock;
use crate::journal::receipt::{Submission, Submitted};
use crate::journal::{
    DedupeKey, Journal, JournalClient, PostgresAddress, PostgresError, Retention, SharedPause,
};

use super::fixture::{answered, connect, due, says, schema, send, thread};
use super::nodes::{fresh, handle};

#[tokio::test]
async fn what_cannot_hold_a_journal_is_refused_with_the_reason() {
    let server = Postgres::shared();
    let fresh = || server.fresh_address();
    let refused = |address: String| {
        let address = address.parse().unwrap();
        let opened = Journal::connect(&address, Retention::default(), Clock::default());
        let error = opened.err().unwrap();
        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("secret") && !text.contains("hunter2"),
            "{text}"
        );
        text
    };
    let text = refused(fresh().replace(":secret@", ":hunter2@"));
    assert!(text.contains("refuses the login"), "{text}");
    let text = refused(fresh() + "&options=-c%20synchronous_commit%3Doff");
    assert!(text.contains("synchronous_commit"), "{text}");
    let text = refused(fresh() + "&options=-c%20default_transaction_read_only%3Don");
    assert!(text.contains("read-only"), "{text}");
    let text = refused(fresh() + "&sslmode=require");
    assert!(text.contains("TLS") || text.contains("tls"), "{text}");

    let address = fresh();
    let parsed: PostgresAddress = address.parse().unwrap();
    let bot = |name: &str| {
        let (retention, clock) = (Retention::default(), Clock::default());
        Journal::connect_as(&parsed, Some(name.to_owned()), retention, clock, None)
    };
    bot("app 1").unwrap().close().await.unwrap();
    let text = bot("app 2").unwrap_err().to_string();
    assert!(
        text.contains("another bot") && text.contains("?schema="),
        "{text}"
    );
    bot("app 1").unwrap().close().await.unwrap();
    let schema = schema(&parsed);
    let is_newer = |oldest: &str| {
        let newer = format!(
            "UPDATE {schema}.meta SET value = '99' WHERE name = 'version';
             UPDATE {schema}.meta SET value = '{oldest}' WHERE name = 'works_with'"
        );
        server.query(&newer).unwrap();
    };
    is_newer("98");
    let text = refused(address);
    assert!(text.contains("version 99"), "{text}");
    // As while nodes are replaced one by one by those of the next version.
    is_newer("1");
    bot("app 1").unwrap().close().await.unwrap();
    let version = format!("SELECT value FROM {schema}.meta WHERE name = 'version'");
    assert_eq!(server.query(&version).unwrap(), "99");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_waited_for() {
    let server = Postgres::start().unwrap();
    let address: PostgresAddress = server.address("schema=late").parse().unwrap();
    server.stop("fast").unwrap();
    let journal = connect(&address);
    let refused = journal.append(vec![says(1, "a")], 0).await.unwrap_err();
    let text = format!("{refused:?}");
    assert!(
        text.contains("127.0.0.1") && !text.contains("secret"),
        "{text}"
    );
    server.run().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while journal.append(vec![says(1, "b")], 0).await.is_err() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // And in the middle.
    server.stop("immediate").unwrap();
    assert!(journal.append(vec![says(1, "c")], 0).await.is_err());
    assert!(journal.probe().await.is_err());
    server.run().unwrap();
    while journal.append(vec![says(1, "d")], 0).await.is_err() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let handled = handle(std::slice::from_ref(&journal), 2).await;
    let texts: Vec<_> = handled["1"].iter().map(|(text, _)| &**text).collect();
    assert_eq!(texts, ["b", "d"]);
}

#[tokio::test]
async fn of_two_pauses_of_an_account_the_longer_stays_and_another_token_ends_none_that_has_a_time()
{
    let address = fresh();
    let (journal, account) = (connect(&address), thread(1).account);
    let kept = format!("SELECT reason FROM {}.pause", schema(&address));
    let after = async |pause: Option<(&str, Option<u64>)>| {
        let pause = pause.map(|(reason, minutes)| SharedPause {
            account: account.clone(),
            object: Object::default(),
            left: minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            token: None,
            reason: reason.to_owned(),
        });
        journal.share_pause(account.clone(), pause).await.unwrap();
        Postgres::shared().query(&kept).unwrap()
    };
    assert_eq!(after(Some(("throttled", Some(5)))).await, "throttled");
    assert_eq!(after(Some(("much used", Some(1)))).await, "throttled");
    assert_eq!(
        after(Some(("throttled again", Some(9)))).await,
        "throttled again"
    );
    assert_eq!(after(None).await, "throttled again");
    assert_eq!(after(Some(("refused", None))).await, "refused");
    assert_eq!(after(Some(("much used", Some(1)))).await, "much used");
    assert_eq!(after(Some(("refused", None))).await, "refused");
    assert_eq!(after(None).await, "");
}

#[tokio::test]
async fn texts_that_a_database_cannot_hold_stop_nothing() {
    let journal = connect(&fresh());
    let events = vec![says(1, "a\0b"), says(2, "fine")];
    journal.append(events, 0).await.unwrap();
    let handled = handle(std::slice::from_ref(&journal), 2).await;
    assert_eq!(handled["1"][0].0, "a\0b");
    let submission = Submission {
        thread: thread(3),
        id: "zero \0".to_owned(),
        digest: DedupeKey::of("c"),
        content: Submitted::Calls(vec![send(3, "c\0")]),
    };
    journal.submit(submission).await.unwrap();
    let receipt = journal.receipt(thread(3), "zero \0".to_owned()).await;
    assert!(receipt.unwrap().is_some());
}

/// A start that is slower than the lease, or a server that stops meanwhile, is no reason to end.
#[tokio::test]
async fn a_journal_opens_though_its_lease_ends_at_once() {
    let address = fresh();
    connect(&address).close().await.unwrap();
    let schema = schema(&address);
    // Whatever joins is gone before it has read its lanes, as after a pause.
    let server = Postgres::shared();
    let ends = format!(
        "CREATE FUNCTION {schema}.slow() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN DELETE FROM {schema}.node WHERE epoch = NEW.epoch; RETURN NULL; END';
         CREATE TRIGGER slow AFTER UPDATE ON {schema}.lane
           FOR EACH ROW WHEN (NEW.epoch IS NOT NULL) EXECUTE FUNCTION {schema}.slow()"
    );
    server.query(&ends).unwrap();
    let journal = connect(&address);
    assert!(journal.append(vec![says(1, "a")], 0).await.is_err());
    server
        .query(&format!("DROP FUNCTION {schema}.slow CASCADE"))
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while journal.append(vec![says(1, "b")], 0).await.is_err() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let handled = handle(std::slice::from_ref(&journal), 1).await;
    assert_eq!(handled["1"][0].0, "b");
}

/// The connection may end after the commit, before what is handed out was read.
#[tokio::test]
async fn what_needs_no_reading_is_handed_out_though_the_rest_cannot_be_read() {
    let address: PostgresAddress = fresh();
    let (server, schema) = (Postgres::shared(), schema(&address));
    let journal = connect(&address);
    answered(&journal, 1, "a", vec![send(1, "to one")]).await;
    journal.close().await.unwrap();
    let journal = connect(&address);
    answered(&journal, 2, "a", vec![send(2, "to two")]).await;
    let rename = |from: &str, to: &str| {
        let rename = format!("ALTER TABLE {schema}.{from} RENAME TO {to}");
        server.query(&rename).unwrap();
    };
    rename("thread", "hidden");
    let mut started = journal.start_calls(due(10)).await.unwrap().items;
    assert_eq!(started.len(), 1, "{started:?}");
    rename("hidden", "thread");
    started.extend(journal.start_calls(due(10)).await.unwrap().items);
    let mut threads: Vec<_> = started.iter().map(|call| &call.thread).collect();
    threads.sort();
    assert_eq!(threads, [&thread(1), &thread(2)]);
}

/// A connection for an operator's work beside the journal, and how many statements wait for a lock.
struct Beside {
    client: tokio_postgres::Client,
    schema: String,
}

impl Beside {
    async fn connect(schema: String) -> Self {
        let address = Postgres::shared().address("");
        let connected = tokio_postgres::connect(&address, tokio_postgres::NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        Self { client, schema }
    }

    async fn run(&self, statement: &str) {
        let statement = statement.replace("{schema}", &self.schema);
        self.client.batch_execute(&statement).await.unwrap();
    }

    fn waiting(&self) -> String {
        let waiting = format!(
            "SELECT count(*) FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
             WHERE NOT l.granted AND c.relnamespace = '{}'::regnamespace",
            self.schema
        );
        Postgres::shared().query(&waiting).unwrap()
    }

    /// How many days have a partition.
    fn partitions(&self) -> String {
        let partitions = format!(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = '{schema}.seen'::regclass
               AND inhrelid <> '{schema}.seen_other'::regclass",
            schema = self.schema
        );
        Postgres::shared().query(&partitions).unwrap()
    }
}

/// As `pg_dump` is, which holds a lock on each table until it has read all of them.
#[tokio::test]
async fn a_long_reader_delays_nothing() {
    let address = fresh();
    let schema = schema(&address);
    connect(&address).close().await.unwrap();
    let reader = Beside::connect(schema.clone()).await;
    // As after some days without a node.
    reader
        .run(
            "DO $$ DECLARE r record; BEGIN
               FOR r IN SELECT inhrelid::regclass AS name FROM pg_inherits
                 WHERE inhparent = '{schema}.seen'::regclass AND inhrelid <> '{schema}.seen_other'::regclass LOOP
                 EXECUTE format('DROP TABLE %s', r.name);
               END LOOP;
             END $$",
        )
        .await;
    reader
        .run("BEGIN; SELECT count(*) FROM {schema}.seen")
        .await;
    let begun = Instant::now();
    let journal = connect(&address);
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(reader.partitions(), "0");
    journal.close().await.unwrap();
    reader.run("COMMIT").await;
    // Today's rows are where they are, and the coming days have partitions.
    let journal = connect(&address);
    assert_eq!(reader.partitions(), "2");
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    let handled = handle(std::slice::from_ref(&journal), 1).await;
    assert_eq!(handled["1"].len(), 1);
    assert_eq!(journal.backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_ends_at_the_server() {
    let address = fresh();
    let journal = connect(&address);
    let operator = Beside::connect(schema(&address)).await;
    operator
        .run("BEGIN; LOCK TABLE {schema}.event IN EXCLUSIVE MODE")
        .await;
    assert!(journal.append(vec![says(1, "a")], 0).await.is_err());
    let deadline = Instant::now() + PATIENCE;
    while operator.waiting() != "0" {
        assert!(Instant::now() < deadline, "it waits for the lock for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    operator.run("COMMIT").await;
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    let handled = handle(std::slice::from_ref(&journal), 1).await;
    assert_eq!(handled["1"].len(), 1);
}

/// The runtime that drives the connection ends with the command.
#[tokio::test]
async fn a_command_of_an_operator_without_an_answer_is_not_carried_out_later() {
    let address = fresh();
    connect(&address).close().await.unwrap();
    let schema = schema(&address);
    let operator = Beside::connect(schema.clone()).await;
    operator
        .run("BEGIN; LOCK TABLE {schema}.arrival IN EXCLUSIVE MODE")
        .await;
    let paused = tokio::task::spawn_blocking(move || {
        let client = JournalClient::connect(&address).unwrap();
        client.pause(&thread(1), Some(Duration::from_secs(9)))
    });
    let error = paused.await.unwrap().unwrap_err();
    assert!(matches!(error, PostgresError::Silent { .. }), "{error}");
    let deadline = Instant::now() + PATIENCE;
    while operator.waiting() != "0" {
        assert!(Instant::now() < deadline, "it waits for the lock for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    operator.run("COMMIT").await;
    let stored = format!("SELECT count(*) FROM {schema}.arrival");
    assert_eq!(Postgres::shared().query(&stored).unwrap(), "0");
}

#[tokio::test]
async fn the_owner_of_a_schema_needs_no_right_to_make_schemas() {
    let address = Postgres::shared().fresh_address();
    let schema = schema(&address.parse().unwrap());
    let role = format!(
        "CREATE ROLE {schema} LOGIN PASSWORD 'secret'; CREATE SCHEMA {schema} AUTHORIZATION {schema}"
    );
    Postgres::shared().query(&role).unwrap();
    let restricted = address.replace("//handover:", &format!("//{schema}:"));
    for text in ["a", "b"] {
        let journal = connect(&restricted.parse().unwrap());
        journal.append(vec![says(1, text)], 0).await.unwrap();
        journal.close().await.unwrap();
    }
}
