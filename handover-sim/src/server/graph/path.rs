use super::version::{self, Version};

/// `/{version}/{object}/{edge}`; version and edge may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) version: Version,
    pub(super) object: String,
    pub(super) edge: String,
}

impl Path {
    pub(super) fn of(path: &str) -> Self {
        let path = path.trim_matches('/');
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let (version, rest) = match version::read(first) {
            Some(version) => (version, rest),
            None => (Version::DEFAULT, path),
        };
        let (object, edge) = rest.split_once('/').unwrap_or((rest, ""));
        Self {
            version,
            object: object.to_owned(),
            edge: edge.to_owned(),
        }
    }

    /// What the timeline calls it.
    pub(super) fn title(&self) -> String {
        match (self.edge.as_str(), self.object.as_str()) {
            ("", "") => "/".to_owned(),
            ("", object) => object.to_owned(),
            (edge, _) => edge.to_owned(),
        }
    }
}
