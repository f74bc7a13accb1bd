//! Medians and their spread, and percentiles.

use std::fmt;
use std::time::Duration;

/// The same figure of several rounds.
#[derive(Clone, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl FromIterator<f64> for Rounds {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

impl Rounds {
    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => f64::NAN,
            length if length % 2 == 1 => self.0[middle],
            _ => f64::midpoint(self.0[middle - 1], self.0[middle]),
        }
    }

    fn least(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    fn most(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

/// `12.3 (11.9–14.0)`: the median, and the least and the most of all rounds.
impl fmt::Display for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let median = figure(self.median());
        if self.0.len() < 2 {
            return write!(f, "{median}");
        }
        let (least, most) = (figure(self.least()), figure(self.most()));
        write!(f, "{median} ({least}–{most})")
    }
}

/// With about three digits.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        value if value.is_nan() => "–".to_owned(),
        small if small < 0.995 => format!("{value:.2}"),
        small if small < 99.5 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Three percentiles, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

impl Percentiles {
    /// `None` of nothing.
    pub(crate) fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        let last = all.len().checked_sub(1)?;
        let at = |thousandths: usize| all[last * thousandths / 1000].as_secs_f64() * 1000.0;
        Some(Self {
            p50: at(500),
            p99: at(990),
            p999: at(999),
        })
    }

    /// The median of each percentile over several rounds.
    pub(crate) fn median(rounds: &[Self]) -> Option<Self> {
        let of = |percentile: fn(&Self) -> f64| {
            rounds.iter().map(percentile).collect::<Rounds>().median()
        };
        (!rounds.is_empty()).then(|| Self {
            p50: of(|round| round.p50),
            p99: of(|round| round.p99),
            p999: of(|round| round.p999),
        })
    }
}

/// `0.31 / 1.2 / 4.0`
impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, p999] = [self.p50, self.p99, self.p999].map(figure);
        write!(f, "{p50} / {p99} / {p999}")
    }
}
