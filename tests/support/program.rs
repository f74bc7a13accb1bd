//! A program that runs beside a test.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take to say something.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running program; dropping it ends it. What it prints is shown if the test fails.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Self> {
        Self::with_input(command, Stdio::null())
    }

    /// Starts it with this socket as its standard input, to accept connections from. The command is
    /// used up, for it holds the socket open even if the program has ended.
    pub(crate) fn serving(mut command: Command, socket: TcpListener) -> std::io::Result<Self> {
        Self::with_input(&mut command, OwnedFd::from(socket).into())
    }

    fn with_input(command: &mut Command, input: Stdio) -> std::io::Result<Self> {
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (sender, lines) = channel();
        pass_on(child.stdout.take(), sender.clone());
        pass_on(child.stderr.take(), sender);
        Ok(Self {
            child,
            lines,
            seen: Vec::new(),
        })
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Reads on until a line holds what is looked for.
    pub(crate) fn wait_for<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("the program did not print {what}");
            };
            let found = find(&line);
            self.seen.push(line);
            if let Some(found) = found {
                return found;
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            self.seen.extend(self.lines.try_iter());
            eprintln!("--- printed by the program:\n{}\n---", self.seen.join("\n"));
        }
    }
}

/// Keeps reading, for a program that nobody listens to would stop at a full pipe.
fn pass_on(stream: Option<impl Read + Send + 'static>, to: Sender<String>) {
    let stream = stream.expect("the stream is piped");
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}
