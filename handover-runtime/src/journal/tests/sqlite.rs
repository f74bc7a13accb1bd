//! What only a journal in a file can show.

use handover_protocol::{Object, Timestamp};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::mpsc::{self, TryRecvError};
use std::time::{Duration, SystemTime};

use crate::causes::with_causes;
use crate::clock::Clock;
use crate::journal::{
    AppendStatus, Journal, JournalError, OpenError, Retention, Settlement, SharedPause,
};

use super::fixture::{Fixture, NOW, TestDirectory, claim_one, release, says, send, thread};

#[tokio::test]
async fn a_second_process_cannot_open_the_file() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let first = Journal::open(&path).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    let text = error.to_string();
    assert!(
        text.contains("handover.db") && text.contains("HANDOVER_STORE"),
        "{text}"
    );
    first.close().await.unwrap();
    Journal::open(&path).unwrap();
}

/// Otherwise another program that closes the file, such as a backup, deletes the log with the newest commits.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_journal_keeps_its_locks_when_a_commit_has_failed() {
    use std::os::unix::fs::MetadataExt;

    let fixture = Fixture::sqlite();
    let (journal, file) = (&fixture.journal, fixture.file().unwrap());
    let is_locked = || {
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        let this = format!(" {} ", std::process::id());
        let inode = format!(":{} ", file.metadata().unwrap().ino());
        let mut locks = locks.lines().filter(|lock| lock.contains("POSIX"));
        locks.any(|lock| lock.contains(&this) && lock.contains(&inode))
    };
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    assert!(is_locked());
    fixture.refuse_calls(true);
    let claim = claim_one(journal).await;
    let settlement = Settlement {
        calls: vec![send(1, "hello")],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal
        .settle(vec![settlement], Vec::new())
        .await
        .unwrap_err();
    fixture.refuse_calls(false);
    journal.append(vec![says(1, "b")], 0).await.unwrap();
    assert!(is_locked());
}

/// Whoever clears its directory does not make the bot forget in silence.
#[tokio::test]
async fn a_file_that_is_gone_is_not_replaced_by_an_empty_one() {
    let fixture = Fixture::sqlite();
    let (journal, file) = (&fixture.journal, fixture.file().unwrap());
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    let claim = claim_one(journal).await;
    fixture.refuse_calls(true);
    let elsewhere = file.with_extension("moved");
    std::fs::rename(&file, &elsewhere).unwrap();
    let settlement = Settlement {
        calls: vec![send(1, "hello")],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    let failed = journal.settle(vec![settlement], Vec::new()).await;
    failed.unwrap_err();
    // After a failed commit, the next command opens the file again.
    for text in ["b", "c"] {
        let refused = journal.append(vec![says(1, text)], 0).await.unwrap_err();
        let refused = with_causes(&refused);
        assert!(
            refused.contains("handover.db is gone") && refused.contains("put the file back"),
            "{refused}"
        );
        assert!(!file.exists());
    }
    std::fs::rename(&elsewhere, &file).unwrap();
    fixture.refuse_calls(false);
    let again = journal.append(vec![says(1, "a"), says(1, "b")], 0).await;
    let expected = [AppendStatus::Duplicate, AppendStatus::Stored];
    assert_eq!(again.unwrap().appended, expected);
}

#[tokio::test]
async fn a_closed_journal_is_free_while_processes_are_started() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let (stop, stopped) = mpsc::channel::<()>();
    let starter = std::thread::spawn(move || {
        // Until its sender is dropped.
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            Command::new("true").status().unwrap();
        }
    });
    for _ in 0..200 {
        Journal::open(&path).unwrap().close().await.unwrap();
    }
    drop(stop);
    starter.join().unwrap();
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let directory = TestDirectory::new();
    let directory = directory.path();
    let text = directory.join("text");
    std::fs::write(
        &text,
        "not a database, but a text that is long enough to look like one",
    )
    .unwrap();
    let error = Journal::open(&text).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");

    let other = directory.join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection
        .execute_batch("CREATE TABLE orders (id INTEGER)")
        .unwrap();
    drop(connection);
    let error = Journal::open(&other).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");

    let newer = directory.join("newer.db");
    drop(Journal::open(&newer).unwrap());
    let connection = wait_for(&newer);
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = Journal::open(&newer).unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
}

/// A connection, once the writer that was dropped has let the file go.
fn wait_for(path: &std::path::Path) -> rusqlite::Connection {
    let lock = std::fs::File::open(path.with_extension("db.lock")).unwrap();
    lock.lock().unwrap();
    // A process that another test is starting has the file open as well, for a moment.
    lock.unlock().unwrap();
    rusqlite::Connection::open(path).unwrap()
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let directory = TestDirectory::new();
    let path = directory.path().join("missing").join("handover.db");
    let text = Journal::open(&path).unwrap_err().to_string();
    assert!(
        text.contains("missing") && text.contains("directory"),
        "{text}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused_after_a_crash() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let journal = Journal::open(&path).unwrap();
    let many = (0..500).map(|number| says(1, &number.to_string()));
    journal.append(many.collect(), 0).await.unwrap();
    journal.close().await.unwrap();
    let connection = wait_for(&path);
    connection
        .execute("UPDATE meta SET value = 0 WHERE name = 'clean'", [])
        .unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(connection);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
}

#[test]
fn nobody_else_on_the_machine_can_read_it() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let _journal = Journal::open(&path).unwrap();
    for name in ["db", "db-wal", "db.lock"] {
        let file = path.with_extension(name);
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}

#[tokio::test]
async fn old_events_go_and_new_ones_stay() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let retention = Retention::default()
        .settled(Duration::ZERO)
        .seen(Duration::from_secs(3600));
    let journal = Journal::open_with_retention(&path, retention, Clock::default()).unwrap();
    let mut old = says(1, "settled");
    old.received_at = Timestamp::UNIX_EPOCH;
    journal.append(vec![old], 0).await.unwrap();
    let claim = journal.claim(NOW, 1).await.unwrap().items.remove(0);
    let settlement = Settlement::of(thread(1), vec![claim.events[0].sequence]);
    journal.settle(vec![settlement], Vec::new()).await.unwrap();
    journal.settle(Vec::new(), release(1)).await.unwrap();
    let mut waiting = says(2, "waits");
    waiting.received_at = Timestamp::UNIX_EPOCH;
    journal.append(vec![waiting], 0).await.unwrap();
    journal.append(vec![says(3, "newest")], 0).await.unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    let left = || -> Vec<String> {
        let mut rows = reader
            .prepare("SELECT person FROM event ORDER BY sequence")
            .unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while left() != ["2", "3"] {
        assert!(std::time::Instant::now() < deadline, "{:?}", left());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let again = journal.append(vec![says(1, "settled")], 0).await.unwrap();
    assert_eq!(
        again.appended,
        [AppendStatus::Duplicate],
        "it is still recognised"
    );
}

#[tokio::test]
async fn whatever_was_seen_is_recognised_however_much_came_since() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let events: Vec<_> = (0..10_000)
        .map(|number| says(number % 100, &number.to_string()))
        .collect();
    let journal = Journal::open(&path).unwrap();
    for some in events.chunks(500) {
        let accepted = journal.append(some.to_vec(), 0).await.unwrap();
        assert_eq!(accepted.appended, [AppendStatus::Stored; 500]);
        let again = journal.append(some.to_vec(), 0).await.unwrap();
        assert_eq!(again.appended, [AppendStatus::Duplicate; 500]);
    }
    journal.close().await.unwrap();
    let journal = Journal::open(&path).unwrap();
    let again = journal.append(events, 0).await.unwrap();
    assert_eq!(again.appended, [AppendStatus::Duplicate; 10_000]);
    assert_eq!(journal.backlog().await.unwrap().events, 10_000);
}

/// A bot that is deployed each day forgets what it has seen all the same, once that is old enough.
#[tokio::test]
async fn a_restart_does_not_begin_the_time_anew_for_which_events_are_recognised() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let mut since = Vec::new();
    for _ in 0..2 {
        Journal::open(&path).unwrap().close().await.unwrap();
        let reader = wait_for(&path);
        let noted = "SELECT value FROM meta WHERE name = 'seen_since'";
        let noted = reader.query_row(noted, [], |row| row.get::<_, i64>(0));
        since.push(noted.unwrap());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_ne!(since[0], 0);
    assert_eq!(since[0], since[1]);
}

#[tokio::test]
async fn times_follow_a_clock_that_went_back() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let journal = Journal::open(&path).unwrap();
    journal.append(vec![says(1, "a")], 0).await.unwrap();
    journal.close().await.unwrap();
    let now = Timestamp::from(SystemTime::now());
    let connection = wait_for(&path);
    let hour = Duration::from_secs(60 * 60);
    connection
        .execute(
            "UPDATE event SET received_at = ?1, due = ?1 + 5000",
            [(now + hour).as_millis()],
        )
        .unwrap();
    drop(connection);
    let journal = Journal::open(&path).unwrap();
    let claimed = journal.claim(now, 1).await.unwrap();
    assert!(claimed.items.is_empty());
    assert!(
        claimed.next_at.unwrap() < now + Duration::from_secs(60),
        "not in an hour"
    );
}

#[tokio::test]
async fn the_longest_pause_of_an_account_outlives_the_process() {
    const MINUTE: Duration = Duration::from_secs(60);
    let directory = TestDirectory::new();
    let path = directory.journal();
    let journal = Journal::open(&path).unwrap();
    assert!(journal.paused_before().is_empty());
    let account = thread(1).account;
    let begun = crate::clock::now();
    for (reason, left) in [
        ("throttled", Some(MINUTE * 5)),
        ("much used", Some(MINUTE)),
        ("refused", None),
    ] {
        let pause = SharedPause {
            account: account.clone(),
            object: Object::default(),
            left,
            token: None,
            reason: reason.to_owned(),
        };
        let pause = journal.share_pause(account.clone(), Some(pause));
        pause.await.unwrap();
    }
    // Another token does not end what has a time.
    journal.share_pause(account.clone(), None).await.unwrap();
    journal.close().await.unwrap();
    let journal = Journal::open(&path).unwrap();
    let [pause] = journal.paused_before() else {
        panic!("{:?}", journal.paused_before());
    };
    assert_eq!((&pause.account, &*pause.reason), (&account, "throttled"));
    assert!(pause.until >= begun + MINUTE * 5, "{pause:?}");
}

#[tokio::test]
async fn the_tables_explain_themselves() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let _journal = Journal::open(&path).unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    let schema: String = reader
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'event'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(schema.contains("-- order of arrival"), "{schema}");
}

#[tokio::test]
async fn what_is_deleted_but_still_in_the_file_is_no_failed_write() {
    let fixture = Fixture::sqlite();
    let journal = &fixture.journal;
    let secret = says(1, "my secret");
    journal.append(vec![secret], 0).await.unwrap();
    let file = rusqlite::Connection::open(fixture.file().unwrap()).unwrap();
    file.busy_timeout(Duration::from_secs(10)).unwrap();
    let full = "CREATE TRIGGER full BEFORE UPDATE ON meta WHEN NEW.name = 'to_erase'
                BEGIN SELECT RAISE(ABORT, 'full'); END";
    file.execute_batch(full).unwrap();
    drop(file);
    let error = journal.forget(thread(1)).await.unwrap_err();
    assert!(matches!(error, JournalError::Erase(_)), "{error}");
    let export = journal.export(thread(1)).await.unwrap();
    assert!(export.events.is_empty(), "{export:?}");
}
