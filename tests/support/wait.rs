//! Waiting for a condition, with a deadline.

use std::time::Duration;

use handover_testkit::PATIENCE;
use tokio::time::{Instant, sleep};

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Looks again and again until there is a result; if none comes in time, fails with the last reason
/// for there being none.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(result) => return result,
            Err(why) if Instant::now() >= deadline => {
                panic!("after {PATIENCE:?}, still not so: {what}\n{why}")
            }
            Err(_) => sleep(LOOK_AGAIN).await,
        }
    }
}
