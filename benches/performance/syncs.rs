//! How often a disk is synced for an event, counted by `strace` in runs that are not timed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::bench::{Bench, Bot, PATIENCE};
use crate::contenders::Contender;
use crate::load::{self, Content, Pace};
use crate::process::Process;
use crate::report::Report;
use crate::statistics::figure;

const CALLS: &str = "trace=fsync,fdatasync,sync_file_range,msync,syncfs";

/// Full speed, where many events share a commit, and one event after the other.
const LOADS: [(&str, Pace, u64); 2] = [
    ("32 connections", Pace::FULL, 2000),
    (
        "one after the other",
        Pace {
            connections: 1,
            every: None,
        },
        200,
    ),
];

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    report.heading("Syncs of a disk for a text that is repeated");
    if Command::new("strace").arg("-V").output().is_err() {
        report.line("Not counted: `strace` is not installed.");
        return;
    }
    let rows: Vec<_> = [Contender::Sqlite, Contender::Postgres]
        .into_iter()
        .filter(|contender| bench.contenders().any(|one| one == *contender))
        .map(|contender| {
            let counted = LOADS.map(|(_, pace, events)| {
                eprintln!("syncs: {}", contender.name());
                let events = bench.count(events, 20);
                match count(bench, contender, pace, events) {
                    Ok(syncs) => figure(syncs as f64 / events as f64),
                    Err(error) => format!("not counted: {error}"),
                }
            });
            [vec![contender.name().to_owned()], counted.to_vec()].concat()
        })
        .collect();
    report.table(&["", LOADS[0].0, LOADS[1].0], &rows);
    report.line("\nThe others sync nothing. PostgreSQL's are those of its server.");
}

fn count(bench: &Bench, contender: Contender, pace: Pace, events: u64) -> Result<u64, String> {
    let directory = bench.fresh_directory();
    let summary = directory.join("syncs");
    let counted = match contender {
        Contender::Postgres => of_server(bench, &summary, pace, events),
        _ => of_bot(bench, contender, &directory, &summary, pace, events),
    };
    let counted = counted.and_then(|()| syncs_in(&summary));
    let _ = std::fs::remove_dir_all(directory);
    counted
}

/// `strace` starts the bot, and counts to the bot's end.
fn of_bot(
    bench: &Bench,
    contender: Contender,
    directory: &Path,
    summary: &Path,
    pace: Pace,
    events: u64,
) -> Result<(), String> {
    let bot = contender.command(&bench.stub.url, directory, None);
    let mut command = Command::new("strace");
    command
        .args(["-f", "--seccomp-bpf", "-c", "-e", CALLS, "-o"])
        .arg(summary);
    command.arg(bot.get_program()).args(bot.get_args());
    for (name, value) in bot.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let process = Process::start(command)?;
    let posted = bench
        .runtime
        .block_on(post(bench, process.address, pace, events));
    process.end_traced();
    posted
}

/// `strace` follows the server, which runs already, until it is interrupted.
fn of_server(bench: &Bench, summary: &Path, pace: Pace, events: u64) -> Result<(), String> {
    let bot = bench.start(Contender::Postgres)?;
    bench.runtime.block_on(bot.ready())?;
    let tracer = follow(&bot, summary)?;
    std::thread::sleep(Duration::from_secs(1));
    let posted = bench
        .runtime
        .block_on(post(bench, bot.process.address, pace, events));
    interrupt(tracer);
    posted
}

fn follow(bot: &Bot, summary: &Path) -> Result<Child, String> {
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-e", CALLS, "-o"]).arg(summary);
    for process in bot.server.iter().flat_map(|server| server.processes()) {
        command.args(["-p", &process.to_string()]);
    }
    command.stderr(Stdio::null());
    command.spawn().map_err(|error| format!("strace: {error}"))
}

fn interrupt(mut tracer: Child) {
    let id = i32::try_from(tracer.id()).ok();
    if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
    }
    let _ = tracer.wait();
}

async fn post(
    bench: &Bench,
    address: std::net::SocketAddr,
    pace: Pace,
    events: u64,
) -> Result<(), String> {
    let calls = bench.stub.count() + events;
    let webhooks = load::webhooks(Content::Text, events);
    load::post(address, &webhooks, pace).await?;
    bench.stub.wait(calls, PATIENCE).await?;
    // The result of the last call is stored as well.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}

/// The calls of all lines of the summary.
fn syncs_in(summary: &Path) -> Result<u64, String> {
    let text = std::fs::read_to_string(summary)
        .map_err(|error| format!("no summary of strace: {error}"))?;
    let lines = text.lines().filter(|line| line.contains("sync"));
    let counts = lines.filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    Ok(counts.sum())
}
