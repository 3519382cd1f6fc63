//! What `pin`, `unpin` and `verify` say: rows of JSON, a diff, findings for the formats that have findings, lines for people.

mod row;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::human::{Style, findings};
use super::json::pretty;
use super::snippet::one_line;
use super::{Outcome, ReportError, counted, github, sarif, unified};
use crate::finding::{Finding, Severity};
use crate::lint::by_place;
use crate::pin::{Entry, Judged, NewText, Status, Verdict};
use row::{PinRow, VerifyRow};

pub use row::{PinReport, VerifyReport};

/// What `pin` and `verify` find that no rule does, for formats that list their rules.
pub(super) const CHECKS: [(&str, &str); 6] = [
    ("unresolved-image", "An image for which its registry gave no answer"),
    ("unplaced-digest", "An image that has no safe place for a digest"),
    ("moved-tag", "A tag that names another digest than the one that stands"),
    ("missing-digest", "A digest that its registry does not have"),
    (
        "child-digest",
        "A digest of one platform's manifest, where the tag names an index",
    ),
    (
        "missing-platform",
        "An image that is not there for a platform that is asked for",
    ),
];

/// How many places of a reason are named before the rest is counted.
const SHOWN_PLACES: usize = 3;

/// Where the digests of a run went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deed {
    /// Nowhere: it is a plan.
    #[default]
    Planned,
    /// Into the charts.
    Written,
    /// Into files beside the charts.
    Overlay,
}

/// What a run of `pin` or `unpin` did.
#[derive(Debug, Default)]
pub struct PinRun {
    /// Every image.
    pub entries: Vec<Entry>,
    /// The files that change.
    pub texts: Vec<NewText>,
    /// Where the digests went.
    pub deed: Deed,
    /// Whether digests are taken away.
    pub takes_away: bool,
    /// How many requests were sent.
    pub requests: usize,
}

impl PinRun {
    /// How many images have this status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.entries.iter().filter(|entry| entry.status == status).count()
    }

    /// The rows as JSON.
    ///
    /// # Errors
    /// When JSON cannot be written, which no row makes happen.
    pub fn json(&self) -> Result<String, ReportError> {
        pretty(&PinReport {
            version: 1,
            written: self.deed == Deed::Written,
            pins: self
                .entries
                .iter()
                .map(|entry| PinRow::new(entry, entry.status.as_str()))
                .collect(),
            requests: self.requests,
        })
    }

    /// The unified diff of all files.
    #[must_use]
    pub fn diff(&self) -> String {
        self.texts
            .iter()
            .map(|new| unified(&new.source.path, &new.source.text, &new.text))
            .collect()
    }

    /// SARIF, with a result for each image that is not pinned.
    ///
    /// # Errors
    /// When the format's own writer fails.
    pub fn sarif(&self) -> Result<String, ReportError> {
        sarif::render(&self.outcome(|_| true))
    }

    /// Annotations of GitHub Actions for each image that is not pinned.
    #[must_use]
    pub fn github(&self) -> String {
        github::render(&self.outcome(|_| true))
    }

    /// The images that got no answer, with their source lines, for standard error.
    ///
    /// # Errors
    /// When the format's own writer fails.
    pub fn failures(&self, style: Style) -> Result<String, ReportError> {
        findings(&self.outcome(|entry| entry.status == Status::Failed), style)
    }

    fn outcome(&self, wanted: impl Fn(&Entry) -> bool) -> Outcome {
        let entries = self.entries.iter().filter(|entry| wanted(entry));
        let found = entries.filter_map(|entry| {
            let name = entry.name();
            let reason = entry.reason.as_deref().unwrap_or_default();
            let (rule, severity, message, help) = match entry.status {
                Status::Failed => {
                    let message = format!("`{name}` is not pinned: {reason}");
                    ("unresolved-image", Severity::Error, message, entry.help.clone())
                }
                Status::Skipped => {
                    let message = format!("`{name}` is left alone: {reason}");
                    ("unplaced-digest", Severity::Info, message, None)
                }
                Status::HeldBack => {
                    let message = format!("`{name}` is not pinned: {reason}");
                    ("unpinned-image", Severity::Warning, message, None)
                }
                Status::Pinned if self.deed == Deed::Planned => {
                    let digest = entry.digest.as_deref().unwrap_or_default();
                    let help = format!("`chartpin pin --write` pins it to `{digest}`");
                    (
                        "unpinned-image",
                        Severity::Warning,
                        format!("`{name}` is not pinned"),
                        Some(help),
                    )
                }
                Status::Pinned | Status::Unpinned | Status::Already => return None,
            };
            Some((entry, finding(entry, rule, severity, message, help)))
        });
        outcome(found)
    }

    /// What is left alone, by reason, with some of the places; nothing where nothing is.
    #[must_use]
    pub fn skipped(&self) -> String {
        let mut by_reason: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.status == Status::Skipped) {
            by_reason
                .entry(entry.reason.as_deref().unwrap_or_default())
                .or_default()
                .push(entry);
        }
        let mut groups: Vec<_> = by_reason.into_iter().collect();
        groups.sort_by_key(|(reason, entries)| (std::cmp::Reverse(entries.len()), *reason));
        let mut out = String::new();
        for (reason, entries) in groups {
            let _ = writeln!(
                out,
                "{} left alone: {}",
                counted(entries.len(), "image"),
                one_line(reason)
            );
            for entry in entries.iter().take(SHOWN_PLACES) {
                let line = entry.source.line_of(entry.span.start);
                let _ = writeln!(
                    out,
                    "  {}:{line}  {}",
                    one_line(&entry.source.path),
                    one_line(&entry.path)
                );
            }
            if entries.len() > SHOWN_PLACES {
                let _ = writeln!(
                    out,
                    "  ... and {} more (--format json has them all)",
                    entries.len() - SHOWN_PLACES
                );
            }
        }
        out
    }

    /// One line for each file that changes: how many images of it do.
    #[must_use]
    pub fn changed(&self) -> String {
        let mut out = String::new();
        for new in &self.texts {
            let in_file = self.entries.iter().filter(|entry| {
                matches!(entry.status, Status::Pinned | Status::Unpinned) && entry.source.path == new.source.path
            });
            let _ = writeln!(
                out,
                "{}: {}",
                one_line(&new.source.path),
                counted(in_file.count(), "image")
            );
        }
        out
    }

    /// The closing line: how many of what, and how to write it where nothing is written.
    #[must_use]
    pub fn summary(&self, keeps_going: bool) -> String {
        let (changing, verb) = match (self.takes_away, self.deed) {
            (true, Deed::Planned) => (Status::Unpinned, "to unpin"),
            (true, _) => (Status::Unpinned, "unpinned"),
            (false, Deed::Planned) => (Status::Pinned, "to pin"),
            (false, Deed::Written) => (Status::Pinned, "pinned"),
            (false, Deed::Overlay) => (Status::Pinned, "pinned in overlays"),
        };
        let mut out = format!("{} {verb}", counted(self.count(changing), "image"));
        let others = [
            (Status::Already, "pinned already"),
            (Status::HeldBack, "held back"),
            (Status::Skipped, "left alone"),
            (Status::Failed, "without an answer"),
        ];
        for (status, what) in others.iter().filter(|(status, _)| self.count(*status) > 0) {
            let _ = write!(out, ", {} {what}", self.count(*status));
        }
        let failed = self.count(Status::Failed) > 0 && !keeps_going;
        if self.deed == Deed::Planned && !self.texts.is_empty() {
            out.push_str(if failed {
                " (--write --keep-going writes what has an answer)"
            } else {
                " (--write does it)"
            });
        }
        out
    }
}

/// What a run of `verify` found.
#[derive(Debug, Default)]
pub struct VerifyRun {
    /// Every digest that stands.
    pub judged: Vec<Judged>,
    /// How many requests were sent.
    pub requests: usize,
    /// How many images carry no digest, and were not looked at.
    pub unpinned: usize,
}

impl VerifyRun {
    /// Whether a digest has this verdict.
    #[must_use]
    pub fn has(&self, verdict: Verdict) -> bool {
        self.judged.iter().any(|judged| judged.verdict == verdict)
    }

    /// The rows as JSON.
    ///
    /// # Errors
    /// When JSON cannot be written, which no row makes happen.
    pub fn json(&self) -> Result<String, ReportError> {
        let row = |judged: &Judged| VerifyRow {
            row: PinRow::new(&judged.entry, judged.verdict.as_str()),
            current: judged.current.clone(),
        };
        pretty(&VerifyReport {
            version: 1,
            pins: self.judged.iter().map(row).collect(),
            requests: self.requests,
        })
    }

    /// SARIF, with a result for each digest that is not as it should be.
    ///
    /// # Errors
    /// When the format's own writer fails.
    pub fn sarif(&self) -> Result<String, ReportError> {
        sarif::render(&self.outcome())
    }

    /// Annotations of GitHub Actions for each digest that is not as it should be.
    #[must_use]
    pub fn github(&self) -> String {
        github::render(&self.outcome())
    }

    /// The digests that are not as they should be, with their source lines.
    ///
    /// # Errors
    /// When the format's own writer fails.
    pub fn human(&self, style: Style) -> Result<String, ReportError> {
        findings(&self.outcome(), style)
    }

    fn outcome(&self) -> Outcome {
        let found = self.judged.iter().filter_map(|judged| {
            let entry = &judged.entry;
            let (rule, severity) = match judged.verdict {
                Verdict::Ok => return None,
                Verdict::Drift => ("moved-tag", Severity::Warning),
                Verdict::Missing => ("missing-digest", Severity::Error),
                Verdict::Child => ("child-digest", Severity::Warning),
                Verdict::PlatformMissing => ("missing-platform", Severity::Error),
                Verdict::Failed => ("unresolved-image", Severity::Error),
            };
            let message = format!("`{}`: {}", entry.name(), entry.reason.as_deref().unwrap_or_default());
            Some((entry, finding(entry, rule, severity, message, entry.help.clone())))
        });
        outcome(found)
    }

    /// The closing line: how many of what.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |verdict: Verdict| self.judged.iter().filter(|judged| judged.verdict == verdict).count();
        let mut parts = vec![format!("{} ok", counted(count(Verdict::Ok), "digest"))];
        let others = [
            (Verdict::Drift, "with a tag that moved"),
            (Verdict::Missing, "missing"),
            (Verdict::Child, "for one platform alone"),
            (Verdict::PlatformMissing, "without a platform"),
            (Verdict::Failed, "without an answer"),
        ];
        parts.extend(
            others
                .iter()
                .filter(|(verdict, _)| count(*verdict) > 0)
                .map(|(verdict, what)| format!("{} {what}", count(*verdict))),
        );
        if self.unpinned > 0 {
            parts.push(format!("{} without digest", counted(self.unpinned, "image")));
        }
        parts.join(", ")
    }
}

fn finding(entry: &Entry, rule: &'static str, severity: Severity, message: String, help: Option<String>) -> Finding {
    Finding {
        rule,
        severity,
        message,
        label: String::new(),
        help,
        file: entry.source.path.clone(),
        span: entry.span,
        others: Vec::new(),
        path: Some(entry.path.clone()),
        fix: None,
    }
}

fn outcome<'a>(found: impl Iterator<Item = (&'a Entry, Finding)>) -> Outcome {
    let mut outcome = Outcome::default();
    for (entry, finding) in found {
        outcome
            .sources
            .insert(entry.source.path.clone(), Arc::clone(&entry.source));
        outcome.findings.push(finding);
    }
    outcome.findings.sort_by(by_place);
    outcome
}
