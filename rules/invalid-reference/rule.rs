#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::reference::ReferenceError;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

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
        let part = site.primary();
        if !part.inherited {
            let draft = Draft::new(part.span, format!("`{}` is no image reference: {error}", composed.text));
            report.push(draft.label("not a reference").help(HELP).path(&site.path));
        }
    }))
}

const HELP: &str = "a reference is `[registry/]repository[:tag][@digest]`, with the repository in lower case";
