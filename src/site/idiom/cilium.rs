//! Cilium: `{repository, tag, suffix, digest, useDigest, override}`; `override` replaces everything, `useDigest` switches the digest.

use super::{Keys, is_open_or_repository};
use crate::site::Role;
use crate::site::compose::{Join, join, lead};

const JOINS: &[Join] = &[
    lead(Role::Registry, "/"),
    join(Role::Repository, ""),
    join(Role::Suffix, ""),
    join(Role::Tag, ":"),
    join(Role::Digest, "@"),
];

/// The shape. One digest a cloud (`genericDigest`, `awsDigest`) goes with a name that the template finishes: left to `unknown`.
pub(super) const KEYS: Keys = Keys {
    name: "override-digest",
    roles: &[
        (Role::Repository, &["repository"]),
        (Role::Tag, &["tag"]),
        (Role::Suffix, &["suffix"]),
        (Role::Digest, &["digest"]),
        (Role::UseDigest, &["usedigest"]),
        (Role::Override, &["override"]),
        (Role::Registry, &["registry"]),
    ],
    required: &[Role::Repository, Role::UseDigest],
    joins: JOINS,
    prefixed: false,
    tag_holds_digest: false,
    accepts: |scope, parts| !scope.has("genericdigest") && is_open_or_repository(parts, Role::Repository),
};
