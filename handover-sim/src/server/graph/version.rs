//! Versions of the Graph API.

/// Those that are alive in October 2026, the oldest first (Graph API changelog).
const LIVING: [&str; 6] = ["v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"];

/// Those that were are served by the oldest that is alive.
const OLDEST: (u32, u32) = (21, 0);

/// A version in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// This one answers.
    Served(&'static str),
    /// There is no such version.
    Unknown,
}

impl Version {
    /// What a call without a version gets: the version of the app's settings.
    pub(super) const DEFAULT: Self = Self::Served("v26.0");

    /// What `facebook-api-version` says.
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
