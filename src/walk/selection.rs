//! Which files of a tree count: globs, each relative to a folder. Reads nothing.

use std::path::{Path, PathBuf};

use super::paths::slashed;
use crate::pattern::Pattern;

/// A glob and the folder that it is relative to.
#[derive(Debug, Clone)]
pub struct RootedPattern {
    /// The folder, absolute.
    pub root: PathBuf,
    /// The glob.
    pub pattern: Pattern,
}

impl RootedPattern {
    /// Globs that are relative to one folder.
    pub fn below(root: &Path, patterns: &[Pattern]) -> impl Iterator<Item = Self> {
        patterns.iter().map(|pattern| Self {
            root: root.to_owned(),
            pattern: pattern.clone(),
        })
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        path.strip_prefix(&self.root)
            .is_ok_and(|below| self.pattern.matches(&slashed(below)))
    }
}

/// Which files of a tree count.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Further values files.
    pub include: Vec<RootedPattern>,
    /// What is left alone.
    pub exclude: Vec<RootedPattern>,
    /// Whether a chart is looked at without the charts in it, and a file of no chart passed over if a tree would not have it.
    pub whole_charts: bool,
}

impl Selection {
    pub(super) fn excludes(&self, path: &Path) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    pub(super) fn includes(&self, path: &Path) -> bool {
        self.include.iter().any(|glob| glob.matches(path))
    }
}
