//! The templates, which are part of this program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use include_dir::{Dir, include_dir};

use super::name::ProjectName;
use super::source::DependencySource;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Files of every project; a template adds to them, and replaces some.
const SHARED: &str = "_shared";

pub(super) fn names() -> Vec<&'static str> {
    let names = TEMPLATES.dirs().filter_map(|folder| folder.path().to_str());
    names.filter(|name| *name != SHARED).collect()
}

/// Returns the project's files, with their paths.
pub(super) fn files(
    template: &str,
    name: &ProjectName,
    source: &DependencySource,
) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for layer in [SHARED, template] {
        let mut folders: Vec<&Dir<'_>> = TEMPLATES.get_dir(layer).into_iter().collect();
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let path = file.path().strip_prefix(layer).unwrap_or(file.path());
                let path = match path.extension() {
                    // Without this ending, Cargo would take the template for a package.
                    Some(ending) if ending == "liquid" => path.with_extension(""),
                    _ => path.to_owned(),
                };
                let content = file.contents_utf8().unwrap_or_default();
                files.insert(path, fill(content, name, source));
            }
        }
    }
    files
}

fn fill(content: &str, name: &ProjectName, source: &DependencySource) -> String {
    content
        .replace("{{project-name}}", name.as_str())
        .replace("{{crate_name}}", &name.of_crate())
        .replace("{{handover}}", &source.to_toml())
}
