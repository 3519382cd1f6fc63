#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "missing-pull-policy",
    summary: "`images` of an OpenStack-Helm chart without `pull_policy`",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "the defaults of each chart",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::file(|cx, report| {
        let Some(tree) = cx.file.tree().filter(|_| cx.file.role == FileRole::Values) else {
            return;
        };
        let Some(images) = tree.root().and_then(|root| tree.entry(root, "images")) else {
            return;
        };
        let has_tags = tree
            .get(images.value, "tags")
            .is_some_and(|tags| !tree.pairs(tags).is_empty());
        let policy = tree.get(images.value, "pull_policy").and_then(|node| tree.scalar(node));
        if has_tags && policy.is_none_or(|policy| policy.is_null()) {
            let place = tree.node(images.key_node).span;
            let draft = Draft::new(
                place,
                "`images` has no `pull_policy`: the templates print an empty `imagePullPolicy`",
            );
            report.push(
                draft
                    .label("no pull_policy below")
                    .help("add `pull_policy: \"IfNotPresent\"`")
                    .path("images"),
            );
        }
    }))
}
