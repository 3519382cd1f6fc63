//! Keys that hold the registry of images elsewhere: `global.imageRegistry`. A fragment, no image.

use super::finish;
use crate::site::scope::Scope;
use crate::site::{ImageSite, PREFIX, Role};
use crate::yaml::{HelmScalar, Step};

/// Folded keys that mean a registry for images, wherever they stand.
const PREFIX_KEYS: &[&str] = &[
    "imageregistry",
    "imageregistryprefix",
    "imagerepository",
    "imageprefix",
    "imagenamespace",
    "imagehub",
    "dockerregistry",
    "containerregistry",
    "systemdefaultregistry",
    "defaultimageregistry",
    "defaultimagerepository",
    "registryurl",
];

/// Every such key, `registry` alone under a key that says "image", and a registry at the root.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let nameless = !["repository", "image", "name", "repo"].iter().any(|key| scope.has(key));
    let alone = nameless && scope.is_under_image_key();
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        if field.claimed || field.inherited {
            continue;
        }
        let by_name = PREFIX_KEYS.contains(&field.folded.as_str());
        let by_place = field.folded == "registry" && (alone || scope.path.0.is_empty());
        let Some(part) = scope.part(index, Role::Registry).filter(|_| by_name || by_place) else {
            continue;
        };
        let is_text = matches!(part.helm, HelmScalar::Text(_) | HelmScalar::Null);
        let is_host = by_name || alone || part.text.contains('.');
        if !is_text || !is_host || part.text.contains([' ', '\n']) {
            continue;
        }
        let path = scope.path.child(Step::Key(field.key.to_owned()));
        let mut parts = vec![part];
        scope.fields[index].claimed = true;
        let tag = scope.find("tag").filter(|_| alone);
        if let Some((tag, part)) = tag.and_then(|tag| Some((tag, scope.part(tag, Role::Tag)?))) {
            scope.fields[tag].claimed = true;
            parts.extend(Some(part).filter(|part| !part.inherited));
        }
        let span = parts[0].at;
        out.push(finish(PREFIX, path, span, parts, &[], scope.is_override));
    }
}
