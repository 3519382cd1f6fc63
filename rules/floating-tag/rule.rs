#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::floating::{FloatingTags, deciding_tag};
use crate::reference::DEFAULT_TAG;
use crate::rule::{Check, Draft, Fixable, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "floating-tag",
    summary: "A tag that is moved to newer builds: a branch, a channel, a `latest-*`",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<FloatingTags>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    let options: FloatingTags = options.read()?;
    let patterns = options.compile().map_err(|error| OptionsError(error.to_string()))?;
    Ok(Check::site(move |_, site, report| {
        let Some((tag, place)) = deciding_tag(site).filter(|(tag, _)| *tag != DEFAULT_TAG) else {
            return;
        };
        if let Some(pattern) = patterns.iter().find(|pattern| pattern.matches(tag)) {
            let message = format!("the tag `{tag}` floats: newer builds are pushed under it");
            let draft = Draft::new(place, message).label(format!("matches `{}`", pattern.text()));
            report.push(draft.help("name a release, or pin the digest").path(&site.path));
        }
    }))
}
