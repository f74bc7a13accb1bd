//! (h) Signals from another program, by HTTP: stored, then handled. Only handover has them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use handover_testkit::http;

use crate::bench::{Bench, PATIENCE, sqlite_in};
use crate::contenders::{Contender, PAGE, TOKEN, signals_command};
use crate::load::{Connection, FIRST_PERSON, PERSONS};
use crate::process::Process;
use crate::report::Report;
use crate::statistics::Rounds;

const CONNECTIONS: u64 = 64;

/// Figures of one round.
#[derive(Clone, Copy)]
struct Sample {
    cpu: f64,
    /// Signals in a second.
    acknowledged: f64,
    handled: f64,
}

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    let signals = bench.count(20_000, 200);
    report.heading(&format!(
        "(h) Signals of another program, {signals} by HTTP over {CONNECTIONS} connections"
    ));
    let contenders: Vec<_> = bench
        .contenders()
        .filter(|contender| Contender::HANDOVER.contains(contender))
        .collect();
    let mut samples = vec![Vec::new(); contenders.len()];
    for round in 0..bench.options.rounds {
        for (contender, samples) in contenders.iter().zip(&mut samples) {
            eprintln!("signals, round {}: {}", round + 1, contender.name());
            match sample(bench, *contender, signals) {
                Ok(sample) => samples.push(sample),
                Err(error) => report.line(&format!("{} failed: {error}\n", contender.name())),
            }
        }
    }
    let of = |samples: &[Sample], figure: fn(&Sample) -> f64| -> Rounds {
        samples.iter().map(figure).collect()
    };
    let rows: Vec<_> = contenders
        .iter()
        .zip(&samples)
        .map(|(contender, samples)| {
            vec![
                contender.name().to_owned(),
                of(samples, |sample| sample.cpu).to_string(),
                of(samples, |sample| sample.acknowledged).to_string(),
                of(samples, |sample| sample.handled).to_string(),
            ]
        })
        .collect();
    report.table(&["", "cpu, µs", "acknowledged/s", "handled/s"], &rows);
    let sqlite = contenders
        .iter()
        .position(|contender| *contender == Contender::Sqlite);
    if let Some(sqlite) = sqlite {
        let handled = of(&samples[sqlite], |sample| sample.handled).median();
        report.at_least("SQLite, signals handled in a second", 4000.0, handled, "/s");
    }
}

fn sample(bench: &Bench, contender: Contender, signals: u64) -> Result<Sample, String> {
    let directory = bench.fresh_directory();
    let store = match contender {
        Contender::Memory => "memory:".to_owned(),
        Contender::Postgres => bench.database.as_ref().unwrap().fresh_address(),
        _ => sqlite_in(&directory),
    };
    let process = Process::start(signals_command(&bench.stub.url, &store))?;
    let times = bench.runtime.block_on(post(process.address, signals));
    let cpu = process.tree().cpu() * 1e6 / signals as f64;
    drop(process);
    let _ = std::fs::remove_dir_all(directory);
    let (acknowledged, handled) = times?;
    Ok(Sample {
        cpu,
        acknowledged: signals as f64 / acknowledged.as_secs_f64(),
        handled: signals as f64 / handled.as_secs_f64(),
    })
}

/// How long it takes until all are acknowledged, and until all are handled.
async fn post(address: SocketAddr, signals: u64) -> Result<(Duration, Duration), String> {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let posting = (0..CONNECTIONS).map(|_| {
        let next = next.clone();
        tokio::spawn(async move {
            let mut connection = Connection::to(address);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= signals {
                    return Ok::<_, String>(());
                }
                connection.request(&signal(number), "HTTP/1.1 202").await?;
            }
        })
    });
    for connection in posting.collect::<Vec<_>>() {
        connection.await.unwrap()?;
    }
    let acknowledged = begun.elapsed();
    while handled(address).await? < signals {
        if begun.elapsed() > PATIENCE {
            return Err("not all signals were handled".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((acknowledged, begun.elapsed()))
}

fn signal(number: u64) -> Vec<u8> {
    let person = FIRST_PERSON + number % PERSONS;
    let body = format!("{{\"order\":{number}}}");
    let request = format!(
        "POST /threads/{PAGE}/{person}/signals/shipped HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {TOKEN}\r\nidempotency-key: order-{number}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    request.into_bytes()
}

/// How many signals were handled so far.
async fn handled(address: SocketAddr) -> Result<u64, String> {
    let metrics = async {
        let response = http::get(format!("http://{address}/metrics")).await?;
        response.text().await
    };
    let metrics = metrics.await.map_err(|error| error.to_string())?;
    let lines = metrics.lines().filter(|line| {
        line.starts_with("handover_events_handled_total") && line.contains("kind=\"signal\"")
    });
    let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    Ok(counts.sum::<f64>() as u64)
}
