//! Writing the new texts of a run: all of them lie ready before the first file is replaced.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::write::{Prepared, WriteError, prepare, settle, sweep};

/// A file whose text changes.
#[derive(Debug)]
pub(super) struct Change {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in reports.
    pub shown: Arc<str>,
    /// The text that was read.
    pub before: Arc<str>,
    /// The text that comes in its place.
    pub after: Arc<str>,
}

/// Writes all changes. Nothing is written where one of them cannot be; what an interrupted run left beside these files is taken away.
pub(super) fn write_all(changes: &[Change]) -> Result<(), WriteError> {
    let folders: BTreeSet<&Path> = changes.iter().filter_map(|change| change.path.parent()).collect();
    sweep_all(folders);
    let prepared: Result<Vec<Prepared>, WriteError> = changes
        .par_iter()
        .map(|change| prepare(&change.path, &change.before, &change.after))
        .collect();
    let prepared = prepared?;
    prepared.iter().try_for_each(Prepared::check)?;
    let folders: BTreeSet<PathBuf> = prepared.iter().map(Prepared::folder).collect();
    prepared.into_iter().try_for_each(Prepared::commit)?;
    folders.iter().try_for_each(|folder| settle(folder))
}

/// Takes away what interrupted runs left in these folders.
pub(super) fn sweep_all<'a>(folders: impl IntoIterator<Item = &'a Path>) {
    folders.into_iter().for_each(sweep);
}
