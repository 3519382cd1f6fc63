//! One page to look at: the images of all charts and the findings, as data that the page's own script shows. Nothing is loaded from anywhere.
//!
//! What a file says stands in the page as JSON or as escaped text, never as markup, and the page's policy runs no script but its own. Without
//! scripts the page is a plain table and a list.

mod beside;
mod naming;
mod plain;
mod prefixes;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::json::{LintFinding, LintRelated, Summary, lint_finding, lint_related, summary};
use super::pullable::reason;
use super::snippet::{Cut, Snippet};
use super::{ImageRow, Outcome, Pinning, ReportError, fingerprints, page_url};
use crate::finding::Finding;
use crate::floating::FloatingTags;
use crate::rules;
use crate::source::{SourceFile, turns_direction};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
/// One script of several files, in a scope of its own.
const SCRIPT: &str = concat!(
    "\"use strict\";\n{\n",
    include_str!("html/script/elements.js"),
    include_str!("html/script/data.js"),
    include_str!("html/script/details.js"),
    include_str!("html/script/views.js"),
    include_str!("html/script/address.js"),
    include_str!("html/script/list.js"),
    include_str!("html/script/frame.js"),
    include_str!("html/script/events.js"),
    "}\n"
);

/// What the page shows first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The images.
    Images,
    /// The findings.
    Findings,
}

/// The page's data; the fields that the JSON reports have, too, have their names and values.
#[derive(Serialize)]
struct Page<'a> {
    version: u32,
    view: View,
    images: Vec<PageImage<'a>>,
    /// The keys that set the registry of images: parts of images, and none themselves.
    prefixes: Vec<PagePrefix<'a>>,
    findings: Vec<PageFinding<'a>>,
    summary: Summary,
    rules: BTreeMap<&'a str, PageRule>,
    /// How many places of templates could not be followed.
    unknown: usize,
}

/// A place that names an image.
#[derive(Serialize)]
struct PageImage<'a> {
    #[serde(flatten)]
    row: &'a ImageRow,
    /// The image in four parts, which joined together tell it from others: spelled out where it is whole, so that all spellings are one image.
    name: [String; 4],
    pinning: Pinning,
    /// Why it is not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<&'static str>,
    /// The keys that its registry can be set by, by their place in the list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prefixes: Vec<usize>,
    /// The findings that speak of it, by their place in the list.
    findings: Vec<usize>,
}

/// A key that sets the registry of images.
#[derive(Serialize)]
struct PagePrefix<'a> {
    #[serde(flatten)]
    row: &'a ImageRow,
    /// As of an image.
    findings: Vec<usize>,
}

#[derive(Serialize)]
struct PageFinding<'a> {
    /// The fingerprint, which survives edits elsewhere in the file.
    id: String,
    #[serde(flatten)]
    finding: LintFinding,
    chart: Option<&'a str>,
    /// What is at the marked place.
    label: &'a str,
    /// Further places of the same file.
    labels: Vec<LintRelated>,
    source: Option<Cut>,
}

#[derive(Serialize)]
struct PageRule {
    summary: &'static str,
    url: String,
}

/// The page, opened on one of its views.
pub(super) fn render(outcome: &Outcome, view: View) -> Result<String, ReportError> {
    let patterns = FloatingTags::default().compile().map_err(ReportError::new)?;
    let rows = &outcome.inventory.images;
    let beside = rows.iter().zip(beside::findings(outcome));
    let (images, prefixes): (Vec<_>, Vec<_>) = beside.partition(|(row, _)| row.is_image());
    let by_use = prefixes::by_use(prefixes.iter().map(|(row, _)| *row));
    let images = images.into_iter().map(|(row, findings)| {
        let told = findings
            .iter()
            .any(|index| Pinning::is_told_by(outcome.findings[*index].rule));
        PageImage {
            row,
            name: naming::name(row),
            pinning: Pinning::of(row.whole.as_ref().ok(), told, &patterns),
            gap: row.whole.as_ref().err().map(|gap| reason(*gap)),
            prefixes: prefixes::of(row, &by_use),
            findings,
        }
    });
    let page = Page {
        version: 1,
        view,
        images: images.collect(),
        prefixes: prefixes
            .into_iter()
            .map(|(row, findings)| PagePrefix { row, findings })
            .collect(),
        findings: findings(outcome),
        summary: summary(outcome),
        rules: outcome
            .by_rule()
            .into_iter()
            .map(|(rule, _)| (rule, page_rule(rule)))
            .collect(),
        unknown: outcome.inventory.templates.unknown.len(),
    };
    let data = serde_json::to_string(&page).map_err(ReportError::new)?;
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    );
    Ok(fill(
        PAGE,
        &[
            ("policy", &policy),
            ("style", STYLE),
            ("script", SCRIPT),
            ("data", &inert(&data)),
            ("plain", &plain::render(&page)),
        ],
    ))
}

fn page_rule(rule: &str) -> PageRule {
    PageRule {
        summary: rules::find(rule).map_or("", |rule| rule.summary),
        url: page_url(rule),
    }
}

fn findings(outcome: &Outcome) -> Vec<PageFinding<'_>> {
    let mut prints = fingerprints(&outcome.findings).into_iter();
    let mut out = Vec::new();
    for file in outcome.findings.chunk_by(|a, b| a.file == b.file) {
        let source = outcome.sources.get(&file[0].file).map(AsRef::as_ref);
        let snippet = source.map(Snippet::new);
        for finding in file {
            out.push(PageFinding {
                id: prints.next().unwrap_or_default(),
                finding: lint_finding(outcome, finding),
                chart: outcome.inventory.charts.get(&finding.file).map(String::as_str),
                label: &finding.label,
                labels: source.map(|source| own_labels(source, finding)).unwrap_or_default(),
                source: snippet.as_ref().and_then(|snippet| snippet.cut(finding.span)),
            });
        }
    }
    out
}

fn own_labels(source: &SourceFile, finding: &Finding) -> Vec<LintRelated> {
    let own = finding.others.iter().filter(|label| label.file.is_none());
    own.map(|label| lint_related((source, label))).collect()
}

/// JSON that ends no script element and opens no comment in it, without characters that break lines or turn their direction.
fn inert(json: &str) -> String {
    let escape = |c: char, out: &mut String| {
        let _ = write!(out, "\\u{:04x}", u32::from(c));
    };
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '\u{2028}' | '\u{2029}' => escape(c, &mut out),
            c if turns_direction(c) => escape(c, &mut out),
            _ => out.push(c),
        }
    }
    out
}

/// The source expression of a policy that allows this inline text alone.
fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The template with `{{name}}` replaced; what is put in is not looked at again.
fn fill(template: &str, parts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = rest.split_once("{{").and_then(|(before, open)| {
        let (name, after) = open.split_once("}}")?;
        Some((before, name, after))
    }) {
        out.push_str(before);
        out.push_str(
            parts
                .iter()
                .find(|(part, _)| *part == name)
                .map_or("", |(_, text)| text),
        );
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        assert_eq!(fill("a {{x}} b {{y}}.", &[("x", "{{y}}"), ("y", "2")]), "a {{y}} b 2.");
    }

    #[test]
    fn json_cannot_end_its_element() {
        let text = serde_json::to_string("</script><!--\u{2028}").unwrap();
        assert_eq!(inert(&text), "\"\\u003c/script>\\u003c!--\\u2028\"");
    }
}
