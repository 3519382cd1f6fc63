#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Context, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Role, State};
use crate::yaml::{NodeId, Step};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unused-image-key",
    summary: "Values name an image that no template of the chart reads",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image in the values of a chart with templates",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        if cx.file.role == FileRole::Values && cx.chart.is_told() && is_unused(cx, site) && !is_aliased(cx, site) {
            let path = &site.path;
            let draft = Draft::new(site.primary().at, format!("no template of the chart reads `{path}`"));
            let help = "take it out, or use it: nothing that stands there reaches a pod";
            report.push(draft.label("not used").help(help).path(path));
        }
    }))
}

/// Whether aliases elsewhere in the values stand for the site, a part of it, or something around it.
fn is_aliased(cx: &Context<'_>, site: &ImageSite) -> bool {
    let Some(tree) = cx.file.tree() else {
        return false;
    };
    let is_used = |node: NodeId| tree.node(node).anchor.as_ref().is_some_and(|anchor| anchor.aliases > 0);
    let parts = site.parts.iter().filter_map(|part| site.path_of(part));
    parts
        .chain([site.mapping.clone()])
        .any(|path| tree.along(&path.0).any(is_used))
}

fn is_unused(cx: &Context<'_>, site: &ImageSite) -> bool {
    let is_image = site.composed.is_some() && site.state != State::Deleted;
    let embedded = site.path.0.contains(&Step::Embedded);
    let Some(reading) = cx.chart.reading().filter(|_| is_image && !embedded) else {
        return false;
    };
    let naming = [Role::Whole, Role::Repository, Role::Override, Role::Tag, Role::Digest];
    let parts = site.parts.iter().filter(|part| naming.contains(&part.role));
    let mut paths = parts.filter_map(|part| site.path_of(part)).peekable();
    let mapping = &site.mapping.0;
    let around = !mapping.is_empty() && site.part(Role::Whole).is_none() && reading.knows(mapping);
    !around && paths.peek().is_some() && paths.all(|path| !reading.knows(&path.0))
}
