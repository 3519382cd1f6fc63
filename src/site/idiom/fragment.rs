//! `{tag}` alone: the tag (or digest) of an image whose name stands in another file or another chart.

use super::finish;
use crate::reference::is_tag;
use crate::site::plausible::names_values;
use crate::site::scope::Scope;
use crate::site::{ImageSite, Role};
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
        out.push(finish(
            "tag-fragment",
            path,
            part.at,
            vec![part],
            &[],
            scope.is_override,
        ));
    }
}
