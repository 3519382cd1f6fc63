//! A mapping under `image` whose keys name an image in a way that no idiom composes: shown, never guessed.

use super::finish;
use crate::site::plausible::{Looks, folded, looks};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Role};

/// Keys that hold a part of an image's name.
const NAME_KEYS: &[&str] = &["repository", "repo", "registry", "name"];

/// One site for all the parts that are left in the mapping.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let parent = scope.path.last_key().map(folded).unwrap_or_default();
    let named = NAME_KEYS.iter().any(|key| scope.find(key).is_some());
    let tagged = ["tag", "digest", "genericdigest", "version"]
        .iter()
        .any(|key| scope.has(key));
    if !parent.ends_with("image") || !named || !tagged {
        return;
    }
    let mut parts = Vec::new();
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        let is_part = NAME_KEYS.contains(&field.folded.as_str())
            || matches!(field.folded.as_str(), "tag" | "digest" | "genericdigest");
        if !is_part || field.claimed || field.inherited {
            continue;
        }
        if let Some(part) = scope
            .part(index, Role::Opaque)
            .filter(|part| part.is_blank() || looks(&part.text) >= Looks::Word)
        {
            scope.fields[index].claimed = true;
            parts.push(part);
        }
    }
    if parts.iter().any(|part| !part.is_blank()) {
        out.push(finish(
            "unknown",
            scope.path.clone(),
            scope.span,
            parts,
            &[],
            scope.is_override,
        ));
    }
}
