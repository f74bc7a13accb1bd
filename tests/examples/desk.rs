//! Every example runs on the desk, without any configuration.

use std::path::Path;

use crate::EXAMPLES;
use crate::support::directory::Directory;
use crate::support::example::Example;

/// It is no bot: `tests/readme.rs` runs it.
const OTHER: &str = "understand";

#[test]
fn no_example_is_forgotten_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut names: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != OTHER)
        .collect();
    names.sort_unstable();
    assert_eq!(names, EXAMPLES);
}

#[tokio::test]
async fn each_starts_with_the_simulator_and_tells_where_its_page_is() {
    for name in EXAMPLES {
        let mut example = Example::start(name, &[]);
        let page = reqwest::get(example.page()).await.unwrap();
        assert_eq!(page.status(), 200, "{name}");
    }
}

#[test]
fn each_tells_its_routes_and_starts_nothing() {
    for name in EXAMPLES.iter().filter(|name| **name != "two_apps") {
        let directory = Directory::new();
        let describe = [("HANDOVER_DESCRIBE", "json".to_owned())];
        let output = Example::run_in(directory.path(), name, &describe);
        assert!(output.status.success(), "{name}: {output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let routes: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert!(!routes.as_array().unwrap().is_empty(), "{name}: {printed}");
    }
}
