#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unknown-image-shape",
    summary: "Keys that name an image in a way that is not known",
    severity: Severity::Info,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        if !site.is_unknown() {
            return;
        }
        let keys: Vec<String> = site
            .parts
            .iter()
            .filter_map(|part| part.key)
            .map(|key| format!("`{}`", cx.file.source.slice(key)))
            .collect();
        let message = format!(
            "how the chart joins {} of `{}` is not known: the image is not checked",
            keys.join(", "),
            site.path
        );
        let draft = Draft::new(site.primary().at, message).label("part of an image");
        report.push(
            draft
                .help("describe the shape under `idioms` in `.chartpin.yaml`")
                .path(&site.path),
        );
    }))
}
