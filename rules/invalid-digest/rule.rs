#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::reference::{DigestError, ReferenceError, check_digest, is_hex};
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Role};
use crate::source::Span;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "invalid-digest",
    summary: "A digest that is none: wrong length, upper case, unknown algorithm",
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
        if let Some((place, text, error)) = broken_digest(site) {
            let draft = Draft::new(place, format!("`{text}` is no digest: {error}"));
            report.push(
                draft
                    .label("not a digest")
                    .help("take the digest that the registry reports for the tag")
                    .path(&site.path),
            );
        }
    }))
}

fn broken_digest(site: &ImageSite) -> Option<(Span, String, DigestError)> {
    let key = site
        .filled(Role::Digest)
        .filter(|part| !part.inherited && !part.templated);
    if let Some(part) = key {
        let text = part.text.strip_prefix('@').unwrap_or(&part.text);
        let error = check_digest(text).err().filter(|_| !is_hex(text, 64))?;
        return Some((part.span, part.text.clone(), error));
    }
    let Some(ReferenceError::Digest(error)) = site.error() else {
        return None;
    };
    let text = &site.composed.as_ref()?.text;
    let start = text.find('@')? + 1;
    let conflict = text[start..].contains('@');
    let place = site.place(&(start..text.len())).filter(|_| !conflict)?;
    Some((place, text[start..].to_owned(), error))
}
