//! `cargo handover …`: Cargo looks for a program with this name. It runs `handover …`.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // Cargo repeats its subcommand's name.
    let arguments = env::args_os().skip(1);
    let arguments = arguments.skip(usize::from(
        env::args_os()
            .nth(1)
            .is_some_and(|first| first == "handover"),
    ));
    let beside = env::current_exe()
        .map(|this| this.with_file_name(format!("handover{}", env::consts::EXE_SUFFIX)));
    let program = match beside {
        Ok(program) if program.is_file() => program,
        _ => "handover".into(),
    };
    match Command::new(&program).args(arguments).status() {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into(),
        Err(error) => {
            eprintln!(
                "error: {} cannot be run ({error}); run `cargo install --path handover-cli` in a clone of handover",
                program.display()
            );
            ExitCode::FAILURE
        }
    }
}
