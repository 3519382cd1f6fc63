//! `{name, tag}`, `{registry, name, version}` and `{name: org/name, version}` under a key that says "image".

use super::{Keys, is_open_or_repository, text_of};
use crate::site::Role;
use crate::site::compose::STANDARD;

/// The shape. Kustomize's `{name, newTag}` and the images of virtual machines have other keys, or keys that no container image has.
pub(super) const KEYS: Keys = Keys {
    name: "name-tag",
    roles: &[
        (Role::Repository, &["name"]),
        (Role::Registry, &["registry"]),
        (Role::Tag, &["tag", "version"]),
        (Role::Digest, &["digest", "sha", "sha256"]),
    ],
    required: &[Role::Repository, Role::Tag],
    joins: STANDARD,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |scope, parts| {
        let other = [
            "newtag",
            "newname",
            "url",
            "checksum",
            "imagefile",
            "image",
            "imageurl",
            "repository",
            "repo",
        ];
        scope.is_under_image_key()
            && !other.iter().any(|key| scope.has(key))
            && (scope.has("tag") || scope.has("registry") || text_of(parts, Role::Repository).contains('/'))
            && is_open_or_repository(parts, Role::Repository)
    },
};
