//! `{image, tag}`, `{image, imageTag}`, `{image, version}`: `image` is the repository.

use super::{Keys, is_open_or_repository, text_of};
use crate::reference::Reference;
use crate::site::compose::STANDARD;
use crate::site::scope::Scope;
use crate::site::{Part, Role};

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "image-tag",
    roles: &[
        (
            Role::Repository,
            &["image", "imagename", "imagerepository", "imagerepo"],
        ),
        (Role::Registry, &["imageregistry"]),
        (Role::Tag, &["tag", "imagetag", "imageversion", "version"]),
        (Role::Digest, &["digest", "imagedigest", "sha", "imagesha", "sha256"]),
    ],
    required: &[Role::Repository, Role::Tag],
    joins: STANDARD,
    prefixed: false,
    tag_holds_digest: true,
    accepts,
};

/// A `version` beside an image that has its tag already is the version of something else.
fn accepts(scope: &Scope<'_>, parts: &[Part]) -> bool {
    let image = text_of(parts, Role::Repository);
    let by_version = scope
        .find("tag")
        .or(scope.find("imagetag"))
        .or(scope.find("imageversion"))
        .is_none();
    let has_tag = Reference::parse(image).is_ok_and(|reference| !reference.is_name_only());
    let says_image = image.contains('/') || scope.is_under_image_key();
    (!by_version || (says_image && !has_tag)) && is_open_or_repository(parts, Role::Repository)
}
