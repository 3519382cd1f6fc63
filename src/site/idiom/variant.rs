//! VictoriaMetrics: `{registry, repository, tag, variant}`, where `variant` follows the tag.

use super::{Keys, is_open_or_repository};
use crate::site::Role;
use crate::site::compose::{Join, join, lead};

const JOINS: &[Join] = &[
    lead(Role::Registry, "/"),
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Variant, "-"),
    join(Role::Digest, "@"),
];

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "repository-tag-variant",
    roles: &[
        (Role::Repository, &["repository"]),
        (Role::Registry, &["registry"]),
        (Role::Tag, &["tag"]),
        (Role::Variant, &["variant"]),
        (Role::Digest, &["digest"]),
    ],
    required: &[Role::Repository, Role::Tag, Role::Variant],
    joins: JOINS,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |_, parts| is_open_or_repository(parts, Role::Repository),
};
