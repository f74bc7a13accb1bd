//! Every example runs with the simulator, without any configuration.

use handover::Simulation;
use handover::prelude::*;
use handover_testkit::http;

use super::EXAMPLES;
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::root;

/// It is no bot: `it/readme.rs` runs it.
const OTHER: &str = "understand";

/// Their applications start them, as configured.
const EMBEDDED: [&str; 2] = ["embed_in_axum", "shop"];

#[test]
fn no_example_is_forgotten_here() {
    let folder = root().join("examples");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut names: Vec<_> = paths
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != OTHER)
        .collect();
    names.sort_unstable();
    assert_eq!(names, EXAMPLES);
}

#[tokio::test]
async fn each_starts_with_the_simulator_and_prints_the_address_of_its_page() {
    for name in EXAMPLES.iter().filter(|name| !EMBEDDED.contains(name)) {
        let mut example = Example::start(name, &[]);
        let page = http::get(example.page()).await.unwrap();
        assert_eq!(page.status(), 200, "{name}");
    }
}

#[test]
fn each_prints_its_routes_and_starts_nothing() {
    for name in EXAMPLES {
        let directory = Directory::new();
        let describe = [("HANDOVER_DESCRIBE", "json".to_owned())];
        let output = Example::run_in(directory.path(), name, &[], &describe);
        assert!(output.status.success(), "{name}: {output:?}");
        assert!(output.stderr.is_empty(), "{name}: {output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let routes: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert!(printed.contains("\"waits_for\""), "{name}: {printed}");
        assert_eq!(routes.is_object(), *name == "two_apps", "{name}: {printed}");
    }
}

/// Whoever has the usual ports.
#[tokio::test]
async fn two_programs_are_on_the_desk_at_once() {
    let mut programs = [(); 2].map(|()| Example::start("minimal", &[]));
    let places = programs.each_mut().map(|it| (it.page(), it.webhook()));
    let [(one_page, one_webhook), (other_page, other_webhook)] = &places;
    assert_ne!(one_page, other_page);
    assert_ne!(one_webhook, other_webhook);
    for (page, webhook) in &places {
        assert_eq!(http::get(page).await.unwrap().status(), 200);
        // It is nobody's verification.
        assert_eq!(http::get(webhook).await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn a_simulation_in_which_something_is_missing_says_what() {
    let empty = Simulation::new().run().await.unwrap_err().to_string();
    assert_eq!(
        empty,
        "there is no bot to run: add one with `Simulation::bot`"
    );
    let bot = || Bot::new(Routes::default());
    let simulation = Simulation::new().bot("twin", bot()).bot("twin", bot());
    let twins = simulation.run().await.unwrap_err().to_string();
    assert!(twins.contains("two bots are called `twin`"), "{twins}");
}
