//! OpenStack-Helm: `images.tags.<key>: reference`, and the older flat form with the keys directly under `images`.

use super::finish;
use crate::site::plausible::{Looks, looks};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Role};
use crate::yaml::{HelmScalar, Step};

/// Keys under a flat `images` that hold no reference.
const SETTINGS: &[&str] = &[
    "pullpolicy",
    "pullsecrets",
    "pullsecret",
    "registry",
    "repository",
    "tag",
    "version",
];

/// Every scalar of `images.tags`.
pub(super) fn find_tags(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let is_tags = matches!(scope.path.0.as_slice(), [.., Step::Key(images), Step::Key(tags)] if images == "images" && tags == "tags");
    if !is_tags {
        return;
    }
    for index in 0..scope.fields.len() {
        if !scope.fields[index].inherited {
            whole("openstack-tags", scope, index, out);
        }
    }
}

/// The references directly under `images`; a bare `org/name` counts where `pull_policy` stands beside it.
pub(super) fn find_flat(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    if scope.path.last_key() != Some("images") || !matches!(scope.path.0.last(), Some(Step::Key(_))) {
        return;
    }
    let least = if scope.has("pullpolicy") {
        Looks::Path
    } else {
        Looks::Tagged
    };
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        let is_reference = field.scalar.is_some_and(|scalar| looks(scalar.value) >= least);
        if !field.inherited && !field.claimed && is_reference && !SETTINGS.contains(&field.folded.as_str()) {
            whole("openstack-flat", scope, index, out);
        }
    }
}

fn whole(idiom: &'static str, scope: &mut Scope<'_>, index: usize, out: &mut Vec<ImageSite>) {
    let Some(part) = scope.part(index, Role::Whole) else {
        return;
    };
    scope.fields[index].claimed = true;
    let path = scope.path.child(Step::Key(scope.fields[index].key.to_owned()));
    let is_null = part.helm == HelmScalar::Null;
    let site = finish(idiom, path, part.at, vec![part], &[], scope.is_override);
    if !is_null || scope.is_override {
        out.push(site);
    }
}
