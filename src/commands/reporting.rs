//! Reports that go into files, beside the one on standard output: one run, and whoever reads them sees the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::CommandError;
use super::folder::demand_target;
use crate::cli::{PlaceArgs, ReportFile};
use crate::walk::{absolute, slashed};
use crate::write;

/// Refuses reports that would take each other's place, or that of a file that the run reads or writes as something else, and those whose folder is not
/// there: before anything is written or a registry is asked.
pub(super) fn demand_places<'a, F>(
    reports: &[ReportFile<F>],
    taken: impl IntoIterator<Item = &'a Path>,
) -> Result<(), CommandError> {
    if reports.is_empty() {
        return Ok(());
    }
    let taken: BTreeSet<PathBuf> = taken.into_iter().map(identity).collect();
    let mut seen = BTreeSet::new();
    for report in reports {
        let (file, shown) = (identity(&report.path), slashed(&report.path));
        if taken.contains(&file) {
            let message = format!("the report would take the place of `{shown}`, which the run needs as it is");
            return Err(CommandError::usage(message, Some("give the report another name")));
        }
        if !seen.insert(file) {
            let message = format!("two reports would be written to `{shown}`");
            return Err(CommandError::usage(message, Some("give each report a file of its own")));
        }
        if let Some(folder) = folder(report) {
            demand_target(folder)?;
        }
    }
    Ok(())
}

/// The files and folders that the command line names.
pub(super) fn named(place: &PlaceArgs) -> impl Iterator<Item = &Path> {
    place.config.iter().chain(&place.paths).map(PathBuf::as_path)
}

/// What two names of one file have in common, whether it is there or not.
fn identity(path: &Path) -> PathBuf {
    let plain = absolute(path);
    let in_folder = || Some(plain.parent()?.canonicalize().ok()?.join(plain.file_name()?));
    plain.canonicalize().ok().or_else(in_folder).unwrap_or(plain)
}

/// The folder that a report is written to, if it says one.
fn folder<F>(report: &ReportFile<F>) -> Option<&Path> {
    report.path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// Writes each report to its file, in the place of an older one; what interrupted runs left beside it goes.
pub(super) fn write_reports<F: Copy>(
    reports: &[ReportFile<F>],
    render: impl Fn(F) -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    for report in reports {
        write::sweep(folder(report).unwrap_or_else(|| Path::new(".")));
        write::replace(&report.path, &render(report.format)?)?;
    }
    Ok(())
}
