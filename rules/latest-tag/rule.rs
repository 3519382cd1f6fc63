#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::reference::DEFAULT_TAG;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::Role;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "latest-tag",
    summary: "An image with the tag `latest`, or with neither tag nor digest",
    severity: Severity::Error,
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
        let Some(reference) = site.reference() else {
            let tag = site
                .filled(Role::Tag)
                .filter(|tag| tag.text == DEFAULT_TAG && !tag.inherited);
            if let Some(tag) = tag.filter(|tag| !tag.templated) {
                let draft = Draft::new(
                    tag.span,
                    "the tag is `latest`, which names another image every time it is pushed",
                );
                report.push(
                    draft
                        .label("says nothing about the version")
                        .help(HELP)
                        .path(&site.path),
                );
            }
            return;
        };
        if reference.digest().is_some() || site.lacks_tag() {
            return;
        }
        let (place, message) = match reference.tag_range() {
            Some(_) if reference.tag() != Some(DEFAULT_TAG) => return,
            Some(_) if site.app_version.is_some() => (
                Some(site.primary())
                    .filter(|part| !part.inherited)
                    .map(|part| part.span),
                format!("`{reference}` takes its tag from the chart's `appVersion`, which is `latest`"),
            ),
            Some(range) => (
                site.place(&range),
                format!("`{reference}` is tagged `latest`, which names another image every time it is pushed"),
            ),
            None => (
                site.place(&reference.repository_range()),
                format!("`{reference}` has neither tag nor digest, which means `latest`"),
            ),
        };
        if let Some(place) = place {
            report.push(
                Draft::new(place, message)
                    .label("says nothing about the version")
                    .help(HELP)
                    .path(&site.path),
            );
        }
    }))
}

const HELP: &str = "name the version that the chart was tested with";
