//! cert-manager, Strimzi: `{name, repository}`; `repository` says the whole name where it is set, else `name` follows the chart's registry and namespace.

use super::{finish, is_open_or_repository};
use crate::site::compose::{NAMESPACED, STANDARD};
use crate::site::scope::Scope;
use crate::site::{ImageSite, Part, Role};

/// The mapping with both keys; where a file sets `repository` itself it is another chart's, whose join is not known.
pub(super) fn find(scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    let (Some(name), Some(repository)) = (scope.find("name"), scope.find("repository")) else {
        return;
    };
    let blank = |index: usize| scope.part(index, Role::Repository).is_none_or(|part| part.is_blank());
    let by_name = !blank(name);
    let overridden = !blank(repository) && by_name && scope.fields[name].inherited;
    let by_name = by_name && !overridden;
    if !scope.is_under_image_key() || !(overridden || (by_name && blank(repository))) {
        return;
    }
    let mut taken = vec![(if by_name { name } else { repository }, Role::Repository)];
    taken.push((if by_name { repository } else { name }, Role::Name));
    let others = [
        ("registry", Role::Registry),
        ("tag", Role::Tag),
        ("digest", Role::Digest),
    ];
    taken.extend(others.iter().filter_map(|(key, role)| Some((scope.find(key)?, *role))));
    let mut parts: Vec<Part> = taken
        .iter()
        .filter_map(|(index, role)| scope.part(*index, *role))
        .collect();
    if parts.iter().all(|part| part.inherited) || !is_open_or_repository(&parts, Role::Repository) {
        return;
    }
    if by_name {
        parts.extend(scope.globals.registry.clone());
        parts.extend(scope.globals.namespace.clone());
        parts.extend(scope.globals.default_tag.clone());
    }
    for (index, _) in taken {
        scope.fields[index].claimed = true;
    }
    let joins = if by_name { NAMESPACED } else { STANDARD };
    out.push(finish(
        "name-or-repository",
        scope.path.clone(),
        scope.span,
        parts,
        joins,
        scope.is_override,
    ));
}
