#![doc = include_str!("README.md")]

use crate::edit::Edit;
use crate::finding::{Applicability, Severity};
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::Role;
use crate::yaml::{HelmScalar, Style};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "non-string-tag",
    summary: "A tag without quotes that Helm reads as a number or a boolean and prints otherwise",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::Safe,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

/// The parts that end up as text in a reference.
const TEXTS: [Role; 5] = [Role::Whole, Role::Tag, Role::Digest, Role::Variant, Role::TagPrefix];

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|_, site, report| {
        for part in site
            .parts
            .iter()
            .filter(|part| TEXTS.contains(&part.role) && !part.inherited)
        {
            let kind = match part.helm {
                HelmScalar::Number(_) => "number",
                HelmScalar::Bool(_) => "boolean",
                HelmScalar::Null | HelmScalar::Text(_) => continue,
            };
            let printed = part.helm.printed();
            if printed == part.text || part.style != Style::Plain || part.templated {
                continue;
            }
            let message = format!("Helm reads `{}` as a {kind} and prints `{printed}`", part.text);
            let mut draft = Draft::new(part.span, message).label(format!("a {kind} to Helm"));
            draft = draft.help(format!("write `\"{}\"`", part.text)).path(&site.path);
            if !part.shared && part.at == part.span {
                let text = format!("\"{}\"", part.text);
                draft = draft.fix(Applicability::Safe, "quote it", Edit { span: part.at, text });
            }
            report.push(draft);
        }
    }))
}
