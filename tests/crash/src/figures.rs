//! What happened in a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::check::Database;
use crate::graph::GraphApi;
use crate::submit::Kind;
use crate::world::{Delivery, World};

/// Bots are ready within this time, or the long run fails.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(crate) struct Figures {
    /// By place.
    pub(crate) kills: BTreeMap<String, u32>,
    /// Calls that had arrived at the Graph API and were not answered when the bot died.
    pub(crate) calls_cut: usize,
    /// From the start of the process to its first word.
    pub(crate) ready: Vec<Duration>,
    /// From SIGTERM to the end of the process.
    pub(crate) stops: Vec<Duration>,
    pub(crate) drained: Duration,
    events: BTreeMap<&'static str, usize>,
    signals: BTreeMap<&'static str, usize>,
    calls: BTreeMap<&'static str, usize>,
    faults: BTreeMap<&'static str, u32>,
}

impl Figures {
    /// What the platform knows at the end, and the bot.
    pub(crate) fn complete(&mut self, world: &World, graph: &GraphApi, database: &Database) {
        let state = world.lock();
        let fates = || state.threads.iter().flat_map(|thread| &thread.events);
        let of = |delivery| fates().filter(|fate| fate.delivery == delivery).count();
        self.events = BTreeMap::from([
            ("in all", fates().count()),
            ("acknowledged", of(Delivery::Acknowledged)),
            ("abandoned", of(Delivery::Abandoned)),
            ("delivered again", state.counts.delivered_again as usize),
            ("bodies", state.counts.bodies as usize),
            ("bodies refused or cut", state.counts.failed_bodies as usize),
        ]);
        let submitted = || state.threads.iter().flat_map(|thread| &thread.submitted);
        let of = |kind| submitted().filter(|it| it.kind == kind).count();
        self.signals = BTreeMap::from([
            ("handled at once", of(Kind::Note)),
            ("held until the bot may speak", of(Kind::Tell)),
            ("messages", of(Kind::Message)),
            ("sent again", state.counts.submitted_again as usize),
        ]);
        let accepted = || state.threads.iter().flat_map(|thread| &thread.accepted);
        let copies = state.threads.iter().map(|thread| {
            let accepted = thread.accepted.iter().enumerate();
            let copies = accepted.filter(|(index, call)| {
                let before = &thread.accepted[..*index];
                !call.id.starts_with("pass ") && before.iter().any(|it| it.id == call.id)
            });
            copies.count()
        });
        let passes = accepted().filter(|call| call.id.starts_with("pass "));
        let crossings = state.threads.iter().map(|thread| thread.crossings as usize);
        let letters = |word: &'static str| {
            let letters = database.dead_letters.iter();
            letters.filter(|letter| letter.cause.contains(word)).count()
        };
        self.calls = BTreeMap::from([
            ("accepted", accepted().count()),
            ("handoffs", passes.count()),
            ("messages delivered twice", copies.sum()),
            (
                "handoffs that crossed with control coming back",
                crossings.sum(),
            ),
            (
                "given up as maybe delivered",
                letters("may have been delivered"),
            ),
            ("dead letters", database.dead_letters.len()),
        ]);
        self.faults = graph.faults().counts.clone();
    }

    /// All but one start in a hundred: a disk that others use, too, makes a few slow.
    pub(crate) fn ready_p99(&self) -> Duration {
        percentile(&self.ready, 99)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: u32 = self.kills.values().sum();
        writeln!(f, "kills: {all} ({})", list(&self.kills))?;
        writeln!(f, "calls under way at a kill: {}", self.calls_cut)?;
        writeln!(f, "events: {}", list(&self.events))?;
        writeln!(f, "signals from outside: {}", list(&self.signals))?;
        writeln!(f, "calls: {}", list(&self.calls))?;
        writeln!(f, "faults of the Graph API: {}", list(&self.faults))?;
        writeln!(f, "ready after a start: {}", times(&self.ready))?;
        writeln!(f, "stopped after SIGTERM: {}", times(&self.stops))?;
        write!(f, "drained in {} s", self.drained.as_secs())
    }
}

fn list<K: fmt::Display, V: fmt::Display>(counts: &BTreeMap<K, V>) -> String {
    let counts = counts
        .iter()
        .map(|(what, count)| format!("{what}: {count}"));
    Vec::from_iter(counts).join(", ")
}

fn times(times: &[Duration]) -> String {
    let at = |percent| percentile(times, percent).as_millis();
    format!("p50 {} ms, p99 {} ms, max {} ms", at(50), at(99), at(100))
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}
