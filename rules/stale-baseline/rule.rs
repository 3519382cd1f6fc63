#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "stale-baseline",
    summary: "An entry of the baseline whose finding is gone",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "the baseline",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::Engine)
}
