//! Versions of the Graph API.

/// Supported versions in October 2026, oldest first (Graph API changelog).
const LIVING: [&str; 6] = ["v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"];

/// Oldest supported version, which also serves expired ones.
const OLDEST: (u32, u32) = (21, 0);

/// Version in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The version that serves the call.
    Served(&'static str),
    /// The version does not exist.
    Unknown,
}

impl Version {
    /// Version of calls without one, from the settings of the app.
    pub(super) const DEFAULT: Self = Self::Served("v26.0");

    /// Returns the header `facebook-api-version`.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Served(version) => version,
            Self::Unknown => "v26.0",
        }
    }
}

/// `None` if the segment is not a version at all.
pub(super) fn read(segment: &str) -> Option<Version> {
    let (major, minor) = segment.strip_prefix('v')?.split_once('.')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u32::MAX))
    };
    let version = (number(major)?, number(minor)?);
    let living = LIVING.into_iter().find(|version| *version == segment);
    Some(match living {
        Some(version) => Version::Served(version),
        None if (1, 0) <= version && version < OLDEST => Version::Served(LIVING[0]),
        None => Version::Unknown,
    })
}
