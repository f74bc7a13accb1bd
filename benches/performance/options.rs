//! Options of the command.

use std::time::Duration;

use lexopt::prelude::*;

use crate::SECTIONS;

pub(crate) const USAGE: &str = "\
Usage: benches/run [options]

Measures everything, beside bots by hand and other libraries, and writes docs/performance.md.

  --only SECTION  only this section, printed and not written; may be repeated:
                  read, echo, handoff, batch, large, slow, growth, signals, busy, syncs, start, dispatch, builds
  --skip SECTION  all but this section; may be repeated
  --rust          only the bots in Rust, so nothing is installed
  --rounds N      rounds of each comparison; default: 5
  --minutes N     how long the load for growth lasts; default: 5
  --hours N       the same in hours
  --quick         few of everything and built without optimisation, which shows that it works
";

pub(crate) struct Options {
    pub(crate) only: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) rust_only: bool,
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    pub(crate) growth: Duration,
}

impl Options {
    /// Whether the section is to be measured.
    pub(crate) fn wants(&self, section: &str) -> bool {
        let is_named = |names: &[String]| names.iter().any(|name| name == section);
        (self.only.is_empty() || is_named(&self.only)) && !is_named(&self.skip)
    }

    /// `None` if help is wanted.
    pub(crate) fn parse(arguments: Vec<String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            only: Vec::new(),
            skip: Vec::new(),
            rust_only: false,
            quick: false,
            rounds: 5,
            growth: Duration::from_secs(5 * 60),
        };
        let mut minutes = None;
        let mut rounds = None;
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(described)? {
            match argument {
                Long("only") => options.only.push(section(&mut parser)?),
                Long("skip") => options.skip.push(section(&mut parser)?),
                Long("rust") => options.rust_only = true,
                Long("quick") => options.quick = true,
                Long("rounds") => rounds = Some(number(&mut parser)? as usize),
                Long("minutes") => minutes = Some(number(&mut parser)?),
                Long("hours") => minutes = Some(number(&mut parser)? * 60.0),
                Long("help") | Short('h') => return Ok(None),
                // Cargo gives this to each benchmark.
                Long("bench") => {}
                other => return Err(other.unexpected().to_string()),
            }
        }
        if options.quick {
            options.rounds = 1;
            options.growth = Duration::from_secs(5);
        }
        if let Some(rounds) = rounds {
            options.rounds = rounds.max(1);
        }
        if let Some(minutes) = minutes {
            options.growth = Duration::from_secs_f64(minutes * 60.0);
        }
        Ok(Some(options))
    }
}

fn section(parser: &mut lexopt::Parser) -> Result<String, String> {
    let name = parser.value().and_then(ValueExt::string);
    let name = name.map_err(described)?;
    if SECTIONS.iter().any(|(section, _)| *section == name) {
        return Ok(name);
    }
    let names: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
    Err(format!(
        "no section `{name}`: there are {}",
        names.join(", ")
    ))
}

fn number(parser: &mut lexopt::Parser) -> Result<f64, String> {
    let value = parser.value().map_err(described)?;
    let number = value.parse::<f64>().map_err(described)?;
    if number > 0.0 && number <= 1000.0 {
        return Ok(number);
    }
    Err(format!("{number} is not above 0 and at most 1000"))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn described(error: lexopt::Error) -> String {
    error.to_string()
}
