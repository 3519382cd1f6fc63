//! Keys that hold the registry of images elsewhere: `global.imageRegistry`. A fragment, no image.

use super::finish;
use crate::site::scope::Scope;
use crate::site::{ImageSite, Role};
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
    "registryurl",
];

/// Every such key, and `registry` alone under a key that says "image".
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let alone = scope.is_under_image_key() && !["repository", "image", "name", "repo"].iter().any(|key| scope.has(key));
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        let means_registry = PREFIX_KEYS.contains(&field.folded.as_str()) || (alone && field.folded == "registry");
        if field.claimed || field.inherited || !means_registry {
            continue;
        }
        let Some(part) = scope.part(index, Role::Registry) else {
            continue;
        };
        let holds_registry =
            matches!(part.helm, HelmScalar::Text(_) | HelmScalar::Null) && !part.text.contains([' ', '\n']);
        if holds_registry {
            let mut parts = vec![part];
            let tag = scope.find("tag").filter(|_| alone);
            parts.extend(
                tag.and_then(|tag| scope.part(tag, Role::Tag))
                    .filter(|tag| !tag.inherited),
            );
            let path = scope.path.child(Step::Key(scope.fields[index].key.to_owned()));
            scope.fields[index].claimed = true;
            if let Some(tag) = tag {
                scope.fields[tag].claimed = true;
            }
            let span = parts[0].at;
            out.push(finish("registry-prefix", path, span, parts, &[], scope.is_override));
        }
    }
}
