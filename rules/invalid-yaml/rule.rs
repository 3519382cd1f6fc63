#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "invalid-yaml",
    summary: "A file that cannot be read as YAML",
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
    Ok(Check::file(|cx, report| {
        let Err(refusal) = &cx.file.tree else { return };
        let error = &refusal.error;
        let draft = Draft::new(
            error.span,
            format!("the file cannot be read, so that its images are not checked: {error}"),
        );
        let draft = draft.label("reading stopped here");
        report.push(if refusal.may_be_fine {
            draft
                .severity(Severity::Warning)
                .help("Helm may read it all the same: write it more plainly")
        } else if error.limit {
            draft.help("a values file that large is generated: leave it out with `exclude`")
        } else {
            draft.help("mend the YAML, or leave the file out with `exclude`")
        });
    }))
}
