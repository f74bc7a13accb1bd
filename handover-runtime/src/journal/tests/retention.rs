//! What is too old goes.

use std::time::{Duration, Instant};

use handover_testkit::PATIENCE;

use super::fixture::{
    Fixture, NOW, TestDirectory, answered, finished, release, says, send, start_one, thread,
};
use crate::clock;
use crate::journal::{CallResult, DedupeKey, Journal, Replay, Settlement, Submission, Submitted};

/// As those of an account whose token is refused, for days.
#[tokio::test]
async fn events_that_wait_keep_no_settled_ones() {
    for fixture in Fixture::both() {
        if !fixture.outlives_the_process() {
            continue;
        }
        let journal = &fixture.journal;
        let waiting = (0..500).map(|number| says(1, &number.to_string()));
        journal.append(waiting.collect(), 0).await.unwrap();
        journal.append(vec![says(2, "settled")], 0).await.unwrap();
        journal.append(vec![says(3, "newest")], 0).await.unwrap();
        let claims = journal.claim(NOW, 2).await.unwrap().items;
        let claim = claims.iter().find(|claim| claim.thread == thread(2));
        let settlement = Settlement::of(thread(2), vec![claim.unwrap().events[0].sequence]);
        journal.settle(vec![settlement], release(2)).await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let kept = journal.read(|engine| engine.preview(&Replay::events().person("2")));
            if kept.await.unwrap().is_empty() {
                break;
            }
            let name = fixture.name();
            assert!(Instant::now() < deadline, "{name}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(journal.backlog().await.unwrap().events, 501);
    }
}

/// As those of signals that were sent long ago, for a later time.
#[tokio::test]
async fn receipts_that_changed_late_keep_no_others() {
    let directory = TestDirectory::new();
    let path = directory.journal();
    let _journal = Journal::open(&path).unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.busy_timeout(PATIENCE).unwrap();
    let now = clock::now().as_millis();
    file.execute_batch(&format!(
        "WITH RECURSIVE late(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM late WHERE n < 500)
         INSERT INTO receipt (number, account, person, id, digest, status, created_at, changed_at)
           SELECT n, '1', '2', 'late ' || n, x'00', 'handled', 0, {now} FROM late;
         INSERT INTO receipt (number, account, person, id, digest, status, created_at, changed_at)
           VALUES (501, '1', '2', 'waits', x'00', 'waiting', 0, 0),
                  (502, '1', '2', 'old', x'00', 'handled', 0, 0);"
    ))
    .unwrap();
    let count = |condition: &str| {
        let count = format!("SELECT count(*) FROM receipt WHERE {condition}");
        file.query_row(&count, [], |row| row.get::<_, u64>(0))
            .unwrap()
    };
    let deadline = Instant::now() + PATIENCE;
    while count("id = 'old'") > 0 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(count("true"), 501);
}

/// `handover replay 17` means the dead letter that somebody has seen, or none.
#[tokio::test]
async fn no_dead_letter_has_the_number_of_another() {
    for mut fixture in Fixture::both() {
        let mut last = 0;
        for text in ["a", "b", "c"] {
            let journal = &fixture.journal;
            answered(journal, 1, text, vec![send(1, text)]).await;
            let call = start_one(journal, NOW).await.unwrap();
            let dead = CallResult::Dead("refused".to_owned());
            let dead = finished(call.id, 1, dead);
            journal.finish_calls(dead).await.unwrap();
            let letters = journal.dead_letters().await.unwrap();
            let [letter] = &letters[..] else {
                panic!("{}: {letters:?}", fixture.name());
            };
            assert!(letter.id > last, "{}: {letter:?}", fixture.name());
            last = letter.id;
            journal.discard(vec![last]).await.unwrap();
            fixture.reopen().await;
        }
    }
}

/// A handler that still runs says what became of its signal by that number.
#[tokio::test]
async fn no_receipt_has_the_number_of_another() {
    for mut fixture in Fixture::both() {
        let mut last = 0;
        for id in ["a", "b", "c"] {
            let journal = &fixture.journal;
            let submission = Submission {
                thread: thread(1),
                id: id.to_owned(),
                digest: DedupeKey::of(id),
                content: Submitted::Calls(vec![send(1, id)]),
            };
            let (submitted, _) = journal.submit(submission).await.unwrap();
            let number = submitted.receipt.number;
            assert!(number > last, "{}: {number}", fixture.name());
            last = number;
            journal.forget(thread(1)).await.unwrap();
            fixture.reopen().await;
        }
    }
}
