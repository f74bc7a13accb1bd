//! Bodies from public documentation and public fixtures, where a collection of them is at hand:
//! in `HANDOVER_PAYLOADS`, or beside the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use handover_protocol::{Event, Received, read};

fn collection() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/payloads");
    let directory = env::var_os("HANDOVER_PAYLOADS").map_or_else(beside, PathBuf::from);
    directory.is_dir().then_some(directory)
}

/// What the collection's index says of each file: `channel/kind`, with details we leave out.
fn index(directory: &Path) -> BTreeMap<String, Vec<String>> {
    let mut kinds = BTreeMap::<_, Vec<_>>::new();
    let table = fs::read_to_string(directory.join("INDEX.tsv")).unwrap_or_default();
    for row in table.lines().skip(1) {
        let mut cells = row.split('\t');
        let (Some(file), Some(kind)) = (cells.next(), cells.next()) else {
            continue;
        };
        kinds
            .entry(file.to_owned())
            .or_default()
            .push(kind.to_owned());
    }
    kinds
}

/// The `channel/kind` of an index entry, if the entry is an event and not a fragment.
fn expected(indexed: &str) -> Option<String> {
    let (channel, detail) = indexed
        .trim_start_matches("array-envelope ")
        .split_once('/')?;
    let kind = match detail.split_once("field=") {
        Some((_, wrapped)) if wrapped.ends_with("&value") => return None,
        Some((_, field)) => field,
        None if detail.starts_with("id&") => return None,
        None => detail,
    };
    let kind = kind.split([':', '&', '+', '(', ' ']).next()?;
    Some(match channel {
        "item" => format!("messaging/{kind}"),
        "calls" => "calls/calls".to_owned(),
        channel => format!("{channel}/{kind}"),
    })
}

#[test]
fn every_body_of_the_collection_is_understood() {
    let Some(directory) = collection() else {
        println!("skipped: no collection of bodies; HANDOVER_PAYLOADS can name one");
        return;
    };
    let index = index(&directory);
    let mut bodies = 0;
    for file in fs::read_dir(&directory).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        bodies += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let webhook =
            read(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!webhook.received.is_empty(), "{name} holds no event");
        for Received { event, .. } in &webhook.received {
            let written = serde_json::to_value(event).unwrap();
            assert_eq!(
                &Event::from(written),
                event,
                "{name} is written differently"
            );
        }
        let found: Vec<_> = webhook
            .received
            .iter()
            .map(|received| format!("{}/{}", received.channel, received.event.body.kind()))
            .collect();
        for expected in index
            .get(&name)
            .into_iter()
            .flatten()
            .filter_map(|kind| expected(kind))
        {
            assert!(
                found.contains(&expected),
                "{name}: {expected} is not among {found:?}"
            );
        }
    }
    assert!(bodies > 0, "{} holds no bodies", directory.display());
}
