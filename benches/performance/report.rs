//! What is printed and written: sections with tables, and the bars.

use std::fmt::Write as _;

/// A bound on a figure of this run.
pub(crate) struct Bar {
    what: String,
    at_most: f64,
    is: f64,
    unit: &'static str,
    is_least: bool,
}

impl Bar {
    fn is_held(&self) -> bool {
        if self.is_least {
            self.is >= self.at_most
        } else {
            self.is <= self.at_most
        }
    }
}

/// What was measured so far. It is printed as it grows, since all of it takes an hour.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
    bars: Vec<Bar>,
}

impl Report {
    pub(crate) fn heading(&mut self, heading: &str) {
        self.line(&format!("\n### {heading}\n"));
    }

    pub(crate) fn line(&mut self, line: &str) {
        println!("{line}");
        let _ = writeln!(self.text, "{line}");
    }

    /// A table, whose figures stand on the right.
    pub(crate) fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        self.line(&format!("| {} |", columns.join(" | ")));
        let ruler = columns.iter().skip(1).map(|_| "---:");
        let ruler: Vec<_> = std::iter::once("---").chain(ruler).collect();
        self.line(&format!("|{}|", ruler.join("|")));
        for row in rows {
            self.line(&format!("| {} |", row.join(" | ")));
        }
    }

    /// A table of texts with their names.
    pub(crate) fn texts(&mut self, rows: &[(&str, String)]) {
        self.line("| | |\n|---|---|");
        for (name, text) in rows {
            self.line(&format!("| {name} | {text} |"));
        }
    }

    /// A figure that may be this and no more.
    pub(crate) fn at_most(&mut self, what: &str, bound: f64, is: f64, unit: &'static str) {
        self.bar(what, bound, is, unit, false);
    }

    /// A figure that has to be at least this.
    pub(crate) fn at_least(&mut self, what: &str, bound: f64, is: f64, unit: &'static str) {
        self.bar(what, bound, is, unit, true);
    }

    fn bar(&mut self, what: &str, at_most: f64, is: f64, unit: &'static str, is_least: bool) {
        self.bars.push(Bar {
            what: what.to_owned(),
            at_most,
            is,
            unit,
            is_least,
        });
    }

    /// The bars, as the last section.
    pub(crate) fn finish(mut self) -> String {
        let held = self.bars.iter().filter(|bar| bar.is_held()).count();
        self.heading("Bars");
        self.line(&format!("{held} of {} held.\n", self.bars.len()));
        let bars = std::mem::take(&mut self.bars);
        let rows: Vec<_> = bars
            .iter()
            .map(|bar| {
                let sign = if bar.is_least { "≥" } else { "≤" };
                let figure = crate::statistics::figure;
                vec![
                    bar.what.clone(),
                    format!("{sign} {} {}", trimmed(bar.at_most), bar.unit),
                    format!("{} {}", figure(bar.is), bar.unit),
                    if bar.is_held() { "held" } else { "**missed**" }.to_owned(),
                ]
            })
            .collect();
        self.table(&["", "bar", "is", ""], &rows);
        self.text
    }
}

/// Without zeros at the end.
fn trimmed(value: f64) -> String {
    format!("{value}")
}
