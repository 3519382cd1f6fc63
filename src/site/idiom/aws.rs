//! AWS: `{account, region, domain, tag, override}`; the name is in the template, so nothing is composed unless `override` says it whole.

use super::{Keys, always};
use crate::site::Role;
use crate::site::compose::STANDARD;

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "aws-account",
    roles: &[
        (Role::Registry, &["account"]),
        (Role::Name, &["region"]),
        (Role::Tag, &["tag"]),
        (Role::Override, &["override"]),
        (Role::Digest, &["digest"]),
    ],
    required: &[Role::Registry, Role::Name, Role::Tag],
    joins: STANDARD,
    prefixed: false,
    tag_holds_digest: false,
    accepts: always,
};
