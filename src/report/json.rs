//! The versioned JSON of `lint` and `images`: types of their own, so that the program's inner types may change.

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use super::{ImageRow, Outcome, ReportError, related};
use crate::finding::{Applicability, Finding, Label, Severity};
use crate::source::SourceFile;

/// What `chartpin lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "chartpin lint report")]
pub struct LintReport {
    /// The version of this format: 1.
    version: u32,
    /// The findings, by file and position.
    findings: Vec<LintFinding>,
    /// What was looked at.
    summary: Summary,
}

/// One finding. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LintFinding {
    rule: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    /// Relative to the working directory, with `/`.
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    /// The dotted key path.
    path: Option<String>,
    fix: Option<LintFix>,
    /// Places in other files that it speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    related: Vec<LintRelated>,
}

/// A place in another file.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LintRelated {
    /// What is there.
    text: String,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// A way to mend a finding: edits of its file.
#[derive(Debug, Serialize, JsonSchema)]
struct LintFix {
    title: String,
    applicability: Applicability,
    edits: Vec<LintEdit>,
}

/// One replacement, by bytes and by lines and columns.
#[derive(Debug, Serialize, JsonSchema)]
struct LintEdit {
    /// Offset of the first byte that goes.
    start: usize,
    /// Offset behind the last byte that goes.
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    /// What comes in its place.
    text: String,
}

/// What a run looked at and found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Summary {
    charts: usize,
    files: usize,
    sites: usize,
    literal: usize,
    templated: usize,
    fragments: usize,
    deleted: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    /// Findings that ignore comments took away.
    ignored: usize,
    /// Findings that the baseline took away.
    baselined: usize,
    /// Findings that were mended.
    fixed: usize,
    /// Findings by rule.
    rules: BTreeMap<String, usize>,
}

/// What `chartpin images --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "chartpin images report")]
pub struct ImagesReport {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// Every site, by file and position.
    pub(super) images: Vec<ImageRow>,
    /// How many actions the charts' templates hold; with `--used-by` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) actions: Option<usize>,
    /// How many places of them could not be followed; with `--used-by` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unknown: Option<usize>,
    /// Those places, as `file:line`; with `--used-by` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unfollowed: Option<Vec<String>>,
}

impl LintFinding {
    /// The finding in one line: place, severity, message, rule.
    pub(super) fn line_of_text(&self) -> String {
        let (file, severity) = (&self.file, self.severity.as_str());
        format!(
            "{file}:{}:{}: {severity}: {} ({})",
            self.line, self.column, self.message, self.rule
        )
    }
}

pub(super) fn render(outcome: &Outcome) -> Result<String, ReportError> {
    let findings = outcome.findings.iter();
    pretty(&LintReport {
        version: 1,
        findings: findings.map(|finding| lint_finding(outcome, finding)).collect(),
        summary: summary(outcome),
    })
}

/// What the run looked at and found.
pub(super) fn summary(outcome: &Outcome) -> Summary {
    let counts = outcome.counts;
    Summary {
        charts: outcome.charts,
        files: outcome.files,
        sites: counts.sites,
        literal: counts.literal,
        templated: counts.templated,
        fragments: counts.fragments,
        deleted: counts.deleted,
        errors: outcome.count(Severity::Error),
        warnings: outcome.count(Severity::Warning),
        infos: outcome.count(Severity::Info),
        ignored: outcome.suppressed,
        baselined: outcome.baselined,
        fixed: outcome.fixed,
        rules: outcome
            .by_rule()
            .into_iter()
            .map(|(rule, count)| (rule.to_owned(), count))
            .collect(),
    }
}

pub(super) fn pretty(report: &impl Serialize) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(report).map_err(ReportError::new)?;
    text.push('\n');
    Ok(text)
}

pub(super) fn lint_finding(outcome: &Outcome, finding: &Finding) -> LintFinding {
    let (start, end) = outcome.place(finding);
    let source = outcome.sources.get(&finding.file);
    LintFinding {
        rule: finding.rule.to_owned(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        file: finding.file.to_string(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        path: finding.path.clone(),
        fix: source.and_then(|source| lint_fix(source, finding)),
        related: related(outcome, finding).map(lint_related).collect(),
    }
}

pub(super) fn lint_related((source, label): (&SourceFile, &Label)) -> LintRelated {
    let (start, end) = (source.position(label.span.start), source.position(label.span.end));
    LintRelated {
        text: label.text.clone(),
        file: source.path.to_string(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn lint_fix(source: &SourceFile, finding: &Finding) -> Option<LintFix> {
    let fix = finding.fix.as_ref()?;
    let edits = fix.edits.iter().map(|edit| {
        let (start, end) = (source.position(edit.span.start), source.position(edit.span.end));
        LintEdit {
            start: edit.span.start,
            end: edit.span.end,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            text: edit.text.clone(),
        }
    });
    Some(LintFix {
        title: fix.title.clone(),
        applicability: fix.applicability,
        edits: edits.collect(),
    })
}
