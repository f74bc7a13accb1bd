use super::row::{DescribedRoute, HEADERS};

pub(super) fn table(rows: &[DescribedRoute]) -> String {
    let mut lines = vec![HEADERS.map(str::to_owned)];
    lines.extend(rows.iter().zip(1..).map(cells));
    let mut widths = [0; HEADERS.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines: Vec<_> = lines.iter().map(|line| aligned(line, &widths)).collect();
    lines.join("\n")
}

fn cells((row, number): (&DescribedRoute, usize)) -> [String; HEADERS.len()] {
    [
        number.to_string(),
        row.handler.clone(),
        row.waits_for.clone(),
        row.hands_off_to.clone().unwrap_or_default(),
        row.place.clone(),
        row.summary.clone(),
    ]
}

fn aligned(line: &[String], widths: &[usize]) -> String {
    let cells: Vec<_> = line
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    cells.join("  ").trim_end().to_owned()
}
