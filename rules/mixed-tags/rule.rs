#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::source::Span;
use crate::yaml::Step;
use std::collections::BTreeMap;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "mixed-tags",
    summary: "One repository with several tags in one chart",
    severity: Severity::Info,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        let Some(file) = chart.file(FileRole::Values) else {
            return;
        };
        let mut tags: BTreeMap<String, Vec<(String, Span, String)>> = BTreeMap::new();
        for site in &file.sites {
            let listed = site.path.0.iter().any(|step| matches!(step, Step::Item(_)));
            let Some(reference) = site.reference().filter(|_| !listed) else {
                continue;
            };
            let (Some(tag), Some(range)) = (reference.tag(), reference.tag_range()) else {
                continue;
            };
            let Some(place) = site.place(&range) else { continue };
            let known = tags.entry(reference.normalized_name()).or_default();
            if !known.iter().any(|(other, ..)| other == tag) {
                known.push((tag.to_owned(), place, site.path.to_string()));
            }
        }
        for (name, known) in tags.iter().filter(|(_, known)| known.len() > 1) {
            let all: Vec<String> = known.iter().map(|(tag, ..)| format!("`{tag}`")).collect();
            let (_, first, _) = &known[0];
            let (_, place, path) = &known[1];
            let draft = Draft::new(
                *place,
                format!("`{name}` is used with {} tags: {}", known.len(), all.join(", ")),
            );
            let draft = draft.label("another tag").other(*first, "a tag");
            report.push(
                file,
                draft
                    .help("use one version, or ignore this where two are meant")
                    .path(path),
            );
        }
    }))
}
