//! As much of Markdown as the documentation uses.

use std::collections::BTreeSet;

/// A fenced block.
pub(crate) struct Block<'a> {
    /// What follows the fence.
    pub(crate) info: &'a str,
    pub(crate) lines: Vec<&'a str>,
}

pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let lines = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { info, lines });
        }
    }
    blocks
}

/// The lines outside of blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where the links and pictures lead.
pub(crate) fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        // What is code is no link.
        let words: String = line.split('`').step_by(2).collect();
        let targets = words.split("](").skip(1);
        links.extend(targets.filter_map(|it| Some(it.split_once(')')?.0.to_owned())));
    }
    links
}

/// What a link can name behind `#`.
pub(crate) fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let letters = heading.trim_start_matches('#').trim().chars();
        letters
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| {
                if c == ' ' {
                    '-'
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect()
    };
    headings.map(anchor).collect()
}

/// The cells of all tables, row by row, without the heads.
pub(crate) fn cells(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<_> = prose(text).collect();
    let is_rule = |line: &&str| line.starts_with("|---");
    let rows = lines.iter().enumerate().filter(|(at, line)| {
        let is_head = lines.get(at + 1).is_some_and(is_rule);
        line.starts_with('|') && !is_head && !is_rule(line)
    });
    rows.map(|(_, row)| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}
