//! NVIDIA, Calico: `{repository, image, version}`, where `repository` is the registry and the head of the path.

use super::{Keys, is_open_or_repository};
use crate::site::Role;
use crate::site::compose::{Join, join, lead};

const JOINS: &[Join] = &[
    lead(Role::Registry, "/"),
    lead(Role::Namespace, "/"),
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Digest, "@"),
];

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "repository-image-version",
    roles: &[
        (Role::Repository, &["image"]),
        (Role::Namespace, &["repository"]),
        (Role::Registry, &["registry"]),
        (Role::Tag, &["version", "tag"]),
        (Role::Digest, &["digest", "sha", "sha256"]),
    ],
    required: &[Role::Repository, Role::Namespace],
    joins: JOINS,
    prefixed: false,
    accepts: |_, parts| is_open_or_repository(parts, Role::Repository) && is_open_or_repository(parts, Role::Namespace),
};
