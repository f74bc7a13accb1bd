//! The bots that are compared. All do the same: check the signature, repeat a text, and pass the thread of
//! whoever writes "agent" to the inbox.

mod by_hand_on_axum;
mod by_hand_on_hyper;
mod with_handover;

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use handover_testkit::postgres::Postgres;
use rustix::process::Signal;

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const TOKEN: &str = "token";
const FAREWELL: &str = "One moment, a colleague is taking over.";
const INBOX: u64 = 263_902_037_430_900;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Contender {
    Hyper,
    Axum,
    Memory,
    Sqlite,
    Postgres,
    Bottender,
    MessagingApi,
    MessengerNode,
    Fbmq,
}

use Contender::{
    Axum, Bottender, Fbmq, Hyper, Memory, MessagingApi, MessengerNode, Postgres as PostgresStore,
    Sqlite,
};

impl Contender {
    pub(crate) const ALL: [Self; 9] = [
        Hyper,
        Axum,
        Memory,
        Sqlite,
        PostgresStore,
        Bottender,
        MessagingApi,
        MessengerNode,
        Fbmq,
    ];

    pub(crate) const HANDOVER: [Self; 3] = [Memory, Sqlite, PostgresStore];

    pub(crate) const NODE: [Self; 3] = [Bottender, MessagingApi, MessengerNode];

    /// Whether it is part of this program.
    pub(crate) const fn is_rust(self) -> bool {
        matches!(self, Hyper | Axum | Memory | Sqlite | PostgresStore)
    }

    /// In tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Hyper => "by hand on hyper",
            Axum => "by hand on axum and reqwest",
            Memory => "handover, `memory:`",
            Sqlite => "handover, SQLite",
            PostgresStore => "handover, PostgreSQL",
            Bottender => "bottender",
            MessagingApi => "messaging-api-messenger on express",
            MessengerNode => "messenger-node on express",
            Fbmq => "fbmq on gunicorn",
        }
    }

    /// What it does not do, or what had to be done for it.
    pub(crate) const fn lacks(self) -> &'static str {
        match self {
            Hyper => {
                "Keeps nothing: what was acknowledged is lost with the process. No order within a thread, no deduplication, no owner, no second try of a call, no limit on what waits, no timeouts, no TLS."
            }
            Axum => "The same; reqwest could use TLS.",
            Memory => {
                "Order, deduplication, ownership, retries and limits as with the others, but what was acknowledged is lost with the process."
            }
            Sqlite => {
                "Answers 200 once the event is on disk (`synchronous=FULL`), and does all that handover does."
            }
            PostgresStore => {
                "Answers 200 once PostgreSQL has committed (its defaults: `fsync` and `synchronous_commit` on), on this machine. One process."
            }
            Bottender => {
                "Answers 200 before the handlers run and keeps nothing; sessions of 500 threads in memory, by default. No order, no deduplication, no owner, no second try. Checks only the old signature, SHA-1. Of an entry with several events it takes the first. Called through express, so that it can be given a socket and the raw body."
            }
            MessagingApi => {
                "A client only: signature, routing and the response are written by hand on express. Answers 200 before it calls, keeps nothing. No order, no deduplication, no owner, no second try."
            }
            MessengerNode => {
                "Its webhook does not check signatures, so the program does on express, and uses only its client. The client knows one address, graph.facebook.com: it is sent through a proxy that is the stub. Answers 200 before it calls, keeps nothing. No order, no deduplication, no owner, no second try."
            }
            Fbmq => {
                "Calls within the webhook's request, one after the other, each over a new connection, and answers 200 after them; 2 processes with 16 threads each. Signatures are checked by hand in Flask. It cannot pass a thread: the program makes that call by hand. Its address is a method that is overridden. Keeps nothing, no deduplication, no owner, no second try."
            }
        }
    }

    /// The command that runs it, with its own directory.
    pub(crate) fn command(
        self,
        graph: &str,
        directory: &Path,
        database: Option<&Postgres>,
    ) -> Command {
        let store = match self {
            Memory => "memory:".to_owned(),
            Sqlite => format!("sqlite:{}", directory.join("handover.db").display()),
            PostgresStore => database.unwrap().fresh_address(),
            Hyper => return role(&["hyper", graph]),
            Axum => return role(&["axum", graph]),
            Bottender | MessagingApi | MessengerNode | Fbmq => {
                return self.peer(graph);
            }
        };
        role(&["handover", graph, &store])
    }

    fn peer(self, graph: &str) -> Command {
        let peers = root().join("benches/peers");
        let mut command = match self {
            Fbmq => {
                let mut command = ending_with_this();
                command.arg(target().join("peers/python/bin/gunicorn"));
                // The socket is the standard input.
                command.args(["--bind", "fd://0", "--workers", "2", "--threads", "16"]);
                command.args(["--log-level", "warning", "fbmq_bot:app"]);
                command.current_dir(&peers);
                command.env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
            _ => {
                let mut command = ending_with_this();
                command.arg("node");
                let script = match self {
                    Bottender => "bottender/server.js",
                    MessagingApi => "messaging_api_messenger.js",
                    _ => "messenger_node.js",
                };
                command.arg(peers.join(script));
                command.current_dir(peers.join("bottender"));
                command.env("NODE_PATH", target().join("clients/node_modules"));
                command.env("NODE_ENV", "production");
                command
            }
        };
        command
            .env("GRAPH_URL", graph)
            .env("PAGE_ID", PAGE)
            .env("APP_ID", "1517776481860111")
            .env("APP_SECRET", SECRET)
            .env("ACCESS_TOKEN", TOKEN)
            .env("FAREWELL", FAREWELL)
            .env("INBOX", INBOX.to_string());
        command
    }
}

/// Runs a program so that it ends with this one, however that ends.
fn ending_with_this() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]);
    command
}

/// The command for signals.
pub(crate) fn signals_command(graph: &str, store: &str) -> Command {
    role(&["signals", graph, store])
}

/// The command for a bot with this store.
pub(crate) fn handover_command(graph: &str, store: &str) -> Command {
    role(&["handover", graph, store])
}

/// This program as one of the bots.
fn role(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("serve")
        .args(arguments)
        .env("RUST_LOG", "error");
    command
}

/// Serves as the bot that the arguments name, until it is killed.
pub(crate) fn serve(arguments: &[String]) {
    // It ends with the one that measures, however that ends.
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    crate::runtime().block_on(async {
        match arguments[..] {
            ["hyper", graph] => by_hand_on_hyper::serve(graph).await,
            ["axum", graph] => by_hand_on_axum::serve(graph).await,
            ["handover", graph, store] => with_handover::serve(graph, store).await,
            ["signals", graph, store] => with_handover::serve_signals(graph, store).await,
            _ => panic!("no such bot: {arguments:?}"),
        }
    });
}

/// The socket that is the standard input.
fn socket() -> tokio::net::TcpListener {
    let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true).unwrap();
    tokio::net::TcpListener::from_std(listener).unwrap()
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where libraries are installed and what is built goes.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .unwrap()
        .to_owned()
}
