//! Programs that are no part of the repository.

use std::env;
use std::path::PathBuf;

/// Where the program is; a test without it fails.
pub(crate) fn installed(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).map(|folder| folder.join(program));
    places
        .find(|place| place.is_file())
        .unwrap_or_else(|| panic!("{program} is missing: ./test installs it"))
}
