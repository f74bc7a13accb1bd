//! What is public is kept in `tests/public_names/`, so that each new name is a decision. The names are
//! those that `cargo doc` shows; `./test` has run it before.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use handover_testkit::cargo::cargo;

use crate::support::example::alone_with_cargo;
use crate::support::root;

/// The crates whose names are promised, and modules that show what is listed elsewhere.
const CRATES: [(&str, &[&str]); 3] = [
    ("handover", &["protocol", "sim"]),
    ("handover_protocol", &[]),
    ("handover_sim", &[]),
];

/// What an item has, by the prefixes of the anchors on its page.
const MEMBERS: [(&str, &str); 7] = [
    ("associatedconstant.", "constant"),
    ("associatedtype.", "type"),
    ("field.", "field"),
    ("method.", "method"),
    ("structfield.", "field"),
    ("tymethod.", "method"),
    ("variant.", "variant"),
];

/// Where an item's own part of its page ends.
const ENDS: [&str; 7] = [
    "blanket-implementations",
    "deref-methods",
    "foreign-impls",
    "implementors",
    "synthetic-implementations",
    "synthetic-implementors",
    "trait-implementations",
];

#[test]
fn each_public_name_is_a_decision() {
    document();
    let mut differences = Vec::new();
    for (name, elsewhere) in CRATES {
        let found = names(&target().join("doc").join(name), elsewhere);
        let file = root().join(format!("tests/public_names/{name}.txt"));
        let listed: String = found.iter().map(|name| format!("{name}\n")).collect();
        if env::var_os("UPDATE_PUBLIC_NAMES").is_some() {
            fs::write(&file, listed).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        let kept = kept.lines().map(str::to_owned).collect();
        differences.extend(difference(name, &kept, &found));
    }
    assert!(
        differences.is_empty(),
        "public names have changed. If that is meant, say so in the changelog and run\n    \
         UPDATE_PUBLIC_NAMES=1 cargo test -p handover-tests --test it public_names\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_change_is_found() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let kept = names(&["a (struct)", "a::b (method)"]);
    assert_eq!(difference("c", &kept, &kept), [""; 0]);
    let found = names(&["a (struct)", "a::d (method)"]);
    assert_eq!(
        difference("c", &kept, &found),
        ["new:  c::a::d (method)", "gone: c::a::b (method)"]
    );
    let page = r##"<span id="structfield.x"></span><section id="method.of-1"><h4 id="variant.V.field.y">
        <h2 id="trait-implementations"><section id="method.clone">"##;
    assert_eq!(
        members(page).collect::<Vec<_>>(),
        [("x", "field"), ("of", "method"), ("V::y", "field")]
            .map(|(name, kind)| (name.to_owned(), kind))
    );
}

fn difference(of: &str, kept: &BTreeSet<String>, found: &BTreeSet<String>) -> Vec<String> {
    let new = found
        .difference(kept)
        .map(|name| format!("new:  {of}::{name}"));
    let gone = kept
        .difference(found)
        .map(|name| format!("gone: {of}::{name}"));
    new.chain(gone).collect()
}

fn target() -> &'static Path {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.expect("the directory is in the target directory")
}

/// As `./test` does, so that nothing is to be done if that was just before.
fn document() {
    let _alone = alone_with_cargo();
    let documented = cargo()
        .args([
            "doc",
            "--workspace",
            "--exclude=handover-crash",
            "--no-deps",
            "--locked",
        ])
        .args(["--features", "handover/scenario,handover/simulator"])
        .arg("--target-dir")
        .arg(target())
        .env("RUSTDOCFLAGS", "-Dwarnings")
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&documented.stderr);
    assert!(documented.status.success(), "{said}");
}

/// The names that are documented, each with what it is.
fn names(documentation: &Path, elsewhere: &[&str]) -> BTreeSet<String> {
    let all = fs::read_to_string(documentation.join("all.html")).expect("the crate is documented");
    let mut names = BTreeSet::new();
    for item in all.split("<li><a href=\"").skip(1) {
        let (page, rest) = item.split_once("\">").expect("a link");
        let (name, _) = rest.split_once("</a>").expect("the end of the link");
        let module = name.split_once("::").map_or("", |(module, _)| module);
        let is_heading = page.starts_with('#');
        if is_heading || elsewhere.contains(&module) {
            continue;
        }
        let file = page.rsplit('/').next().unwrap_or(page);
        let (kind, _) = file.split_once('.').expect("a kind of item");
        names.insert(format!("{name} ({kind})"));
        // Items of the prelude are listed in their module, those of a `type` at the type it names.
        if module != "prelude" && kind != "type" {
            let page = fs::read_to_string(documentation.join(page)).expect("the item has a page");
            names.extend(members(&page).map(|(member, kind)| format!("{name}::{member} ({kind})")));
        }
    }
    names
}

/// What an item has, as its page shows it.
fn members(page: &str) -> impl Iterator<Item = (String, &'static str)> {
    let ends = ENDS
        .iter()
        .filter_map(|end| page.find(&format!("id=\"{end}\"")));
    let own = &page[..ends.min().unwrap_or(page.len())];
    own.split("id=\"").skip(1).filter_map(|anchor| {
        let (anchor, _) = anchor.split_once('"')?;
        let (prefix, kind) = MEMBERS
            .iter()
            .find(|(prefix, _)| anchor.starts_with(prefix))?;
        // A second one of this name has a number, and the fields of a variant a heading.
        let name = anchor[prefix.len()..].split('-').next()?;
        match name.split_once('.') {
            None => Some((name.to_owned(), *kind)),
            Some((variant, field)) => {
                let field = field.strip_prefix("field.")?;
                Some((format!("{variant}::{field}"), "field"))
            }
        }
    })
}
