#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unused-ignore",
    summary: "An ignore comment that suppresses nothing, names no rule, or one that does not exist",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each ignore comment",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::Engine)
}
