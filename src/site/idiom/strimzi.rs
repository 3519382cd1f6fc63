//! Strimzi: `{registry, repository, name, tagPrefix, tag}`, where `repository` is the organisation.

use super::{Keys, always};
use crate::site::Role;
use crate::site::compose::NAMESPACED;

/// The shape. The template puts `tagPrefix` before the versions of the product that it knows: without a `tag`, nothing is composed.
pub(super) const KEYS: Keys = Keys {
    name: "organisation-name-tag",
    roles: &[
        (Role::Namespace, &["repository"]),
        (Role::Repository, &["name"]),
        (Role::Registry, &["registry"]),
        (Role::TagPrefix, &["tagprefix"]),
        (Role::Tag, &["tag"]),
        (Role::Digest, &["digest"]),
    ],
    required: &[Role::Repository, Role::Namespace, Role::TagPrefix],
    joins: NAMESPACED,
    prefixed: false,
    tag_holds_digest: false,
    accepts: always,
};
