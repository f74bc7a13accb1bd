//! What a check has found, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::compare::Aspect;
use super::rule::PlatformRule;

/// A difference between a recording and the rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Number of the line in the recording, from 1. For an event that is missing, the line of what should have
    /// caused it.
    pub line: usize,
    /// What differs.
    pub aspect: Aspect,
    /// Kind of the event, or method and name of the call.
    pub subject: String,
    /// Place in its JSON, such as `message.app_id`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What follows from the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
    /// The rule that it contradicts.
    pub rule: PlatformRule,
    /// The choice of [`Behavior`](crate::platform::Behavior) with which there is no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained_by: Option<ExplainingChoice>,
}

/// A choice of [`Behavior`](crate::platform::Behavior) and its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExplainingChoice {
    /// Name of the setting.
    pub setting: String,
    /// Its value, as in the configuration file.
    pub value: Value,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The differences, in the order of their lines.
    pub differences: Vec<Difference>,
    /// Settings of the accounts that the check has taken for given, because the recording does not name them.
    pub assumed: Vec<String>,
    /// Number of items of webhooks.
    pub items: usize,
    /// Number of calls.
    pub calls: usize,
    /// What was not compared, and how often.
    pub not_compared: BTreeMap<String, usize>,
}

impl CheckReport {
    /// Whether the recording agrees with the rules.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}\n")?;
        }
        let mut choices: Vec<_> = Vec::new();
        for difference in &self.differences {
            if let Some(choice) = &difference.explained_by
                && !choices.contains(&choice)
            {
                choices.push(choice);
            }
        }
        for ExplainingChoice { setting, value } in choices {
            let all = self.differences.iter().filter(|difference| {
                difference
                    .explained_by
                    .as_ref()
                    .is_some_and(|it| it.setting == *setting)
            });
            let count = all.count();
            let differences = plural(count, "difference");
            writeln!(
                f,
                "With `{setting}` = {value} the simulator does the same: {differences} less.\n"
            )?;
        }
        for assumed in &self.assumed {
            writeln!(f, "Taken for given: {assumed}")?;
        }
        if !self.not_compared.is_empty() {
            writeln!(f, "Not compared:")?;
            for (what, count) in &self.not_compared {
                writeln!(f, "  {count:>5} {what}")?;
            }
        }
        write!(
            f,
            "{} and {}: {}",
            plural(self.items, "event"),
            plural(self.calls, "call"),
            match self.differences.len() {
                0 => "as the rules of the simulator say".to_owned(),
                count => plural(count, "difference"),
            }
        )
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            // The quotes are all that tells a number from a string of digits.
            Some(Value::String(text)) if self.aspect != Aspect::Type => excerpt(text),
            Some(value) => excerpt(&value.to_string()),
        };
        let (expected, found) = (shown(&self.expected), shown(&self.found));
        write!(f, "line {}: {}: ", self.line, self.subject)?;
        match self.aspect {
            Aspect::Answer => {
                let path = if self.path.is_empty() { "" } else { " " };
                writeln!(
                    f,
                    "another answer{path}{}: {found}, not {expected}",
                    self.path
                )?;
            }
            Aspect::ErrorCode => writeln!(f, "another error: {found}, not {expected}")?,
            Aspect::Channel => writeln!(f, "it came on {found}, not on {expected}")?,
            Aspect::Order => writeln!(f, "another order: {found}")?,
            Aspect::MissingKey => {
                writeln!(f, "the key {} is missing, which is {expected}", self.path)?;
            }
            Aspect::AdditionalKey => writeln!(f, "there is a key {}: {found}", self.path)?,
            Aspect::Value => writeln!(f, "{} is {found}, not {expected}", self.path)?,
            Aspect::Type => writeln!(f, "{} has another type: {found}, not {expected}", self.path)?,
            Aspect::MissingEvent => writeln!(f, "it did not come: {expected}")?,
            Aspect::UnexpectedEvent => writeln!(f, "it should not have come")?,
            Aspect::Batching => writeln!(f, "{found}, not {expected}")?,
        }
        write!(f, "    rule {}: {}", self.rule.id, self.rule.text)?;
        if let Some(ExplainingChoice { setting, value }) = &self.explained_by {
            write!(f, "\n    choice `{setting}`: {value}")?;
        }
        Ok(())
    }
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(120).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
