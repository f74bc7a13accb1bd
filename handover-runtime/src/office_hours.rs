//! When people answer.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use handover_protocol::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Deserializer};

use crate::clock;

/// Opening hours of the agents of an account. Without hours, they always answer.
///
/// Each account can have its own, by [`AccountSettings::office_hours`](crate::AccountSettings::office_hours).
/// A handler takes those of the event's account as an argument:
///
/// ```
/// use handover_runtime::{Handoff, OfficeHours, Outcome};
///
/// async fn to_agent(hours: OfficeHours) -> Outcome {
///     match hours.are_now() {
///         true => Handoff::saying("One moment.").into(),
///         false => format!("We are here {hours}.").into(),
///     }
/// }
///
/// let hours: OfficeHours = "Mon-Fri 09:00-17:00, Sat 10:00-14:00 Europe/Berlin".parse()?;
/// # let _ = to_agent(hours);
/// # Ok::<(), handover_runtime::OfficeHoursError>(())
/// ```
///
/// As text: days and times, one after the other, then the time zone by its IANA name. Without a zone,
/// it is UTC. `22:00-02:00` goes on after midnight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfficeHours {
    /// Empty: always.
    spans: Vec<Span>,
    zone: Option<TimeZone>,
    closed: BTreeSet<Date>,
    text: String,
    /// When a handler asks, by the bot's clock.
    now: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
struct Span {
    days: Vec<Weekday>,
    from: Time,
    /// Later than `from`, or on the next day.
    to: Time,
}

/// Why a text names no [`OfficeHours`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}`: write office hours like `Mon-Fri 09:00-17:00, Sat 10:00-14:00 Europe/Berlin`; {problem}"
)]
pub struct OfficeHoursError {
    text: String,
    problem: String,
}

impl OfficeHours {
    /// Adds days on which no agent answers, as `2026-12-25`.
    ///
    /// # Errors
    ///
    /// If one of them is no date.
    pub fn closed_on<D: AsRef<str>>(
        mut self,
        days: impl IntoIterator<Item = D>,
    ) -> Result<Self, OfficeHoursError> {
        for day in days {
            let day = day.as_ref();
            let date = day.parse().map_err(|_| OfficeHoursError {
                text: day.to_owned(),
                problem: "a day is written like `2026-12-25`".to_owned(),
            })?;
            self.closed.insert(date);
        }
        Ok(self)
    }

    /// Whether agents answer now: by the bot's clock in a handler, else by the machine's.
    #[must_use]
    pub fn are_now(&self) -> bool {
        self.are_at(self.now())
    }

    /// Whether agents answer at this time.
    #[must_use]
    pub fn are_at(&self, time: Timestamp) -> bool {
        let Some(local) = self.local(time) else {
            return true;
        };
        let (today, clock) = (local.date(), local.time());
        let is_always = self.spans.is_empty();
        let is_today = !self.closed.contains(&today)
            && (is_always || self.spans.iter().any(|span| span.holds(today, clock)));
        let yesterday = today.saturating_sub(1.day());
        let goes_on = !self.closed.contains(&yesterday)
            && (self.spans.iter()).any(|span| span.goes_on(yesterday, clock));
        is_today || goes_on
    }

    /// Returns the next time at which agents answer: now, if they do; `None` if not within a year.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.next_at(self.now())
    }

    /// Returns the next time, from this time on, at which agents answer; `None` if not within a year.
    #[must_use]
    pub fn next_at(&self, time: Timestamp) -> Option<Timestamp> {
        if self.are_at(time) {
            return Some(time);
        }
        let local = self.local(time)?;
        for days in 0..=366 {
            let day = local.date().saturating_add(days.days());
            if self.closed.contains(&day) {
                continue;
            }
            let spans = self.spans.iter().filter(|span| span.is_on(day));
            let starts = spans.map(|span| span.from);
            let starts = if self.spans.is_empty() {
                vec![Time::midnight()]
            } else {
                starts.collect()
            };
            let starts = starts.into_iter().filter_map(|from| {
                let start = day.to_datetime(from).to_zoned(self.zone()).ok()?;
                let start = Timestamp::from_millis(start.timestamp().as_millisecond());
                (start > time).then_some(start)
            });
            if let Some(first) = starts.min() {
                return Some(first);
            }
        }
        None
    }

    /// As a handler sees them at this time.
    pub(crate) fn asked_at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(clock::now)
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }

    fn local(&self, time: Timestamp) -> Option<Zoned> {
        let time = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
        Some(time.to_zoned(self.zone()))
    }
}

impl Span {
    fn is_on(&self, day: Date) -> bool {
        self.days.contains(&day.weekday())
    }

    fn is_overnight(&self) -> bool {
        self.to <= self.from
    }

    fn holds(&self, day: Date, clock: Time) -> bool {
        self.is_on(day) && clock >= self.from && (self.is_overnight() || clock < self.to)
    }

    /// Whether it began on this day and goes on at this time of the next.
    fn goes_on(&self, day: Date, clock: Time) -> bool {
        self.is_overnight() && self.is_on(day) && clock < self.to
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spans.is_empty() {
            true => f.write_str("at any time"),
            false => f.write_str(&self.text),
        }
    }
}

impl FromStr for OfficeHours {
    type Err = OfficeHoursError;

    fn from_str(text: &str) -> Result<Self, OfficeHoursError> {
        let wrong = |problem: String| OfficeHoursError {
            text: text.to_owned(),
            problem,
        };
        let mut hours = Self {
            text: text.trim().to_owned(),
            ..Self::default()
        };
        let mut words: Vec<&str> = text.split([' ', ',', '\t', '\n']).collect();
        words.retain(|word| !word.is_empty());
        let is_zone = |word: &str| {
            let is_name = word.contains('/') || !word.contains(|c: char| c.is_ascii_digit());
            is_name && weekdays(word).is_none()
        };
        if let Some(zone) = words.pop_if(|last| is_zone(last)) {
            let found = TimeZone::get(zone);
            let found = found.map_err(|_| wrong(format!("`{zone}` is no time zone")))?;
            hours.zone = Some(found);
        }
        let mut days = Vec::new();
        for word in words {
            if let Some(named) = weekdays(word) {
                days.extend(named);
                continue;
            }
            let times = word.split_once(['-', '–']);
            let times = times.and_then(|(from, to)| Some((time(from)?, time(to)?)));
            let Some((from, to)) = times else {
                return Err(wrong(format!(
                    "`{word}` is neither days such as `Mon-Fri` nor times such as `09:00-17:00`"
                )));
            };
            let on = match hours.spans.last() {
                // Two times on the same days: `Mon-Fri 09:00-12:00 13:00-17:00`.
                Some(before) if days.is_empty() => before.days.clone(),
                _ => std::mem::take(&mut days),
            };
            if on.is_empty() {
                return Err(wrong(format!("`{word}` is on no day")));
            }
            hours.spans.push(Span { days: on, from, to });
        }
        if hours.spans.is_empty() || !days.is_empty() {
            return Err(wrong("a time is missing".to_owned()));
        }
        Ok(hours)
    }
}

/// The days of `Mon`, or of `Mon-Fri`.
fn weekdays(word: &str) -> Option<Vec<Weekday>> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let day = |name: &str| {
        let name = name.to_ascii_lowercase();
        let mut names = NAMES.iter().filter(|_| name.len() >= 3);
        let found = names.find(|(long, _)| long.starts_with(&name));
        found.map(|(_, day)| *day)
    };
    let Some((from, to)) = word.split_once(['-', '–']) else {
        return Some(vec![day(word)?]);
    };
    let (mut at, to) = (day(from)?, day(to)?);
    let mut days = vec![at];
    while at != to {
        at = at.next();
        days.push(at);
    }
    Some(days)
}

/// `9`, `09:00`; `24:00` is midnight.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24_i8, 0_i8) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

/// A text, or `{"hours": "…", "closed": ["2026-12-25"]}`.
impl<'de> Deserialize<'de> for OfficeHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "office hours are a text, or an object with `hours` and `closed`"
        )]
        enum HoursJson {
            Text(String),
            Object {
                hours: String,
                #[serde(default)]
                closed: Vec<String>,
            },
        }
        let (hours, closed) = match HoursJson::deserialize(deserializer)? {
            HoursJson::Text(hours) => (hours, Vec::new()),
            HoursJson::Object { hours, closed } => (hours, closed),
        };
        let hours = hours.parse::<Self>();
        let hours = hours.and_then(|hours| hours.closed_on(closed));
        hours.map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        let time: jiff::Timestamp = time.parse().unwrap();
        Timestamp::from_millis(time.as_millisecond())
    }

    #[test]
    fn they_follow_the_zone_in_summer_and_in_winter() {
        let hours: OfficeHours = "Mon-Fri 09:00-17:00, Sat 10-14 Europe/Berlin"
            .parse()
            .unwrap();
        for (time, open) in [
            ("2026-07-06T06:59:00Z", false),
            ("2026-07-06T07:00:00Z", true),
            ("2026-07-06T14:59:59Z", true),
            ("2026-07-06T15:00:00Z", false),
            ("2026-01-05T07:30:00Z", false),
            ("2026-01-05T08:00:00Z", true),
            ("2026-01-10T09:00:00Z", true),
            ("2026-01-11T09:00:00Z", false),
        ] {
            assert_eq!(hours.are_at(at(time)), open, "{time}");
        }
        // Saturday afternoon: on Monday morning.
        let next = hours.next_at(at("2026-01-10T15:00:00Z"));
        assert_eq!(next, Some(at("2026-01-12T08:00:00Z")));
        let now = at("2026-01-12T09:00:00Z");
        assert_eq!(hours.next_at(now), Some(now));
    }

    #[test]
    fn a_night_belongs_to_its_evening_and_a_closed_day_to_nobody() {
        let hours: OfficeHours = "Fri 22:00-02:00".parse().unwrap();
        let hours = hours.closed_on(["2026-01-09"]).unwrap();
        assert!(!hours.are_at(at("2026-01-09T23:00:00Z")));
        assert!(!hours.are_at(at("2026-01-10T01:00:00Z")));
        assert!(hours.are_at(at("2026-01-16T23:00:00Z")));
        assert!(hours.are_at(at("2026-01-17T01:59:00Z")));
        assert!(!hours.are_at(at("2026-01-17T02:00:00Z")));
        let next = hours.next_at(at("2026-01-08T00:00:00Z"));
        assert_eq!(next, Some(at("2026-01-16T22:00:00Z")));
    }

    #[test]
    fn two_times_a_day_and_any_time() {
        let hours: OfficeHours = "mon-sun 8:00-12:00 13:00-24:00".parse().unwrap();
        assert!(hours.are_at(at("2026-01-11T23:59:00Z")));
        assert!(!hours.are_at(at("2026-01-11T12:30:00Z")));
        assert!(OfficeHours::default().are_at(at("2026-01-11T12:30:00Z")));
        assert_eq!(OfficeHours::default().to_string(), "at any time");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, problem) in [
            ("", "a time is missing"),
            ("Mon", "a time is missing"),
            ("09:00-17:00", "is on no day"),
            ("Mon 9-25", "neither days"),
            ("Mon 9-17 Mars/Base", "no time zone"),
            ("Someday 9-17", "neither days"),
        ] {
            let error = text.parse::<OfficeHours>().unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
