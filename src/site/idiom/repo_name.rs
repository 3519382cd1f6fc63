//! `{repo, name, tag}`: `repo` is what stands before the name, with or without registry.

use super::{Keys, is_open_or_repository, text_of};
use crate::site::Role;
use crate::site::compose::NAMESPACED;

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "repo-name-tag",
    roles: &[
        (Role::Repository, &["name"]),
        (Role::Namespace, &["repo"]),
        (Role::Registry, &["registry"]),
        (Role::Tag, &["tag"]),
        (Role::Digest, &["digest", "sha", "sha256"]),
    ],
    required: &[Role::Repository, Role::Namespace, Role::Tag],
    joins: NAMESPACED,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |scope, parts| {
        !text_of(parts, Role::Repository).is_empty()
            && scope.is_under_image_key()
            && is_open_or_repository(parts, Role::Repository)
    },
};
