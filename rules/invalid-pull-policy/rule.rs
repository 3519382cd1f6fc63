#![doc = include_str!("README.md")]

use crate::edit::Edit;
use crate::finding::{Applicability, Severity};
use crate::rule::{Check, Context, Draft, Fixable, NoOptions, Options, OptionsError, Report, Rule, schema_of};
use crate::site::is_pull_policy;
use crate::yaml::{HelmScalar, KeyPath, Scalar, helm_scalar, is_placeholder_word};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "invalid-pull-policy",
    summary: "An image pull policy that Kubernetes does not know",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::Safe,
    since: "0.1.0",
    looks_at: "each file",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

/// The policies of Kubernetes (`PullPolicy` of a container).
const POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::file(|cx, report| {
        let Some((tree, root)) = cx.file.tree().and_then(|tree| Some((tree, tree.root()?))) else {
            return;
        };
        tree.walk(root, &mut |trail, node| {
            let is_policy = trail.key(tree).is_some_and(is_pull_policy);
            if let Some(scalar) = tree.scalar(node).filter(|_| is_policy) {
                judge(cx, &trail.path(tree), &scalar, report);
            }
        });
    }))
}

fn judge(cx: &Context<'_>, path: &KeyPath, scalar: &Scalar<'_>, report: &mut Report<'_>) {
    let text = match helm_scalar(scalar) {
        HelmScalar::Null => return,
        HelmScalar::Text(text) => text,
        HelmScalar::Bool(_) | HelmScalar::Number(_) => scalar.value.to_owned(),
    };
    let templated = cx.file.tree().is_some_and(|tree| tree.is_templated(scalar.span)) || is_placeholder_word(&text);
    if templated || text.is_empty() || POLICIES.contains(&text.as_str()) {
        return;
    }
    let mut draft = Draft::new(scalar.content(), format!("`{text}` is no pull policy"))
        .label("unknown to Kubernetes")
        .help("it is `Always`, `IfNotPresent` or `Never`")
        .path(path);
    if let Some(meant) = POLICIES.iter().find(|policy| policy.eq_ignore_ascii_case(&text)) {
        let edit = Edit {
            span: scalar.content(),
            text: (*meant).to_owned(),
        };
        draft = draft.fix(Applicability::Safe, format!("write `{meant}`"), edit);
    }
    report.push(draft);
}
