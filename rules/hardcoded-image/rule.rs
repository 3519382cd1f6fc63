#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "hardcoded-image",
    summary: "An image is written into a template",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image in a template",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        if cx.file.role != FileRole::Template {
            return;
        }
        let text = &site.primary().text;
        let draft = Draft::new(
            site.primary().at,
            format!(
                "`{text}` is written into the template: no values can change it, and `chartpin pin` leaves it alone"
            ),
        );
        report.push(
            draft
                .label("written out")
                .help("read it from the values")
                .path(&site.path),
        );
    }))
}
