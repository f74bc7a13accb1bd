//! Other processes, and what they take of the machine.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A program that is measured. Dropping it ends it, and all that it has started.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts a program whose standard input is a socket that listens already: so its address is known
    /// before it runs, and what comes in meanwhile waits.
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let child = command
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("{command:?} does not start: {error}"))?;
        Ok(Self { child, address })
    }

    pub(crate) fn tree(&self) -> Tree {
        Tree(self.child.id())
    }

    /// Ends what the program has started and waits until it has ended by itself, as `strace` does.
    pub(crate) fn end_traced(mut self) {
        for process in self.tree().processes().split_off(1) {
            kill(process);
        }
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for process in self.tree().processes() {
            kill(process);
        }
        let _ = self.child.wait();
    }
}

/// A process and all processes that it and its children have started.
#[derive(Clone, Copy)]
pub(crate) struct Tree(pub(crate) u32);

impl Tree {
    /// Its ids, parents first.
    pub(crate) fn processes(self) -> Vec<u32> {
        let mut all = vec![self.0];
        let mut next = 0;
        while let Some(process) = all.get(next) {
            for thread in threads(*process) {
                let children = fs::read_to_string(format!("{thread}/children"));
                let children = children.unwrap_or_default();
                all.extend(children.split(' ').filter_map(|id| id.parse::<u32>().ok()));
            }
            next += 1;
        }
        all
    }

    /// Seconds of processor time so far, of the threads that there are.
    pub(crate) fn cpu(self) -> f64 {
        let threads = self.processes().into_iter().flat_map(threads);
        let nanoseconds = threads.filter_map(|thread| {
            let times = fs::read_to_string(format!("{thread}/schedstat")).ok()?;
            times.split(' ').next()?.parse::<f64>().ok()
        });
        nanoseconds.sum::<f64>() / 1e9
    }

    /// MiB in memory. What several processes share counts for each.
    pub(crate) fn memory(self) -> f64 {
        let kib = self.sum("status", "VmRSS:");
        kib / 1024.0
    }

    /// Bytes so far that were to be written to disks.
    pub(crate) fn written(self) -> f64 {
        self.sum("io", "write_bytes:")
    }

    fn sum(self, file: &str, name: &str) -> f64 {
        let values = self.processes().into_iter().filter_map(|process| {
            let text = fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        });
        values.sum()
    }
}

/// The directories of a process's threads; none if it has ended.
fn threads(process: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{process}/task"));
    let entries = entries.into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// Sends SIGKILL; a process that has ended meanwhile is fine.
fn kill(process: u32) {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        let _ = kill_process(id, Signal::KILL);
    }
}
