//! A generated package with two programs, and what compiling them took.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::cargo::{self, Finished};
use crate::template::{HANDLERS, Template};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What is measured of a program, always the best of all rounds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quantity {
    /// Processor seconds of `cargo check`.
    Check,
    /// Processor seconds of `cargo build`.
    Build,
    /// Seconds that rustc spent in macros.
    Expansion,
}

impl Quantity {
    pub(crate) const ALL: [Self; 3] = [Self::Check, Self::Build, Self::Expansion];
}

/// One of the two programs of a package.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Program {
    Empty,
    Full,
}

impl Program {
    pub(crate) const ALL: [Self; 2] = [Self::Empty, Self::Full];

    fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Full => "full",
        }
    }

    fn handlers(self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Full => HANDLERS,
        }
    }
}

pub(crate) struct Package {
    template: &'static Template,
    directory: PathBuf,
    best: HashMap<(Quantity, Program), f64>,
}

impl Package {
    /// Writes the package, and builds it with its dependencies, which are not measured.
    pub(crate) fn generate(template: &'static Template) -> Result<Self> {
        let name = template.name;
        let package = Self {
            template,
            directory: Path::new(ROOT).join("target/compile-bench").join(name),
            best: HashMap::new(),
        };
        fs::create_dir_all(package.directory.join("src/bin"))?;
        let dependencies = template.dependencies.replace("ROOT", ROOT);
        let manifest = format!(
            "[package]\nname = \"{name}-bench\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}\n"
        );
        fs::write(package.directory.join("Cargo.toml"), manifest)?;
        for program in Program::ALL {
            package.write(program)?;
        }
        package.cargo(&["check"])?;
        package.cargo(&["build"])?;
        Ok(package)
    }

    /// Compiles the program, and nothing but the program, once more.
    pub(crate) fn measure(&mut self, quantity: Quantity, program: Program) -> Result<()> {
        self.write(program)?;
        let bin = ["--bin", program.name()];
        let finished = match quantity {
            Quantity::Check => self.cargo(&[&["check"], &bin[..]].concat())?,
            Quantity::Build => self.cargo(&[&["build"], &bin[..]].concat())?,
            Quantity::Expansion => self.cargo(
                &[
                    &["rustc", "--profile", "check"],
                    &bin[..],
                    &["--", "-Ztime-passes"],
                ]
                .concat(),
            )?,
        };
        if compiled(&finished) != 1 {
            let messages = finished.messages;
            return Err(format!("not only the program was compiled, so its sources or dependencies changed during the measurement:\n{messages}").into());
        }
        let figure = match quantity {
            Quantity::Check | Quantity::Build => finished.cpu,
            Quantity::Expansion => expansion(&finished)?,
        };
        let best = self.best.entry((quantity, program)).or_insert(figure);
        *best = best.min(figure);
        Ok(())
    }

    /// What one handler costs, in milliseconds.
    pub(crate) fn per_handler(&self, quantity: Quantity) -> f64 {
        let best = |program| {
            self.best
                .get(&(quantity, program))
                .copied()
                .unwrap_or(f64::NAN)
        };
        (best(Program::Full) - best(Program::Empty)) * 1000.0 / HANDLERS as f64
    }

    /// What `cargo tree` prints, line by line.
    pub(crate) fn tree(&self, arguments: &[&str]) -> Result<Vec<String>> {
        let tree = self.cargo(&[&["tree", "--prefix", "none"], arguments].concat())?;
        Ok(tree.output.lines().map(str::to_owned).collect())
    }

    /// Cargo takes a file that was just written for changed.
    fn write(&self, program: Program) -> Result<()> {
        let file = format!("src/bin/{}.rs", program.name());
        let source = self.template.source(program.handlers());
        Ok(fs::write(self.directory.join(file), source)?)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Finished> {
        cargo::run(&self.directory, arguments)
    }
}

/// How many crates cargo says it compiled.
fn compiled(finished: &Finished) -> usize {
    let lines = finished.messages.lines().map(str::trim_start);
    lines
        .filter(|line| line.starts_with("Checking ") || line.starts_with("Compiling "))
        .count()
}

/// From a line such as `time:   0.038; rss:   61MB ->   83MB ( +22MB)  macro_expand_crate`.
fn expansion(finished: &Finished) -> Result<f64> {
    let seconds = finished
        .messages
        .lines()
        .find(|line| line.ends_with("\tmacro_expand_crate"))
        .and_then(|line| line.strip_prefix("time:")?.split(';').next())
        .ok_or("rustc did not say how long macros took")?;
    Ok(seconds.trim().parse()?)
}
