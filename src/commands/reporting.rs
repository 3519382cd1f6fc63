//! Reports that go into files, beside the one on standard output: one run, and whoever reads them sees the same.

use super::CommandError;
use crate::cli::ReportFile;
use crate::write;

/// Writes each report to its file, in the place of an older one.
pub(super) fn write_reports<F: Copy>(
    reports: &[ReportFile<F>],
    render: impl Fn(F) -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    for report in reports {
        write::replace(&report.path, &render(report.format)?)?;
    }
    Ok(())
}
