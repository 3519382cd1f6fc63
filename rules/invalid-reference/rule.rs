#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::reference::{Reference, ReferenceError, is_tag};
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Part, Role};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "invalid-reference",
    summary: "An image reference that no registry can serve",
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
        let digest_rules = matches!(site.error(), Some(ReferenceError::Digest(_)) | None);
        if digest_rules || site.repository_reference().is_some() {
            return;
        }
        let (Some(error), Some(composed)) = (site.error(), &site.composed) else {
            return;
        };
        let part = broken_part(site, error);
        if !part.inherited {
            let draft = Draft::new(part.span, format!("`{}` is no image reference: {error}", composed.text));
            report.push(draft.label("not a reference").help(HELP).path(&site.path));
        }
    }))
}

/// The part that breaks the reference: the tag or the registry where it stands in a key of its own, else the one that carries the name.
fn broken_part(site: &ImageSite, error: ReferenceError) -> &Part {
    let own = |role: Role| site.filled(role).filter(|part| !part.inherited);
    let tag = own(Role::Tag)
        .filter(|tag| error == ReferenceError::Tag || !is_tag(tag.text.split('@').next().unwrap_or_default()));
    let registry = own(Role::Registry).filter(|registry| Reference::parse(&format!("{}/name", registry.text)).is_err());
    registry.or(tag).unwrap_or_else(|| site.primary())
}

const HELP: &str = "a reference is `[registry/]repository[:tag][@digest]`, with the repository in lower case";
