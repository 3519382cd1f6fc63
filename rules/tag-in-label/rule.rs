#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Context, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Part, Role};
use crate::template::{FieldId, Place};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "tag-in-label",
    summary: "A tag also lands in a label, which a digest would break",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image in the values of a chart with templates",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

/// A digest for trials.
const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        let Some(tag) = site
            .part(Role::Tag)
            .filter(|tag| !tag.inherited && cx.file.role == FileRole::Values)
        else {
            return;
        };
        let Some((reading, field)) = cx.chart.reading().zip(label(cx, site, tag)) else {
            return;
        };
        let key = reading.key(field).unwrap_or("label");
        let is_pinned = tag.text.contains('@');
        let message = if is_pinned {
            format!("the tag with its digest lands in the label `{key}`, which Kubernetes refuses")
        } else {
            format!("the tag also lands in the label `{key}`, which holds no digest: the image cannot be pinned")
        };
        let mut draft = Draft::new(tag.at, message).label("used for a label").path(&site.path);
        if is_pinned {
            draft = draft.severity(Severity::Error);
        }
        if let Some((source, line)) = reading.spot(field) {
            draft = draft.elsewhere(&source.path, line, "the label stands here");
        }
        let help = "read a `digest` key behind the image in the template: `chartpin pin` fills it then";
        report.push(draft.help(help));
    }))
}

/// The label that the tag would break with a digest, where templates read no digest key beside it.
fn label(cx: &Context<'_>, site: &ImageSite, tag: &Part) -> Option<FieldId> {
    let path = site.path_of(tag)?.0;
    let reading = cx.chart.reading()?;
    let mut labels = reading.uses(&path);
    labels.retain(|id| reading.place(*id) == Place::Label);
    if labels.is_empty() {
        return None;
    }
    let usage = cx.chart.usage(site)?;
    if !usage.digest_keys(&site.mapping.0).is_empty() {
        return None;
    }
    let values = cx.chart.layers(cx.file)?;
    let pinned = if tag.text.contains('@') {
        tag.text.clone()
    } else {
        format!("{}@{DIGEST}", if tag.is_blank() { "1" } else { &tag.text })
    };
    labels.into_iter().find(|id| {
        let filled = usage.with(&values, vec![(path.clone(), pinned.clone())], *id);
        filled.is_some_and(|text| text.contains('@'))
    })
}
