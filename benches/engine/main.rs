//! What a bot costs beside one that is written by hand, and how much it does.
//!
//! `cargo bench -p handover-benches --bench engine` runs everything on loopback, in about two minutes, and
//! says which bounds are held. Bots, the Graph API's stub and the load run as processes of their own, so
//! that the processor time of each can be told apart. With `--features postgres`, PostgreSQL takes part.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what goes wrong here ends the benchmark"
)]

mod bots;
mod ceiling;
mod database;
mod figures;
mod graph;
mod load;
mod process;
mod signals;

use std::path::PathBuf;

/// For all bots, the one by hand as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let role = arguments.next();
    let argument = arguments.next();
    match role.as_deref() {
        Some("graph") => graph::serve(),
        Some("ceiling") => ceiling::serve(&argument.expect("the Graph API's address")),
        Some("bot") => {
            let store = arguments.next().expect("a store");
            bots::serve(&argument.expect("the Graph API's address"), &store);
        }
        Some("signal-bot") => {
            let store = arguments.next().expect("a store");
            signals::serve(&argument.expect("the Graph API's address"), &store);
        }
        only => figures::print(only),
    }
}

/// Where journals go while this runs.
fn directory() -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("engine-bench");
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
