//! Several nodes on one PostgreSQL server, with faults in random order: nodes are killed, frozen for longer
//! than their lease, cut off from the server in one direction or both, stopped in order, replaced by nodes of
//! another version, and started with a wrong clock; the server is restarted and crashes; connections are cut.

mod database;
mod fault;
mod proxy;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::{Duration, Instant};

use handover_testkit::postgres::Postgres;
use tokio::sync::watch;
use tokio::task::block_in_place;

use fault::Fault;
use proxy::{Partition, Proxy};

use crate::bot::SEND_RATE;
use crate::check::{self, Violations, Waiting};
use crate::directory::Directory;
use crate::graph::GraphApi;
use crate::options::ClusterOptions;
use crate::process::{Bot, NEXT_VERSION, Start, Starter};
use crate::world::{Delivery, Frozen, World};
use crate::{Result, deliver, people, submit};

const LEASE: Duration = Duration::from_secs(2);
/// How long others may take to have the lanes of a node that was killed.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(4);
const SCHEMA: &str = "cluster";
/// How long a node that goes on is looked at, unless it has lanes again.
const LOOKED_AT: Duration = Duration::from_secs(1);
const FAILPOINT_TIMEOUT: Duration = Duration::from_secs(3);
const STOP_TIMEOUT: Duration = Duration::from_secs(40);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(240);
/// The same of a bot with a planted mistake, with which events may wait for ever.
const MISTAKEN_DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
const LOOK_SOON: Duration = Duration::from_millis(10);
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Runs as the options say, and prints what happened.
pub(crate) async fn run(options: ClusterOptions) -> Result<Violations> {
    let mut cluster = Cluster::new(options).await?;
    let mut violations = cluster.disturb_and_look().await?;
    cluster.directory.keep = !violations.is_empty() && cluster.mistake().is_none();
    cluster.tell();
    if cluster.has_two_versions() {
        let version = format!("SELECT value FROM {SCHEMA}.meta WHERE name = 'version'");
        let version = block_in_place(|| cluster.server.query(&version))?;
        println!("the tables have version {version}");
    }
    if cluster.directory.keep {
        for node in &cluster.nodes {
            let words = node.starter.last_words();
            violations.explain(format!("what a node said last:\n{words}"));
        }
        let words = last_lines(&cluster.server.log());
        violations.explain(format!("what the server said last:\n{words}"));
    }
    Ok(violations)
}

/// The most that a bot may be writing when it is frozen: one in each of its threads, and one to spare.
fn calls_being_written() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get) + 1
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

struct Cluster {
    options: ClusterOptions,
    rng: fastrand::Rng,
    directory: Directory,
    server: Postgres,
    world: World,
    graph: GraphApi,
    nodes: Vec<Node>,
    writing: watch::Sender<bool>,
    faults: BTreeMap<&'static str, u32>,
    take_overs: Vec<Duration>,
    calls_cut: usize,
}

struct Node {
    starter: Starter,
    bot: Bot,
    /// Between it and the server.
    proxy: Proxy,
    address: watch::Sender<Option<String>>,
}

impl Cluster {
    async fn new(options: ClusterOptions) -> Result<Self> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
        println!(
            "seed {seed}, {} nodes, {} faults",
            options.nodes, options.faults
        );
        let directory = Directory::new("cluster")?;
        let server = block_in_place(Postgres::start)?;
        let world = World::new(seed, options.threads);
        let graph = GraphApi::start(&world).await?;
        let (writing, is_writing) = watch::channel(true);
        tokio::spawn(people::live(world.clone(), options.rate, is_writing));
        let mut cluster = Self {
            rng: fastrand::Rng::with_seed(seed),
            options,
            directory,
            server,
            world,
            graph,
            nodes: Vec::new(),
            writing,
            faults: BTreeMap::new(),
            take_overs: Vec::new(),
            calls_cut: 0,
        };
        for number in 0..cluster.options.nodes {
            let node = cluster.node(number).await?;
            cluster.nodes.push(node);
        }
        // Signals and messages go to one of them, which mostly has to hand them on.
        let operations = cluster.nodes[0].starter.operations.subscribe();
        submit::start(&cluster.world, &operations, &cluster.writing.subscribe())?;
        Ok(cluster)
    }

    async fn node(&self, number: usize) -> Result<Node> {
        let name = number.to_string();
        let directory = self.directory.path().join(format!("node-{name}"));
        std::fs::create_dir_all(&directory)?;
        let parameters = format!("schema={SCHEMA}&lease={}s", LEASE.as_secs());
        let port = self.server.port();
        let proxy = Proxy::start(port).await?;
        let store = proxy.address(&self.server.address(&parameters), port);
        let graph = self.graph.address_of(&name);
        let mut starter = Starter::new(&directory, &graph).variable("HANDOVER_STORE", store);
        if let Some(rate) = self.options.send_rate {
            starter = starter.variable(SEND_RATE, rate.to_string());
        }
        if let Some(mutation) = self.mistake() {
            starter = starter.variable("HANDOVER_MUTATION", mutation);
        }
        let (address, webhook) = watch::channel(None);
        deliver::start(&self.world, &name, &webhook)?;
        let mut bot = starter.start(None)?;
        match bot.ready().await? {
            Start::Ready(at, _) => address.send_replace(Some(at)),
            Start::Ended(status) => {
                return Err(
                    format!("{}\nnode {name} ended: {status}", starter.last_words()).into(),
                );
            }
        };
        Ok(Node {
            starter,
            bot,
            proxy,
            address,
        })
    }

    /// The mistake that is built into the nodes.
    fn mistake(&self) -> Option<&str> {
        let mutation = self.options.mutation.as_deref();
        mutation.filter(|mutation| *mutation != NEXT_VERSION)
    }

    /// Nodes of the next version are none with a mistake: they work beside those of this version.
    fn has_two_versions(&self) -> bool {
        self.options.mutation.as_deref() == Some(NEXT_VERSION)
    }

    async fn disturb_and_look(&mut self) -> Result<Violations> {
        let mut violations = Violations::default();
        for number in 1..=self.options.faults {
            tokio::time::sleep(Duration::from_millis(self.rng.u64(100..1500))).await;
            let only = match self.has_two_versions() && number % 3 == 1 {
                true => Some(fault::VERSION),
                false => self.options.fault.as_deref(),
            };
            let fault = Fault::choose(only, &mut self.rng);
            if let Err(violation) = self.carry_out(fault).await? {
                violations.add(format!("fault {number}, {}: {violation}", fault.name()));
                return Ok(violations);
            }
            *self.faults.entry(fault.name()).or_default() += 1;
            for (at, node) in self.nodes.iter_mut().enumerate() {
                if let Some(status) = node.bot.ended_within(Duration::ZERO).await? {
                    violations.add(format!(
                        "fault {number}, {}: node {at} ended by itself: {status}",
                        fault.name()
                    ));
                    return Ok(violations);
                }
            }
            if number % 50 == 0 {
                println!("{number} faults so far");
            }
        }
        self.end(violations).await
    }

    async fn carry_out(&mut self, fault: Fault) -> Result<Result<(), String>> {
        let at = self.rng.usize(..self.nodes.len());
        let pause = Duration::from_millis(self.rng.u64(..1500));
        match fault {
            Fault::Kill => {
                let epochs = self.epochs()?;
                let node = &mut self.nodes[at];
                node.address.send_replace(None);
                self.calls_cut += self.graph.under_way();
                let name = format!("% {}", node.bot.id());
                node.bot.kill()?;
                if self.nodes.len() > 1
                    && let Err(violation) = self.is_taken_over(&name, &epochs).await?
                {
                    return Ok(Err(violation));
                }
                tokio::time::sleep(pause).await;
                self.start_again(at, None).await
            }
            Fault::Failpoint(name, count) => {
                let node = &mut self.nodes[at];
                node.address.send_replace(None);
                node.bot.kill()?;
                let failpoint = format!("{name}:{count}");
                if let Err(violation) = self.start_again(at, Some(&failpoint)).await? {
                    return Ok(Err(violation));
                }
                let node = &mut self.nodes[at];
                if node.bot.ended_within(FAILPOINT_TIMEOUT).await?.is_some() {
                    self.calls_cut += self.graph.under_way();
                } else {
                    node.bot.kill()?;
                }
                node.address.send_replace(None);
                tokio::time::sleep(pause).await;
                self.start_again(at, None).await
            }
            Fault::Freeze => {
                let time = LEASE * self.rng.u32(1..25) / 8;
                let bot = &self.nodes[at].bot;
                bot.freeze()?;
                let from = Instant::now();
                tokio::time::sleep(time).await;
                let name = format!("% {}", bot.id());
                let lanes = format!(
                    "SELECT count(*) FROM {SCHEMA}.lane JOIN {SCHEMA}.node USING (epoch) WHERE name LIKE '{name}'"
                );
                let has_none =
                    || -> Result<bool> { Ok(block_in_place(|| self.server.query(&lanes))? == "0") };
                let had_none = has_none()?;
                let node = at.to_string();
                let before = self.graph.calls_of(&node);
                let until = Instant::now();
                self.world.lock().frozen.push(Frozen {
                    node: node.clone(),
                    from,
                    until,
                });
                self.nodes[at].bot.thaw()?;
                while had_none && until.elapsed() < LOOKED_AT {
                    tokio::time::sleep(LOOK_SOON).await;
                    let late = self.graph.calls_of(&node) - before;
                    // If it has none now, it had none when it made them.
                    if !has_none()? {
                        break;
                    }
                    if late > calls_being_written() {
                        return Ok(Err(format!(
                            "L: {late} calls were made by a node that had lost its lanes"
                        )));
                    }
                }
                Ok(Ok(()))
            }
            Fault::Stop | Fault::Version => {
                let node = &mut self.nodes[at];
                node.bot.terminate()?;
                let ended = node.bot.ended_within(STOP_TIMEOUT).await?;
                node.address.send_replace(None);
                match ended {
                    Some(status) if status.success() => {}
                    other => return Ok(Err(format!("a node that was asked to end: {other:?}"))),
                }
                node.starter.is_of_next_version ^= matches!(fault, Fault::Version);
                self.start_again(at, None).await
            }
            Fault::RestartServer | Fault::CrashServer => {
                let mode = match fault {
                    Fault::CrashServer => "immediate",
                    _ => "fast",
                };
                block_in_place(|| self.server.stop(mode))?;
                tokio::time::sleep(pause * 2).await;
                block_in_place(|| self.server.run())?;
                Ok(Ok(()))
            }
            Fault::Partition(partition) => {
                let time = LEASE * self.rng.u32(2..20) / 8;
                let proxy = &self.nodes[at].proxy;
                proxy.set(partition);
                tokio::time::sleep(time).await;
                proxy.set(Partition::None);
                Ok(Ok(()))
            }
            Fault::Clock(ms) => {
                let node = &mut self.nodes[at];
                node.address.send_replace(None);
                self.calls_cut += self.graph.under_way();
                node.bot.kill()?;
                node.starter.clock_offset = ms;
                self.start_again(at, None).await
            }
            Fault::CutConnections => {
                let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                           WHERE application_name = 'handover'";
                block_in_place(|| self.server.query(cut))?;
                Ok(Ok(()))
            }
        }
    }

    async fn start_again(
        &mut self,
        at: usize,
        failpoint: Option<&str>,
    ) -> Result<Result<(), String>> {
        let node = &mut self.nodes[at];
        node.bot = node.starter.start(failpoint)?;
        match node.bot.ready().await? {
            Start::Ready(address, _) => {
                node.address.send_replace(Some(address));
            }
            Start::Ended(_) if failpoint.is_some() => {}
            Start::Ended(status) => {
                return Ok(Err(format!("node {at} ended at its start: {status}")));
            }
        }
        Ok(Ok(()))
    }

    /// The nodes and their lanes, as the database has them.
    fn epochs(&self) -> Result<String> {
        let lanes = format!(
            "SELECT n.name, count(l.lane) FROM {SCHEMA}.node n
             LEFT JOIN {SCHEMA}.lane l ON l.epoch = n.epoch GROUP BY n.epoch, n.name ORDER BY n.epoch"
        );
        Ok(block_in_place(|| self.server.query(&lanes))?)
    }

    /// Waits until others have the lanes of the node of this name.
    async fn is_taken_over(&mut self, name: &str, before: &str) -> Result<Result<(), String>> {
        let killed = Instant::now();
        let left = format!(
            "SELECT count(*) FROM {SCHEMA}.lane l LEFT JOIN {SCHEMA}.node n USING (epoch)
             WHERE n.epoch IS NULL OR n.name LIKE '{name}'"
        );
        loop {
            let left = block_in_place(|| self.server.query(&left))?;
            if left == "0" {
                self.take_overs.push(killed.elapsed());
                return Ok(Ok(()));
            }
            if killed.elapsed() > TAKE_OVER_WITHIN {
                return Ok(Err(format!(
                    "{left} lanes are nobody's {} ms after their node was killed; before:\n{before}\nnow:\n{}",
                    killed.elapsed().as_millis(),
                    self.epochs()?,
                )));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets everything be done, stops the nodes, and looks.
    async fn end(&mut self, mut violations: Violations) -> Result<Violations> {
        self.writing.send_replace(false);
        let start = Instant::now();
        let timeout = match self.mistake() {
            Some(_) => MISTAKEN_DRAIN_TIMEOUT,
            None => DRAIN_TIMEOUT,
        };
        while start.elapsed() < timeout && !self.is_done()? {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        println!("drained after {:.1} s", start.elapsed().as_secs_f32());
        for node in &mut self.nodes {
            node.address.send_replace(None);
            node.bot.terminate()?;
            match node.bot.ended_within(STOP_TIMEOUT).await? {
                Some(status) if status.success() => {}
                other => violations.add(format!("F: a node that was asked to end: {other:?}")),
            }
        }
        let database = block_in_place(|| database::read(&self.server, SCHEMA))?;
        violations.extend(check::look_at_the_end(&database, &self.world));
        Ok(violations)
    }

    fn is_done(&self) -> Result<bool> {
        let quiet = self.world.lock().is_quiet();
        let waiting = block_in_place(|| database::waiting(&self.server, SCHEMA))?;
        Ok(quiet && waiting == Waiting::default())
    }

    fn tell(&self) {
        let state = self.world.lock();
        let acknowledged = state.threads.iter().flat_map(|thread| &thread.events);
        let acknowledged = acknowledged.filter(|fate| fate.delivery == Delivery::Acknowledged);
        println!("{} events acknowledged", acknowledged.count());
        println!(
            "{} bodies, {} of them not answered; {} events delivered again",
            state.counts.bodies, state.counts.failed_bodies, state.counts.delivered_again
        );
        let calls = state.threads.iter().map(|thread| thread.accepted.len());
        println!(
            "{} calls accepted, {} under way at a kill",
            calls.sum::<usize>(),
            self.calls_cut
        );
        for (fault, count) in &self.faults {
            println!("{count:>5} × {fault}");
        }
        if let Some(longest) = self.take_overs.iter().max() {
            println!(
                "lanes of a killed node taken over within {} ms, with leases of {} ms",
                longest.as_millis(),
                LEASE.as_millis()
            );
        }
    }
}
