//! `{tag}` alone: the tag (or digest, or both) of an image whose name stands in another file or another chart.

use super::finish;
use crate::reference::is_tag;
use crate::site::plausible::names_values;
use crate::site::scope::Scope;
use crate::site::{ImageSite, Part, Role};
use crate::yaml::Step;

/// `tag` or `digest` under a key that says "image", `imageTag` anywhere, every entry of `imageTags`, and `tag` at the root.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let under_image = scope.is_under_image_key();
    let of_tags = scope.parent() == "imagetags";
    let at_root = scope.path.0.is_empty();
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        let role = match field.folded.as_str() {
            _ if field.claimed || field.inherited => continue,
            "tag" if under_image || at_root => Role::Tag,
            "imagetag" | "defaultimagetag" => Role::Tag,
            _ if of_tags => Role::Tag,
            "digest" if under_image => Role::Digest,
            _ => continue,
        };
        let Some(part) = scope.part(index, role) else { continue };
        let is_part = part.is_blank() || part.templated || is_tag(&part.text) || part.text.contains("@sha256:");
        if names_values(&part.text) || !(is_part || role == Role::Digest) {
            continue;
        }
        let path = scope.path.child(Step::Key(scope.fields[index].key.to_owned()));
        scope.fields[index].claimed = true;
        let at = part.at;
        let is_tag = role == Role::Tag && scope.fields[index].folded == "tag";
        let digest = if is_tag { digest_beside(scope) } else { None };
        out.push(finish(
            "tag-fragment",
            path,
            at,
            [Some(part), digest].into_iter().flatten().collect(),
            &[],
            scope.is_override,
        ));
    }
}

/// The digest beside a tag: it is that of the same image.
fn digest_beside(scope: &mut Scope<'_>) -> Option<Part> {
    let index = ["digest", "sha", "sha256"].iter().find_map(|name| scope.find(name))?;
    let part = scope.part(index, Role::Digest).filter(|part| !part.inherited)?;
    scope.fields[index].claimed = true;
    Some(part)
}
