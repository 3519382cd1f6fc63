#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::State;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unpinned-image",
    summary: "An image without a digest",
    severity: Severity::Warning,
    enabled: false,
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
        let complete = matches!(site.state, State::Literal | State::Fragment) && !site.lacks_tag();
        let Some(reference) = site
            .reference()
            .filter(|reference| complete && reference.digest().is_none())
        else {
            return;
        };
        let tag = reference.tag_range().and_then(|range| site.place(&range));
        let name = || site.place(&reference.repository_range());
        if let Some(place) = tag.or_else(name) {
            let draft = Draft::new(place, format!("`{reference}` is not pinned to a digest"));
            report.push(
                draft
                    .label("no digest")
                    .help("`chartpin pin` writes the digest that its registry reports")
                    .path(&site.path),
            );
        }
    }))
}
