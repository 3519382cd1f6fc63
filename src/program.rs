//! Finding a program on the search path. Knows nothing of what the program is for.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The program of this name in a folder of the search path. Relative folders do not count: they could lie in a chart.
#[must_use]
pub fn on_path(name: &str, search_path: Option<&OsStr>) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(search_path?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| is_executable(path))
}

/// Whether a path is a file that may be run.
#[cfg(unix)]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Whether a path is a file that may be run.
#[cfg(not(unix))]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}
