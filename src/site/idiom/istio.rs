//! Istio: `{hub, image, tag, variant}`, each blank or missing one taken from `global`. A `hub` without `image` is a prefix for images elsewhere.

use super::finish;
use crate::site::compose::{Join, join, lead};
use crate::site::plausible::{Looks, is_repository, looks};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Part, Role};
use crate::yaml::Step;

const JOINS: &[Join] = &[
    lead(Role::Registry, "/"),
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Variant, "-"),
];

/// The mapping with a `hub`, or one with a bare `image` below a `global.hub`.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let has_hub = scope.find("hub").is_some() && scope.find("tag").is_some();
    let image = scope.find("image").filter(|index| {
        let text = scope.fields[*index].scalar.map_or("", |scalar| scalar.value);
        if has_hub {
            is_repository(text)
        } else {
            text != "auto" && looks(text) == Looks::Word
        }
    });
    if !has_hub && (image.is_none() || scope.globals.hub.is_none() || scope.find("tag").is_some()) {
        return;
    }
    let roles = [("hub", Role::Registry), ("tag", Role::Tag), ("variant", Role::Variant)];
    let mut taken: Vec<(usize, Role)> = image.map(|index| (index, Role::Repository)).into_iter().collect();
    taken.extend(roles.iter().filter_map(|(key, role)| Some((scope.find(key)?, *role))));
    let mut parts: Vec<Part> = taken
        .iter()
        .filter_map(|(index, role)| scope.part(*index, *role))
        .collect();
    if parts.iter().all(|part| part.inherited) {
        return;
    }
    for global in [&scope.globals.hub, &scope.globals.tag].into_iter().flatten() {
        if image.is_some() && !parts.iter().any(|part| part.role == global.role && !part.is_blank()) {
            parts.push(global.clone());
        }
    }
    let key = scope.fields[taken[0].0].key.to_owned();
    for (index, _) in taken {
        scope.fields[index].claimed = true;
    }
    let path = scope.path.child(Step::Key(key));
    out.push(finish(
        "hub-image-tag",
        path,
        scope.span,
        parts,
        JOINS,
        scope.is_override,
    ));
}
