//! Imports go one way: no circles between the modules of a crate, and in the runtime from a floor to
//! those below it. CONTRIBUTING has the picture.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::root;

const CRATES: [&str; 6] = [
    ".",
    "handover-cli",
    "handover-macros",
    "handover-protocol",
    "handover-runtime",
    "handover-sim",
];

/// The modules of the runtime, from the ground up.
const FLOORS: [&[&str]; 8] = [
    &[
        "causes",
        "clock",
        "environment",
        "event_time",
        "failpoint",
        "failure_kind",
        "metadata",
        "metrics",
        "office_hours",
        "opaque_arc",
        "secrets",
        "server",
        "session",
        "signal",
        "state",
        "shutdown",
        "thread",
    ],
    &["graph", "http", "ownership", "recording", "target"],
    &["internal_event", "journal", "notice", "store"],
    &["accounts", "extract", "outcome", "routing", "trigger"],
    &["outbox"],
    &["dispatch"],
    &["operations", "threads", "webhook"],
    &["bot", "telemetry", "testing"],
];

/// Which modules of a crate import which, and where.
type Imports = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn no_modules_import_each_other_in_a_circle() {
    for name in CRATES {
        let circle = circle(&imports_of(name));
        assert!(circle.is_none(), "{name}: {}", circle.unwrap().join(" -> "));
    }
}

#[test]
fn the_runtime_imports_downward() {
    let imports = imports_of("handover-runtime");
    let floor = |module: &str| {
        let found = FLOORS.iter().position(|floor| floor.contains(&module));
        found.unwrap_or_else(|| panic!("which floor is `{module}` on? FLOORS has to say"))
    };
    let mut up = Vec::new();
    for (module, imported) in &imports {
        for (other, file) in imported {
            if floor(other) > floor(module) {
                up.push(format!(
                    "{file}: `{module}` imports `{other}`, which is above it"
                ));
            }
        }
    }
    assert!(up.is_empty(), "{}", up.join("\n"));
}

#[test]
fn a_circle_is_found() {
    let imports = |pairs: &[(&str, &str)]| {
        let mut imports = Imports::new();
        for (module, other) in pairs {
            let of = imports.entry((*module).to_owned()).or_default();
            of.insert((*other).to_owned(), String::new());
        }
        imports
    };
    assert_eq!(
        circle(&imports(&[("a", "b"), ("b", "c"), ("a", "c")])),
        None
    );
    let found = circle(&imports(&[("a", "b"), ("b", "c"), ("c", "a")]));
    assert_eq!(found.unwrap(), ["a", "b", "c", "a"]);
    let text =
        "use crate::{a::{B, C}, d};\nlet x = crate::e::f();\n// crate::no\n\"crate::neither\"";
    let found: Vec<_> = names_in(&code_of(text)).into_iter().collect();
    assert_eq!(found, ["a", "d", "e"]);
}

fn imports_of(name: &str) -> Imports {
    let source = root().join(name).join("src");
    let modules: BTreeSet<String> = std::fs::read_dir(&source)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !["lib", "main"].contains(&name.as_str()))
        .collect();
    let exports = exports_of(&source);
    let mut imports = Imports::new();
    for module in &modules {
        let of_module = imports.entry(module.clone()).or_default();
        let mut files = Vec::new();
        files_of(&source.join(module), &mut files);
        files.extend(Some(source.join(format!("{module}.rs"))).filter(|file| file.exists()));
        for file in files {
            let code = code_of(&std::fs::read_to_string(&file).unwrap());
            let imported = names_in(&code).into_iter();
            // A module is itself, also if the root gives something of it out.
            let imported = imported.map(|name| match exports.get(&name) {
                Some(module) if !modules.contains(&name) => module.clone(),
                _ => name,
            });
            let others = imported.filter(|other| modules.contains(other) && other != module);
            of_module.extend(others.map(|other| (other, file.display().to_string())));
        }
    }
    imports
}

/// What the root of a crate gives out, and of which module it is.
fn exports_of(source: &Path) -> BTreeMap<String, String> {
    let Ok(root) = std::fs::read_to_string(source.join("lib.rs")) else {
        return BTreeMap::new();
    };
    let code = code_of(&root);
    let mut exports = BTreeMap::new();
    for statement in code.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap();
        let statement = statement.strip_prefix("crate::").unwrap_or(statement);
        let (module, names) = statement.split_once("::").unwrap_or_default();
        let names = names.split(|character: char| "{},: \n".contains(character));
        exports.extend(names.map(|name| (name.to_owned(), module.to_owned())));
    }
    exports
}

/// The files of a module, but for those of its tests.
fn files_of(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            if !path.ends_with("tests") {
                files_of(&path, files);
            }
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// The code without comments, texts and unit tests.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines = text.lines().map(|line| {
        let line = line.split("//").next().unwrap();
        let outside = line.split('"').step_by(2);
        outside.collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names after `crate::`.
fn names_in(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.extend(name_at(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && !character.is_whitespace() => {
                    names.extend(name_at(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    names
}

fn name_at(text: &str) -> Option<String> {
    let name: String = text
        .chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Modules that import each other in a circle, if there are any.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    fn visit<'a>(
        module: &'a str,
        imports: &'a Imports,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(at) = way.iter().position(|earlier| *earlier == module) {
            let circle = way[at..].iter().chain([&module]);
            return Some(circle.map(|module| (*module).to_owned()).collect());
        }
        if !done.insert(module) {
            return None;
        }
        way.push(module);
        let others = imports.get(module).into_iter().flatten();
        let found = others
            .map(|(other, _)| visit(other, imports, way, done))
            .find_map(|found| found);
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    imports
        .keys()
        .find_map(|module| visit(module, imports, &mut Vec::new(), &mut done))
}
