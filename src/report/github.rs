//! Annotations of GitHub Actions: one workflow command a finding.

use super::Outcome;
use crate::finding::Severity;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut out = String::new();
    for finding in &outcome.findings {
        let (start, end) = outcome.place(finding);
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let help = finding
            .help
            .as_ref()
            .map(|help| format!("\n{help}"))
            .unwrap_or_default();
        let message = escaped(&format!("{}{help}", finding.message));
        let columns = if start.line == end.line {
            format!(",col={},endColumn={}", start.column, end.column)
        } else {
            String::new()
        };
        let command = format!(
            "::{level} file={},line={},endLine={}{columns},title={}::{message}\n",
            property(&finding.file),
            start.line,
            end.line,
            property(finding.rule),
        );
        out.push_str(&command);
    }
    out
}

/// The text of a command, which ends at its line.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The text of a property, which ends at `,` or `:`, too.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
