#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Part, Role};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "digest-conflict",
    summary: "Two digests for one image",
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
        let holders = digests(site);
        let twice_in_one = holders.iter().find(|part| part.text.matches("@sha").count() > 1);
        let [first, second] = match (holders.as_slice(), twice_in_one) {
            (_, Some(part)) => [*part, *part],
            ([first, second, ..], None) => [*first, *second],
            _ => return,
        };
        if first.span == second.span {
            let draft = Draft::new(second.span, format!("`{}` has two digests", second.text));
            report.push(draft.label("two digests").help("keep one digest").path(&site.path));
            return;
        }
        let draft = Draft::new(
            second.span,
            "the image has two digests, and the chart would join both into one reference",
        );
        let draft = draft.label("another digest").other(first.span, "a digest");
        report.push(draft.help("keep the digest in one place").path(&site.path));
    }))
}

/// The parts of this file that hold a digest which counts.
fn digests(site: &ImageSite) -> Vec<&Part> {
    let holds = |part: &&Part| match part.role {
        Role::Digest => !part.is_blank() && !site.digest_is_off(),
        Role::Whole | Role::Repository | Role::Tag => part.text.contains("@sha"),
        _ => false,
    };
    let split = site
        .filled(Role::Repository)
        .is_some_and(|part| part.text.ends_with("@sha256"));
    site.parts
        .iter()
        .filter(|part| !part.inherited && !part.templated && !split)
        .filter(holds)
        .collect()
}
