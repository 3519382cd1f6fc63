//! One scalar that holds the whole reference: `image: ref`, `fooImage: ref`.
//!
//! Where the file holds a version for all its images (`tag` or `release` near its root), a template may put it behind a reference that has no
//! tag; in the container of a pod no template does.
//!
//! Without a tag it holds the whole reference in the container of a pod alone; elsewhere a template may put a tag behind it.

use super::finish;
use crate::site::plausible::{Looks, folded, looks};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Part, Role};
use crate::yaml::{HelmScalar, Step};

/// Keys that stand beside `image` in a container of a pod, and nowhere else.
const CONTAINER_KEYS: &[&str] = &["command", "args", "volumemounts", "imagepullpolicy", "env"];

/// Every scalar under a key that ends in `image`, or that names an image in its middle and holds a full reference.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let of_containers = scope
        .path
        .0
        .iter()
        .any(|step| matches!(step, Step::Key(key) if folded(key).ends_with("containers")));
    let is_item = matches!(scope.path.0.last(), Some(Step::Item(_)));
    let container =
        (of_containers || (is_item && scope.has("name"))) && CONTAINER_KEYS.iter().any(|key| scope.has(key));
    for index in 0..scope.fields.len() {
        let field = &scope.fields[index];
        if field.claimed || field.inherited {
            continue;
        }
        let at_end = field.folded.ends_with("image") || field.folded.ends_with("imagename");
        let within = field.folded.contains("image");
        if !within {
            continue;
        }
        let Some(part) = scope.part(index, Role::Whole) else {
            continue;
        };
        if !is_image(&part, at_end, container) && !deletes_image(scope, index, &part) {
            continue;
        }
        let path = scope.path.child(Step::Key(scope.fields[index].key.to_owned()));
        scope.fields[index].claimed = true;
        let mut site = finish("image-scalar", path, part.at, vec![part], &[], scope.is_override);
        site.leave_tag_open(!container && scope.globals.has_version);
        out.push(site);
    }
}

fn is_image(part: &Part, at_end: bool, container: bool) -> bool {
    if part.helm != HelmScalar::Text(part.text.clone()) || part.text.contains('\n') {
        return false;
    }
    if part.templated {
        return at_end && !part.text.contains("://");
    }
    match looks(&part.text) {
        Looks::Unlike => false,
        Looks::Word => at_end && container,
        Looks::Path => at_end,
        Looks::Tagged => at_end || part.text.contains('/'),
        Looks::Certain => true,
    }
}

/// Whether an override sets null where the defaults name an image.
fn deletes_image(scope: &Scope<'_>, index: usize, part: &Part) -> bool {
    let Some((tree, node)) = scope.defaults else {
        return false;
    };
    let default = tree
        .get(node, scope.fields[index].key)
        .and_then(|value| tree.scalar(value));
    part.helm == HelmScalar::Null && default.is_some_and(|scalar| looks(scalar.value) >= Looks::Path)
}
