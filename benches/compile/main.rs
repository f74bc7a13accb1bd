//! What a handler costs to compile, beside the same handler in other frameworks.
//!
//! ```sh
//! cargo bench --profile dev -p handover-benches --bench compile         # best of 5 rounds
//! cargo bench --profile dev -p handover-benches --bench compile -- 10   # best of 10
//! ```
//!
//! For each framework it generates a package in `target/compile-bench/` with the same program twice:
//! without handlers, and with 100 of them. The difference is what the handlers cost. It exits with 1
//! if `handover` costs more than it may.

mod bounds;
mod cargo;
mod families;
mod figures;
mod package;
mod table;
mod template;

use std::error::Error;
use std::process::ExitCode;

use bounds::Bound;
use figures::Figures;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const COMMAND: &str = "cargo bench --profile dev -p handover-benches --bench compile";

const ROUNDS: u32 = 5;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts this as well, and did not ask for minutes of measurement.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing measured: run `{COMMAND}`");
        return Ok(ExitCode::SUCCESS);
    }
    let figures = Figures::measure(rounds(&arguments)?)?;
    table::print(&figures)?;
    let bounds = bounds::of(&figures)?;
    println!();
    for bound in &bounds {
        println!("{bound}");
    }
    Ok(if bounds.iter().all(Bound::is_held) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn rounds(arguments: &[String]) -> Result<u32> {
    let number = arguments.iter().find(|argument| *argument != "--bench");
    let Some(number) = number else {
        return Ok(ROUNDS);
    };
    match number.parse() {
        Ok(rounds @ 1..=50) => Ok(rounds),
        _ => {
            Err(format!("`{number}` is not a number of rounds, 1 to 50: `{COMMAND} -- 10`").into())
        }
    }
}
