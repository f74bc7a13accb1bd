//! Each mistake on the page `docs/errors.md` is a case in `tests/ui/`, and shown as rustc reports it.

use std::collections::BTreeSet;
use std::fs;

use crate::support::root;

const PAGE: &str = include_str!("../../docs/errors.md");

/// What follows each title, except the last: what others print is not ours to test.
fn mistakes() -> impl Iterator<Item = &'static str> {
    let (ours, _) = PAGE.split_once("\n## Elsewhere\n").expect("the last title");
    ours.split("\n## ").skip(1)
}

/// The case that the section links to, without the ending `.rs`.
fn case(section: &str) -> &str {
    let (_, link) = section.split_once("](../tests/ui/").expect("a link");
    link.split_once(".rs)").expect("to a case").0
}

/// The only block in this language.
fn block<'a>(section: &'a str, language: &str) -> &'a str {
    let opened = format!("\n```{language}\n");
    let blocks: Vec<_> = section.split(&opened).skip(1).collect();
    let [block] = blocks[..] else {
        panic!("not one block in `{language}`: {section}");
    };
    block.split_once("\n```").expect("the block is closed").0
}

fn file(case: &str, ending: &str) -> String {
    let cases = root().join("tests/ui");
    fs::read_to_string(cases.join(format!("{case}.{ending}"))).unwrap()
}

/// What the page says of a case's code: without markers, its first line and its last.
fn shown(code: &str) -> String {
    let lines = code.lines().filter(|line| !line.starts_with("//~"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let code = code.replacen("use handover::prelude::*;\n\n", "", 1);
    let (code, _) = code
        .rsplit_once("\n\nfn main()")
        .expect("`main` comes last");
    code.to_owned()
}

#[test]
fn twelve_different_mistakes_are_shown() {
    let cases: BTreeSet<_> = mistakes().map(case).collect();
    assert_eq!((mistakes().count(), cases.len()), (12, 12));
}

#[test]
fn the_code_is_what_is_compiled() {
    for section in mistakes() {
        let code = file(case(section), "rs");
        assert_eq!(block(section, "rust,ignore"), shown(&code));
    }
}

#[test]
fn the_error_is_what_is_printed() {
    for section in mistakes() {
        let error = file(case(section), "stderr");
        assert_eq!(block(section, "text"), error.trim_end(), "{section}");
    }
}
