//! Runs the command, without the variables of whoever runs the tests, and bots for it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs};

use axum::Router;
use handover::prelude::*;
use handover::{BotHandle, Config, Store};
use handover_testkit::http;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const SECRET: &str = "secret";

/// What the command said, and how it ended.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// It went well, and this is what it said.
    #[track_caller]
    pub(crate) fn good(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        &self.stdout
    }

    /// It found a fault, and said this of it.
    #[track_caller]
    pub(crate) fn fault(&self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        format!("{}{}", self.stdout, self.stderr)
    }

    /// It did not understand what was wanted.
    #[track_caller]
    pub(crate) fn misuse(&self) -> &str {
        assert_eq!(self.code, Some(2), "{}{}", self.stdout, self.stderr);
        &self.stderr
    }

    /// Its lines as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }
}

/// The command with these arguments.
pub(crate) fn handover(arguments: &[&str]) -> Handover {
    handover_at(Path::new(PROGRAM), arguments)
}

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_handover");

/// Commands that ask the running bot, at the default address unless the test gives another.
const ASKS_A_BOT: [&str; 6] = ["replay", "export", "forget", "signal", "send", "operations"];

/// The command at another place.
pub(crate) fn handover_at(program: &Path, arguments: &[&str]) -> Handover {
    let mut command = Command::new(program);
    command.args(arguments);
    // What belongs to the bot of whoever runs the tests.
    let foreign = |name: &str| {
        let prefixes = ["MESSENGER_", "GRAPH_API_", "HANDOVER_"];
        prefixes.iter().any(|prefix| name.starts_with(prefix)) || name == "HOST" || name == "PORT"
    };
    for (name, _) in env::vars().filter(|(name, _)| foreign(name)) {
        command.env_remove(name);
    }
    if arguments
        .first()
        .is_some_and(|name| ASKS_A_BOT.contains(name))
    {
        // At the default address may be a bot of whoever runs the tests.
        command.env("HANDOVER_OPERATIONS", "127.0.0.1:9");
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    Handover(command)
}

/// Ends with the test, even if that is killed because it takes too long: `handover dev` never ends otherwise.
fn bound_to_the_test(command: Command) -> Command {
    if cfg!(not(target_os = "linux")) {
        return command;
    }
    let command = command.as_std();
    let mut bound = Command::new(PROGRAM);
    let test = std::process::id().to_string();
    bound.args(["parent-death", &test]);
    bound.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        bound.current_dir(folder);
    }
    bound.stdin(Stdio::null()).kill_on_drop(true);
    bound
}

pub(crate) struct Handover(Command);

impl Handover {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.0.env(name, value.as_ref());
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Lets it run.
    pub(crate) fn spawn(self, stdout: Stdio, stderr: Stdio) -> Child {
        let mut command = bound_to_the_test(self.0);
        let command = command.stdout(stdout).stderr(stderr);
        command.spawn().expect("the command starts")
    }

    pub(crate) async fn run(mut self) -> Answer {
        let output = self.0.output().await.expect("the command runs");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Answer {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// A folder of the test's own. It is gone afterwards.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{name}-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
        fs::create_dir_all(&path).expect("a folder in target");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.0.join(name), content).expect("the folder can be written to");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits for this to be so.
#[track_caller]
pub(crate) fn until(mut holds: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    let asked = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds().await {
            assert!(Instant::now() < deadline, "it is not so: {asked}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A Unix time in seconds.
pub(crate) fn seconds_from_now(seconds: u64) -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("it is after 1970").as_secs() + seconds
}

/// Serves this at a free port of this machine.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The configuration of a bot of [`PAGE`] that finds the Graph API there.
pub(crate) fn config(graph_url: &str, store: Store) -> Config {
    Config::new(PAGE, "1517776481860111")
        .access_token("token")
        .app_secret(SECRET)
        .verify_token("word")
        .graph_url(graph_url.parse().unwrap())
        .store(store)
}

/// A bot whose webhook is served.
pub(crate) struct ServedBot {
    webhook: String,
    pub(crate) handle: BotHandle,
}

impl ServedBot {
    pub(crate) async fn start(bot: Bot) -> Self {
        let (router, handle) = bot.into_parts().unwrap();
        let webhook = format!("http://{}/webhook", serve(router).await);
        Self { webhook, handle }
    }

    pub(crate) async fn receive(&self, items: impl IntoIterator<Item = Value>) {
        assert_eq!(self.post(items).await, 200);
    }

    /// What it answers to a webhook with these items of the Page.
    pub(crate) async fn post(&self, items: impl IntoIterator<Item = Value>) -> u16 {
        let items: Vec<_> = items.into_iter().collect();
        let body = json!({"object": "page", "entry": [{"id": PAGE, "messaging": items}]});
        self.post_body(&body).await
    }

    /// What it answers to a webhook, which is signed.
    pub(crate) async fn post_body(&self, body: &Value) -> u16 {
        let body = body.to_string();
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let signature = hex::encode(mac.chain_update(&body).finalize().into_bytes());
        let request = http::Client::new()
            .post(&self.webhook)
            .header("X-Hub-Signature-256", format!("sha256={signature}"))
            .body(body);
        request.send().await.unwrap().status().as_u16()
    }
}

/// A message as it comes in a webhook.
pub(crate) fn says(person: &str, text: &str) -> Value {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let mid = format!("m_{}", LAST.fetch_add(1, Ordering::Relaxed));
    json!({"sender": {"id": person}, "message": {"mid": mid, "text": text}})
}

#[derive(Signal, Serialize, Deserialize)]
pub(crate) struct Shipped {
    order: u64,
}

#[on_signal]
pub(crate) async fn shipped(signal: Signal<Shipped>) -> String {
    format!("Order {} is on its way.", signal.order)
}

/// A command that prints lines as something happens. It ends when this is dropped.
pub(crate) struct FollowingCommand {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl FollowingCommand {
    pub(crate) async fn line(&mut self) -> String {
        let line = self.lines.next_line().await.unwrap();
        line.expect("it goes on")
    }
}

/// Starts a command that follows a journal, and returns its first line. What was there when it began to look is no
/// news to it, so something happens until it is.
pub(crate) async fn follow(
    command: Handover,
    mut happens: impl AsyncFnMut(usize),
) -> (String, FollowingCommand) {
    let mut child = command.spawn(Stdio::piped(), Stdio::inherit());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut following = FollowingCommand {
        lines,
        _child: child,
    };
    for number in 1..=100 {
        happens(number).await;
        if let Ok(line) = timeout(Duration::from_millis(300), following.line()).await {
            return (line, following);
        }
    }
    panic!("it prints nothing");
}
