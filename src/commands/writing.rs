//! Writing the new texts of a run: all of them lie ready before the first file is replaced.

use std::collections::{BTreeMap, BTreeSet};
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

/// Writes all changes. Nothing is written where one of them cannot be; what interrupted runs left in `folders` is taken away before.
pub(super) fn write_all<'a>(changes: &[Change], folders: impl IntoIterator<Item = &'a Path>) -> Result<(), WriteError> {
    folders.into_iter().collect::<BTreeSet<_>>().into_iter().for_each(sweep);
    let prepared: Result<Vec<Prepared>, WriteError> = distinct(changes)?
        .par_iter()
        .map(|change| prepare(&change.path, &change.before, &change.after))
        .collect();
    let prepared = prepared?;
    prepared.iter().try_for_each(Prepared::check)?;
    let folders: BTreeSet<PathBuf> = prepared.iter().map(Prepared::folder).collect();
    prepared.into_iter().try_for_each(Prepared::commit)?;
    folders.iter().try_for_each(|folder| settle(folder))
}

/// The changes of distinct files: two names of one file are one change.
fn distinct(changes: &[Change]) -> Result<Vec<&Change>, WriteError> {
    let mut by_target: BTreeMap<PathBuf, &Change> = BTreeMap::new();
    for change in changes {
        let target = change.path.canonicalize().unwrap_or_else(|_| change.path.clone());
        let first = *by_target.entry(target).or_insert(change);
        if first.after != change.after {
            return Err(WriteError::Shared(change.path.clone()));
        }
    }
    Ok(by_target.into_values().collect())
}
