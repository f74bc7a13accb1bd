//! `handover inspect`: shows the bot's journal.

mod follow;
mod overview;
mod rows;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use handover::shutdown_signal;
use handover_runtime::journal_file;

use super::CommandResult;
use crate::environment::CliEnvironment;
use crate::store::StoreArgument;
use crate::terminal::{Progress, remark, say_json};

/// Show the bot's journal, also while the bot runs
///
/// Without a view: the backlog, its threads and, on PostgreSQL, the nodes. Changes nothing.
#[derive(Args)]
pub(crate) struct Inspect {
    #[arg(value_enum)]
    view: Option<ViewArgument>,
    /// Only of this person: a PSID or IGSID
    #[arg(long, value_name = "PSID")]
    thread: Option<String>,
    /// Only of this Page or Instagram account
    #[arg(long, value_name = "ID", conflicts_with = "follow")]
    account: Option<String>,
    /// Limit of rows of a list
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// One JSON object per row
    #[arg(long)]
    json: bool,
    /// Print changes until Ctrl-C
    #[arg(long, conflicts_with = "view")]
    follow: bool,
    #[command(flatten)]
    store: StoreArgument,
}

/// A table of the journal.
#[derive(Clone, Copy, ValueEnum)]
enum ViewArgument {
    /// Threads with their owner and pending work
    Threads,
    /// Queued events
    Events,
    /// Handled events of the last three days, newest first
    Handled,
    /// Queued calls
    Calls,
    /// Running timers
    Timers,
    /// Events and calls that failed for good, newest first
    DeadLetters,
    /// What was said last, as far as the bot stores it
    History,
    /// Processes that share a journal in PostgreSQL, with their lanes, backlog and lag
    Nodes,
}

impl ViewArgument {
    fn of_journal(self) -> journal_file::JournalView {
        match self {
            Self::Threads => journal_file::JournalView::Threads,
            Self::Events => journal_file::JournalView::Events,
            Self::Handled => journal_file::JournalView::Handled,
            Self::Calls => journal_file::JournalView::Calls,
            Self::Timers => journal_file::JournalView::Timers,
            Self::DeadLetters => journal_file::JournalView::DeadLetters,
            Self::History => journal_file::JournalView::History,
            Self::Nodes => journal_file::JournalView::Nodes,
        }
    }
}

impl Inspect {
    pub(crate) async fn run(self) -> CommandResult {
        let store = self.store.find(&CliEnvironment::load())?;
        let journal = store.open()?;
        if self.follow {
            if !self.json {
                remark(format_args!("following {store}; end with Ctrl-C"));
            }
            let follower = journal.follow(self.thread)?;
            tokio::select! {
                failed = follow::print(follower, self.json) => return Err(failed.into()),
                () = shutdown_signal() => return Ok(ExitCode::SUCCESS),
            }
        }
        let Some(view) = self.view else {
            overview::print(&journal, &self)?;
            return Ok(ExitCode::SUCCESS);
        };
        let progress = Progress::start(self.json, "reading the journal");
        let rows = rows::read(&journal, view, &self)?;
        drop(progress);
        if self.json {
            for row in rows.as_json() {
                say_json(&row);
            }
            if let Some(rest) = rows.left_out() {
                remark(rest);
            }
        } else {
            rows.print();
        }
        Ok(ExitCode::SUCCESS)
    }
}
