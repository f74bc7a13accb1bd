//! `handover new`, and the templates that it writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Folder, handover};

/// Where handover comes from.
const GIT: &str = "https://example.com/handover";

const TEMPLATES: [&str; 7] = [
    "live-chat",
    "minimal",
    "two-apps",
    "support-desk",
    "instagram",
    "language-model",
    "cluster",
];

/// Every file below, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git") {
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates")
}

#[tokio::test]
async fn every_template_becomes_a_project() {
    for template in TEMPLATES {
        let folder = Folder::new("new");
        let new = handover(&["new", "my-bot", "--template", template, "--git", GIT]);
        let written = new.within(folder.path()).run().await;
        assert!(written.good().contains("cd my-bot"), "{}", written.stdout);
        let files = files(&folder.path().join("my-bot"));
        for name in [
            "Cargo.toml",
            "README.md",
            "Dockerfile",
            ".dockerignore",
            ".env.example",
            ".gitignore",
            ".github/workflows/ci.yml",
            "deploy/bot.service",
            "src/main.rs",
            "tests/conversation.rs",
        ] {
            assert!(files.contains_key(Path::new(name)), "{template}: {name}");
        }
        for (name, content) in &files {
            for left in ["{{", "{%", "liquid"] {
                assert!(
                    !content.contains(left),
                    "{template}: {left} in {}",
                    name.display()
                );
            }
        }
        let manifest = &files[Path::new("Cargo.toml")];
        assert!(manifest.contains("name = \"my-bot\""), "{manifest}");
        assert!(
            manifest.contains(&format!("handover = {{ git = {GIT:?}")),
            "{manifest}"
        );
        assert!(
            files[Path::new("src/main.rs")].contains("my_bot::"),
            "{template}"
        );
    }
}

#[tokio::test]
async fn handover_comes_from_where_it_is_said() {
    let folder = Folder::new("new");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap();
    let path = root.to_str().unwrap();
    handover(&["new", "one", "--path", path])
        .within(folder.path())
        .run()
        .await
        .good();
    let manifest = &files(&folder.path().join("one"))[Path::new("Cargo.toml")];
    assert!(
        manifest.contains(&format!("handover = {{ path = {path:?} }}")),
        "{manifest}"
    );

    let git = handover(&["new", "two", "--git", GIT, "--json"]);
    let written = git.within(folder.path()).run().await;
    written.good();
    assert_eq!(written.json()[0]["name"], "two");
    let manifest = &files(&folder.path().join("two"))[Path::new("Cargo.toml")];
    assert!(manifest.contains(&format!("git = {GIT:?}")), "{manifest}");
}

/// Otherwise Cargo would refuse to build it.
#[tokio::test]
async fn a_project_within_a_workspace_is_independent() {
    let folder = Folder::new("new");
    folder.write("Cargo.toml", "[workspace]\nmembers = []\n");
    let new = handover(&["new", "bots/one", "--git", GIT, "--no-git"]);
    new.within(folder.path()).run().await.good();
    let manifest = &files(&folder.path().join("bots/one"))[Path::new("Cargo.toml")];
    assert!(manifest.ends_with("\n[workspace]\n"), "{manifest}");
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_do() {
    let folder = Folder::new("new");
    let new = async |arguments: &[&str]| {
        let mut all = vec!["new"];
        all.extend(arguments);
        let answer = handover(&all).within(folder.path()).run().await;
        answer.misuse().to_owned()
    };
    let said = new(&["my bot"]).await;
    assert!(said.contains("such as `my-bot`"), "{said}");
    let said = new(&["1st"]).await;
    assert!(said.contains("such as `st`"), "{said}");
    let said = new(&["async"]).await;
    assert!(said.contains("call it `async-bot`"), "{said}");
    let said = new(&["handover"]).await;
    assert!(said.contains("`handover-bot`"), "{said}");
    let said = new(&["bot", "--template", "livechat"]).await;
    assert!(said.contains("'live-chat'"), "{said}");
    let said = new(&["bot", "--path", "nowhere"]).await;
    assert!(said.contains("nowhere does not exist"), "{said}");
    let said = new(&["bot", "--path", "."]).await;
    assert!(said.contains("is not the crate handover"), "{said}");
    let said = new(&["bot"]).await;
    let expected = "not published yet: add --path FOLDER (a clone of the repository) or --git URL";
    assert!(said.contains(expected), "{said}");
    fs::create_dir(folder.path().join("taken")).unwrap();
    let said = new(&["taken"]).await;
    assert!(said.contains("taken exists already"), "{said}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else was written"
    );
}

/// What all templates have in common is in `templates/_shared`, once.
#[test]
fn templates_repeat_nothing_that_is_shared() {
    let shared = files(&templates().join("_shared"));
    for template in TEMPLATES {
        for (name, content) in files(&templates().join(template)) {
            assert_ne!(
                shared.get(&name),
                Some(&content),
                "{template}: {}",
                name.display()
            );
        }
    }
}
