//! The common shape: `{repository, tag}`, with `registry` before and `digest`, `sha` or `sha256` behind, each of them optional.
//!
//! `sha` holds hexadecimal digits without `sha256:`. A `repository` alone counts where its key or a pull policy beside it says "image".

use super::{Keys, is_open_or_repository, text_of};
use crate::site::compose::STANDARD;
use crate::site::plausible::is_image_key;
use crate::site::scope::Scope;
use crate::site::{Part, Role};

/// The shape.
pub(super) const KEYS: Keys = Keys {
    name: "repository-tag",
    roles: &[
        (Role::Repository, &["repository", "repo"]),
        (Role::Registry, &["registry", "defaultregistry"]),
        (Role::Tag, &["tag", "imagetag", "version"]),
        (Role::Digest, &["digest", "sha", "sha256", "imagedigest"]),
    ],
    required: &[Role::Repository],
    joins: STANDARD,
    prefixed: false,
    tag_holds_digest: true,
    accepts,
};

fn accepts(scope: &Scope<'_>, parts: &[Part]) -> bool {
    let part = |role: Role| parts.iter().find(|part| part.role == role);
    let named_image = scope.is_under_image_key() || scope.has("pullpolicy") || scope.has("imagepullpolicy");
    let has_tag = scope.has("tag") || scope.has("imagetag") || part(Role::Digest).is_some();
    let says_something = part(Role::Repository).is_some_and(|part| !part.is_blank());
    let several_digests = scope.has("genericdigest");
    let repo_is_organisation = scope.has("repo") && scope.has("registry") && !scope.has("repository");
    (named_image || (has_tag && says_something))
        && !repo_is_organisation
        && !several_digests
        && !names_something_else(scope, parts)
        && is_open_or_repository(parts, Role::Repository)
}

/// Whether a `name` beside the repository may say more than its last part does: how the two join is the template's secret.
fn names_something_else(scope: &Scope<'_>, parts: &[Part]) -> bool {
    let directly = scope.path.last_key().is_some_and(is_image_key);
    let name = scope
        .find("name")
        .and_then(|index| scope.part(index, Role::Opaque))
        .filter(|_| directly);
    let repository = text_of(parts, Role::Repository);
    name.is_some_and(|name| !repository.is_empty() && repository.rsplit('/').next() != Some(name.text.as_str()))
}
