//! Findings: what a rule says of a place in a file, and the fix that it offers. Plain data, byte spans, no lifetimes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::source::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Taste.
    Info,
    /// Risky.
    Warning,
    /// It breaks, or the convention forbids it.
    Error,
}

impl Severity {
    /// The severity in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a fix can be applied without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// What the chart deploys stays what its author meant.
    Safe,
    /// It needs a decision: the fix is the most likely one.
    Unsafe,
}

impl Applicability {
    /// The applicability in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A way to mend a finding: edits of the finding's own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction.
    pub title: String,
    /// Whether it can be applied without a look.
    pub applicability: Applicability,
    /// The edits, all of them or none.
    pub edits: Vec<Edit>,
}

/// A place that a finding speaks of besides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file, where it is not the finding's own.
    pub file: Option<Arc<str>>,
    /// The bytes.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line, values in backticks.
    pub message: String,
    /// What is at the place that is marked.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// The file.
    pub file: Arc<str>,
    /// The place, in bytes.
    pub span: Span,
    /// Further places, of the same file and of others.
    pub others: Vec<Label>,
    /// The key path, where the finding speaks of a node.
    pub path: Option<String>,
    /// How to mend it.
    pub fix: Option<Fix>,
}
