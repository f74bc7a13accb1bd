//! The command line.

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

use super::{
    catch_up, completions, dev, doctor, inspect, migrate, new, operations, privacy, record, replay,
    routes, speak, thread, trigger,
};

/// Tools around a bot, from a new project to production.
///
/// Reads the variables of the bot, `MESSENGER_PAGE_ID` and so on, from the environment and from a
/// file `.env`, as the bot does.
#[derive(Parser)]
#[command(
    name = "handover",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    styles = STYLES,
    max_term_width = 100,
    after_help = "Exit status: 0 success, 1 a fault was found, 2 wrong usage.\n\
        The simulator of the platform is also a separate command: `handover-sim`."
)]
pub(crate) struct CliArguments {
    #[command(subcommand)]
    pub(crate) command: HandoverCommand,
}

#[derive(Subcommand)]
pub(crate) enum HandoverCommand {
    New(new::New),
    Dev(dev::Dev),
    /// `handover dev` starts bots with it.
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    ParentDeath(dev::ParentDeath),
    Trigger(Box<trigger::TriggerCommand>),
    Doctor(Box<doctor::Doctor>),
    Inspect(inspect::Inspect),
    Migrate(migrate::MigrateCommand),
    Operations(operations::OperationsCommand),
    Record(record::RecordCommand),
    Replay(replay::ReplayCommand),
    Export(privacy::ExportCommand),
    Forget(privacy::ForgetCommand),
    Routes(routes::RoutesCommand),
    Signal(speak::SignalCommand),
    Send(speak::SendCommand),
    Thread(thread::ThreadCommand),
    CatchUp(catch_up::CatchUp),
    Completions(completions::Completions),
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());
