use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use handover_protocol::{AppId, PersonId};
use handover_runtime::Threads;
use handover_runtime::journal::{DeadLetter, Journal};
use handover_runtime::testing::Clock;
use handover_sim::Simulator;
use tokio::task::JoinHandle;

use super::failure::{fail, fail_at_the_end};
use super::person::Person;

/// Checks without a pause between them.
const LOOKS_AT_ONCE: usize = 200;

/// The simulator, the bots, and their clock.
pub(super) struct Harness {
    simulator: Simulator,
    clock: Clock,
    bots: Vec<RunningBot>,
    /// Number of messages that the scenario has checked, by person.
    seen: Mutex<HashMap<PersonId, usize>>,
    /// Expected dead letters, by bot and number.
    expected: Mutex<HashSet<(usize, u64)>>,
}

/// A running bot. Stopped on drop.
pub(super) struct RunningBot {
    name: String,
    address: SocketAddr,
    app: AppId,
    journal: Journal,
    threads: Option<Threads>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl RunningBot {
    pub(super) fn new(
        name: String,
        address: SocketAddr,
        app: impl Into<AppId>,
        journal: Journal,
        threads: Option<Threads>,
        serving: JoinHandle<std::io::Result<()>>,
    ) -> Self {
        Self {
            name,
            address,
            app: app.into(),
            journal,
            threads,
            serving,
        }
    }
}

impl Drop for RunningBot {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Harness {
    pub(super) fn new(simulator: Simulator, clock: Clock, bots: Vec<RunningBot>) -> Self {
        Self {
            simulator,
            clock,
            bots,
            seen: Mutex::default(),
            expected: Mutex::default(),
        }
    }

    pub(super) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The app of the first bot, which is the default app unless the scenario changes that.
    pub(super) fn first_app(&self) -> Option<AppId> {
        self.bots.first().map(|running| running.app.clone())
    }

    /// The threads of the first bot that is not part of an application.
    pub(super) fn threads(&self) -> Option<&Threads> {
        self.bots
            .iter()
            .find_map(|running| running.threads.as_ref())
    }

    /// Address of the bot with this name.
    pub(super) fn address_of(&self, bot: &str) -> Option<SocketAddr> {
        let running = self.bots.iter().find(|running| running.name == bot);
        running.map(|running| running.address)
    }

    /// Returns the new dead letters, and expects them from now on.
    pub(super) fn take_dead_letters(&self) -> Vec<DeadLetter> {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for (bot, running) in self.bots.iter().enumerate() {
            let dead = running.journal.dead_letters();
            // A journal in memory answers at once.
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(Ok(dead)) = pin!(dead).poll(&mut context) {
                new.extend(
                    dead.into_iter()
                        .filter(|letter| expected.insert((bot, letter.id))),
                );
            }
        }
        new
    }

    pub(super) fn seen(&self, person: &PersonId) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(person).copied().unwrap_or(0)
    }

    pub(super) fn has_seen(&self, person: &PersonId, messages: usize) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(person.clone(), messages);
    }

    /// Waits until the condition holds. On timeout, panics with the person's chat.
    pub(super) async fn wait(
        &self,
        at: &Location<'_>,
        person: &Person,
        what: &str,
        is_so: impl FnMut() -> bool,
    ) {
        if let Err(timed_out) = self.simulator.wait_until(what, is_so).await {
            fail(at, format_args!("{timed_out}\n\n{}", person.chat()));
        }
    }

    /// Waits until everything is done.
    pub(super) async fn settle(&self, at: &Location<'_>) {
        let mut before = None;
        let mut is_quiet = || {
            let (rows, delivering) = self.simulator.progress();
            let under_way = delivering || self.bots.iter().any(|running| running.journal.is_busy());
            // What arrived at one while the other was looked at shows by the timeline's growth.
            let quiet = !under_way && before == Some(rows);
            before = Some(rows);
            quiet
        };
        // Mostly there is little to do, which is done before a timer could run out.
        for _ in 0..LOOKS_AT_ONCE {
            if is_quiet() {
                return;
            }
            tokio::task::yield_now().await;
        }
        let what = "everything is delivered, handled and sent";
        if let Err(timed_out) = self.simulator.wait_until(what, is_quiet).await {
            fail(at, timed_out);
        }
    }

    /// Advances the clock from one due time to the next, so that each happens in order.
    pub(super) async fn pass_time(&self, at: &Location<'_>, time: Duration) {
        let mut left = time;
        loop {
            self.settle(at).await;
            if left.is_zero() {
                return;
            }
            let next = self
                .bots
                .iter()
                .filter_map(|running| running.journal.busy_in())
                .min();
            let step = next.map_or(left, |next| next.max(Duration::from_millis(1)).min(left));
            self.simulator.pass_time(step).await;
            self.clock.advance(step);
            left -= step;
        }
    }
}

/// A message that was not sent, or an event that could not be handled, is a fault of the bot unless the
/// scenario expects it.
impl Drop for Harness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let dead = self.take_dead_letters();
        if dead.is_empty() {
            return;
        }
        let listed: Vec<_> = dead.iter().map(|letter| format!("  {letter}")).collect();
        fail_at_the_end(&format!(
            "the scenario ended with {} it did not expect; `scenario.dead_letters().await` says that they are expected:\n{}",
            if dead.len() == 1 {
                "a dead letter"
            } else {
                "dead letters"
            },
            listed.join("\n")
        ));
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps: Vec<_> = self.bots.iter().map(|running| &running.app).collect();
        f.debug_struct("Harness")
            .field("bots", &apps)
            .finish_non_exhaustive()
    }
}
