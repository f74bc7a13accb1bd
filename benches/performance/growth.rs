//! (g) Memory under a load that lasts.

use std::time::{Duration, Instant};

use crate::bench::{Bench, Bot, WARM_UP};
use crate::contenders::Contender;
use crate::load::{self, Content, Pace};
use crate::report::Report;
use crate::statistics::{Percentiles, Rounds, figure};

const RATE: u32 = 200;

/// Webhooks that are signed at once.
const PART: u64 = 2000;

/// What became of one bot.
struct Grown {
    memory: Vec<f64>,
    acknowledgement: Option<Percentiles>,
    cpu: f64,
}

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    let duration = bench.options.growth;
    let (rust, others): (Vec<_>, Vec<_>) = bench.contenders().partition(|one| one.is_rust());
    report.heading(&format!(
        "(g) {RATE} texts a second for {} minutes, repeated",
        figure(duration.as_secs_f64() / 60.0)
    ));
    let mut rows = Vec::new();
    // Several at a time: this is about memory, and they share the machine in the same way.
    for group in [rust, others] {
        let grown = bench.runtime.block_on(async {
            let growing = group
                .iter()
                .map(|contender| grow(bench, *contender, duration));
            futures_util::future::join_all(growing).await
        });
        for (contender, grown) in group.iter().zip(grown) {
            rows.push(row(*contender, grown, report));
        }
    }
    report.table(
        &[
            "",
            "after a fifth, MiB",
            "at the end, MiB",
            "growth, MiB",
            "cpu, µs",
            "to the 200, ms",
        ],
        &rows,
    );
    report.line("\nMemory is the median of a tenth of the time. The bots in Rust ran at the same time, and then the others.");
}

fn row(contender: Contender, grown: Result<Grown, String>, report: &mut Report) -> Vec<String> {
    let name = contender.name().to_owned();
    let grown = match grown {
        Ok(grown) => grown,
        Err(error) => return vec![name, format!("failed: {error}")],
    };
    let tenth = (grown.memory.len() / 10).max(1);
    let median = |part: &[f64]| part.iter().copied().collect::<Rounds>().median();
    let early = median(
        grown
            .memory
            .iter()
            .copied()
            .skip(2 * tenth)
            .take(tenth)
            .collect::<Vec<_>>()
            .as_slice(),
    );
    let late = median(&grown.memory[grown.memory.len().saturating_sub(tenth)..]);
    if contender == Contender::Sqlite {
        report.at_most("SQLite, memory under a load that lasts", 30.0, late, "MiB");
        report.at_most("SQLite, growth of its memory", 1.0, late - early, "MiB");
    }
    vec![
        name,
        figure(early),
        figure(late),
        format!("{:+.1}", late - early),
        figure(grown.cpu),
        grown
            .acknowledgement
            .map_or_else(|| "–".to_owned(), |times| times.to_string()),
    ]
}

async fn grow(bench: &Bench, contender: Contender, duration: Duration) -> Result<Grown, String> {
    let bot = bench.start(contender)?;
    bot.ready().await?;
    let webhooks = load::webhooks(Content::WarmUp, bench.count(WARM_UP, 50));
    load::post(bot.process.address, &webhooks, Pace::FULL).await?;
    bot.quiet().await;
    let before = bot.usage();
    let (times, memory) = tokio::join!(load_for(bench, &bot, duration), watch(&bot, duration));
    let times = times?;
    let used = bot.usage();
    let events = times.len() as f64;
    Ok(Grown {
        memory,
        cpu: (used.cpu - before.cpu) * 1e6 / events,
        acknowledgement: Percentiles::of(times),
    })
}

/// How long each acknowledgement took.
async fn load_for(bench: &Bench, bot: &Bot, duration: Duration) -> Result<Vec<Duration>, String> {
    let all = (duration.as_secs_f64() * f64::from(RATE)) as u64;
    let begun = Instant::now();
    let mut times = Vec::new();
    let mut done = 0;
    while done < all {
        let part = PART.min(all - done);
        let webhooks = load::webhooks(Content::Text, part);
        let due = begun + Duration::from_secs(1) * u32::try_from(done).unwrap_or(u32::MAX) / RATE;
        tokio::time::sleep_until(due.into()).await;
        let posted = load::post(bot.process.address, &webhooks, Pace::per_second(RATE)).await?;
        times.extend(posted.iter().map(|posted| posted.acknowledged - posted.at));
        done += part;
        // Nobody asks when which call arrived.
        bench.stub.take_noted();
    }
    Ok(times)
}

/// Memory, a hundred times.
async fn watch(bot: &Bot, duration: Duration) -> Vec<f64> {
    const LOOKS: u32 = 100;
    let mut memory = Vec::new();
    let mut ticks = tokio::time::interval(duration / LOOKS);
    for _ in 0..LOOKS {
        ticks.tick().await;
        memory.push(bot.tree().memory());
    }
    memory
}
