//! Templates, in the layout of cargo-generate and built into this program.

use std::path::PathBuf;

use include_dir::{Dir, DirEntry, include_dir};

use super::name::ProjectName;
use super::source::DependencySource;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Configuration of cargo-generate; not a part of the project.
const QUESTIONS: &str = "cargo-generate.toml";

pub(super) fn names() -> Vec<&'static str> {
    let names = TEMPLATES.dirs().filter_map(|folder| folder.path().to_str());
    names.collect()
}

/// Returns the project's files, with their paths.
pub(super) fn files(
    template: &str,
    name: &ProjectName,
    source: &DependencySource,
) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<&Dir<'_>> = TEMPLATES.get_dir(template).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in folder.entries() {
            let file = match entry {
                DirEntry::Dir(folder) => {
                    folders.push(folder);
                    continue;
                }
                DirEntry::File(file) => file,
            };
            let path = file.path().strip_prefix(template).unwrap_or(file.path());
            if path.to_str() == Some(QUESTIONS) {
                continue;
            }
            let path = match path.extension() {
                // Without this ending, Cargo would take the template for a package.
                Some(ending) if ending == "liquid" => path.with_extension(""),
                _ => path.to_owned(),
            };
            let content = file.contents_utf8().unwrap_or_default();
            files.push((path, fill(content, name, source)));
        }
    }
    files.sort();
    files
}

fn fill(content: &str, name: &ProjectName, source: &DependencySource) -> String {
    content
        .replace("{{project-name}}", name.as_str())
        .replace("{{crate_name}}", &name.of_crate())
        .replace("{{handover}}", &source.to_toml())
}
