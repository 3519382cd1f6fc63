#![doc = include_str!("README.md")]

use std::collections::BTreeSet;

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "missing-image-pull-policy",
    summary: "A container in a template does not say when its image is pulled",
    severity: Severity::Info,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each container in a template",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        let Some(reading) = chart.reading() else { return };
        let mut seen: BTreeSet<(&str, usize)> = BTreeSet::new();
        for field in reading
            .images()
            .filter(|field| reading.is_own(*field) && reading.is_in_container(*field))
        {
            let Some((source, line)) = reading.spot(field) else {
                continue;
            };
            if reading.has_beside(field, "imagePullPolicy") || !seen.insert((&source.path, line.start)) {
                continue;
            }
            let is_it =
                |file: &&crate::chart::ChartFile| file.role == FileRole::Template && file.source.path == source.path;
            let Some(file) = chart.files.iter().find(is_it) else {
                continue;
            };
            let workload = reading.workload(field);
            let name = workload.container.map(|name| format!(" `{name}`")).unwrap_or_default();
            let draft = Draft::new(
                line,
                format!("the container{name} has no `imagePullPolicy`: Kubernetes chooses by the tag"),
            );
            report.push(
                file,
                draft
                    .label("no policy")
                    .help("write `imagePullPolicy` beside the image, from the values"),
            );
        }
    }))
}
