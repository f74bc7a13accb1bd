//! The `handover` command.

use clap::Parser;

/// Looks after bots that work with people.
///
/// There is nothing to do for it yet: this version tells what it is and no more. The simulator of
/// the platform is a command of its own, `handover-sim`.
#[derive(Parser)]
#[command(name = "handover", version, arg_required_else_help = true)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
