#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::pattern::Pattern;
use crate::rule::{Check, Draft, Fixable, Options, OptionsError, Rule, schema_of};
use schemars::JsonSchema;
use serde::Deserialize;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "denied-image",
    summary: "An image that the configuration denies",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<DeniedImage>,
    check,
};

/// Options of `denied-image`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct DeniedImage {
    /// The images that are denied.
    images: Vec<Denied>,
}

/// One denied image, or many.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `name` and `reason`")]
struct Denied {
    /// A glob over names with registry, without tag: `docker.io/bitnami/*`.
    name: String,
    /// Why, and what to take instead: shown with the finding.
    reason: String,
}

fn check(options: &Options) -> Result<Check, OptionsError> {
    let options: DeniedImage = options.read()?;
    let mut denied = Vec::new();
    for entry in options.images {
        let pattern = Pattern::new(&entry.name).map_err(|error| OptionsError(error.to_string()))?;
        denied.push((pattern, entry.reason));
    }
    Ok(Check::site(move |_, site, report| {
        let Some(reference) = site.reference() else { return };
        let name = reference.normalized_name();
        let Some((pattern, reason)) = denied.iter().find(|(pattern, _)| pattern.matches(&name)) else {
            return;
        };
        if let Some(place) = site.place(&reference.repository_range()) {
            let draft = Draft::new(place, format!("`{reference}` is denied by `{}`", pattern.text()));
            report.push(draft.label("denied").help(reason).path(&site.path));
        }
    }))
}
