//! What a bot with `handover` costs, beside bots by hand and other libraries, measured in one run.
//!
//! `benches/run` builds this, installs the other libraries, and starts it. Each bot is a process of its
//! own; the webhooks and the stub of the Graph API come from this one. All is on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong with the benchmark itself ends it"
)]

mod bench;
mod builds;
mod contenders;
mod dispatch;
mod document;
mod growth;
mod load;
mod options;
mod process;
mod report;
mod signals;
mod startup;
mod statistics;
mod stub;
mod syncs;
mod works;

use std::process::ExitCode;

use bench::Bench;
use options::{Options, USAGE};
use report::Report;

/// For all bots in Rust, those by hand as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Section = fn(&Bench, &mut Report);

const SECTIONS: [(&str, Section); 13] = [
    ("read", |bench, report| {
        works::READ.measure(bench, report);
    }),
    ("echo", works::echo),
    ("handoff", |bench, report| {
        works::HANDOFF.measure(bench, report);
    }),
    ("batch", works::batch),
    ("slow", works::slow),
    ("large", |bench, report| {
        works::LARGE.measure(bench, report);
    }),
    ("growth", growth::measure),
    ("signals", signals::measure),
    ("busy", works::busy),
    ("syncs", syncs::measure),
    ("start", startup::measure),
    ("dispatch", dispatch::measure),
    ("builds", builds::measure),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let Some(("serve", bot)) = arguments
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    {
        contenders::serve(bot);
        return ExitCode::SUCCESS;
    }
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches/run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{USAGE}");
        return Ok(());
    };
    let is_whole = options.only.is_empty() && !options.quick && !options.rust_only;
    let bench = Bench::new(options)?;
    let mut report = Report::default();
    document::introduce(&bench, &mut report);
    for (name, measure) in SECTIONS {
        if bench.options.wants(name) {
            measure(&bench, &mut report);
        }
    }
    let text = report.finish();
    if is_whole {
        document::write(&text)?;
    }
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
