#![doc = include_str!("README.md")]

use std::collections::BTreeMap;

use crate::chart::{Chart, ChartFile, FileRole};
use crate::finding::Severity;
use crate::rule::{ChartReport, Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "invalid-template",
    summary: "A template that Helm refuses",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each template of a chart that names images",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        if chart.reading().is_some() {
            report_all(chart, report);
        }
    }))
}

fn report_all(chart: &Chart, report: &mut ChartReport<'_>) {
    let (Some(templates), Some(reading)) = (&chart.templates, chart.reading()) else {
        return;
    };
    let of_chart = chart.files.iter().filter(|file| file.role == FileRole::Template);
    let files: BTreeMap<&str, &ChartFile> = of_chart.map(|file| (file.source.path.as_ref(), file)).collect();
    let of = |path: &str| files.get(path).copied();
    for file in &templates.bundle.files {
        if let (Some(error), Some(shown)) = (file.error(), of(&file.source.path)) {
            let draft = Draft::new(error.span, error.message.clone()).label("Helm stops here");
            report.push(
                shown,
                draft.help("`helm lint` and `helm template` refuse the chart, too"),
            );
        }
    }
    for (source, trouble) in reading.troubles() {
        if let Some(shown) = of(&source.path) {
            let draft = Draft::new(trouble.span, trouble.message.clone()).label("Helm stops here");
            report.push(shown, draft.help("it fails as soon as values reach this line"));
        }
    }
}
