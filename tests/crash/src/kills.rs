//! A bot under load, killed again and again.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::check::{self, Database, Moment, Violations, Waiting};
use crate::directory::Directory;
use crate::figures::{Figures, READY_WITHIN};
use crate::forgotten::Forgotten;
use crate::graph::GraphApi;
use crate::options::KillOptions;
use crate::process::{Bot, Start, Starter};
use crate::world::{ONLY_NODE, World};
use crate::{Result, deliver, people, submit};

/// Failpoints at which a bot can end itself, each with how often it may be passed before.
const FAILPOINTS: [(&str, u32); 13] = [
    ("journal.recovering", 1),
    ("journal.midway", 300),
    ("journal.before_commit", 150),
    ("journal.after_commit", 150),
    ("journal.erasing", 2),
    ("webhook.before_answer", 60),
    ("handler.after", 80),
    ("settle.before", 80),
    ("settle.after", 80),
    ("send.before_call", 60),
    ("send.after_call", 60),
    ("send.before_record", 60),
    ("mutation.midway", 3),
];
/// A bot that does not reach its failpoint in this time is killed.
const FAILPOINT_TIMEOUT: Duration = Duration::from_secs(3);
/// A bot that is asked to end has 20 s for it, and then some.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);
/// A bot that is left alone may take this long without getting any further: longer than it waits for an echo,
/// or looks whether it has a thread again. How much there is to do, and how quick the machine is, does not
/// count.
const STALL_TIMEOUT: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(300);
const TELL_EVERY: u32 = 250;
/// From so many kills on, starts have to be quick.
const LONG_RUN: u32 = 1000;

/// Runs as the options say, and prints what happened.
pub(crate) async fn run(options: KillOptions) -> Result<Violations> {
    let mut run = Run::new(options).await?;
    let violations = run.kill_and_look().await?;
    run.directory.keep = !violations.is_empty() && run.options.mutation.is_none();
    println!("{}", run.figures);
    if run.directory.keep {
        println!("what the bots said last:\n{}", run.starter.last_words());
    }
    Ok(violations)
}

struct Run {
    options: KillOptions,
    rng: fastrand::Rng,
    directory: Directory,
    world: World,
    graph: GraphApi,
    starter: Starter,
    address: watch::Sender<Option<String>>,
    writing: watch::Sender<bool>,
    figures: Figures,
    forgotten: Forgotten,
}

/// How a bot ends.
enum Plan {
    Kill {
        after: Duration,
    },
    Failpoint {
        name: &'static str,
        count: u32,
    },
    Terminate {
        after: Duration,
        killed_after: Option<Duration>,
    },
}

impl Run {
    async fn new(options: KillOptions) -> Result<Self> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
        println!("seed {seed}, {} kills", options.kills);
        let threads = options.threads.unwrap_or(200.max(options.kills as usize));
        let directory = Directory::new("kills")?;
        let world = World::new(seed, threads);
        let graph = GraphApi::start(&world).await?;
        let mut starter = Starter::new(directory.path(), &graph.address_of(ONLY_NODE));
        if let Some(mutation) = &options.mutation {
            starter = starter.variable("HANDOVER_MUTATION", mutation);
        }
        let (address, webhook) = watch::channel(None);
        let (writing, is_writing) = watch::channel(true);
        deliver::start(&world, ONLY_NODE, &webhook)?;
        let forgotten = Forgotten::default();
        let operations = starter.operations.subscribe();
        forgotten.start(&webhook, &operations, &is_writing)?;
        submit::start(&world, &operations, &is_writing)?;
        tokio::spawn(people::live(world.clone(), options.rate, is_writing));
        Ok(Self {
            rng: fastrand::Rng::with_seed(seed),
            options,
            directory,
            world,
            graph,
            starter,
            address,
            writing,
            figures: Figures::default(),
            forgotten,
        })
    }

    async fn kill_and_look(&mut self) -> Result<Violations> {
        for kill in 1..=self.options.kills {
            if let Err(violation) = self.one_life().await? {
                let mut violations = Violations::default();
                violations.add(violation);
                return Ok(violations);
            }
            if kill % TELL_EVERY == 0 {
                println!("{kill} kills so far");
            }
            if kill % self.options.look_every == 0 {
                let mut violations =
                    check::look(self.directory.path(), &self.world, Moment::Killed)?;
                self.forgotten
                    .check(self.directory.path(), &mut violations)?;
                if !violations.is_empty() {
                    println!("found after {kill} kills");
                    return Ok(violations);
                }
            }
        }
        self.last_life().await
    }

    /// Starts a bot and ends it; the inner error is a violation.
    async fn one_life(&mut self) -> Result<Result<(), String>> {
        let plan = self.plan();
        let failpoint = match plan {
            Plan::Failpoint { name, count } => Some(format!("{name}:{count}")),
            _ => None,
        };
        let mut bot = self.starter.start(failpoint.as_deref())?;
        match (bot.ready().await?, &plan) {
            (Start::Ready(address, time), _) => {
                self.figures.ready.push(time);
                self.address.send_replace(Some(address));
            }
            (Start::Ended(_), Plan::Failpoint { name, .. }) => {
                self.count(name);
                return Ok(Ok(()));
            }
            (Start::Ended(status), _) => {
                return Ok(Err(format!("F: the bot ended at its start: {status}")));
            }
        }
        let ended = self.end(&mut bot, plan).await;
        self.address.send_replace(None);
        ended
    }

    fn plan(&mut self) -> Plan {
        let rng = &mut self.rng;
        let failpoint = match &self.options.failpoint {
            Some(chosen) => FAILPOINTS.iter().find(|(name, _)| *name == chosen),
            None => rng.choice(&FAILPOINTS[..FAILPOINTS.len() - 1]),
        };
        let after = Duration::from_millis(rng.u64(20..800));
        match (rng.u32(..100), failpoint) {
            (0..40, Some((name, most))) => Plan::Failpoint {
                name,
                count: rng.u32(1..=*most),
            },
            (40..46, _) => Plan::Terminate {
                after,
                killed_after: rng.bool().then(|| Duration::from_millis(rng.u64(..300))),
            },
            _ => Plan::Kill { after },
        }
    }

    async fn end(&mut self, bot: &mut Bot, plan: Plan) -> Result<Result<(), String>> {
        let (place, ended) = match plan {
            Plan::Kill { after } => ("SIGKILL", bot.ended_within(after).await?),
            Plan::Failpoint { name, .. } => {
                let ended = bot.ended_within(FAILPOINT_TIMEOUT).await?;
                if ended.is_some() {
                    self.figures.calls_cut += self.graph.under_way();
                    self.count(name);
                    return Ok(Ok(()));
                }
                ("SIGKILL", None)
            }
            Plan::Terminate {
                after,
                killed_after,
            } => {
                let ended = bot.ended_within(after).await?;
                if ended.is_none() {
                    bot.terminate()?;
                    if let Some(time) = killed_after {
                        bot.ended_within(time).await?;
                        self.figures.calls_cut += self.graph.under_way();
                        bot.kill()?;
                        self.count("SIGKILL after SIGTERM");
                        return Ok(Ok(()));
                    }
                    self.count("SIGTERM");
                    let asked = Instant::now();
                    let stopped = stopped(bot).await;
                    self.figures.stops.push(asked.elapsed());
                    return stopped;
                }
                ("SIGTERM", ended)
            }
        };
        if let Some(status) = ended {
            return Ok(Err(format!("the bot ended by itself: {status}")));
        }
        self.figures.calls_cut += self.graph.under_way();
        bot.kill()?;
        self.count(place);
        Ok(Ok(()))
    }

    fn count(&mut self, place: &str) {
        *self.figures.kills.entry(place.to_owned()).or_default() += 1;
    }

    /// A bot that may live until everything is done.
    async fn last_life(&mut self) -> Result<Violations> {
        let mut violations = Violations::default();
        let start = Instant::now();
        self.writing.send_replace(false);
        let mut bot = self.starter.start(None)?;
        match bot.ready().await? {
            Start::Ready(address, time) => {
                self.figures.ready.push(time);
                self.address.send_replace(Some(address));
            }
            Start::Ended(status) => {
                violations.add(format!("F: the bot ended at its start: {status}"));
                return Ok(violations);
            }
        }
        let mut least = usize::MAX;
        let mut progressed = Instant::now();
        while let Some(left) = self.left()? {
            if left < least {
                (least, progressed) = (left, Instant::now());
            } else if progressed.elapsed() > STALL_TIMEOUT {
                break;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        self.figures.drained = start.elapsed();
        self.address.send_replace(None);
        bot.terminate()?;
        if let Err(violation) = stopped(&mut bot).await? {
            violations.add(violation);
        }
        let directory = self.directory.path();
        violations.extend(check::look(directory, &self.world, Moment::Done)?);
        self.forgotten.check(directory, &mut violations)?;
        println!("{} people forgotten", self.forgotten.count());
        let ready = self.figures.ready_p99();
        if self.options.kills >= LONG_RUN && ready > READY_WITHIN {
            violations.add(format!("F: starts took {} ms (p99)", ready.as_millis()));
        }
        let database = Database::read(directory)?;
        self.figures.complete(&self.world, &self.graph, &database);
        Ok(violations)
    }

    /// How much is still to be delivered or done; `None` if nothing is.
    fn left(&self) -> Result<Option<usize>> {
        let owed = self.world.lock().owed();
        let Waiting {
            events,
            calls,
            timers,
        } = Waiting::of(self.directory.path())?;
        let left = owed + events + calls + timers;
        Ok((left > 0).then_some(left))
    }
}

/// Waits for the end of a bot that was asked to end.
async fn stopped(bot: &mut Bot) -> Result<Result<(), String>> {
    Ok(match bot.ended_within(STOP_TIMEOUT).await? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the bot that was asked to end ended by {status}")),
        None => Err("the bot that was asked to end did not".to_owned()),
    })
}
