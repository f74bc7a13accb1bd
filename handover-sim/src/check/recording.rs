//! The lines of a recording: `docs/simulator/recording.md` describes them.

use std::io::{BufRead, Read};

use handover_protocol::{AccountId, AppId, PersonId};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Version of the format, in the first line of a recording.
pub const RECORDING_VERSION: u64 = 1;

/// Longest line, in bytes: longer than that of the longest webhook.
const LONGEST_LINE: u64 = 32 * 1024 * 1024;

/// Longest recording, in bytes.
const LONGEST_RECORDING: u64 = 256 * 1024 * 1024;

/// A line of a recording.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RecordedLine {
    /// The first line.
    Start {
        /// The app id of the bot.
        app: AppId,
    },
    /// A webhook that the bot got.
    Webhook {
        /// When it came, in milliseconds since 1970.
        at: i64,
        /// Its body.
        body: Value,
    },
    /// A call of the Graph API and its answer.
    Call(Box<GraphCallLine>),
    /// What somebody did that no webhook shows. Written by hand.
    Action(ActionLine),
    /// Lines that were not written, because the disk was too slow.
    Lost {
        /// How many.
        lines: u64,
    },
    /// The bot has stopped, or the recording was full.
    End,
}

/// A call of the Graph API and its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct GraphCallLine {
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub took: i64,
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// The Page that is called, or the app.
    pub account: Option<AccountId>,
    /// Path without the version: `/1744550565845823/messages`.
    pub path: String,
    /// Parameters of the query, without secrets.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// Parameters of the body.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// Whether the body has a file, which is not recorded.
    #[serde(default)]
    pub upload: bool,
    /// Whether it had an `appsecret_proof`.
    #[serde(default)]
    pub proof: bool,
    /// Status of the answer. Absent: there was no answer.
    pub status: Option<u16>,
    /// The time in the answer's header `Date`, in milliseconds since 1970.
    pub date: Option<i64>,
    /// Body of the answer.
    #[serde(default)]
    pub answer: Value,
}

/// What somebody did that no webhook shows. Named as in the control API.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ActionLine {
    /// `inbox_done`, `inbox_take`, `inbox_request`, `app_pass`, `app_take`, `app_request` or
    /// `app_release`.
    pub action: String,
    /// The person. Default: the one of the line before.
    pub person: Option<PersonId>,
    /// The app that acts, for `app_…`.
    pub app: Option<AppId>,
    /// The app that gets the thread, for `app_pass`.
    pub target: Option<AppId>,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The text ends within the JSON.
    #[error("the line is cut off: delete it, or record again")]
    Cut,
    /// It is not JSON.
    #[error("the line is not JSON: {0}")]
    NotJson(String),
    /// It is not UTF-8.
    #[error("the line is not text (UTF-8)")]
    NotText,
    /// It is not an object, or an object without `type`.
    #[error("the line is not of a recording: an object with \"type\" is expected")]
    NotALine,
    /// A type that is not known.
    #[error("there is no type of line \"{0}\"; these exist: webhook, call, action, lost, end")]
    UnknownType(String),
    /// A key is missing or of another type.
    #[error("the line of type {kind} is wrong: {problem}")]
    Malformed {
        /// Type of the line.
        kind: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// An action that is not known.
    #[error(
        "there is no action \"{0}\" here; these exist: inbox_done, inbox_take, inbox_request, app_pass, \
         app_take, app_request, app_release"
    )]
    UnknownAction(String),
    /// It is longer than the longest line.
    #[error("the line is longer than 32 MiB")]
    TooLong,
    /// Not a recording, or one without its first line.
    #[error(
        "this is not a recording: the first line has to be {{\"handover_recording\":1,\"app\":\"…\"}}"
    )]
    NoStart,
    /// A recording of another version of the format.
    #[error(
        "the recording has version {0} of the format, and this program reads version 1: use the \
         `handover-sim` of the bot's version"
    )]
    Version(String),
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// It is empty.
    #[error("line 1: the recording is empty")]
    Empty,
    /// It has nothing but its first line.
    #[error("line 1: the recording has no webhook and no call")]
    NothingRecorded,
    /// A line cannot be read.
    #[error("line {line}: {problem}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        problem: LineError,
    },
    /// It is longer than what is read at once.
    #[error(
        "line {line}: the recording is longer than 256 MiB: cut it here, or record a shorter time"
    )]
    TooLong {
        /// The first line that is too much.
        line: usize,
    },
    /// The file cannot be read.
    #[error("line {line}: the recording cannot be read: {source}")]
    Unreadable {
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
}

/// The first line of a recording.
#[derive(Deserialize)]
struct StartLine {
    handover_recording: Value,
    app: Option<AppId>,
}

impl RecordedLine {
    /// Reads one line.
    ///
    /// ```
    /// use handover_sim::check::{LineError, RecordedLine};
    ///
    /// let line = RecordedLine::read(r#"{"type":"lost","lines":3}"#);
    /// assert_eq!(line, Ok(RecordedLine::Lost { lines: 3 }));
    /// assert_eq!(RecordedLine::read(r#"{"type":"lo"#), Err(LineError::Cut));
    /// ```
    ///
    /// # Errors
    ///
    /// Says what is wrong with the line.
    pub fn read(text: &str) -> Result<Self, LineError> {
        let value: Value = serde_json::from_str(text).map_err(|error| match error.is_eof() {
            true => LineError::Cut,
            false => LineError::NotJson(what(&error)),
        })?;
        let Value::Object(fields) = &value else {
            return Err(LineError::NotALine);
        };
        if fields.contains_key("handover_recording") {
            return start(value);
        }
        let kind = fields.get("type").and_then(Value::as_str);
        match kind.ok_or(LineError::NotALine)? {
            "webhook" => {
                let at = fields.get("at").and_then(Value::as_i64);
                let body = fields.get("body").filter(|body| body.is_object());
                match (at, body) {
                    (Some(at), Some(body)) => Ok(Self::Webhook {
                        at,
                        body: body.clone(),
                    }),
                    _ => Err(malformed(
                        "webhook",
                        "it needs the number `at` and the object `body`",
                    )),
                }
            }
            "call" => typed("call", value).map(Self::Call),
            "action" => action(value),
            "lost" => {
                let lines = fields.get("lines").and_then(Value::as_u64);
                let lines =
                    lines.ok_or_else(|| malformed("lost", "it needs the number `lines`"))?;
                Ok(Self::Lost { lines })
            }
            "end" => Ok(Self::End),
            other => Err(LineError::UnknownType(other.chars().take(40).collect())),
        }
    }
}

fn start(value: Value) -> Result<RecordedLine, LineError> {
    let start: StartLine = typed("start", value)?;
    if start.handover_recording != RECORDING_VERSION {
        let version = start.handover_recording.to_string();
        return Err(LineError::Version(version.chars().take(20).collect()));
    }
    let app = start.app.ok_or(LineError::NoStart)?;
    Ok(RecordedLine::Start { app })
}

const ACTIONS: [&str; 7] = [
    "inbox_done",
    "inbox_take",
    "inbox_request",
    "app_pass",
    "app_take",
    "app_request",
    "app_release",
];

fn action(mut value: Value) -> Result<RecordedLine, LineError> {
    if let Value::Object(fields) = &mut value {
        fields.remove("type");
        fields.remove("at");
    }
    let action: ActionLine = typed("action", value)?;
    if !ACTIONS.contains(&action.action.as_str()) {
        return Err(LineError::UnknownAction(action.action));
    }
    if action.action.starts_with("app_") && action.app.is_none() {
        return Err(malformed("action", "it needs `app`, the app that acts"));
    }
    if action.action == "app_pass" && action.target.is_none() {
        return Err(malformed(
            "action",
            "it needs `target`, the app that gets the thread",
        ));
    }
    Ok(RecordedLine::Action(action))
}

fn typed<T: for<'de> Deserialize<'de>>(kind: &'static str, value: Value) -> Result<T, LineError> {
    serde_json::from_value(value).map_err(|error| malformed(kind, &what(&error)))
}

fn malformed(kind: &'static str, problem: &str) -> LineError {
    LineError::Malformed {
        kind,
        problem: problem.to_owned(),
    }
}

/// What is wrong, without the place, which is that of the line.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    what.chars().take(200).collect()
}

/// Reads a whole recording: its app, and its lines with their numbers.
pub(super) fn read_all(
    mut input: impl BufRead,
) -> Result<(AppId, Vec<(usize, RecordedLine)>), RecordingError> {
    let mut app = None;
    let mut lines = Vec::new();
    let (mut number, mut length) = (0, 0);
    loop {
        number += 1;
        let mut bytes = Vec::new();
        let read = input
            .by_ref()
            .take(LONGEST_LINE + 1)
            .read_until(b'\n', &mut bytes);
        let read = read.map_err(|source| RecordingError::Unreadable {
            line: number,
            source,
        })?;
        if read == 0 {
            break;
        }
        length += read as u64;
        if length > LONGEST_RECORDING {
            return Err(RecordingError::TooLong { line: number });
        }
        let at_line = |problem| RecordingError::Line {
            line: number,
            problem,
        };
        if read as u64 > LONGEST_LINE {
            return Err(at_line(LineError::TooLong));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| at_line(LineError::NotText))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        let line = RecordedLine::read(text).map_err(|problem| match (&app, problem) {
            (None, LineError::NotALine | LineError::UnknownType(_)) => at_line(LineError::NoStart),
            (_, problem) => at_line(problem),
        })?;
        match (line, &app) {
            (RecordedLine::Start { app: of }, None) => app = Some(of),
            (RecordedLine::Start { .. }, Some(_)) => {
                return Err(at_line(malformed(
                    "start",
                    "a second recording begins here",
                )));
            }
            (_, None) => return Err(at_line(LineError::NoStart)),
            (line, Some(_)) => lines.push((number, line)),
        }
    }
    let app = app.ok_or(RecordingError::Empty)?;
    let says_something = |(_, line): &(usize, RecordedLine)| {
        matches!(line, RecordedLine::Webhook { .. } | RecordedLine::Call(_))
    };
    if !lines.iter().any(says_something) {
        return Err(RecordingError::NothingRecorded);
    }
    Ok((app, lines))
}
