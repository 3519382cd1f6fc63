//! What the digests of a subchart make of the images of a chart that it is in, whose values may change such an image and not its digest.

use std::sync::Arc;

use super::{NewText, Plan, Status};
use crate::chart::{Below, Chart, Layers};
use crate::reference::Reference;
use crate::template::{Bundle, FieldId, Filling, Values};
use crate::yaml::{Tree, read_nodes};

/// Why the plan of `sub` would give an image of `parent` the digest of another one, where it would; `own` is the plan of the parent.
#[must_use]
pub fn breaks_parent(parent: &Chart, own: &Plan, sub: &Chart, plan: &Plan) -> Option<String> {
    let places = parent
        .templates
        .as_ref()
        .map(|templates| places_of(sub, &templates.bundle, &[]))?;
    // Most charts stand in no other: nothing is read for these.
    if places.is_empty() {
        return None;
    }
    let new_values = new_tree(sub, plan)?;
    let (file, tree) = parent.defaults()?;
    let own_tree = new_tree(parent, own);
    let own_tree = own_tree.as_deref().unwrap_or(tree);
    let replaced = |(path, tree): &Below| {
        let is_sub = places.contains(path);
        (path.clone(), Arc::clone(if is_sub { &new_values } else { tree }))
    };
    let new_below: Vec<Below> = parent.below().iter().map(replaced).collect();
    let over = |below| Layers::new([own_tree].into_iter(), below);
    let (before, after) = (over(parent.below()), over(&new_below));
    let reading = parent.reading()?;
    let images: Vec<FieldId> = reading.images().collect();
    let made = |values: &dyn Values| Filling::new(reading, values, &[]).chosen(&images);
    let mut pinned = made(&after);
    let other = made(&before).into_iter().find_map(|(mapping, (_, old))| {
        let (_, new) = pinned.remove(&mapping)?;
        let (old, new) = (old?.text(), new?.text());
        (old != new && !is_meant(&old, &new, plan)).then_some(old)
    })?;
    Some(format!(
        "`{}` makes another image of it, `{other}`, which the digest would reach, too",
        file.source.path
    ))
}

/// The keys under which the values of `sub` stand in those of a chart.
fn places_of(sub: &Chart, bundle: &Bundle, above: &[String]) -> Vec<Vec<String>> {
    let first = |bundle: &Bundle| bundle.files.first().map(|file| Arc::clone(&file.source.path));
    let wanted = sub.templates.as_ref().and_then(|templates| first(&templates.bundle));
    let mut found = Vec::new();
    for dependency in &bundle.dependencies {
        let path = [above, std::slice::from_ref(&dependency.key)].concat();
        found.extend(places_of(sub, &dependency.chart, &path));
        if wanted.is_some() && first(&dependency.chart) == wanted {
            found.push(path);
        }
    }
    found
}

/// The values of a chart as its plan has them, where it changes them.
fn new_tree(chart: &Chart, plan: &Plan) -> Option<Arc<Tree>> {
    let (file, _) = chart.defaults()?;
    let is_values = |new: &&NewText| new.source.path == file.source.path;
    let new = plan.texts.iter().find(is_values)?;
    read_nodes(&new.text).ok().map(Arc::new)
}

/// Whether `new` is `old` with the digest that the plan has for it, or for the same image of another registry: a mirror.
fn is_meant(old: &str, new: &str, plan: &Plan) -> bool {
    let (Ok(old), Ok(new)) = (Reference::parse(old), Reference::parse(new)) else {
        return false;
    };
    let mut pinned = plan.entries.iter().filter(|entry| entry.status == Status::Pinned);
    pinned.any(|entry| {
        let image = entry.reference.as_deref().and_then(|text| Reference::parse(text).ok());
        let is_same = |image: Reference| image.repository() == old.repository() && image.tag() == old.tag();
        entry.digest.as_deref() == new.digest() && image.is_some_and(is_same)
    })
}
