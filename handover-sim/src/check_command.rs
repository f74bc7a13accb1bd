//! `handover-sim check`: compares a recording with the rules.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use handover_sim::check::{AssumedRouting, CheckOptions, check};
use handover_sim::platform::Behavior;
use lexopt::{Arg, Parser, ValueExt};
use serde_json::Value;

/// What `check` is asked for.
pub(crate) struct CheckCommand {
    file: PathBuf,
    json: bool,
    options: CheckOptions,
}

/// Why its arguments are refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckUsageError {
    #[error("{0}; see `handover-sim check --help`")]
    Malformed(#[from] lexopt::Error),
    #[error("name the recording: `handover-sim check talk.jsonl`; `-` reads standard input")]
    NoFile,
    #[error("`--behavior` takes a setting and its value, such as `app_ids=strings`: {0}")]
    Behavior(String),
    #[error("there is no routing \"{0}\"; these exist: conversation, zero-config, legacy")]
    Routing(String),
}

pub(crate) const HELP: &str = "\
Compare a recording of what really happened with the rules of the simulator

A bot writes the recording: `handover record --out talk.jsonl`, or HANDOVER_RECORD. Each difference is
named by the rule of docs/simulator/rules.md that it contradicts.

Usage: handover-sim check [OPTIONS] <FILE>

Arguments:
  <FILE>                      The recording; `-` reads standard input

Options:
      --json                  Print JSON
      --behavior <NAME=VALUE> Compare with another choice of the rules. Can be repeated
      --routing <MODE>        Routing of the accounts: conversation, zero-config or legacy [default: what
                              the recording shows, or what fits best]
  -h, --help                  Print help

Exit status: 0 no difference, 1 differences, 2 wrong usage or an unreadable recording.";

impl CheckCommand {
    /// Reads the arguments after `check`. `None`: help.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Option<Self>, CheckUsageError> {
        let mut parser = Parser::from_args(arguments);
        let (mut file, mut json, mut options) = (None, false, CheckOptions::default());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Long("json") => json = true,
                Arg::Long("behavior") => {
                    let given = parser.value()?.string()?;
                    options.behavior = with(options.behavior, &given)?;
                }
                Arg::Long("routing") => {
                    let given = parser.value()?.string()?;
                    options.routing = Some(match given.as_str() {
                        "conversation" => AssumedRouting::Conversation,
                        "zero-config" | "zero_config" => AssumedRouting::ZeroConfig,
                        "legacy" => AssumedRouting::Legacy,
                        _ => return Err(CheckUsageError::Routing(given)),
                    });
                }
                Arg::Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
                other => return Err(other.unexpected().into()),
            }
        }
        let file = file.ok_or(CheckUsageError::NoFile)?;
        Ok(Some(Self {
            file,
            json,
            options,
        }))
    }

    /// Prints the differences.
    pub(crate) fn run(&self) -> ExitCode {
        let name = self.file.display();
        let input: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            match File::open(&self.file) {
                Ok(file) => Box::new(file),
                Err(error) => {
                    eprintln!("handover-sim: {name} cannot be opened: {error}");
                    return ExitCode::from(2);
                }
            }
        };
        let report = match check(BufReader::new(input), &self.options) {
            Ok(report) => report,
            Err(error) => {
                eprintln!("handover-sim: {name}: {error}");
                return ExitCode::from(2);
            }
        };
        let text = match self.json {
            true => serde_json::to_string_pretty(&report).unwrap_or_default(),
            false => report.to_string(),
        };
        // Whoever reads it may have read enough.
        let _ = io::Write::write_fmt(&mut io::stdout(), format_args!("{text}\n"));
        match report.agrees() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

/// This behavior with another value of a setting.
fn with(behavior: Behavior, given: &str) -> Result<Behavior, CheckUsageError> {
    let refused = |why: &str| CheckUsageError::Behavior(why.to_owned());
    let (name, value) = given.split_once('=').ok_or_else(|| refused(given))?;
    let mut all = serde_json::to_value(behavior).map_err(|error| refused(&error.to_string()))?;
    if let Value::Object(all) = &mut all {
        let value = serde_json::from_str(value).ok().filter(Value::is_object);
        let text = || given.split_once('=').map(|(_, value)| value.into());
        all.insert(name.to_owned(), value.or_else(text).unwrap_or_default());
    }
    serde_json::from_value(all).map_err(|error| refused(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<CheckCommand>, CheckUsageError> {
        CheckCommand::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_choice_can_be_another_one() {
        let command = parse("--behavior app_ids=strings --json talk.jsonl");
        let Ok(Some(command)) = command else {
            panic!("it is understood");
        };
        let written = serde_json::to_value(command.options.behavior).unwrap_or_default();
        assert_eq!(written["app_ids"], "strings");
        assert!(command.json && command.options.routing.is_none());
    }

    #[test]
    fn mistakes_are_named() {
        for (line, hint) in [
            ("", "name the recording"),
            ("a b", "b"),
            ("--behavior app_ids talk", "app_ids=strings"),
            ("--behavior app_id=strings talk", "app_id"),
            ("--behavior app_ids=text talk", "text"),
            ("--routing chaos talk", "zero-config"),
            ("--frobnicate", "--frobnicate"),
        ] {
            let error = parse(line)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.contains(hint), "`{line}`: {error}");
        }
        assert!(matches!(parse("--help"), Ok(None)));
    }
}
