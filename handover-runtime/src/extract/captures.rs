use std::sync::Arc;

use super::{Argument, ArgumentSource, Context, Rejection, Requirement};
use crate::extract::Groups;

/// The groups that `regex` captured. Group 0 is the whole match.
///
/// ```
/// use handover_runtime::extract::Captures;
///
/// let captures = Captures::new(r"order (?<number>\d+)", "where is order 42?").unwrap();
/// assert_eq!(captures.name("number"), Some("42"));
/// assert_eq!(captures.get(1), Some("42"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures(Arc<Groups>);

impl Captures {
    /// For unit tests: what `pattern` captures in `text`; `None` if it does not match or is not a regular
    /// expression.
    #[must_use]
    pub fn new(pattern: &str, text: &str) -> Option<Self> {
        let regex = regex::Regex::new(pattern).ok()?;
        Some(Self(Arc::new(groups(&regex, text)?)))
    }

    /// Returns the group with this number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&str> {
        self.0.get(number)?.1.as_deref()
    }

    /// Returns the group with this name.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<&str> {
        let named = |(known, _): &&(Option<String>, _)| known.as_deref() == Some(name);
        self.0.iter().find(named)?.1.as_deref()
    }
}

pub(crate) fn groups(regex: &regex::Regex, text: &str) -> Option<Groups> {
    let captures = regex.captures(text)?;
    let names = regex.capture_names().map(|name| name.map(str::to_owned));
    let values = captures
        .iter()
        .map(|group| group.map(|m| m.as_str().to_owned()));
    Some(names.zip(values).collect())
}

available_in!([OnMessage] impl [] Captures, Argument::from(ArgumentSource::Captures, Requirement::Unpredictable), |context: &Context| {
    let groups = context.groups();
    if groups.is_empty() {
        return Err(Rejection::new("Captures", "the route has no `regex`"));
    }
    Ok(Captures(groups))
});
