//! Reports: what a run found, in the formats that people and programs read. Each renders to text; nothing here prints.

mod diff;
mod github;
mod gitlab;
mod html;
mod human;
mod images;
mod json;
mod junit;
mod pinning;
mod pins;
mod pullable;
mod sarif;
mod snippet;
mod uri;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::chart::Chart;
use crate::config::ConfigError;
use crate::finding::{Finding, Label, Severity};
use crate::lint::SiteCounts;
use crate::rules;
use crate::source::{Position, SourceFile};

pub use diff::{line_edits, unified};
pub use html::View;
pub use human::{Style, render_config_error};
pub use images::{ImageRow, TemplateCounts, UseRow, images_json, images_table};
pub use json::{ImagesReport, LintReport};
pub use pinning::Pinning;
pub use pins::{Deed, PinReport, PinRun, VerifyReport, VerifyRun};
pub use pullable::{ListFormat, Pullable, images_csv};
pub use snippet::one_line;

/// The formats of `chartpin lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Source lines with what is wrong underlined.
    Human,
    /// The versioned JSON of this program.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// One page to look at.
    Html,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, by file and position.
    pub findings: Vec<Finding>,
    /// The files that findings speak of, by path.
    pub sources: BTreeMap<Arc<str>, Arc<SourceFile>>,
    /// How many files were read.
    pub files: usize,
    /// How many charts they belong to.
    pub charts: usize,
    /// The sites that were seen.
    pub counts: SiteCounts,
    /// How many findings ignore comments took away.
    pub suppressed: usize,
    /// How many findings the baseline took away.
    pub baselined: usize,
    /// How many findings were mended.
    pub fixed: usize,
    /// The images, for the reports that show them beside the findings.
    pub inventory: Inventory,
}

/// The images of all charts, with what uses them.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Every site, by file and position.
    pub images: Vec<ImageRow>,
    /// The names of charts, by the files that belong to them.
    pub charts: BTreeMap<Arc<str>, String>,
    /// What was read of templates.
    pub templates: TemplateCounts,
}

impl Inventory {
    /// Adds the images of a chart.
    pub fn add(&mut self, chart: &Chart) {
        self.images.extend(ImageRow::of_chart(chart, true));
        if let Some(name) = &chart.name {
            let files = chart.files.iter().map(|file| file.source.path.clone());
            self.charts.extend(files.map(|file| (file, name.clone())));
        }
        self.templates = std::mem::take(&mut self.templates).plus(TemplateCounts::of(chart));
    }

    /// Adds those of another inventory.
    pub fn append(&mut self, mut other: Self) {
        self.images.append(&mut other.images);
        self.charts.append(&mut other.charts);
        self.templates = std::mem::take(&mut self.templates).plus(other.templates);
    }
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report: {0}")]
pub struct ReportError(String);

impl ReportError {
    fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl Outcome {
    /// The report in this format; `fails` (whether the run does) and `style` concern the human one.
    ///
    /// # Errors
    /// When a format's own writer fails.
    pub fn render(&self, format: Format, fails: bool, style: Style) -> Result<String, ReportError> {
        match format {
            Format::Human => human::render(self, fails, style),
            Format::Json => json::render(self),
            Format::Sarif => sarif::render(self),
            Format::Github => Ok(github::render(self)),
            Format::Gitlab => gitlab::render(self),
            Format::Junit => junit::render(self),
            Format::Html => self.page(View::Findings),
        }
    }

    /// The page of images and findings, opened on one of them.
    ///
    /// # Errors
    /// When its data cannot be written, which nothing that was found makes happen.
    pub fn page(&self, view: View) -> Result<String, ReportError> {
        html::render(self, view)
    }

    /// Start and end of a finding, in lines and columns.
    fn place(&self, finding: &Finding) -> (Position, Position) {
        match self.sources.get(&finding.file) {
            Some(source) => (source.position(finding.span.start), source.position(finding.span.end)),
            None => (Position { line: 1, column: 1 }, Position { line: 1, column: 1 }),
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Findings by rule, most first.
    fn by_rule(&self) -> Vec<(&'static str, usize)> {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.rule).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
        counts
    }
}

/// The places in other files that a finding speaks of.
fn related<'a>(outcome: &'a Outcome, finding: &'a Finding) -> impl Iterator<Item = (&'a SourceFile, &'a Label)> {
    finding.others.iter().filter_map(|label| {
        let source = outcome.sources.get(label.file.as_ref()?)?;
        Some((source.as_ref(), label))
    })
}

/// The page of a rule on the web; what `pin` and `verify` say is on a page of their own.
#[must_use]
pub fn page_url(rule: &str) -> String {
    let page = match rules::find(rule) {
        Some(_) => format!("rules/{rule}/README.md"),
        None => format!("docs/pinning.md#{rule}"),
    };
    format!("{}/blob/main/{page}", env!("CARGO_PKG_REPOSITORY"))
}

/// A hexadecimal fingerprint of a finding that survives edits elsewhere in its file; `nth` tells equal findings apart.
fn fingerprint(finding: &Finding, nth: usize) -> String {
    let path = finding.path.as_deref().unwrap_or_default();
    let nth = nth.to_string();
    let mut hash = Sha256::new();
    for part in [finding.rule, &finding.file, path, &finding.message, &nth] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The fingerprints of all findings, in their order.
fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let nth = seen.entry(fingerprint(finding, 0)).or_insert(0);
            *nth += 1;
            fingerprint(finding, *nth)
        })
        .collect()
}

/// `1 error`, `2 errors`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `12345` as `12,345`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A configuration error with the place that is wrong.
#[derive(Debug)]
pub struct ConfigProblem<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// The error.
    pub error: &'a ConfigError,
}
