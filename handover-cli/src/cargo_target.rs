//! The program of a Cargo project that is the bot.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

/// Cargo's options to select a program.
#[derive(Args, Clone)]
pub(crate) struct CargoTarget {
    /// The package, in a workspace
    #[arg(long, short, value_name = "NAME")]
    package: Option<String>,
    /// The binary, where there are several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// An example instead of a binary
    #[arg(long, value_name = "NAME", conflicts_with = "bin")]
    example: Option<String>,
    /// Features to switch on
    #[arg(long, short = 'F', value_name = "FEATURES")]
    features: Option<String>,
    /// The project's Cargo.toml
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Build with optimizations
    #[arg(long)]
    release: bool,
}

impl CargoTarget {
    /// `cargo SUBCOMMAND` for this program.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        // Set where the command was called as `cargo handover`.
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.arg(subcommand);
        let named = [
            ("--package", &self.package),
            ("--bin", &self.bin),
            ("--example", &self.example),
            ("--features", &self.features),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                command.args([name, value]);
            }
        }
        if let Some(path) = &self.manifest_path {
            command.arg("--manifest-path").arg(path);
        }
        if self.release {
            command.arg("--release");
        }
        command
    }

    /// The folder of the project, if there is one.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let manifest = match &self.manifest_path {
            Some(path) => path.canonicalize().ok()?,
            None => {
                let here = env::current_dir().ok()?;
                let above = here.ancestors().map(|folder| folder.join("Cargo.toml"));
                above.into_iter().find(|path| path.is_file())?
            }
        };
        manifest.parent().map(PathBuf::from)
    }
}
