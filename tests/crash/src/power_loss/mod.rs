//! What SIGKILL cannot show: after it, the system still writes what it has been given. So what the
//! bot writes and syncs is recorded, and disks are made of it on which only a part of what was not
//! synced has arrived.

mod disk;
mod record;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;

use crate::check::{self, Database, Violations};
use crate::directory::Directory;
use crate::graph::GraphApi;
use crate::options::PowerLossOptions;
use crate::process::{Start, Starter};
use crate::world::{ONLY_NODE, World};
use crate::{Result, deliver, people, submit};
use disk::{Disk, Survivors};
use record::{Kind, Marks, Operation};

const THREADS: usize = 100;
const EVENTS_PER_SECOND: u32 = 400;
/// Nobody listens there: the bots that only look must not send anything.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Records a bot, lets the power fail again and again, and prints what happened.
pub(crate) async fn run(options: PowerLossOptions) -> Result<Violations> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("seed {seed}, {} images", options.images);
    let mut rng = fastrand::Rng::with_seed(seed);
    let directory = Directory::new("power-loss")?;
    record_a_bot(directory.path(), &options, seed).await?;
    let log = std::fs::read(directory.path().join(record::LOG))?;
    let operations = record::read(&log)?;
    tell_of(&operations)?;

    let cuts = cuts(&operations, options.images, &mut rng)?;
    let mut violations = Violations::default();
    let mut tally = BTreeMap::<_, u32>::new();
    let mut disk = Disk::default();
    let mut acknowledged = HashSet::new();
    let mut done = 0;
    let (mut looked_for, mut spoiled) = (0, 0);
    for (image, cut) in cuts.into_iter().enumerate() {
        for operation in &operations[done..cut] {
            if operation.kind == Kind::Acknowledged {
                acknowledged.extend(operation.acknowledged());
            } else {
                disk.follow(operation);
            }
        }
        done = cut;
        let survivors = Survivors::any(&mut rng);
        let name = format!(
            "image {image} (cut after operation {cut} of {}, {survivors} of {} unsynced kept)",
            operations.len(),
            disk.unsynced()
        );
        *tally.entry(survivors.to_string()).or_default() += 1;
        looked_for += acknowledged.len();
        let at = directory.path().join(format!("image-{image}"));
        disk.write(&at, survivors, &mut rng)?;
        let found = look(&at, &acknowledged, &name, &mut violations).await?;
        spoiled += u32::from(!found);
        std::fs::remove_dir_all(&at)?;
    }
    println!("kept of what was not synced: {tally:?}");
    println!("acknowledged events looked for: {looked_for}; images with a loss: {spoiled}");
    Ok(violations)
}

/// Three lives of a bot under load, one ended by SIGTERM so that it tidies up.
async fn record_a_bot(directory: &Path, options: &PowerLossOptions, seed: u64) -> Result<()> {
    let log = directory.join(record::LOG);
    let world = World::new(seed, THREADS);
    world.lock().notary = Some(Box::new(Marks::append_to(&log)?));
    let graph = GraphApi::start(&world).await?;
    let recorder = record::compile(directory)?;
    let mut starter = Starter::new(directory, &graph.address_of(ONLY_NODE))
        .variable("LD_PRELOAD", recorder.to_string_lossy())
        .variable("POWER_LOSS_LOG", log.to_string_lossy());
    if let Some(mutation) = &options.mutation {
        starter = starter.variable("HANDOVER_MUTATION", mutation);
    }
    let (address, webhook) = watch::channel(None);
    let (writing, is_writing) = watch::channel(true);
    deliver::start(&world, ONLY_NODE, &webhook)?;
    submit::start(&world, &starter.operations.subscribe(), &is_writing)?;
    let people = tokio::spawn(people::live(world, EVENTS_PER_SECOND, is_writing));
    let life = Duration::from_secs(options.seconds) / 3;
    for terminate in [false, true, false] {
        let mut bot = starter.start(None)?;
        let Start::Ready(at, _) = bot.ready().await? else {
            return Err(format!("the bot does not start: {}", starter.last_words()).into());
        };
        address.send_replace(Some(at));
        tokio::time::sleep(life).await;
        address.send_replace(None);
        if terminate {
            bot.terminate()?;
            bot.ended_within(life * 10).await?;
        }
        bot.kill()?;
    }
    people.abort();
    writing.send_replace(false);
    Ok(())
}

/// The moments at which the power fails, in order; a quarter of them while the log of the database is
/// written back, which happens seldom.
fn cuts(operations: &[Operation<'_>], count: u32, rng: &mut fastrand::Rng) -> Result<Vec<usize>> {
    let is_acknowledged = |operation: &Operation| operation.kind == Kind::Acknowledged;
    let first = operations.iter().position(is_acknowledged);
    let first = first.ok_or("nothing was acknowledged")?;
    let checkpoints = (first..operations.len()).filter(|at| operations[*at].is_checkpoint());
    let checkpoints: Vec<_> = checkpoints.collect();
    let cuts = (0..count).map(|_| match rng.choice(&checkpoints) {
        Some(checkpoint) if rng.u32(..4) == 0 => checkpoint + 1,
        _ => rng.usize(first + 1..=operations.len()),
    });
    let mut cuts: Vec<_> = cuts.collect();
    cuts.sort_unstable();
    Ok(cuts)
}

fn tell_of(operations: &[Operation<'_>]) -> Result<()> {
    let count = |kind, file: &str| {
        let of = |operation: &&Operation| operation.kind == kind && operation.file.contains(file);
        operations.iter().filter(of).count()
    };
    let (writes, syncs) = (count(Kind::Write, ""), count(Kind::Sync, ""));
    let checkpointed = operations
        .iter()
        .filter(|operation| operation.is_checkpoint());
    println!(
        "recorded: {writes} writes, {} of them by checkpoints, {syncs} syncs, {} bodies acknowledged",
        checkpointed.count(),
        count(Kind::Acknowledged, ""),
    );
    if writes == 0 || syncs == 0 {
        return Err("nothing was recorded; is the bot linked dynamically?".into());
    }
    Ok(())
}

/// Whether the real bot opens what is left, and has everything that was acknowledged.
async fn look(
    image: &Path,
    acknowledged: &HashSet<&str>,
    name: &str,
    violations: &mut Violations,
) -> Result<bool> {
    let starter = Starter::new(image, NOWHERE);
    let mut bot = starter.start(None)?;
    if let Start::Ended(status) = bot.ready().await? {
        let words = starter.last_words();
        violations.add(format!(
            "{name}: the bot does not open it ({status}): {words}"
        ));
        return Ok(false);
    }
    bot.kill()?;
    let database = Database::read(image)?;
    let mut found = Violations::default();
    check::consistency(&database, &mut found);
    let there: HashSet<_> = database.ids().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    if let Some(first) = lost.first() {
        let (lost, all) = (lost.len(), acknowledged.len());
        found.add(format!(
            "of {all} acknowledged events {lost} are lost, such as {first}"
        ));
    }
    let is_whole = found.is_empty();
    if !is_whole {
        violations.add(format!("{name}: {found}"));
    }
    Ok(is_whole)
}
