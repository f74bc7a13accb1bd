use super::{BOLD, paint, say};

/// Rows in columns as wide as they need to be.
pub(crate) struct Table<const N: usize> {
    headers: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(headers: [&'static str; N]) -> Self {
        Self {
            headers,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    pub(crate) fn print(&self) {
        let mut widths = self.headers.map(width);
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(cell).max(*widest);
            }
        }
        say(paint(BOLD, line(&self.headers, &widths)));
        for row in &self.rows {
            say(line(&row.each_ref().map(String::as_str), &widths));
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn line<const N: usize>(cells: &[&str; N], widths: &[usize; N]) -> String {
    let cells = cells.iter().zip(widths);
    let padded: Vec<_> = cells
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    padded.join("  ").trim_end().to_owned()
}
