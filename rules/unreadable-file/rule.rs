#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unreadable-file",
    summary: "A file or packaged chart that cannot be opened",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each file",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::Engine)
}
