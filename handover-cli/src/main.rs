//! The `handover` command.

use clap::Parser;

/// The command for everything around a bot. It has no subcommands yet; the simulator of the platform
/// is a command of its own, `handover-sim`.
#[derive(Parser)]
#[command(name = "handover", version, arg_required_else_help = true)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
