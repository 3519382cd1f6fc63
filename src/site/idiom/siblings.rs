//! Sibling keys with a common prefix: `fooRepository` with `fooTag`, `fooImage` with `fooImageTag`, `operatorImageName` with `operatorVersion`.

use super::{Keys, is_open_or_repository, text_of};
use crate::site::Role;
use crate::site::compose::STANDARD;

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "prefixed-keys",
    roles: &[
        (
            Role::Repository,
            &["imagerepository", "imagerepo", "imagename", "repository", "image"],
        ),
        (Role::Registry, &["imageregistry", "registry"]),
        (Role::Tag, &["imagetag", "tag", "imageversion", "version"]),
        (Role::Digest, &["imagedigest", "digest", "imagesha", "sha"]),
    ],
    required: &[Role::Repository, Role::Tag],
    joins: STANDARD,
    prefixed: true,
    tag_holds_digest: false,
    accepts: |_, parts| !text_of(parts, Role::Repository).is_empty() && is_open_or_repository(parts, Role::Repository),
};
