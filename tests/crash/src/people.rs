//! The people who write, and those at the inbox.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::world::World;

const TICK: Duration = Duration::from_millis(10);

/// Lets so many events happen in a second while `writing`; hands threads back for ever.
pub(crate) async fn live(world: World, rate: u32, writing: watch::Receiver<bool>) {
    let start = Instant::now();
    let mut written = 0;
    loop {
        tokio::time::sleep(TICK).await;
        let mut state = world.lock();
        state.hand_back();
        let due = start.elapsed().as_millis() * u128::from(rate) / 1000;
        while written < due {
            written += 1;
            if *writing.borrow() {
                state.somebody_writes();
            }
        }
    }
}
