//! NVIDIA, Calico: `{repository, image, version}`, where `repository` is the registry and the head of the path.

use super::{Keys, is_open_or_repository, text_of};
use crate::reference::Reference;
use crate::site::compose::NAMESPACED;
use crate::site::scope::Scope;
use crate::site::{Part, Role};

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
    joins: NAMESPACED,
    prefixed: false,
    tag_holds_digest: false,
    accepts,
};

/// An `image` that says its registry or its tag itself has no use for an empty `repository` beside it.
fn accepts(_: &Scope<'_>, parts: &[Part]) -> bool {
    let image = Reference::parse(text_of(parts, Role::Repository));
    let whole = image.is_ok_and(|image| image.registry().is_some() || image.tag().is_some());
    let no_head = text_of(parts, Role::Namespace).is_empty();
    !(whole && no_head)
        && is_open_or_repository(parts, Role::Repository)
        && is_open_or_repository(parts, Role::Namespace)
}
