//! What a rule is: its card, its check, its options, and what it reports into.

use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use crate::chart::{Chart, ChartFile, FileRole};
use crate::edit::Edit;
use crate::finding::{Applicability, Finding, Fix, Label, Severity};
use crate::site::ImageSite;
use crate::source::Span;

/// Which fixes a rule offers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixable {
    /// None.
    No,
    /// Fixes that need no look.
    Safe,
    /// Fixes that need a decision.
    Unsafe,
}

impl Fixable {
    /// The word of the rule index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// The card of a rule: what is known of it before it runs.
pub struct Rule {
    /// Kebab-case, names the bad pattern.
    pub id: &'static str,
    /// One sentence, no full stop.
    pub summary: &'static str,
    /// What its findings are unless the configuration says otherwise.
    pub severity: Severity,
    /// Whether it runs unless the configuration says otherwise.
    pub enabled: bool,
    /// Which fixes it offers.
    pub fixable: Fixable,
    /// The version that brought it.
    pub since: &'static str,
    /// What its check looks at.
    pub looks_at: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// The JSON schema of its options.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// The check, made from the options.
    pub check: fn(&Options) -> Result<Check, OptionsError>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A check on one site.
pub type SiteCheck = Box<dyn Fn(&Context<'_>, &ImageSite, &mut Report<'_>) + Send + Sync>;
/// A check on one file.
pub type FileCheck = Box<dyn Fn(&Context<'_>, &mut Report<'_>) + Send + Sync>;
/// A check on a whole chart.
pub type ChartCheck = Box<dyn Fn(&Chart, &mut ChartReport<'_>) + Send + Sync>;

/// What a rule does, and what it may see doing it.
pub enum Check {
    /// Called for every site of every file.
    Site(SiteCheck),
    /// Called for every file.
    File(FileCheck),
    /// Called once a chart.
    Chart(ChartCheck),
    /// Not called: the engine itself reports under this id.
    Engine,
}

impl Check {
    /// A check on sites.
    pub fn site(check: impl Fn(&Context<'_>, &ImageSite, &mut Report<'_>) + Send + Sync + 'static) -> Self {
        Self::Site(Box::new(check))
    }

    /// A check on files.
    pub fn file(check: impl Fn(&Context<'_>, &mut Report<'_>) + Send + Sync + 'static) -> Self {
        Self::File(Box::new(check))
    }

    /// A check on charts.
    pub fn chart(check: impl Fn(&Chart, &mut ChartReport<'_>) + Send + Sync + 'static) -> Self {
        Self::Chart(Box::new(check))
    }
}

/// What a check on a site or a file may see.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// The file.
    pub file: &'a ChartFile,
}

/// The options of a rule, as the configuration gives them.
#[derive(Debug, Clone, Default)]
pub struct Options(serde_json::Map<String, serde_json::Value>);

/// Options that do not fit their rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OptionsError(pub String);

impl Options {
    /// Options of these values.
    #[must_use]
    pub const fn new(values: serde_json::Map<String, serde_json::Value>) -> Self {
        Self(values)
    }

    /// The options as the rule's own type; what the configuration leaves out has the type's default.
    ///
    /// # Errors
    /// When a value does not fit, or a key is not of the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, OptionsError> {
        serde_json::from_value(self.0.clone().into()).map_err(|error| OptionsError(error.to_string()))
    }

    /// Checks that nothing is set, for a rule without options.
    ///
    /// # Errors
    /// When something is.
    pub fn none(&self) -> Result<(), OptionsError> {
        self.read::<NoOptions>().map(|_| ())
    }
}

/// The options of a rule that has none.
#[derive(Debug, Clone, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

/// The schema function of an options type.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A finding in the making; the [`Report`] adds rule, severity and file.
#[derive(Debug, Clone)]
pub struct Draft {
    span: Span,
    message: String,
    label: String,
    help: Option<String>,
    others: Vec<Label>,
    path: Option<String>,
    fix: Option<Fix>,
    severity: Option<Severity>,
}

impl Draft {
    /// A finding at `span`.
    #[must_use]
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: String::new(),
            help: None,
            others: Vec::new(),
            path: None,
            fix: None,
            severity: None,
        }
    }

    /// Says what is at the marked place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Marks a further place.
    #[must_use]
    pub fn other(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label {
            file: None,
            span,
            text: text.into(),
        });
        self
    }

    /// Marks a place in another file of the chart.
    #[must_use]
    pub fn elsewhere(mut self, file: &Arc<str>, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label {
            file: Some(Arc::clone(file)),
            span,
            text: text.into(),
        });
        self
    }

    /// Names the key path.
    #[must_use]
    pub fn path(mut self, path: impl fmt::Display) -> Self {
        self.path = Some(path.to_string());
        self
    }

    /// Takes another severity than the card's, unless the configuration sets one.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Offers a fix of one edit.
    #[must_use]
    pub fn fix(mut self, applicability: Applicability, title: impl Into<String>, edit: Edit) -> Self {
        self.fix = Some(Fix {
            title: title.into(),
            applicability,
            edits: vec![edit],
        });
        self
    }
}

/// A rule's severity as a run has it.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// The rule's id.
    pub rule: &'static str,
    /// The card's severity, or the configuration's.
    pub severity: Severity,
    /// Whether the configuration set it, so that a check cannot take another.
    pub fixed: bool,
}

/// Where a check on a site or a file puts its findings.
pub struct Report<'a> {
    stamp: Stamp,
    file: &'a ChartFile,
    out: &'a mut Vec<Finding>,
}

impl<'a> Report<'a> {
    /// A report into `out` for findings in `file`.
    pub const fn new(stamp: Stamp, file: &'a ChartFile, out: &'a mut Vec<Finding>) -> Self {
        Self { stamp, file, out }
    }

    /// Adds a finding.
    pub fn push(&mut self, draft: Draft) {
        let severity = draft
            .severity
            .filter(|_| !self.stamp.fixed)
            .unwrap_or(self.stamp.severity);
        self.out.push(Finding {
            rule: self.stamp.rule,
            severity,
            message: draft.message,
            label: draft.label,
            help: draft.help,
            file: self.file.source.path.clone(),
            span: draft.span,
            others: draft.others,
            path: draft.path,
            fix: draft.fix.filter(|_| self.file.role != FileRole::Template),
        });
    }
}

/// Where a check on a chart puts its findings.
pub struct ChartReport<'a> {
    stamp: Stamp,
    out: &'a mut Vec<Finding>,
}

impl<'a> ChartReport<'a> {
    /// A report into `out`.
    pub const fn new(stamp: Stamp, out: &'a mut Vec<Finding>) -> Self {
        Self { stamp, out }
    }

    /// Adds a finding in `file`.
    pub fn push(&mut self, file: &ChartFile, draft: Draft) {
        Report::new(self.stamp, file, self.out).push(draft);
    }
}
