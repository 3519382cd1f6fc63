//! From paths to the files to read: charts, their values files, packaged charts. At the edge: it lists and reads, and judges nothing.
#![expect(clippy::disallowed_methods, reason = "the edge: files are listed and read here")]

mod ignoring;
mod lister;
mod owner;
mod package;
mod paths;
mod reading;
mod selection;
mod templates;
mod whole;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::chart::FileRole;
use lister::Lister;
pub use owner::{Owners, nearest_config, repository_of};
pub use paths::{absolute, display, folder_of, is_package, renamed, slashed};
pub use reading::{MAX_FILE, Problem, Read, read_text, read_unit};
pub use selection::{RootedPattern, Selection};
pub use templates::Templates;
pub use whole::charts_of;

/// One chart, or one loose file: what is read and linted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Files on disk.
    Files(Vec<UnitFile>),
    /// A packaged chart.
    Package(PathBuf),
}

impl Unit {
    /// Its files on disk, by their names in reports; none for a packaged chart.
    #[must_use]
    pub fn paths(&self, dir: &Path) -> BTreeMap<String, PathBuf> {
        match self {
            Self::Files(files) => files
                .iter()
                .map(|file| (display(&file.path, dir), file.path.clone()))
                .collect(),
            Self::Package(_) => BTreeMap::new(),
        }
    }
}

/// A file of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is to its chart.
    pub role: FileRole,
    /// Whether findings in it are wanted, or it is read for context alone.
    pub wanted: bool,
}

/// What lies below a set of paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The units, sorted by path.
    pub units: Vec<Unit>,
    /// What could not be listed.
    pub problems: Vec<Problem>,
}

/// Lists the units below `paths`: each a file, a chart, a packaged chart, or a tree of them.
#[must_use]
pub fn walk(paths: &[PathBuf], selection: &Selection) -> Found {
    let mut lister = Lister::new(selection);
    for path in paths {
        let path = &absolute(path);
        match std::fs::metadata(path) {
            Err(error) => lister.problems.push(Problem::missing(path, &error)),
            Ok(metadata) if selection.whole_charts => lister.whole(path, metadata.is_dir()),
            Ok(metadata) if metadata.is_dir() => lister.tree(path),
            Ok(_) if is_package(path) => {
                lister.packages.insert(path.clone());
            }
            Ok(_) => lister.file(path, true),
        }
    }
    lister.finish()
}

/// The unit that the file at `path`, absolute, is read in, as a walk over the tree around it finds it: with every other file of its chart. Nothing
/// where a walk would leave the file alone. The files of `unsaved` are not on disk yet, and count by name and place.
#[must_use]
pub fn unit_of(path: &Path, unsaved: &[&Path], selection: &Selection) -> Option<Unit> {
    let mut lister = Lister::new(selection);
    let chart = lister.owners.chart_of(path);
    if let Some(chart) = &chart {
        lister.tree(chart);
        for dir in Owners::override_folders(chart) {
            lister.tree(&dir);
        }
    }
    let loose = [path].into_iter().filter(|_| chart.is_none());
    for path in loose.chain(unsaved.iter().copied()) {
        if lister.owners.chart_of(path) == chart && !selection.excludes(path) {
            lister.tree_file(path, path.parent()?);
        }
    }
    let holds = |unit: &Unit| match unit {
        Unit::Files(files) => files.iter().any(|file| file.path == path),
        Unit::Package(_) => false,
    };
    lister.finish().units.into_iter().find(holds)
}
