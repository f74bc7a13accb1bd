//! The same webhooks for all bots, one bot at a time, in rounds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bench::{Bench, Bot, PATIENCE};
use crate::contenders::Contender;
use crate::load::{self, Content, Pace, Posted, Webhook};
use crate::report::Report;
use crate::statistics::{Percentiles, Rounds, figure};
use crate::stub::Noted;

/// Something that all bots are given to do.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    heading: &'static str,
    content: Content,
    /// Webhooks in a round, and in a quick one.
    webhooks: (u64, u64),
    /// Webhooks in a second, if not as many as are acknowledged.
    pace: Option<u32>,
    /// Rounds at most: what waits for the Graph API takes long.
    rounds: usize,
    /// How long the Graph API takes.
    delay: Duration,
    /// Whether only the bots with handover do it.
    is_of_handover: bool,
}

pub(crate) const READ: Work = Work {
    name: "read",
    heading: "(a) A `read` receipt, to which nothing is said",
    content: Content::Read,
    webhooks: (4000, 100),
    pace: None,
    rounds: usize::MAX,
    delay: Duration::ZERO,
    is_of_handover: false,
};

pub(crate) const ECHO: Work = Work {
    name: "echo",
    heading: "(b) A text that is repeated",
    content: Content::Text,
    ..READ
};

pub(crate) const HANDOFF: Work = Work {
    name: "handoff",
    heading: "(c) \"agent\": a farewell, then the thread is passed; each by another person",
    content: Content::Agent,
    webhooks: (1500, 50),
    ..READ
};

pub(crate) const BATCH: Work = Work {
    name: "batch",
    heading: "(d) 50 texts in a body, all repeated; figures are for one text",
    content: Content::Batch,
    webhooks: (80, 4),
    ..READ
};

pub(crate) const LARGE: Work = Work {
    name: "large",
    heading: "(f) A text in a body of 300 KB",
    content: Content::Large,
    webhooks: (200, 5),
    ..READ
};

/// (e) At a fixed rate, with a Graph API that takes its time.
const SLOW: [Work; 3] = [
    PACED,
    Work {
        heading: "(e) 100 texts a second, the Graph API answers after 100 ms",
        delay: Duration::from_millis(100),
        ..PACED
    },
    Work {
        heading: "(e) 100 texts a second, the Graph API answers after 2 s",
        delay: Duration::from_secs(2),
        ..PACED
    },
];

const PACED: Work = Work {
    name: "slow",
    heading: "(e) 100 texts a second, the Graph API answers at once",
    webhooks: (300, 50),
    pace: Some(100),
    rounds: 3,
    ..ECHO
};

/// More than most bots ever get, and less than any of these can do.
const BUSY: Work = Work {
    name: "busy",
    heading: "(i) 1000 texts a second, with handover",
    webhooks: (5000, 50),
    pace: Some(1000),
    is_of_handover: true,
    ..PACED
};

/// Figures of one bot in one round.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Microseconds of processor time for an event.
    pub(crate) cpu: f64,
    server_cpu: f64,
    /// Events in a second.
    rate: f64,
    acknowledgement: Percentiles,
    /// From the message to its answer, or to the handoff.
    call: Option<Percentiles>,
    /// Bytes for an event.
    written: f64,
    idle: f64,
    pub(crate) loaded: f64,
}

/// All rounds of a work, by bot: without a figure if it failed.
#[derive(Default)]
pub(crate) struct Samples {
    rounds: Vec<HashMap<Contender, Result<Sample, String>>>,
}

impl Samples {
    fn of(&self, contender: Contender) -> Vec<Sample> {
        let samples = self.rounds.iter().filter_map(|round| round.get(&contender));
        samples
            .filter_map(|sample| sample.as_ref().ok())
            .copied()
            .collect()
    }

    pub(crate) fn figure(&self, contender: Contender, figure: fn(&Sample) -> f64) -> Rounds {
        self.of(contender).iter().map(figure).collect()
    }

    /// How many times as much one bot takes as another, round by round.
    pub(crate) fn ratio(&self, contender: Contender, to: Contender) -> Rounds {
        let ratios = self.rounds.iter().filter_map(|round| {
            let sample = |contender| round.get(&contender)?.as_ref().ok();
            Some(sample(contender)?.cpu / sample(to)?.cpu)
        });
        ratios.collect()
    }

    fn error(&self, contender: Contender) -> Option<&str> {
        let mut samples = self.rounds.iter().filter_map(|round| round.get(&contender));
        samples.find_map(|sample| sample.as_ref().err().map(String::as_str))
    }

    /// The p99 of the acknowledgement.
    fn acknowledged(&self, contender: Contender) -> f64 {
        self.figure(contender, |sample| sample.acknowledgement.p99)
            .median()
    }
}

impl Work {
    /// Measures all bots and prints a table.
    pub(crate) fn measure(&self, bench: &Bench, report: &mut Report) -> Samples {
        let mut samples = Samples::default();
        let contenders = self.contenders(bench);
        for round in 0..bench.options.rounds.min(self.rounds) {
            let count = bench.count(self.webhooks.0, self.webhooks.1);
            let webhooks = load::webhooks(self.content, count);
            let mut sampled = HashMap::new();
            for place in 0..contenders.len() {
                let contender = contenders[(place + round) % contenders.len()];
                eprintln!("{}, round {}: {}", self.name, round + 1, contender.name());
                sampled.insert(contender, self.sample(bench, contender, &webhooks));
            }
            samples.rounds.push(sampled);
        }
        self.print(bench, report, &samples);
        samples
    }

    fn contenders(&self, bench: &Bench) -> Vec<Contender> {
        let takes_part =
            |one: &Contender| !self.is_of_handover || Contender::HANDOVER.contains(one);
        bench.contenders().filter(takes_part).collect()
    }

    fn sample(
        &self,
        bench: &Bench,
        contender: Contender,
        webhooks: &Arc<[Webhook]>,
    ) -> Result<Sample, String> {
        let bot = bench.start(contender)?;
        let sample = bench.runtime.block_on(self.give(bench, &bot, webhooks));
        bench.stub.delay(Duration::ZERO);
        sample
    }

    async fn give(
        &self,
        bench: &Bench,
        bot: &Bot,
        webhooks: &Arc<[Webhook]>,
    ) -> Result<Sample, String> {
        bot.ready().await?;
        bot.quiet().await;
        let idle = bot.tree().memory();
        bench.warm_up(bot).await?;
        bench.stub.delay(self.delay);
        bench.stub.take_noted();
        let calls = bench.stub.count();
        let written = bench.written(bot);
        let before = bot.usage();
        let events = webhooks.len() as u64 * self.content.events();
        let begun = Instant::now();
        let pace = self.pace.map_or(Pace::FULL, Pace::per_second);
        let posted = load::post(bot.process.address, webhooks, pace).await?;
        let mut until = Instant::now();
        bench
            .stub
            .wait(calls + events * self.content.calls(), PATIENCE)
            .await?;
        let noted = bench.stub.take_noted();
        until = until.max(noted.last.unwrap_or(until));
        // The response to the last call, and what follows from it.
        tokio::time::sleep(self.delay).await;
        bot.quiet().await;
        let used = bot.usage();
        let written = bench.written(bot) - written;
        let each = |used: f64| used / events as f64;
        Ok(Sample {
            cpu: each((used.cpu - before.cpu) * 1e6),
            server_cpu: each((used.server_cpu - before.server_cpu) * 1e6),
            rate: events as f64 / (until - begun).as_secs_f64(),
            acknowledgement: acknowledgements(&posted).ok_or("no webhook was posted")?,
            call: calls_after(&posted, webhooks, &noted),
            written: each(written),
            idle,
            loaded: bot.tree().memory(),
        })
    }

    fn print(&self, bench: &Bench, report: &mut Report, samples: &Samples) {
        report.heading(self.heading);
        let contenders = self.contenders(bench);
        let rows: Vec<_> = contenders.iter().map(|one| row(*one, samples)).collect();
        report.table(
            &[
                "",
                "cpu, µs",
                "× hyper",
                "events/s",
                "to the 200, ms",
                "to the call, ms",
                "written, bytes",
            ],
            &rows,
        );
        for contender in contenders {
            if let Some(error) = samples.error(contender) {
                report.line(&format!(
                    "\n{} failed in a round: {error}",
                    contender.name()
                ));
            }
        }
    }
}

fn row(contender: Contender, samples: &Samples) -> Vec<String> {
    let all = samples.of(contender);
    let cpu = samples.figure(contender, |sample| sample.cpu);
    let server = samples
        .figure(contender, |sample| sample.server_cpu)
        .median();
    let cpu = if server > 0.0 {
        format!("{cpu} + {} of the server", figure(server))
    } else {
        cpu.to_string()
    };
    let shown = |percentiles: Option<Percentiles>| {
        percentiles.map_or_else(|| "–".to_owned(), |percentiles| percentiles.to_string())
    };
    let acknowledgements: Vec<_> = all.iter().map(|sample| sample.acknowledgement).collect();
    let calls: Vec<_> = all.iter().filter_map(|sample| sample.call).collect();
    vec![
        contender.name().to_owned(),
        cpu,
        figure(samples.ratio(contender, Contender::Hyper).median()),
        figure(samples.figure(contender, |sample| sample.rate).median()),
        shown(Percentiles::median(&acknowledgements)),
        shown(Percentiles::median(&calls)),
        figure(samples.figure(contender, |sample| sample.written).median()),
    ]
}

fn acknowledgements(posted: &[Posted]) -> Option<Percentiles> {
    let times = posted.iter().map(|posted| posted.acknowledged - posted.at);
    Percentiles::of(times.collect())
}

/// How long after its webhook each call arrived.
fn calls_after(posted: &[Posted], webhooks: &[Webhook], noted: &Noted) -> Option<Percentiles> {
    let times = posted.iter().flat_map(|posted| {
        let numbers = webhooks[posted.index].numbers.clone();
        numbers.filter_map(|number| {
            let arrived = noted.arrivals.get(&number)?;
            Some(arrived.saturating_duration_since(posted.at))
        })
    });
    Percentiles::of(times.collect())
}

/// (b), with the bars on processor time and memory.
pub(crate) fn echo(bench: &Bench, report: &mut Report) {
    use Contender::{Axum, Hyper, Memory, Postgres as PostgresStore, Sqlite};
    let samples = ECHO.measure(bench, report);
    print_memory(bench, report, &samples);
    let ratio = |contender, to| samples.ratio(contender, to).median();
    report.at_most(
        "`memory:`, cpu of an echo, by the limit on hyper",
        1.5,
        ratio(Memory, Hyper),
        "×",
    );
    report.at_most(
        "SQLite, cpu of an echo, by axum and reqwest",
        2.0,
        ratio(Sqlite, Axum),
        "×",
    );
    let cpu = |contender: &Contender| samples.figure(*contender, |sample| sample.cpu).median();
    let by_cpu = |a: &Contender, b: &Contender| cpu(a).total_cmp(&cpu(b));
    let measured = Contender::NODE.into_iter().filter(|node| cpu(node) > 0.0);
    if let Some(best) = measured.min_by(by_cpu) {
        let what = format!(
            "SQLite, cpu of an echo, by the best on Node.js ({})",
            best.name()
        );
        report.at_most(&what, 0.25, ratio(Sqlite, best), "×");
    }
    let loaded = samples.figure(Sqlite, |sample| sample.loaded).median();
    report.at_most("SQLite, memory after the echoes", 30.0, loaded, "MiB");
    if bench.database.is_some() {
        report.at_most(
            "PostgreSQL, cpu of an echo without its server, by SQLite",
            1.6,
            ratio(PostgresStore, Sqlite),
            "×",
        );
        let rate = samples.figure(PostgresStore, |sample| sample.rate);
        report.at_least(
            "PostgreSQL, texts in a second, its server beside it",
            10_000.0,
            rate.median(),
            "/s",
        );
    }
}

fn print_memory(bench: &Bench, report: &mut Report, samples: &Samples) {
    report.line("\nMemory (RSS, MiB; with several processes their sum) after the start, and after the load:\n");
    let rows: Vec<_> = bench
        .contenders()
        .map(|contender| {
            vec![
                contender.name().to_owned(),
                samples.figure(contender, |sample| sample.idle).to_string(),
                samples
                    .figure(contender, |sample| sample.loaded)
                    .to_string(),
            ]
        })
        .collect();
    report.table(&["", "idle", "loaded"], &rows);
}

/// (d), with the bar on its rate.
pub(crate) fn batch(bench: &Bench, report: &mut Report) {
    let samples = BATCH.measure(bench, report);
    let rate = samples
        .figure(Contender::Sqlite, |sample| sample.rate)
        .median();
    report.at_least(
        "SQLite, texts in a second, 50 in a body",
        10_000.0,
        rate,
        "/s",
    );
}

/// (e), with the bars on latency.
pub(crate) fn slow(bench: &Bench, report: &mut Report) {
    let [fast, .., slow] = SLOW.each_ref().map(|work| work.measure(bench, report));
    let calls = fast.of(Contender::Sqlite);
    let calls: Vec<_> = calls.iter().filter_map(|sample| sample.call).collect();
    let p99 = Percentiles::median(&calls).map_or(f64::NAN, |calls| calls.p99);
    report.at_most(
        "SQLite, from the message to the call, p99 at 100 a second",
        5.0,
        p99,
        "ms",
    );
    for contender in bench
        .contenders()
        .filter(|one| Contender::HANDOVER.contains(one))
    {
        let what = format!(
            "{}, acknowledgement, p99 with calls of 2 s",
            contender.name()
        );
        report.at_most(&what, 20.0, slow.acknowledged(contender), "ms");
    }
}

/// (i), with the bar on the acknowledgement.
pub(crate) fn busy(bench: &Bench, report: &mut Report) {
    let samples = BUSY.measure(bench, report);
    if bench.database.is_some() {
        report.at_most(
            "PostgreSQL, acknowledgement, p99 at 1000 texts a second",
            20.0,
            samples.acknowledged(Contender::Postgres),
            "ms",
        );
    }
}
