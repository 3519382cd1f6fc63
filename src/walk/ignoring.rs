//! Whether the ignore files of a folder can be read: a link to a device has no end, and a pipe none that comes. What they say is read elsewhere.

use std::path::{Path, PathBuf};

use super::reading::MAX_FILE;

/// The ignore files that a walk reads.
const NAMES: [&str; 2] = [".helmignore", ".gitignore"];

/// An ignore file in `dir` that is no file, or too large a one.
pub(super) fn unreadable_in(dir: &Path) -> Option<PathBuf> {
    let is_unreadable = |path: &PathBuf| {
        let Ok(known) = std::fs::metadata(path) else {
            return false;
        };
        let is_device = !known.is_file() && !known.is_dir();
        // A link to the null device ignores nothing, and some mean that.
        let is_null = || std::fs::canonicalize(path).is_ok_and(|path| path == Path::new("/dev/null"));
        known.is_file() && known.len() > MAX_FILE || is_device && !is_null()
    };
    NAMES.iter().map(|name| dir.join(name)).find(is_unreadable)
}

/// An ignore file like that in `dir` or above it, where a walk below `dir` would read it.
pub(super) fn unreadable_above(dir: &Path) -> Option<PathBuf> {
    dir.ancestors().find_map(unreadable_in)
}
