//! Instructions and allocations of dispatch, counted by valgrind: the difference between many events and
//! few is what an event takes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Bench;
use crate::report::Report;
use crate::statistics::figure;

/// Routes of the long list that do not match, in `benches/dispatch`.
const MISSES: f64 = 50.0;
/// Allocations of the long list for all its routes together: the text is brought into its normal form once.
const FOR_ALL_ROUTES: f64 = 1.0;

const FEW: u32 = 200;
const MANY: u32 = 1200;

pub(crate) fn measure(bench: &Bench, report: &mut Report) {
    report.heading("Dispatch: route, extract, outcome");
    let Some(program) = program() else {
        report.line("Not measured: `benches/run` builds the program.");
        return;
    };
    let variants = [
        ("no route", ["handover", "0"]),
        ("a route that takes it", ["handover", "1"]),
        (
            "50 routes that do not match, and one that takes it",
            ["handover", "51"],
        ),
        ("a `match` by hand with 51 arms", ["match", "51"]),
    ];
    let has_valgrind =
        !bench.options.quick && Command::new("valgrind").arg("--version").output().is_ok();
    let mut counted = Vec::new();
    for (_, variant) in variants {
        let events = u32::try_from(bench.count(200_000, 1000)).unwrap_or(FEW);
        let times =
            (0..bench.options.rounds).filter_map(|_| nanoseconds(&program, variant, events));
        let time = times.fold(f64::NAN, f64::min);
        let of = |tool| {
            let difference =
                count(&program, variant, MANY, tool)? - count(&program, variant, FEW, tool)?;
            Some(difference / f64::from(MANY - FEW))
        };
        let valgrind = has_valgrind.then(|| (of(Tool::Instructions), of(Tool::Allocations)));
        let (instructions, allocations) = valgrind.unwrap_or_default();
        counted.push((
            time,
            instructions.unwrap_or(f64::NAN),
            allocations.unwrap_or(f64::NAN),
        ));
    }
    let rows: Vec<_> = variants
        .iter()
        .zip(&counted)
        .map(|((name, _), (time, instructions, allocations))| {
            vec![
                (*name).to_owned(),
                figure(*time),
                figure(*instructions),
                figure(*allocations),
            ]
        })
        .collect();
    report.table(&["", "ns, best", "instructions", "allocations"], &rows);
    let [none, one, many, by_match] = &counted[..] else {
        return;
    };
    report.line(
        "\nThe first three go through `handover::testing::Dispatcher`, which makes the event and a context as well: what it takes without a route is not dispatch. The last makes the event, too.",
    );
    if !has_valgrind {
        report.line("Instructions and allocations were not counted: the run is quick, or valgrind is not installed.");
    }
    report.at_most(
        "dispatch of an event, in time",
        1000.0,
        one.0 - none.0,
        "ns",
    );
    if has_valgrind {
        let per_miss = (many.1 - one.1) / MISSES;
        report.line(&format!(
            "A route that does not match takes {} instructions; above a `match`, dispatch to 51 routes takes {} ({} ×).",
            figure(per_miss),
            figure(many.1 - by_match.1),
            figure(many.1 / by_match.1)
        ));
        report.at_most(
            "allocations for a route that does not match",
            0.0,
            (many.2 - one.2 - FOR_ALL_ROUTES) / MISSES,
            "",
        );
    }
}

#[derive(Clone, Copy)]
enum Tool {
    Instructions,
    Allocations,
}

/// What valgrind counts in a whole run.
fn count(program: &Path, variant: [&str; 2], events: u32, tool: Tool) -> Option<f64> {
    let mut command = Command::new("valgrind");
    match tool {
        Tool::Instructions => command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]),
        Tool::Allocations => command.args([
            "--tool=memcheck",
            "--leak-check=no",
            "--undef-value-errors=no",
        ]),
    };
    let output = command
        .arg(program)
        .args(variant)
        .arg(events.to_string())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let after = |name: &str| {
        let line = text.lines().find(|line| line.contains(name))?;
        let number = line.split(name).nth(1)?.split_whitespace().next()?;
        number.replace(',', "").parse().ok()
    };
    match tool {
        Tool::Instructions => after("Collected :"),
        Tool::Allocations => after("total heap usage:"),
    }
}

/// Nanoseconds for an event, as the program says.
fn nanoseconds(program: &Path, variant: [&str; 2], events: u32) -> Option<f64> {
    let mut command = Command::new(program);
    let output = command
        .args(variant)
        .arg(events.to_string())
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// The newest program of `benches/dispatch`, beside this one.
fn program() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let entries = std::fs::read_dir(here.parent()?)
        .ok()?
        .filter_map(Result::ok);
    let programs = entries.map(|entry| entry.path()).filter(|path| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        name.starts_with("dispatch-") && !name.contains('.')
    });
    programs.max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok())
}
