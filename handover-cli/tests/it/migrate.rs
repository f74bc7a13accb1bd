//! `handover migrate`, from a file to PostgreSQL and back.

use std::path::Path;
use std::process::Stdio;

use handover::journal::{Journal, PostgresAddress, Retention};
use handover::testing::Clock;
use handover_testkit::PATIENCE;
use handover_testkit::postgres::Postgres;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::support::{Answer, Folder, handover};

const TABLES: [(&str, &str); 10] = [
    ("event", "sequence"),
    ("thread", "account, person"),
    ("turn", "account, person, number"),
    ("call", "id"),
    ("receipt", "number"),
    ("timer", "account, person, name"),
    ("dead_letter", "id"),
    ("deletion", "code"),
    ("seen", "key"),
    ("meta", "name"),
];

/// All rows of a file, however the dedupe keys are spread over its tables.
fn dump(path: &Path) -> Vec<(&'static str, Vec<Vec<Sql>>)> {
    let connection = Connection::open(path).unwrap();
    let tables = TABLES.map(|(table, order)| {
        let from = match table {
            "seen" => {
                "(SELECT key FROM seen_0 UNION ALL SELECT key FROM seen_1
                  UNION ALL SELECT key FROM seen_2 UNION ALL SELECT key FROM seen_3)"
            }
            "meta" => "(SELECT * FROM meta WHERE name LIKE 'echoes of %')",
            table => table,
        };
        let sql = format!("SELECT * FROM {from} ORDER BY {order}");
        let mut statement = connection.prepare(&sql).unwrap();
        let width = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
            .unwrap();
        (table, rows.collect::<Result<Vec<_>, _>>().unwrap())
    });
    tables.into()
}

/// A journal with rows of every kind, and so many events.
async fn journal(path: &Path, events: u32) {
    Journal::open(path).unwrap().close().await.unwrap();
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    let account = "1744550565845823";
    for number in 1..=events {
        let person = format!("{}", 7000 + number % 40);
        let settled = number % 3 != 0;
        transaction
            .execute(
                "INSERT INTO event VALUES (?1, ?2, ?3, 'message', 'messaging', ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                rusqlite::params![
                    number,
                    account,
                    person,
                    format!(r#"{{"text":"Grüße ✈ \u0000 {number} \"quoted\""}}"#),
                    1_700_000_000_000_i64 + i64::from(number),
                    number % 4,
                    i64::from(number % 2) * 1_700_000_009_000,
                    !settled && number % 2 == 0,
                    settled.then_some(1_700_000_001_000_i64),
                    settled.then_some("handled"),
                ],
            )
            .unwrap();
        let key: [u8; 16] = std::array::from_fn(|at| (number as usize * 31 + at * 7) as u8);
        let mut key = key;
        key[..4].copy_from_slice(&number.to_be_bytes());
        transaction
            .execute(
                &format!("INSERT INTO seen_{} VALUES (?1)", number % 4),
                [key.as_slice()],
            )
            .unwrap();
    }
    transaction
        .execute_batch(
            r#"
            INSERT INTO seen_newest VALUES (x'ff00112233445566778899aabbccddeeff00112233445566778899aabbccddef');
            INSERT INTO thread VALUES ('1744550565845823', '7001', '{"order":7}', 3, 'other', '263902037430900',
              1, 2, 40, 4, 5, 6, 7, 1, 8, 'echo/m_1', 9, 3, 10, '263902037430900', 4, 60000, 'idle', 11);
            INSERT INTO thread (account, person) VALUES ('1744550565845823', ''), ('7', 'user_ref:aä b'), ('8', 'Z'), ('8', 'a');
            INSERT INTO turn VALUES ('1744550565845823', '7001', 1, 5, 'person', NULL, 'Hi', '[{"type":"image"}]', 'm_1', 0);
            INSERT INTO turn VALUES ('1744550565845823', '7001', 2, 6, 'agent', '263902037430900', 'Hello', NULL, NULL, 1);
            INSERT INTO call VALUES (1, '1744550565845823', '7001', 'page', 'messages', 'keeps', NULL, NULL, NULL,
              '{"messages":{"recipient":{"id":"7001"},"message":{"text":"x"}}}', 'ho:1', 9, 1, NULL, 2, 1, 99,
              '{"text":"later"}', 'started', 1, 2, 3, 4, 5);
            INSERT INTO call VALUES (2, '1744550565845823', '7002', '', 'notice', 'brings', 'reclaim', '{"after":{"secs":60,"nanos":0}}', 'slack',
              '{"notice":{"id":"n_1","notifier":"slack","kind":"returned","at":5,"thread":{"account":"1744550565845823","person":"7002"},"product":"page"}}', 'n_1', 0, 0, '{"because":"refused"}', NULL, 0, NULL, NULL, 'waiting', 0, 0, 0, 0, 6);
            INSERT INTO receipt VALUES (1, '1744550565845823', '7001', 'order 1', 'shipped',
              x'00112233445566778899aabbccddeeff', 'failed', '{"status":"failed"}', 1, 2);
            INSERT INTO receipt VALUES (2, '1744550565845823', '7002', 'order 2', NULL,
              x'ff112233445566778899aabbccddeeff', 'waiting', NULL, 3, 4);
            INSERT INTO timer VALUES ('1744550565845823', '7001', 'reminder', 4000000000000, '{"object":"page","timer":{"name":"reminder"}}');
            INSERT INTO dead_letter VALUES (5, '1744550565845823', '7001', 'call', '{}', 'refused', 9);
            INSERT INTO dead_letter VALUES (9, '1744550565845823', '', 'event', '{"a":1}', 'no', 10);
            INSERT INTO deletion VALUES ('code-1', '900', 1, NULL), ('code-2', NULL, 2, 3);
            INSERT INTO meta VALUES ('echoes of 1744550565845823', 1700000000123);
            "#,
        )
        .unwrap();
    transaction.commit().unwrap();
}

async fn migrate(from: &str, to: &str) -> Answer {
    let answer = handover(&["migrate", "--from", from, "--to", to, "--json"])
        .run()
        .await;
    let said = format!("{}{}", answer.stdout, answer.stderr);
    assert!(!said.contains("handover:secret"), "{said}");
    answer
}

fn file(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn connect(address: &str) -> Result<Journal, String> {
    let address: PostgresAddress = address.parse().unwrap();
    let journal = Journal::connect(&address, Retention::default(), Clock::default());
    journal.map_err(|error| error.to_string())
}

#[tokio::test]
async fn everything_goes_to_postgresql_and_back() {
    let folder = Folder::new("migrate");
    let (there, back) = (
        folder.path().join("there.db"),
        folder.path().join("back.db"),
    );
    let database = Postgres::shared().fresh_address() + "&lease=2s";
    journal(&there, 1500).await;
    let first = migrate(&file(&there), &database).await;
    first.good();
    let rows = &first.json()[0]["rows"];
    assert_eq!(
        (&rows["event"], &rows["seen"]),
        (&1500.into(), &1502.into())
    );
    assert_eq!((&rows["call"], &rows["meta"]), (&2.into(), &1.into()));
    assert_eq!(first.json()[0]["resumed"], false);

    let again = migrate(&file(&there), &database).await;
    assert!(again.fault().contains("is not empty"), "{}", again.stderr);
    let back_again = migrate(&database, &file(&back)).await;
    back_again.good();
    let (before, after) = (dump(&there), dump(&back));
    for ((table, before), (_, after)) in before.iter().zip(&after) {
        assert!(!before.is_empty(), "{table}");
        assert_eq!(before, after, "{table}");
    }
    let again = migrate(&database, &file(&back)).await;
    assert!(again.fault().contains("is not empty"), "{}", again.stderr);
    let same = migrate(&database, &database).await;
    assert!(same.fault().contains("to itself"), "{}", same.stderr);

    // A bot goes on with either: what comes is numbered after what is there.
    let journal = connect(&database).unwrap();
    assert_eq!(journal.backlog().await.unwrap().events, 500);
    let busy = migrate(&database, &file(&folder.path().join("third.db"))).await;
    assert!(busy.fault().contains("in use"), "{}", busy.stderr);
    journal.close().await.unwrap();
    let journal = Journal::open(&back).unwrap();
    assert_eq!(journal.backlog().await.unwrap().events, 500);
    let other = Postgres::shared().fresh_address();
    let busy = migrate(&file(&back), &other).await;
    assert!(busy.fault().contains("in use"), "{}", busy.stderr);
    journal.close().await.unwrap();
    let schema = database.split("schema=").nth(1).unwrap();
    let schema = schema.split('&').next().unwrap();
    let blocks = format!(
        "SELECT last_value * 1048576 > (SELECT max(sequence) FROM {schema}.event) FROM {schema}.block"
    );
    assert_eq!(Postgres::shared().query(&blocks).unwrap(), "t");

    let missing = migrate(&file(&folder.path().join("typo.db")), &other).await;
    assert!(missing.fault().contains("typo.db"), "{}", missing.stderr);
    assert!(!folder.path().join("typo.db").exists());
}

/// Runs it until it has begun to copy events, and kills it.
async fn kill_in_the_middle(from: &str, to: &str) {
    let mut child =
        handover(&["migrate", "--from", from, "--to", to]).spawn(Stdio::null(), Stdio::piped());
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = timeout(PATIENCE, lines.next_line()).await;
    let line = line.unwrap().unwrap().expect("it tells how far it is");
    child.kill().await.unwrap();
    assert!(line.contains("copying event: 500 of 20000"), "{line}");
}

#[tokio::test]
async fn what_was_killed_in_the_middle_goes_on_there() {
    let folder = Folder::new("migrate");
    let (there, back) = (
        folder.path().join("there.db"),
        folder.path().join("back.db"),
    );
    let database = Postgres::shared().fresh_address() + "&lease=2s";
    journal(&there, 20_000).await;
    kill_in_the_middle(&file(&there), &database).await;
    let refused = connect(&database).unwrap_err();
    assert!(refused.contains("unfinished copy"), "{refused}");
    let other = folder.path().join("other.db");
    journal(&other, 10).await;
    let mixed = migrate(&file(&other), &database).await;
    assert!(mixed.fault().contains("there.db"), "{}", mixed.stderr);
    let resumed = migrate(&file(&there), &database).await;
    resumed.good();
    let resumed: Value = resumed.json().remove(0);
    assert_eq!(
        (&resumed["resumed"], &resumed["rows"]["event"]),
        (&true.into(), &20_000.into())
    );

    kill_in_the_middle(&database, &file(&back)).await;
    let refused = Journal::open(&back).expect_err("it is unfinished");
    assert!(refused.to_string().contains("unfinished copy"), "{refused}");
    migrate(&database, &file(&back)).await.good();
    assert!(dump(&there) == dump(&back), "there and back, the same");

    // Something that was changed meanwhile is found.
    let third = Postgres::shared().fresh_address() + "&lease=2s";
    kill_in_the_middle(&file(&there), &third).await;
    let connection = Connection::open(&there).unwrap();
    let change = "UPDATE event SET content = '{}' WHERE sequence = 1";
    connection.execute(change, []).unwrap();
    drop(connection);
    let differs = migrate(&file(&there), &third).await;
    assert!(
        differs.fault().contains("differs from the source"),
        "{}",
        differs.stderr
    );
    assert!(connect(&third).is_err(), "no bot starts on it");
}
