#![doc = include_str!("README.md")]

use crate::edit::Edit;
use crate::finding::{Applicability, Severity};
use crate::pattern::Pattern;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::typed;
use serde::Deserialize;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "deprecated-registry",
    summary: "An image from a registry that is frozen, moved or gone",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

/// The data file.
const REGISTRIES: &str = include_str!("registries.yaml");

/// One entry of the data file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A glob over names with registry, without tag.
    name: String,
    /// What became of it.
    state: String,
    /// Where its images are now, in words.
    now: String,
    /// The text that replaces the registry, where a plain replacement will do.
    #[serde(default)]
    registry: Option<String>,
}

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    let data: Vec<Entry> = typed::parse(REGISTRIES).map_err(|error| OptionsError(error.to_string()))?;
    let mut entries = Vec::new();
    for entry in data {
        let pattern = Pattern::new(&entry.name).map_err(|error| OptionsError(error.to_string()))?;
        entries.push((pattern, entry));
    }
    Ok(Check::site(move |_, site, report| {
        let Some(reference) = site.reference() else { return };
        let name = reference.normalized_name();
        let Some((_, entry)) = entries.iter().find(|(pattern, _)| pattern.matches(&name)) else {
            return;
        };
        let range = reference
            .registry_range()
            .unwrap_or_else(|| reference.repository_range());
        let Some(place) = site.place(&range) else { return };
        let mut draft = Draft::new(
            place,
            format!("`{reference}` comes from a registry that {}", entry.state),
        );
        draft = draft.label("deprecated").help(&entry.now).path(&site.path);
        let holder = site.parts.iter().find(|part| part.span.contains(place) && !part.shared);
        if let (Some(registry), Some(_)) = (&entry.registry, holder.filter(|_| place.len() == range.len())) {
            let edit = Edit {
                span: place,
                text: registry.clone(),
            };
            draft = draft.fix(Applicability::Unsafe, format!("take it from `{registry}`"), edit);
        }
        report.push(draft);
    }))
}
