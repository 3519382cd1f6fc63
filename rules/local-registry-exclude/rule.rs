#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::suggest::nearest;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "local-registry-exclude",
    summary: "`local_registry.exclude` names an image key that does not exist",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart, and each override laid over it",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        for (file, layers) in chart.layered() {
            let known = layers.keys(&["images", "tags"]);
            let exclude = layers.get(&["images", "local_registry", "exclude"]);
            let Some(exclude) = exclude.filter(|value| value.layer == 0 && !known.is_empty()) else {
                continue;
            };
            for (index, item) in exclude.tree.items(exclude.node).iter().enumerate() {
                let Some(scalar) = exclude.tree.scalar(*item).filter(|item| !known.contains(&item.value)) else {
                    continue;
                };
                let message = format!(
                    "`local_registry.exclude` names `{}`, which `images.tags` does not have",
                    scalar.value
                );
                let help = match nearest(scalar.value, known.iter().copied()) {
                    Some(near) => format!("remove it, or did you mean `{near}`?"),
                    None => "remove it".to_owned(),
                };
                let draft = Draft::new(scalar.content(), message)
                    .label("no such image key")
                    .help(help);
                report.push(file, draft.path(format!("images.local_registry.exclude[{index}]")));
            }
        }
    }))
}
