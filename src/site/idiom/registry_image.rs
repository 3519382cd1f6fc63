//! ingress-nginx: `{registry, image, tag, digest}`; a `digestChroot` beside them belongs to another build of the image.

use super::{Keys, is_open_or_repository};
use crate::site::Role;
use crate::site::compose::STANDARD;

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "registry-image-tag",
    roles: &[
        (Role::Repository, &["image"]),
        (Role::Registry, &["registry"]),
        (Role::Tag, &["tag", "version"]),
        (Role::Digest, &["digest"]),
    ],
    required: &[Role::Repository, Role::Registry, Role::Tag],
    joins: STANDARD,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |_, parts| is_open_or_repository(parts, Role::Repository),
};
