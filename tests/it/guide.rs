//! The guide says what is so: its pages and links are there, its tables are those of the code, and its
//! commands are run by a test. Its snippets are compiled with the documentation (`src/guide.rs`), and
//! the commands of `handover` are run by that command's own tests.
//!
//! `UPDATE_GUIDE=1 cargo test --test guide` writes the tables again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::support::markdown::{anchors, blocks, cells, links};
use crate::support::root;
use handover::graph::{Advice, Endpoint, GraphError};

/// Commands that are not those of `handover`: the file in which they are run, and what shows it.
const RUN: [(&str, &str, &str); 3] = [
    (
        "cargo install --path handover-cli",
        "tests/newcomer.sh",
        "cargo install --path handover-cli",
    ),
    (
        "cargo test",
        "tests/newcomer.sh",
        "says 'test result: ok' 'cargo test'",
    ),
    (
        "handover-sim check talk.jsonl",
        "handover-sim/tests/it/check/files.rs",
        "run_in(&folder, &[\"talk.jsonl\"])",
    ),
];

/// Commands for a server, which no test can run: they are in blocks of their own kind.
const FOR_A_SERVER: [&str; 12] = [
    "curl http://127.0.0.1:9464/",
    "cargo build --release --no-default-features",
    "docker build",
    "docker run",
    "docker exec",
    "systemctl enable",
    "journalctl --unit",
    "systemd-run",
    "fly volumes create",
    "fly secrets set",
    "fly deploy",
    "fly ssh console",
];

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder whose names end so, by their paths from the root.
fn files(folder: &str, ending: &str) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.insert(path.clone(), read(&path));
            }
        }
    }
    assert!(!found.is_empty(), "nothing in {folder} ends in {ending}");
    found
}

fn pages() -> BTreeMap<PathBuf, String> {
    files("docs/guide/src", ".md")
}

#[test]
fn the_summary_lists_every_page() {
    let listed: BTreeSet<_> = links(&read("docs/guide/src/SUMMARY.md"))
        .into_iter()
        .map(|link| Path::new("docs/guide/src").join(link))
        .collect();
    let mut there: BTreeSet<_> = pages().into_keys().collect();
    there.remove(Path::new("docs/guide/src/SUMMARY.md"));
    assert_eq!(listed, there);
}

#[test]
fn every_link_leads_somewhere() {
    let mut all = files("docs", ".md");
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
    ] {
        all.insert(name.into(), read(name));
    }
    for (page, text) in &all {
        for link in links(text).into_iter().filter(|it| !it.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => flat(&page.with_file_name("").join(path)),
            };
            let place = format!("{}: {link}", page.display());
            assert!(root().join(&target).exists(), "{place} is not there");
            let is_rendered = |path: &Path| path.starts_with("docs/guide/src");
            assert!(
                !is_rendered(page) || is_rendered(&target),
                "{place} is not in the rendered guide"
            );
            if !anchor.is_empty() {
                let found = anchors(&read(&target));
                assert!(found.contains(anchor), "{place}: there are {found:#?}");
            }
        }
    }
}

/// Without `..`.
fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => assert!(flat.pop(), "{}", path.display()),
            part => flat.push(part),
        }
    }
    flat
}

#[test]
fn every_snippet_is_compiled() {
    let compiled = read("src/guide.rs");
    for (page, text) in pages() {
        let name = page.strip_prefix("docs/guide/src").unwrap();
        let mut snippets = blocks(&text)
            .into_iter()
            .filter(|block| block.info.starts_with("rust"))
            .peekable();
        if snippets.peek().is_some() {
            let name = format!("= \"{}\";", name.display());
            assert!(compiled.contains(&name), "src/guide.rs lacks {name}");
        }
        for snippet in snippets {
            assert!(
                matches!(snippet.info, "rust" | "rust,no_run"),
                "{name:?} has a snippet that is `{}`",
                snippet.info
            );
        }
        let nameless = blocks(&text).iter().any(|block| block.info.is_empty());
        assert!(!nameless, "{name:?} has a block of no kind");
    }
}

#[test]
fn every_command_is_run_by_a_test() {
    let mut expected: BTreeSet<_> = RUN.iter().map(|(command, ..)| *command).collect();
    for (page, text) in pages() {
        for block in blocks(&text).into_iter().filter(|block| block.info == "sh") {
            for line in block.lines.iter().filter(|line| !line.is_empty()) {
                let command = line.split("  #").next().unwrap_or_default().trim_end();
                let is_known = command.starts_with("cd ")
                    || command.starts_with("handover ")
                    || RUN.iter().any(|(known, ..)| *known == command);
                assert!(is_known, "{}: nothing runs `{command}`", page.display());
                expected.remove(command);
            }
        }
        for block in blocks(&text) {
            for command in block
                .lines
                .iter()
                .filter_map(|line| line.strip_prefix("$ "))
            {
                let is_known = FOR_A_SERVER.iter().any(|known| command.starts_with(known));
                assert!(
                    is_known && block.info == "console",
                    "{}: {command}",
                    page.display()
                );
            }
        }
    }
    assert_eq!(expected, BTreeSet::new(), "the guide does not have these");
    for (command, file, proof) in RUN {
        let is_run = read(file).contains(proof);
        assert!(is_run, "{file} does not run `{command}`");
    }
}

/// Compares what is between the marks with what the code says, or writes it.
fn is_written(page: &str, source: &str, expected: &str) {
    let path = Path::new("docs/guide/src/reference").join(page);
    let text = read(&path);
    let start = format!("<!-- from {source} -->\n");
    let (before, rest) = text.split_once(&start).expect("the mark is there");
    let (written, after) = rest.split_once("<!-- end -->").expect("its end is there");
    if written == format!("\n{expected}\n") {
        return;
    }
    assert!(
        env::var_os("UPDATE_GUIDE").is_some(),
        "{page} is not what {source} says: set UPDATE_GUIDE=1 and run this test again"
    );
    let text = format!("{before}{start}\n{expected}\n<!-- end -->{after}");
    fs::write(root().join(path), text).unwrap();
}

/// The first table of a module's documentation, with plain names for links.
fn table_of(source: &str) -> String {
    let documentation = read(source);
    let lines = documentation
        .lines()
        .map_while(|line| line.strip_prefix("//!"));
    let rows = lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| without_links(row) + "\n").collect()
}

fn without_links(row: &str) -> String {
    let mut plain = String::new();
    let mut rest = row;
    while let Some((before, link)) = rest.split_once('[') {
        let (text, after) = link.split_once(']').expect("a link ends");
        plain.push_str(before);
        plain.push_str(text);
        rest = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').expect("its target ends").1,
            None => after,
        };
    }
    plain + rest
}

#[test]
fn the_extractors_are_those_of_the_code() {
    let source = "handover-runtime/src/extract/mod.rs";
    is_written("extractors.md", source, &table_of(source));
}

#[test]
fn the_outcomes_are_those_of_the_code() {
    let source = "handover-runtime/src/outcome/mod.rs";
    is_written("outcomes.md", source, &table_of(source));
}

#[test]
fn the_limits_are_those_of_the_code() {
    let source = "handover-protocol/src/limits.rs";
    let mut table = "| | limit | constant |\n|---|---|---|\n".to_owned();
    let mut explained = String::new();
    for line in read(source).lines() {
        if let Some(text) = line.strip_prefix("///") {
            explained += text;
        } else if let Some(constant) = line.strip_prefix("pub const ") {
            let (name, rest) = constant.split_once(':').expect("it has a type");
            let value = rest.split_once("= ").expect("it has a value").1;
            let value = value.trim_end_matches(';').replace('_', "");
            table += &format!("| {} | {value} | `{name}` |\n", explained.trim());
            explained.clear();
        } else {
            explained.clear();
        }
    }
    is_written("limits.md", source, &table);
}

#[test]
fn the_variables_are_those_of_the_code() {
    // They exist only with the feature `failpoints`, for tests of crashes.
    let hidden = [
        "HANDOVER_FAILPOINT",
        "HANDOVER_MUTATION",
        "HANDOVER_CLOCK_OFFSET",
    ];
    let mut used = BTreeSet::from(["MESSENGER_APP_ID_<NAME>".to_owned(), "RUST_LOG".to_owned()]);
    for folder in ["handover-runtime/src", "handover-cli/src"] {
        for (path, text) in files(folder, ".rs") {
            if path.ends_with("tests.rs") {
                continue;
            }
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let strings = code.split('"').skip(1).step_by(2);
            used.extend(strings.filter(|it| is_variable(it)).map(str::to_owned));
        }
    }
    used.retain(|name| !hidden.contains(&&**name));
    let page = read("docs/guide/src/reference/environment.md");
    let listed: BTreeSet<_> = cells(&page)
        .into_iter()
        .filter_map(|row| Some(row[0].strip_prefix('`')?.strip_suffix('`')?.to_owned()))
        .collect();
    assert_eq!(listed, used);
}

fn is_variable(text: &str) -> bool {
    let begins = ["MESSENGER_", "GRAPH_API_", "HANDOVER_"]
        .iter()
        .any(|start| text.starts_with(start) && text.len() > start.len());
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    text == "HOST"
        || text == "PORT"
        || (begins && text.chars().all(is_name) && !text.ends_with('_'))
}

/// What the page promises for an error.
fn promised(error: &GraphError) -> &'static str {
    if error.may_have_been_delivered() {
        return "echo";
    }
    match error.advice() {
        Advice::Retry => "again",
        Advice::RetryLater => "later",
        Advice::RenewToken => "token",
        Advice::GiveUp => "no",
        other => panic!("the page has no word for {other:?}"),
    }
}

#[test]
fn errors_are_dealt_with_as_the_guide_says() {
    let page = read("docs/guide/src/troubleshooting/errors.md");
    let mut listed = BTreeSet::new();
    for row in cells(&page).into_iter().filter(|row| row.len() == 4) {
        for error in row[0].split(", ").filter_map(|it| it.strip_prefix('`')) {
            let error = error.trim_end_matches('`');
            let mut numbers = error.split('/').map(|number| number.parse().unwrap());
            let (code, subcode) = (numbers.next().unwrap(), numbers.next());
            let refused = GraphError::Refused {
                endpoint: Endpoint::Messages,
                status: 400,
                code,
                subcode,
                message: String::new(),
                kind: None,
                fbtrace_id: None,
                is_transient: None,
                retry_after: None,
            };
            assert_eq!(row[2], promised(&refused), "{error}");
            let reason = refused.to_string();
            assert!(
                reason.contains("; "),
                "nothing is known of {error}: {reason}"
            );
            listed.extend([Some(code), subcode].into_iter().flatten());
        }
    }
    for file in ["code", "subcode"] {
        let source = read(format!("handover-protocol/src/error/{file}.rs"));
        let values = source.lines().filter_map(|line| {
            let (_, value) = line.strip_prefix("pub const ")?.split_once("= ")?;
            Some(
                value
                    .trim_end_matches(';')
                    .replace('_', "")
                    .parse::<i64>()
                    .unwrap(),
            )
        });
        for value in values {
            assert!(listed.contains(&value), "{value} is not in the guide");
        }
    }
}
