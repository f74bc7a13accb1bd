//! What all sections share: the options, the stub, the database and the bots that take part.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use handover_testkit::postgres::Postgres;

use crate::contenders::{Contender, target};
use crate::load::{self, Connection, Content, Pace};
use crate::options::Options;
use crate::process::{Process, Tree};
use crate::stub::Stub;

/// How long a bot may take to start, or to do what it was given.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Messages that come before a measurement, so that compilers at run time have done their work.
pub(crate) const WARM_UP: u64 = 1000;

pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) stub: Stub,
    pub(crate) database: Option<Postgres>,
    pub(crate) runtime: tokio::runtime::Runtime,
    directory: PathBuf,
}

impl Bench {
    pub(crate) fn new(options: Options) -> Result<Self, String> {
        let directory = target().join(format!("tmp/performance-{}", std::process::id()));
        std::fs::create_dir_all(&directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        let database = cfg!(feature = "postgres")
            .then(Postgres::start)
            .transpose()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            options,
            stub: Stub::start(),
            database,
            runtime: crate::runtime(),
            directory,
        })
    }

    /// The bots that are compared.
    pub(crate) fn contenders(&self) -> impl Iterator<Item = Contender> {
        Contender::ALL.into_iter().filter(|contender| {
            let is_wanted = !self.options.rust_only || contender.is_rust();
            is_wanted && (*contender != Contender::Postgres || self.database.is_some())
        })
    }

    /// `quick` if the figures do not count, and otherwise `full`.
    pub(crate) fn count(&self, full: u64, quick: u64) -> u64 {
        if self.options.quick { quick } else { full }
    }

    /// A new directory, whose owner deletes it.
    pub(crate) fn fresh_directory(&self) -> PathBuf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = self.directory.join(number.to_string());
        std::fs::create_dir_all(&directory).unwrap();
        directory
    }

    /// Starts a bot with an empty store.
    pub(crate) fn start(&self, contender: Contender) -> Result<Bot, String> {
        let directory = self.fresh_directory();
        let command = contender.command(&self.stub.url, &directory, self.database.as_ref());
        let server = self
            .database
            .as_ref()
            .filter(|_| contender == Contender::Postgres);
        Ok(Bot {
            process: Process::start(command)?,
            server: server.map(server_of),
            directory,
        })
    }

    /// Gives a bot messages that are not measured, and waits until it has answered them.
    pub(crate) async fn warm_up(&self, bot: &Bot) -> Result<(), String> {
        let count = self.count(WARM_UP, 50);
        let calls = self.stub.count() + count;
        let webhooks = load::webhooks(Content::WarmUp, count);
        load::post(bot.process.address, &webhooks, Pace::FULL).await?;
        self.stub.wait(calls, PATIENCE).await?;
        bot.quiet().await;
        Ok(())
    }

    /// Bytes that a bot has written so far. Of the server, those of its log: where the file system uses large
    /// folios, the kernel counts a whole folio for each page of the log that is written.
    pub(crate) fn written(&self, bot: &Bot) -> f64 {
        let server = self.database.as_ref().filter(|_| bot.server.is_some());
        let log = server.map_or(0.0, |server| {
            let position = server.query("SELECT pg_current_wal_lsn() - '0/0'");
            position.unwrap().parse().unwrap()
        });
        bot.tree().written() + log
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A bot that runs, and its database.
pub(crate) struct Bot {
    pub(crate) process: Process,
    pub(crate) server: Option<Tree>,
    directory: PathBuf,
}

/// What a bot has taken so far.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Seconds of processor time.
    pub(crate) cpu: f64,
    /// The same, of the database's server.
    pub(crate) server_cpu: f64,
}

impl Bot {
    pub(crate) fn tree(&self) -> Tree {
        self.process.tree()
    }

    /// Waits for the first 200; how long that took.
    pub(crate) async fn ready(&self) -> Result<Duration, String> {
        let begun = Instant::now();
        let webhooks = load::webhooks(Content::Read, 1);
        let mut connection = Connection::to(self.process.address);
        connection.post(&webhooks[0]).await?;
        Ok(begun.elapsed())
    }

    /// Waits until it does next to nothing.
    pub(crate) async fn quiet(&self) {
        const STEP: Duration = Duration::from_millis(100);
        for _ in 0..50 {
            let before = self.usage();
            tokio::time::sleep(STEP).await;
            let now = self.usage();
            if (now.cpu - before.cpu).max(now.server_cpu - before.server_cpu) < 0.002 {
                return;
            }
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        let server = |figure: fn(Tree) -> f64| self.server.map_or(0.0, figure);
        Usage {
            cpu: self.tree().cpu(),
            server_cpu: server(Tree::cpu),
        }
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The processes of the server.
fn server_of(database: &Postgres) -> Tree {
    let id = database.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
    Tree(id.unwrap().parse().unwrap())
}

/// Directory of its store.
pub(crate) fn sqlite_in(directory: &Path) -> String {
    format!("sqlite:{}", directory.join("handover.db").display())
}
