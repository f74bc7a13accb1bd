//! Waits and usage from the platform's headers.

use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

/// Headers with JSON about the usage of limits; the first one also has the time at which the limit resets.
static USAGE: [HeaderName; 3] = [
    HeaderName::from_static("x-business-use-case-usage"),
    HeaderName::from_static("x-app-usage"),
    HeaderName::from_static("x-page-usage"),
];

/// No limit of the platform lasts longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest wait in any header.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let in_seconds = values(headers, &RETRY_AFTER).filter_map(|text| text.trim().parse().ok());
    let in_minutes = USAGE
        .iter()
        .flat_map(|name| values(headers, name))
        .flat_map(minutes_to_regain_access)
        .map(|minutes| minutes.saturating_mul(60));
    in_seconds
        .chain(in_minutes)
        .max()
        .filter(|seconds| *seconds > 0)
        .map(|seconds| Duration::from_secs(seconds).min(LONGEST))
}

/// Used share of a limit, in percent: the highest in any header.
pub(super) fn percent(headers: &HeaderMap) -> Option<u8> {
    let texts = USAGE.iter().flat_map(|name| values(headers, name));
    let shares = texts.flat_map(|text| {
        ["call_count", "total_time", "total_cputime"]
            .into_iter()
            .flat_map(move |key| numbers_of(text, key))
    });
    shares
        .max()
        .map(|percent| u8::try_from(percent).unwrap_or(u8::MAX))
}

fn values<'a>(headers: &'a HeaderMap, name: &'a HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value: &HeaderValue| value.to_str().ok())
}

fn minutes_to_regain_access(usage: &str) -> impl Iterator<Item = u64> {
    numbers_of(usage, "estimated_time_to_regain_access")
}

/// Parsed as text, because the platform repeats keys within one object; a JSON map would keep only the last.
fn numbers_of<'a>(usage: &'a str, key: &'a str) -> impl Iterator<Item = u64> + 'a {
    let ends = usage.match_indices(key).map(|(at, _)| at + key.len());
    ends.filter_map(|end| {
        let number = usage[end..].strip_prefix('"')?;
        let number = number.trim_start_matches([':', ' ', '"']);
        let end = number.find(|c: char| !c.is_ascii_digit());
        number[..end.unwrap_or(number.len())].parse().ok()
    })
}
