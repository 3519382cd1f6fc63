#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "duplicate-key",
    summary: "The same key twice in one mapping",
    severity: Severity::Warning,
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
    Ok(Check::file(|cx, report| {
        let Some(tree) = cx.file.tree() else { return };
        for duplicate in tree.duplicate_keys() {
            let times = if duplicate.earlier.len() == 1 {
                "twice"
            } else {
                "several times"
            };
            let mut draft = Draft::new(
                duplicate.later,
                format!("`{}` stands {times} in one mapping", duplicate.path),
            );
            for earlier in &duplicate.earlier {
                draft = draft.other(*earlier, "Helm drops this one");
            }
            report.push(
                draft
                    .label("Helm takes this one")
                    .help("keep one of them")
                    .path(&duplicate.path),
            );
        }
    }))
}
