//! SARIF 2.1.0, with fixes. The one home of serde-sarif.

use std::collections::BTreeMap;

use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, LogicalLocation, Message,
    MultiformatMessageString, PhysicalLocation, Region, Replacement, ReportingConfiguration, ReportingDescriptor,
    Result as SarifResult, ResultLevel, Run, Sarif, Tool, ToolComponent, Version,
};

use super::json::pretty;
use super::pins::CHECKS;
use super::uri::percent_encoded;
use super::{Outcome, ReportError, fingerprints, page_url, related};
use crate::finding::{Finding, Label, Severity};
use crate::rule::Rule;
use crate::rules;
use crate::source::{Position, SourceFile};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(outcome: &Outcome) -> Result<String, ReportError> {
    let version = serde_json::to_value(Version::V2_1_0).map_err(ReportError::new)?;
    let used = |id: &str| outcome.findings.iter().any(|finding| finding.rule == id);
    let checks = CHECKS.iter().filter(|(id, _)| used(id));
    let descriptors: Vec<ReportingDescriptor> = rules::ALL
        .iter()
        .map(descriptor)
        .chain(checks.map(|(id, summary)| check_descriptor(id, summary)))
        .collect();
    let ids: Vec<String> = descriptors.iter().map(|descriptor| descriptor.id.clone()).collect();
    let driver = ToolComponent::builder()
        .name("chartpin")
        .version(env!("CARGO_PKG_VERSION").to_owned())
        .information_uri(env!("CARGO_PKG_REPOSITORY").to_owned())
        .rules(descriptors)
        .build();
    let prints = fingerprints(&outcome.findings);
    let results: Vec<SarifResult> = outcome
        .findings
        .iter()
        .zip(prints)
        .map(|(finding, print)| result(outcome, finding, print, &ids))
        .collect();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .results(results)
        .column_kind(serde_json::Value::from("unicodeCodePoints"))
        .build();
    pretty(
        &Sarif::builder()
            .schema(SCHEMA.to_owned())
            .version(version)
            .runs(vec![run])
            .build(),
    )
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text.to_owned()).build()
}

/// What `pin` or `verify` finds, which is no rule.
fn check_descriptor(id: &str, summary: &str) -> ReportingDescriptor {
    ReportingDescriptor::builder()
        .id(id.to_owned())
        .short_description(text(summary))
        .help_uri(page_url(id))
        .build()
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let configuration = ReportingConfiguration::builder()
        .enabled(rule.enabled)
        .level(serde_json::Value::from(level(rule.severity)))
        .build();
    let help = MultiformatMessageString::builder()
        .text(rule.page.to_owned())
        .markdown(rule.page.to_owned())
        .build();
    ReportingDescriptor::builder()
        .id(rule.id.to_owned())
        .short_description(text(rule.summary))
        .help(help)
        .help_uri(page_url(rule.id))
        .default_configuration(configuration)
        .build()
}

fn result(outcome: &Outcome, finding: &Finding, print: String, ids: &[String]) -> SarifResult {
    let (start, end) = outcome.place(finding);
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(&finding.file))
        .region(region(start, end))
        .build();
    let path = finding
        .path
        .iter()
        .map(|path| LogicalLocation::builder().fully_qualified_name(path.clone()).build());
    let location = Location::builder()
        .physical_location(physical)
        .logical_locations(path.collect::<Vec<_>>())
        .build();
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let fixes: Vec<Fix> = outcome
        .sources
        .get(&finding.file)
        .and_then(|source| fix(source, finding))
        .into_iter()
        .collect();
    let index = ids
        .iter()
        .position(|id| id == finding.rule)
        .and_then(|index| i64::try_from(index).ok());
    let mut result = SarifResult::builder()
        .rule_id(finding.rule.to_owned())
        .level(match finding.severity {
            Severity::Error => ResultLevel::Error,
            Severity::Warning => ResultLevel::Warning,
            Severity::Info => ResultLevel::Note,
        })
        .message(Message::builder().text(text).build())
        .locations(vec![location])
        .partial_fingerprints(BTreeMap::from([("chartpin/v1".to_owned(), print)]))
        .build();
    result.rule_index = index;
    let related: Vec<Location> = related(outcome, finding).map(related_location).collect();
    result.related_locations = (!related.is_empty()).then_some(related);
    result.fixes = (!fixes.is_empty()).then_some(fixes);
    result
}

/// A place in another file, with what is there.
fn related_location((source, label): (&SourceFile, &Label)) -> Location {
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(&source.path))
        .region(region(
            source.position(label.span.start),
            source.position(label.span.end),
        ))
        .build();
    Location::builder()
        .physical_location(physical)
        .message(Message::builder().text(label.text.clone()).build())
        .build()
}

fn fix(source: &SourceFile, finding: &Finding) -> Option<Fix> {
    let fix = finding.fix.as_ref()?;
    let replacements = fix.edits.iter().map(|edit| {
        Replacement::builder()
            .deleted_region(region(source.position(edit.span.start), source.position(edit.span.end)))
            .inserted_content(ArtifactContent::builder().text(edit.text.clone()).build())
            .build()
    });
    let change = ArtifactChange::builder()
        .artifact_location(artifact(&finding.file))
        .replacements(replacements.collect::<Vec<_>>())
        .build();
    let title = format!("{} ({})", fix.title, fix.applicability.as_str());
    Some(
        Fix::builder()
            .description(Message::builder().text(title).build())
            .artifact_changes(vec![change])
            .build(),
    )
}

fn region(start: Position, end: Position) -> Region {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .build()
}

/// A relative URI: characters that a URI does not hold are percent-encoded.
fn artifact(path: &str) -> ArtifactLocation {
    let uri = percent_encoded(path, b"/!$&'()*+,;=@");
    ArtifactLocation::builder().uri(uri).build()
}
