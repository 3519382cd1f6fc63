#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::pattern::Pattern;
use crate::rule::{Check, Draft, Fixable, Options, OptionsError, Rule, schema_of};
use schemars::JsonSchema;
use serde::Deserialize;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "allowed-registries",
    summary: "An image from a registry that the configuration does not allow",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<AllowedRegistries>,
    check,
};

/// Options of `allowed-registries`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct AllowedRegistries {
    /// The registries that images may come from; none allows all.
    registries: Vec<Allowed>,
}

/// One allowed registry, or many.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `name`")]
struct Allowed {
    /// A glob over registries (`quay.io`, `*.example.com`), or over names with registry (`docker.io/library/*`).
    name: String,
    /// Why, for those who read the configuration.
    #[serde(default)]
    reason: Option<String>,
}

fn check(options: &Options) -> Result<Check, OptionsError> {
    let options: AllowedRegistries = options.read()?;
    let mut allowed = Vec::new();
    let mut names = Vec::new();
    for entry in options.registries {
        allowed.push(Pattern::new(&entry.name).map_err(|error| OptionsError(error.to_string()))?);
        names.push(match entry.reason {
            Some(reason) => format!("`{}` ({reason})", entry.name),
            None => format!("`{}`", entry.name),
        });
    }
    let help = format!("allowed: {}", names.join(", "));
    Ok(Check::site(move |_, site, report| {
        let Some(reference) = site.reference().filter(|_| !allowed.is_empty()) else {
            return;
        };
        let name = reference.normalized_name();
        let registry = name.split('/').next().unwrap_or_default();
        if allowed
            .iter()
            .any(|pattern| pattern.matches(registry) || pattern.matches(&name))
        {
            return;
        }
        let range = reference
            .registry_range()
            .unwrap_or_else(|| reference.repository_range());
        if let Some(place) = site.place(&range) {
            let draft = Draft::new(
                place,
                format!("`{reference}` comes from `{registry}`, which is not allowed"),
            );
            report.push(draft.label("not an allowed registry").help(&help).path(&site.path));
        }
    }))
}
