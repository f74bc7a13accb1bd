//! `docs/performance.md`: what is measured is between two marks; the rest is written by hand.

use std::fs;
use std::process::Command;

use crate::bench::Bench;
use crate::contenders::{root, target};
use crate::report::Report;

const BEGIN: &str = "<!-- `benches/run` writes what follows. -->";
const END: &str = "<!-- To here. -->";

/// Replaces what is between the marks.
pub(crate) fn write(figures: &str) -> Result<(), String> {
    let path = root().join("docs/performance.md");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let old = fs::read_to_string(&path).map_err(failed)?;
    let marked = old.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = marked.ok_or_else(|| format!("{} has lost its marks", path.display()))?;
    fs::write(
        &path,
        format!("{before}{BEGIN}\n\n{}\n{END}{after}", figures.trim()),
    )
    .map_err(failed)
}

/// The machine, the versions, the command, and what each bot does not do.
pub(crate) fn introduce(bench: &Bench, report: &mut Report) {
    report.heading("The run");
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|one| one != "--bench")
        .collect();
    let command = ["benches/run".to_owned()].into_iter().chain(arguments);
    let command = command.collect::<Vec<_>>().join(" ");
    report.texts(&[
        ("command", format!("`{command}`")),
        ("day", output("date", &["-u", "+%F %H:%M UTC"])),
        (
            "commit",
            output("git", &["describe", "--always", "--dirty"]),
        ),
        ("machine", machine()),
        ("load before", load()),
        ("system", output("uname", &["-sr"])),
        ("Rust", output("rustc", &["--version"])),
        ("profile", profile().to_owned()),
        ("SQLite", rusqlite::version().to_owned()),
        ("PostgreSQL", postgres(bench)),
        (
            "others",
            if bench.options.rust_only {
                "–".to_owned()
            } else {
                others()
            },
        ),
        (
            "rounds",
            format!("{}, in each all bots in turn", bench.options.rounds),
        ),
    ]);
    report.heading("The bots, and what they do not do");
    let contenders = bench.contenders();
    let rows = contenders.map(|contender| (contender.name(), contender.lacks().to_owned()));
    report.texts(&rows.collect::<Vec<_>>());
}

const fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "dev: **the figures say nothing**"
    } else {
        "release: one codegen unit, SQLite optimised for size; mimalloc for all bots in Rust"
    }
}

fn machine() -> String {
    let cpu = field_of("/proc/cpuinfo", "model name");
    let memory = field_of("/proc/meminfo", "MemTotal");
    let kib: f64 = memory.trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cpu}, {cores} cores, {:.0} GiB", kib / f64::from(1 << 20))
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// The first value of a name in a file of `/proc`.
fn field_of(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(
        || "unknown".to_owned(),
        |(_, value)| value.trim().to_owned(),
    )
}

fn postgres(bench: &Bench) -> String {
    let server = bench.database.as_ref();
    let version = server.and_then(|server| server.query("SHOW server_version").ok());
    version.unwrap_or_else(|| "–".to_owned())
}

/// Versions of what is not Rust.
fn others() -> String {
    let mut versions = vec![format!("Node.js {}", output("node", &["--version"]))];
    for package in [
        "bottender",
        "messaging-api-messenger",
        "messenger-node",
        "express",
    ] {
        let path = target().join(format!("clients/node_modules/{package}/package.json"));
        let manifest = fs::read_to_string(path).unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
        let version = manifest["version"].as_str().unwrap_or("missing");
        versions.push(format!("{package} {version}"));
    }
    let python = target().join("peers/python/bin/python");
    versions.push(output(&python.display().to_string(), &["--version"]));
    let requirements = fs::read_to_string(root().join("benches/peers/requirements.txt"));
    for line in requirements
        .unwrap_or_default()
        .lines()
        .take_while(|line| !line.is_empty())
    {
        versions.push(line.replace("==", " "));
    }
    versions.join(", ")
}

/// What a command prints.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .output();
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    output.unwrap_or_else(|_| "missing".to_owned())
}
