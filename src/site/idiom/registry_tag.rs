//! `{registry, tag}`: `registry` holds the whole repository, or a prefix for images elsewhere.

use super::{Keys, text_of};
use crate::site::Role;
use crate::site::compose::{Join, join};
use crate::site::plausible::{Looks, looks};

const JOINS: &[Join] = &[
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Digest, "@"),
];

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "registry-tag",
    roles: &[
        (Role::Repository, &["registry"]),
        (Role::Tag, &["tag"]),
        (Role::Digest, &["digest", "sha"]),
    ],
    required: &[Role::Repository, Role::Tag],
    joins: JOINS,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |scope, parts| {
        let named = ["name", "repository", "repo", "image"].iter().any(|key| scope.has(key));
        scope.is_under_image_key() && !named && looks(text_of(parts, Role::Repository)) == Looks::Certain
    },
};
