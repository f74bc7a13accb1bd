use clap::{Args, Parser, Subcommand};

/// Kills a bot again and again and looks for what got lost.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) kills: KillOptions,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Records what the bot writes to the disk, and looks for what is lost if the power fails.
    PowerLoss(PowerLossOptions),
    /// Runs several nodes on a PostgreSQL server, disturbs them in random order, and looks for what got
    /// lost.
    #[cfg(feature = "postgres")]
    Cluster(ClusterOptions),
    /// The bot itself.
    #[command(hide = true)]
    Bot,
}

#[derive(Args)]
pub(crate) struct KillOptions {
    /// How often the bot is killed.
    #[arg(long, default_value_t = 100)]
    pub(crate) kills: u32,
    /// Chooses where and when it is killed, what people write, and what fails.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// How many people write; by default one for each kill, and at least 200.
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    /// How many events there are in a second.
    #[arg(long, default_value_t = 150)]
    pub(crate) rate: u32,
    /// The database is looked into after each so many kills, and at the end.
    #[arg(long, default_value_t = 10)]
    pub(crate) look_every: u32,
    /// A mistake that is built into the bot, which the harness has to find.
    #[arg(long)]
    pub(crate) mutation: Option<String>,
    /// The only failpoint that is used: a name from the list in `kills.rs`.
    #[arg(long)]
    pub(crate) failpoint: Option<String>,
}

#[cfg(feature = "postgres")]
#[derive(Args)]
pub(crate) struct ClusterOptions {
    /// How many faults there are.
    #[arg(long, default_value_t = 25)]
    pub(crate) faults: u32,
    /// Chooses the faults, what people write, and what fails.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The only fault that there is: kill, failpoint, freeze, stop, restart-server, crash-server, cut,
    /// partition or clock.
    #[arg(long)]
    pub(crate) fault: Option<String>,
    /// A mistake that is built into the bot, which the harness has to find. `next_version` is none: with it, every
    /// third fault replaces a node by one of another version of the tables.
    #[arg(long)]
    pub(crate) mutation: Option<String>,
    /// How many nodes share the work.
    #[arg(long, default_value_t = 3)]
    pub(crate) nodes: usize,
    /// How many people write.
    #[arg(long, default_value_t = 200)]
    pub(crate) threads: usize,
    /// How many events there are in a second.
    #[arg(long, default_value_t = 100)]
    pub(crate) rate: u32,
    /// How many messages the bot may send in a second, over all nodes.
    #[arg(long)]
    pub(crate) send_rate: Option<u32>,
}

#[derive(Args)]
pub(crate) struct PowerLossOptions {
    /// How many moments are tried at which the power fails.
    #[arg(long, default_value_t = 40)]
    pub(crate) images: u32,
    /// Chooses these moments and what survives of each.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// How long the bot is recorded.
    #[arg(long, default_value_t = 8)]
    pub(crate) seconds: u64,
    /// A mistake that is built into the bot, which the harness has to find.
    #[arg(long)]
    pub(crate) mutation: Option<String>,
}
