#![doc = include_str!("README.md")]

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::floating::{FloatingTags, deciding_tag, floats};
use crate::rule::{Check, Draft, Fixable, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, is_pull_policy};
use crate::source::Span;
use crate::yaml::Step;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "pull-policy-conflict",
    summary: "A pull policy that keeps an old build of a floating tag, or never pulls",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each file",
    page: include_str!("README.md"),
    schema: schema_of::<FloatingTags>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    let options: FloatingTags = options.read()?;
    let patterns = options.compile().map_err(|error| OptionsError(error.to_string()))?;
    Ok(Check::file(move |cx, report| {
        let Some((tree, root)) = cx.file.tree().and_then(|tree| Some((tree, tree.root()?))) else {
            return;
        };
        let images = by_scope(&cx.file.sites);
        tree.walk(root, &mut |trail, node| {
            let Some(scalar) = tree
                .scalar(node)
                .filter(|_| trail.key(tree).is_some_and(is_pull_policy))
            else {
                return;
            };
            let path = &trail.path(tree);
            if scalar.value == "Never" {
                let draft = Draft::new(
                    scalar.content(),
                    "the pull policy `Never` starts no pod on a node that lacks the image",
                );
                report.push(draft.label("never pulls").help("use `IfNotPresent`").path(path));
            } else if scalar.value == "IfNotPresent" {
                let scope = path.0.split_last().map(|(_, scope)| scope);
                let covered = scope.and_then(|scope| images.get(scope)).into_iter().flatten();
                let tags = covered
                    .filter_map(|site| deciding_tag(site))
                    .filter(|(tag, _)| floats(tag, &patterns));
                if let Some(draft) = kept_back(&tags.collect::<Vec<_>>(), scalar.content()) {
                    report.push(draft.path(path));
                }
            }
        });
    }))
}

/// The images by the mapping whose pull policy is theirs: the image itself, the one that it stands in, and the one around `tags`.
fn by_scope(sites: &[ImageSite]) -> BTreeMap<&[Step], Vec<&ImageSite>> {
    let mut found: BTreeMap<&[Step], Vec<&ImageSite>> = BTreeMap::new();
    for site in sites {
        let image = site.path.0.as_slice();
        let around = image.split_last().map(|(_, around)| around);
        let around_tags = around.and_then(|around| match around.split_last()? {
            (Step::Key(key), scope) if key == "tags" => Some(scope),
            _ => None,
        });
        for scope in [Some(image), around, around_tags].into_iter().flatten() {
            found.entry(scope).or_default().push(site);
        }
    }
    found
}

/// The finding for the floating tags under one policy at `place`.
fn kept_back(floating: &[(&str, Span)], place: Span) -> Option<Draft> {
    let (tag, tag_place) = floating.first()?;
    let message = match floating.len() {
        1 => format!("a node keeps the build of the floating tag `{tag}` that it pulled first"),
        n => format!("a node keeps the builds of {n} floating tags that it pulled first, such as `{tag}`"),
    };
    let draft = Draft::new(place, message)
        .label("pulls once")
        .other(*tag_place, "floats");
    Some(draft.help("name a release or pin a digest, or use `Always`"))
}
