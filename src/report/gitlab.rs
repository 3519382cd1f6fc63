//! A code quality report of GitLab (the part of the Code Climate format that GitLab reads).

use serde::Serialize;

use super::json::pretty;
use super::{Outcome, ReportError, fingerprints};
use crate::finding::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn render(outcome: &Outcome) -> Result<String, ReportError> {
    let prints = fingerprints(&outcome.findings);
    let issues = outcome.findings.iter().zip(prints).map(|(finding, fingerprint)| {
        let (start, end) = outcome.place(finding);
        Issue {
            description: finding.message.clone(),
            check_name: finding.rule,
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: &finding.file,
                lines: Lines {
                    begin: start.line,
                    end: end.line,
                },
            },
        }
    });
    pretty(&issues.collect::<Vec<_>>())
}
