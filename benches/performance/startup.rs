//! From starting the process to its first 200.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use crate::bench::{Bench, sqlite_in};
use crate::contenders::{Contender, PAGE, handover_command};
use crate::load::{self, Connection, Content};
use crate::process::Process;
use crate::report::Report;
use crate::statistics::Rounds;

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    report.heading("From the start of the process to the first 200, ms");
    let mut samples = HashMap::<Contender, Vec<f64>>::new();
    let mut known = Vec::new();
    let threads = bench.count(1_000_000, 1000);
    let directory = bench.fresh_directory();
    let store = sqlite_in(&directory);
    let filled = fill(bench, &store, &directory, threads);
    for round in 0..bench.options.rounds {
        for contender in bench.contenders() {
            eprintln!("start, round {}: {}", round + 1, contender.name());
            match first_200(bench, contender) {
                Ok(took) => samples.entry(contender).or_default().push(took),
                Err(error) => report.line(&format!("{} failed: {error}", contender.name())),
            }
        }
        match filled.clone().and_then(|()| first_200_with(bench, &store)) {
            Ok(figures) => known.push(figures),
            Err(error) => report.line(&format!("with known threads: {error}")),
        }
    }
    let _ = std::fs::remove_dir_all(directory);
    let started = |contender: Contender| -> Rounds {
        samples
            .get(&contender)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    };
    let mut rows: Vec<_> = bench
        .contenders()
        .map(|contender| vec![contender.name().to_owned(), started(contender).to_string()])
        .collect();
    let with_threads: Rounds = known.iter().map(|known| known.0).collect();
    let memory: Rounds = known.iter().map(|known| known.1).collect();
    rows.push(vec![
        format!("handover, SQLite, {threads} threads known"),
        with_threads.to_string(),
    ]);
    report.table(&["", "ms"], &rows);
    report.line(&format!(
        "\nThe threads are rows with a session and an owner that were written into the file. Memory of that bot after its start: {memory} MiB."
    ));
    report.at_most(
        "SQLite, start to the first 200",
        50.0,
        started(Contender::Sqlite).median(),
        "ms",
    );
    report.at_most(
        &format!("SQLite, start to the first 200, {threads} threads known"),
        500.0,
        with_threads.median(),
        "ms",
    );
}

fn first_200(bench: &Bench, contender: Contender) -> Result<f64, String> {
    let begun = Instant::now();
    let bot = bench.start(contender)?;
    bench.runtime.block_on(bot.ready())?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

/// Milliseconds, and MiB then.
fn first_200_with(bench: &Bench, store: &str) -> Result<(f64, f64), String> {
    let webhooks = load::webhooks(Content::Read, 1);
    let begun = Instant::now();
    let process = Process::start(handover_command(&bench.stub.url, store))?;
    let mut connection = Connection::to(process.address);
    bench.runtime.block_on(connection.post(&webhooks[0]))?;
    Ok((
        begun.elapsed().as_secs_f64() * 1000.0,
        process.tree().memory(),
    ))
}

/// Fills a journal with threads that have a session and are idle.
fn fill(bench: &Bench, store: &str, directory: &Path, threads: u64) -> Result<(), String> {
    // Makes the tables.
    first_200_with(bench, store)?;
    let filled = rusqlite::Connection::open(directory.join("handover.db")).and_then(|file| {
        file.execute_batch(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT {threads})
             INSERT OR IGNORE INTO thread (account, person, session, owner)
             SELECT '{PAGE}', 7000000000000000 + i, '{{\"cart\":[1,2,3],\"name\":\"somebody\"}}', 'bot' FROM n;
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))
    });
    filled.map_err(|error| format!("the journal was not filled: {error}"))
}
