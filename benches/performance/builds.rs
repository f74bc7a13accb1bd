//! What building a bot costs: each template beside a bot by hand on axum and reqwest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::bench::Bench;
use crate::contenders::{root, target};
use crate::report::Report;
use crate::statistics::{Rounds, figure};

const BY_HAND: &str = "by hand on axum and reqwest";

/// What the template `minimal` does, by hand: it is built, not run.
const BY_HAND_SOURCE: &str = include_str!("by_hand_template.rs");

const BY_HAND_MANIFEST: &str = r#"[package]
name = "bot"
edition = "2024"

[workspace]

[dependencies]
axum = "0.8"
hex = "0.4"
hmac = "0.13"
reqwest = { version = "0.13", features = ["json"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
sha2 = "0.11"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
tracing = "0.1"
tracing-subscriber = "0.3"

[profile.dev]
debug = "line-tables-only"

[profile.release]
codegen-units = 1
"#;

/// A package that is built.
struct Package {
    name: String,
    directory: PathBuf,
}

/// What building it took.
struct Built {
    /// Processor seconds, and seconds by the clock, of the first build.
    clean: (f64, f64),
    crates: usize,
    /// Processor seconds after a change of one handler.
    incremental: f64,
    /// MiB, stripped.
    size: f64,
}

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    report.heading("Building a bot");
    if bench.options.quick {
        report.line("Not part of a quick run.");
        return;
    }
    let work = target().join("performance-builds");
    let packages = packages(&work);
    let built = packages.and_then(|packages| {
        let built = packages.iter().map(|package| {
            eprintln!("builds: {}", package.name);
            package.build(&work, bench.options.rounds)
        });
        let built: Vec<_> = built.collect::<Result<_, _>>()?;
        Ok(packages.into_iter().zip(built).collect::<Vec<_>>())
    });
    match built {
        Ok(built) => print(&built, report),
        Err(error) => report.line(&format!("Failed: {error}")),
    }
    if let Err(error) = first_minute(&work, report) {
        report.line(&format!("Failed: {error}"));
    }
    let _ = fs::remove_dir_all(&work);
}

/// What somebody waits for who has just cloned the repository.
fn first_minute(work: &Path, report: &mut Report) -> Result<(), String> {
    let repository = Package {
        name: "this repository".to_owned(),
        directory: root().to_owned(),
    };
    let dev = work.join("dev");
    let _ = fs::remove_dir_all(&dev);
    let commands = [
        &["build", "--locked", "--example", "live_chat"][..],
        &["build", "--locked", "-p", "handover-sim"],
    ];
    let mut rows = Vec::new();
    for (command, after) in commands.into_iter().zip(["", ", after it"]) {
        eprintln!("builds: cargo {}", command.join(" "));
        let built = repository.cargo(command, &dev, "1")?;
        rows.push(vec![
            format!("`cargo {}`{after}", command.join(" ")),
            figure(built.cpu),
            figure(built.seconds),
            built.crates.to_string(),
        ]);
    }
    report.line("\nThe first builds in a new clone:\n");
    report.table(&["", "cpu, s", "by the clock, s", "crates"], &rows);
    Ok(())
}

fn print(built: &[(Package, Built)], report: &mut Report) {
    let Some(((_, by_hand), templates)) = built.split_first() else {
        return;
    };
    let times = |value: f64, of: f64| format!("{} = {:.2} ×", figure(value), value / of);
    let rows: Vec<_> = built
        .iter()
        .map(|(package, built)| {
            vec![
                package.name.clone(),
                times(built.clean.0, by_hand.clean.0),
                figure(built.clean.1),
                built.crates.to_string(),
                times(built.incremental, by_hand.incremental),
                times(built.size, by_hand.size),
            ]
        })
        .collect();
    report.table(
        &[
            "",
            "first build, cpu s",
            "by the clock, s",
            "crates",
            "after a change, cpu s",
            "release, MiB",
        ],
        &rows,
    );
    report.line("\nTemplates without the simulator, as in production. The first two columns and the fourth are of the `dev` profile, crates fetched before; the last one is stripped.");
    let worst = |figure: fn(&Built) -> f64| {
        let ratios = templates
            .iter()
            .map(|(_, built)| figure(built) / figure(by_hand));
        ratios.fold(f64::NAN, f64::max)
    };
    let clean = worst(|built| built.clean.0);
    report.at_most(
        "first build of the slowest template, by axum and reqwest",
        1.35,
        clean,
        "×",
    );
    let incremental = worst(|built| built.incremental);
    report.at_most(
        "build after a change of a handler, slowest template",
        1.35,
        incremental,
        "×",
    );
    let size = worst(|built| built.size);
    report.at_most("stripped program of the largest template", 1.2, size, "×");
}

/// The bot by hand, then all templates.
fn packages(work: &Path) -> Result<Vec<Package>, String> {
    let mut packages = vec![Package::by_hand(work)?];
    let entries = fs::read_dir(root().join("templates")).map_err(|error| error.to_string())?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter(|name| !name.starts_with('_')).collect();
    names.sort();
    for name in names {
        packages.push(Package::template(work, &name)?);
    }
    Ok(packages)
}

impl Package {
    fn by_hand(work: &Path) -> Result<Self, String> {
        let directory = work.join("by-hand");
        write(&directory.join("Cargo.toml"), BY_HAND_MANIFEST)?;
        write(&directory.join("src/main.rs"), BY_HAND_SOURCE)?;
        Self::locked(BY_HAND.to_owned(), directory)
    }

    /// The package that `handover new` makes, with this checkout as its dependency.
    fn template(work: &Path, name: &str) -> Result<Self, String> {
        let directory = work.join(name);
        let root = root().canonicalize().map_err(|error| error.to_string())?;
        for layer in ["_shared", name] {
            let layer = root.join("templates").join(layer);
            for file in files(&layer) {
                let path = directory.join(file.strip_prefix(&layer).unwrap_or(&file));
                let path = match path.extension() {
                    Some(ending) if ending == "liquid" => path.with_extension(""),
                    _ => path,
                };
                let content = fs::read_to_string(&file).map_err(|error| error.to_string())?;
                let content = content
                    .replace("{{project-name}}", "bot")
                    .replace("{{crate_name}}", "bot")
                    .replace("{{handover}}", &format!("path = \"{}\"", root.display()));
                let is_manifest = path.ends_with("Cargo.toml");
                let workspace = if is_manifest { "\n[workspace]\n" } else { "" };
                write(&path, &(content + workspace))?;
            }
        }
        Self::locked(format!("the template `{name}`"), directory)
    }

    /// With the versions of this repository, as far as it has them.
    fn locked(name: String, directory: PathBuf) -> Result<Self, String> {
        fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock"))
            .map_err(|error| error.to_string())?;
        let package = Self { name, directory };
        package.cargo(&["fetch", "-q"], Path::new("unused"), "0")?;
        Ok(package)
    }

    fn build(&self, work: &Path, rounds: usize) -> Result<Built, String> {
        let dev = work.join("dev");
        let _ = fs::remove_dir_all(&dev);
        let build = ["build", "--no-default-features", "--bin", "bot"];
        let clean = self.cargo(&build, &dev, "1")?;
        let mut changes = Vec::new();
        for round in 0..=rounds {
            self.change_a_handler(round)?;
            changes.push(self.cargo(&build, &dev, "1")?.cpu);
        }
        // The first one fills the cache.
        let incremental: Rounds = changes.into_iter().skip(1).collect();
        let release = work.join("release");
        self.cargo(&[&build[..], &["--release"]].concat(), &release, "0")?;
        let program = release.join("release/bot");
        let size = fs::metadata(program)
            .map_err(|error| error.to_string())?
            .len();
        Ok(Built {
            clean: (clean.cpu, clean.seconds),
            crates: clean.crates,
            incremental: incremental.median(),
            size: size as f64 / f64::from(1 << 20),
        })
    }

    /// Adds a line to the first function, or changes it.
    fn change_a_handler(&self, round: usize) -> Result<(), String> {
        const LINE: &str = "    std::hint::black_box(";
        let sources =
            ["src/bot.rs", "src/lib.rs", "src/main.rs"].map(|path| self.directory.join(path));
        let source = sources
            .iter()
            .find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("\nasync fn ")));
        let source = source.ok_or_else(|| format!("{} has no handler", self.name))?;
        let text = fs::read_to_string(source).map_err(|error| error.to_string())?;
        let lines = text.lines().filter(|line| !line.starts_with(LINE));
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        let handler = text.find("\nasync fn ");
        let body = handler.and_then(|start| Some(start + text[start..].find(" {\n")? + 3));
        let body = body.ok_or_else(|| format!("{} has no handler", self.name))?;
        let (before, after) = text.split_at(body);
        write(source, &format!("{before}{LINE}{round});\n{after}"))
    }

    fn cargo(
        &self,
        arguments: &[&str],
        into: &Path,
        incremental: &str,
    ) -> Result<Finished, String> {
        let begun = Instant::now();
        let cpu = children_cpu();
        let output = Command::new("cargo")
            .args(arguments)
            .current_dir(&self.directory)
            .env("CARGO_TARGET_DIR", into)
            .env("CARGO_INCREMENTAL", incremental)
            .env("CARGO_PROFILE_RELEASE_STRIP", "true")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTC_WRAPPER")
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("{}: cargo {arguments:?}:\n{text}", self.name));
        }
        let lines = text.lines().map(str::trim_start);
        Ok(Finished {
            cpu: children_cpu() - cpu,
            seconds: begun.elapsed().as_secs_f64(),
            crates: lines.filter(|line| line.starts_with("Compiling ")).count(),
        })
    }
}

struct Finished {
    cpu: f64,
    seconds: f64,
    crates: usize,
}

/// Processor seconds of all that this program has started and that has ended.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // After the name, which may hold anything in parentheses.
    let fields: Vec<_> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    let ticks = fields[13..15]
        .iter()
        .map(|ticks| ticks.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(directory).into_iter().flatten();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                directories.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

fn write(path: &Path, content: &str) -> Result<(), String> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| format!("{}: {error}", path.display()))
}
