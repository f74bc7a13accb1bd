//! What is too old goes.

use std::time::{Duration, Instant};

use handover_testkit::PATIENCE;

use super::fixture::{Fixture, NOW, release, says, thread};
use crate::journal::{Replay, Settlement};

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
