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
            let draft = Draft::new(
                duplicate.later,
                format!("`{}` stands twice in one mapping", duplicate.path),
            );
            let draft = draft
                .label("Helm takes this one")
                .other(duplicate.earlier, "and drops this one");
            report.push(draft.help("remove one of the two").path(&duplicate.path));
        }
    }))
}
