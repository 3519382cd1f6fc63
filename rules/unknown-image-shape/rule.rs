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
    Ok(Check::site(|_, site, report| {
        if site.is_unknown() {
            let draft = Draft::new(site.primary().at, format!("how the chart joins the keys of `{}` is not known: the image is not checked", site.path));
            report.push(draft.label("part of an image").help("describe the shape under `idioms` in `.chartpin.yaml`").path(&site.path));
        }
    }))
}
