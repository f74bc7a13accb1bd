use std::path::Path;

use thiserror::Error;

/// Name of a project, valid as a package of Cargo and as a crate of Rust.
pub(super) struct ProjectName(String);

#[derive(Debug, Error)]
pub(super) enum InvalidName {
    #[error("a project needs a name, such as `my-bot`")]
    Missing,
    #[error(
        "`{name}` is not a valid project name: use letters, digits, `-` and `_`, beginning with a letter, such as `{better}`"
    )]
    Characters { name: String, better: String },
    #[error("`{name}` means something else to Rust or Cargo; call it `{name}-bot`")]
    Taken { name: String },
}

/// Keywords, crates of the language, and names that Cargo or the project's dependencies use.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "bench",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "handover",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "tokio",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

impl ProjectName {
    /// Takes the last part of a path.
    pub(super) fn of(folder: &Path) -> Result<Self, InvalidName> {
        let name = folder.file_name().ok_or(InvalidName::Missing)?;
        let name = name.to_string_lossy().into_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_plain) {
            let better = better(&name);
            return Err(InvalidName::Characters { name, better });
        }
        if TAKEN.contains(&name.as_str()) {
            return Err(InvalidName::Taken { name });
        }
        Ok(Self(name))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Name in Rust code.
    pub(super) fn of_crate(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn better(name: &str) -> String {
    let plain = name
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let plain = plain.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    match plain.trim_end_matches('-') {
        "" => "my-bot".to_owned(),
        plain => plain.to_owned(),
    }
}
