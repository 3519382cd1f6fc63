//! For people: each finding with its source line, what is wrong underlined, and what to do. The one home of miette.

use std::fmt::{self, Display, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::snippet::{Snippet, one_line};
use super::{ConfigProblem, Outcome, ReportError, counted, page_url, related, thousands};
use crate::finding::{Applicability, Finding, Label, Severity};
use crate::source::{SourceFile, Span};

/// With fewer files than this a further thread does not pay.
const FILES_A_THREAD: usize = 16;

/// How a terminal is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are wanted.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
}

/// One diagnostic for miette.
struct Shown<'a> {
    message: String,
    code: Option<&'a str>,
    url: Option<String>,
    severity: miette::Severity,
    help: Option<String>,
    labels: Vec<(Span, String)>,
    snippet: &'a Snippet<'a>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.labels.is_empty()).then_some(self.snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.labels.iter().enumerate().map(|(index, (span, text))| {
            let text = (!text.is_empty()).then(|| text.clone());
            if index == 0 {
                LabeledSpan::new_primary_with_span(text, (span.start, span.len()))
            } else {
                LabeledSpan::new_with_span(text, (span.start, span.len()))
            }
        });
        Some(Box::new(labels))
    }
}

pub(super) fn render(outcome: &Outcome, fails: bool, style: Style) -> Result<String, ReportError> {
    let mut out = findings(outcome, style)?;
    summary(outcome, fails, style, &mut out).map_err(ReportError::new)?;
    Ok(out)
}

/// The findings alone.
pub(super) fn findings(outcome: &Outcome, style: Style) -> Result<String, ReportError> {
    let files: Vec<&[Finding]> = outcome.findings.chunk_by(|a, b| a.file == b.file).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = files.len().div_ceil(threads).max(FILES_A_THREAD);
    let mut out = String::new();
    std::thread::scope(|scope| {
        let work = |files: &[&[Finding]]| {
            files
                .iter()
                .map(|file| render_file(outcome, file, style))
                .collect::<Result<String, _>>()
        };
        let running: Vec<_> = files
            .chunks(share)
            .map(|files| scope.spawn(move || work(files)))
            .collect();
        for thread in running {
            let text = thread
                .join()
                .map_err(|_| ReportError::new("a thread of the report panicked"))?;
            out.push_str(&text?);
        }
        Ok(())
    })?;
    Ok(out)
}

/// The findings of one file.
fn render_file(outcome: &Outcome, file: &[Finding], style: Style) -> Result<String, ReportError> {
    let handler = handler(style);
    let unread = SourceFile::new(file[0].file.clone(), "");
    let source = outcome.sources.get(&file[0].file).map(AsRef::as_ref);
    let snippet = Snippet::new(source.unwrap_or(&unread));
    let mut out = String::new();
    for finding in file {
        let mut shown = shown(finding, &snippet);
        if source.is_none() {
            shown.labels.clear();
        }
        handler.render_report(&mut out, &shown).map_err(ReportError::new)?;
        for (source, label) in related(outcome, finding) {
            let snippet = Snippet::new(source);
            handler
                .render_report(&mut out, &elsewhere(label, &snippet))
                .map_err(ReportError::new)?;
        }
        out.push('\n');
    }
    Ok(out)
}

/// A configuration error with its line.
#[must_use]
pub fn render_config_error(problem: &ConfigProblem<'_>, style: Style) -> String {
    let snippet = Snippet::new(problem.source);
    let span = problem.error.span;
    let fits = span.end <= problem.source.text.len();
    let diagnostic = Shown {
        message: one_line(&problem.error.message),
        code: None,
        url: None,
        severity: miette::Severity::Error,
        help: problem.error.help.as_deref().map(one_line),
        labels: fits.then(|| (span, String::new())).into_iter().collect(),
        snippet: &snippet,
    };
    let mut out = String::new();
    match handler(style).render_report(&mut out, &diagnostic) {
        Ok(()) => out,
        Err(_) => format!("{}\n", problem.error),
    }
}

fn handler(style: Style) -> GraphicalReportHandler {
    let theme = if style.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    GraphicalReportHandler::new_themed(theme)
        .with_context_lines(1)
        .with_links(style.color)
        .with_urls(style.color)
        .with_width(style.width)
        .with_wrap_lines(false)
}

/// A place in another file.
fn elsewhere<'a>(label: &Label, snippet: &'a Snippet<'a>) -> Shown<'a> {
    Shown {
        message: one_line(&label.text),
        code: None,
        url: None,
        severity: miette::Severity::Advice,
        help: None,
        labels: vec![(label.span, String::new())],
        snippet,
    }
}

fn shown<'a>(finding: &'a Finding, snippet: &'a Snippet<'a>) -> Shown<'a> {
    let primary = (finding.span, one_line(&finding.label));
    let own = finding.others.iter().filter(|label| label.file.is_none());
    let others = own.map(|label| (label.span, one_line(&label.text)));
    let fix = finding.fix.as_ref().map(|fix| {
        format!(
            " (`--fix{}`)",
            if fix.applicability == Applicability::Safe {
                ""
            } else {
                " --unsafe"
            }
        )
    });
    let help = finding
        .help
        .as_ref()
        .map(|help| format!("{}{}", one_line(help), fix.unwrap_or_default()));
    Shown {
        message: one_line(&finding.message),
        code: Some(finding.rule),
        url: Some(page_url(finding.rule)),
        severity: match finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        },
        help,
        labels: std::iter::once(primary).chain(others).collect(),
        snippet,
    }
}

/// The closing lines: counts by severity, by rule, and what was looked at.
fn summary(outcome: &Outcome, fails: bool, style: Style, out: &mut String) -> fmt::Result {
    let counts = &outcome.counts;
    let looked = format!(
        "{} in {} of {}: {} literal, {} templated, {}, {} deleted",
        counted(counts.sites, "image"),
        counted(outcome.files, "file"),
        counted(outcome.charts, "chart"),
        thousands(counts.literal),
        thousands(counts.templated),
        counted(counts.fragments, "fragment"),
        thousands(counts.deleted),
    );
    let aside = [
        (outcome.fixed, "fixed"),
        (outcome.suppressed, "ignored by comments"),
        (outcome.baselined, "in the baseline"),
    ];
    let aside: Vec<_> = aside.iter().filter(|(count, _)| *count > 0).collect();
    if outcome.findings.is_empty() {
        // Who named the wrong folder is not to read that all is well in it.
        let (verdict, code) = match (outcome.files, aside.is_empty()) {
            (0, true) => ("No file was looked at.", "1;33"),
            (_, true) => ("No findings.", "1;32"),
            (_, false) => ("No findings", "1;32"),
        };
        write!(out, "{}", paint(verdict, code, style))?;
    } else {
        let errors = counted(outcome.count(Severity::Error), "error");
        let warnings = counted(outcome.count(Severity::Warning), "warning");
        let notes = format!("{} info", thousands(outcome.count(Severity::Info)));
        let verdict = format!("{errors}, {warnings}, {notes}");
        write!(out, "{}", paint(&verdict, if fails { "1;31" } else { "1;33" }, style))?;
    }
    for (count, what) in aside {
        write!(out, ", {} {what}", thousands(*count))?;
    }
    writeln!(out, "\n{looked}")?;
    let rules = outcome.by_rule();
    let digits = rules
        .iter()
        .map(|(_, count)| thousands(*count).len())
        .max()
        .unwrap_or(0);
    let letters = rules.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    for (rule, count) in rules {
        writeln!(
            out,
            "  {:>digits$}  {rule:letters$}  {}",
            thousands(count),
            page_url(rule)
        )?;
    }
    Ok(())
}

fn paint(text: &str, code: &str, style: Style) -> String {
    if style.color {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
