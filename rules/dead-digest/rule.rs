#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::Role;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "dead-digest",
    summary: "A digest that is set and switched off",
    severity: Severity::Warning,
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
        let digest = site
            .filled(Role::Digest)
            .filter(|part| !part.inherited && site.digest_is_off());
        let Some((digest, switch)) = digest.zip(site.part(Role::UseDigest)) else {
            return;
        };
        let draft = Draft::new(
            digest.span,
            "the digest is set, but `useDigest` is false: the image is pulled by its tag",
        );
        let draft = draft
            .label("not used")
            .help("set `useDigest: true`, or remove the digest")
            .path(&site.path);
        report.push(if switch.inherited {
            draft
        } else {
            draft.other(switch.span, "switched off here")
        });
    }))
}
