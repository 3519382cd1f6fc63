//! Findings, and errors of configurations, as diagnostics.

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Message, Uri,
};

use super::positions::{Encoding, Lines};
use super::uri::uri_of;
use super::view::View;
use crate::config::ConfigError;
use crate::finding::{Finding, Label, Severity};
use crate::report::page_url;

/// Who says it.
const SOURCE: &str = "chartpin";

/// A finding in the document of a view.
pub(super) fn diagnostic(view: &View<'_>, finding: &Finding) -> Diagnostic {
    let related: Vec<DiagnosticRelatedInformation> =
        finding.others.iter().filter_map(|label| related(view, label)).collect();
    Diagnostic {
        range: view.range(finding.span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(finding.rule.to_owned())),
        code_description: Some(CodeDescription {
            href: Uri(page_url(finding.rule)),
        }),
        source: Some(SOURCE.to_owned()),
        message: Message::String(with_help(&finding.message, finding.help.as_deref())),
        related_information: Some(related).filter(|related| view.abilities.related && !related.is_empty()),
        ..Diagnostic::default()
    }
}

/// All findings in the document of a view.
pub(super) fn diagnostics(view: &View<'_>) -> Vec<Diagnostic> {
    view.findings().map(|finding| diagnostic(view, finding)).collect()
}

/// A configuration that is wrong.
pub(super) fn of_config(error: &ConfigError, text: &str, encoding: Encoding) -> Diagnostic {
    Diagnostic {
        range: Lines::new(text).range(text, error.span, encoding),
        severity: Some(DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: Message::String(with_help(&error.message, error.help.as_deref())),
        ..Diagnostic::default()
    }
}

/// Another place that a finding speaks of.
fn related(view: &View<'_>, label: &Label) -> Option<DiagnosticRelatedInformation> {
    let location = match label.file.as_ref().filter(|file| **file != view.file.source.path) {
        None => Location {
            uri: view.document.uri.clone(),
            range: view.range(label.span),
        },
        Some(shown) => {
            let text = &view.project.file(shown)?.source.text;
            Location {
                uri: uri_of(&view.project.path(shown))?,
                range: Lines::new(text).range(text, label.span, view.abilities.encoding),
            }
        }
    };
    Some(DiagnosticRelatedInformation {
        location,
        message: label.text.clone(),
    })
}

fn with_help(message: &str, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message.to_owned(),
    }
}
