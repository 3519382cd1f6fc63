#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::suggest::nearest;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unknown-override-key",
    summary: "An override names an image key that its chart does not have",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        let Some((_, defaults)) = chart.defaults() else { return };
        let tags = |tree: &crate::yaml::Tree| tree.get(tree.get(tree.root()?, "images")?, "tags");
        let Some(known) = tags(defaults) else { return };
        let known: Vec<&str> = defaults.entries(known).iter().map(|entry| entry.key).collect();
        for file in chart.files.iter().filter(|file| file.role == FileRole::Override) {
            let Some((tree, own)) = file.tree().and_then(|tree| Some((tree, tags(tree)?))) else {
                continue;
            };
            for entry in tree.entries(own) {
                if known.contains(&entry.key) {
                    continue;
                }
                let place = tree.node(entry.key_node).span;
                let draft = Draft::new(
                    place,
                    format!("the chart's own values have no image key `{}`", entry.key),
                );
                let help = match nearest(
                    entry.key,
                    known.iter().copied().filter(|key| tree.get(own, key).is_none()),
                ) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "remove it, unless a template reads it".to_owned(),
                };
                report.push(
                    file,
                    draft
                        .label("unknown key")
                        .help(help)
                        .path(format!("images.tags.{}", entry.key)),
                );
            }
        }
    }))
}
