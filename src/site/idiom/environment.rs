//! Environment variables that hold references: `{name: FOO_IMAGE, value: ref}`. The form `FOO_IMAGE: ref` is a scalar like any other.

use super::finish;
use crate::site::plausible::{Looks, folded, looks};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Role};
use crate::yaml::Step;

/// The value of a variable whose name says "image".
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let (Some(name), Some(value)) = (scope.find("name"), scope.find("value")) else {
        return;
    };
    let name = scope.fields[name]
        .scalar
        .map(|scalar| folded(scalar.value))
        .unwrap_or_default();
    let least = if name.ends_with("image") {
        Looks::Path
    } else {
        Looks::Certain
    };
    let Some(part) = scope.part(value, Role::Whole) else {
        return;
    };
    let is_image = name.contains("image") && !part.inherited && (part.templated || looks(&part.text) >= least);
    if !is_image || (part.templated && !name.ends_with("image")) {
        return;
    }
    scope.fields[value].claimed = true;
    let path = scope.path.child(Step::Key("value".to_owned()));
    let mut site = finish("environment", path, part.at, vec![part], &[], scope.is_override);
    site.leave_tag_open(true);
    out.push(site);
}
