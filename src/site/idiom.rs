//! The shapes in which charts write images, one file a shape, in the order in which they are tried.
//!
//! Most shapes are [`Keys`]: data that says which sibling keys play which role and how they join. The rest look at single entries. A field
//! that one idiom has claimed is not seen by the next.

mod arguments;
mod aws;
mod cert_manager;
mod cilium;
mod environment;
mod fragment;
mod image_tag;
mod istio;
mod list;
mod name_tag;
mod openstack;
mod prefix;
mod registry_image;
mod registry_tag;
mod repo_name;
mod repository_image;
mod repository_tag;
mod scalar;
mod siblings;
mod strimzi;
mod unknown;
mod variant;

use std::borrow::Cow;

use super::compose::{Composed, Join, compose, wants_app_version};
use super::scope::{Field, Scope};
use super::{ImageSite, Part, Role, State};
use crate::reference::Reference;
use crate::source::Span;
use crate::yaml::{HelmScalar, KeyPath, NodeId, Step, Tree};

/// One way of writing images.
pub(super) enum Idiom {
    /// Sibling keys of one mapping.
    Keys(&'static Keys),
    /// Whatever a look at all entries of one mapping finds.
    Entries(fn(&mut Scope<'_>, &mut Vec<ImageSite>)),
    /// Items of a sequence.
    Items(fn(&Tree, NodeId, &KeyPath, &mut Vec<ImageSite>)),
}

/// Sibling keys that make one image.
pub(super) struct Keys {
    name: &'static str,
    /// The roles and the folded names of the keys that play them, the first that says something wins, else the first that is there.
    roles: &'static [(Role, &'static [&'static str])],
    /// The roles whose keys must be there, blank or not.
    required: &'static [Role],
    /// How the parts join.
    joins: &'static [Join],
    /// Whether the names are endings behind a common prefix: `fooRepository` with `fooTag`.
    prefixed: bool,
    /// Whether charts of this shape are known to join the tag as text alone, so that `tag@digest` may stand there: real charts are
    /// pinned so.
    tag_holds_digest: bool,
    /// What else must hold of the parts found.
    accepts: fn(&Scope<'_>, &[Part]) -> bool,
}

/// Every idiom, in the order in which they are tried.
pub(super) const IDIOMS: &[Idiom] = &[
    Idiom::Entries(openstack::find_tags),
    Idiom::Entries(openstack::find_flat),
    Idiom::Keys(&cilium::KEYS),
    Idiom::Keys(&strimzi::KEYS),
    Idiom::Keys(&aws::KEYS),
    Idiom::Entries(istio::find),
    Idiom::Entries(cert_manager::find),
    Idiom::Keys(&repo_name::KEYS),
    Idiom::Keys(&repository_image::KEYS),
    Idiom::Keys(&registry_image::KEYS),
    Idiom::Keys(&variant::KEYS),
    Idiom::Keys(&repository_tag::KEYS),
    Idiom::Keys(&image_tag::KEYS),
    Idiom::Keys(&name_tag::KEYS),
    Idiom::Keys(&registry_tag::KEYS),
    Idiom::Entries(prefix::find),
    Idiom::Keys(&siblings::KEYS),
    Idiom::Entries(scalar::find),
    Idiom::Entries(environment::find),
    Idiom::Entries(unknown::find),
    Idiom::Entries(fragment::find),
    Idiom::Items(list::find),
    Idiom::Items(arguments::find),
];

impl Keys {
    /// Finds every image of this shape in `scope` and claims its fields.
    pub(super) fn find(&self, scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
        if !self.prefixed {
            self.find_under("", scope, out);
            return;
        }
        let (_, names) = self.roles[0];
        let prefixes: Vec<String> = scope
            .fields
            .iter()
            .filter_map(|field| names.iter().find_map(|name| field.folded.strip_suffix(name)))
            .filter(|prefix| !prefix.is_empty())
            .map(str::to_owned)
            .collect();
        for prefix in prefixes {
            self.find_under(&prefix, scope, out);
        }
    }

    fn find_under(&self, prefix: &str, scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
        let mut taken: Vec<usize> = Vec::new();
        let mut roles = Vec::new();
        for (role, names) in self.roles {
            match field_of(prefix, names, scope, &taken) {
                Some(index) => {
                    taken.push(index);
                    roles.push(*role);
                }
                None if self.required.contains(role) => return,
                None => {}
            }
        }
        let found = taken.iter().zip(&roles);
        let mut parts: Vec<Part> = found.filter_map(|(index, role)| scope.part(*index, *role)).collect();
        let own = parts.iter().any(|part| !part.inherited);
        if !own
            || is_named_otherwise(scope, &parts)
            || !self.inherits_whole(scope, &taken, &parts)
            || !(self.accepts)(scope, &parts)
        {
            return;
        }
        if renames(scope, &taken, &parts) {
            let named = parts.iter().filter(|part| part.role == Role::Repository);
            let opaque: Vec<Part> = named
                .map(|part| Part {
                    role: Role::Opaque,
                    ..part.clone()
                })
                .collect();
            parts.extend(opaque);
        }
        let key = taken
            .iter()
            .zip(&parts)
            .find(|(_, part)| part.role == Role::Repository && !part.inherited)
            .or_else(|| taken.iter().zip(&parts).find(|(_, part)| !part.inherited))
            .map(|(index, _)| scope.fields[*index].key.to_owned());
        let beside_others = !prefix.is_empty() || scope.path.0.is_empty() || self.roles[0].1.contains(&"image");
        let path = match key {
            Some(key) if beside_others => scope.path.child(Step::Key(key)),
            _ => scope.path.clone(),
        };
        for index in taken {
            scope.fields[index].claimed = true;
        }
        if self.joins.iter().any(|join| join.role == Role::Registry) && wants_registry(&parts) {
            parts.extend(scope.globals.registry.clone());
        }
        let site = finish(self.name, path, scope.span, parts, self.joins, scope.is_override);
        out.push(ImageSite {
            mapping: scope.path.clone(),
            tag_holds_digest: self.tag_holds_digest,
            ..site
        });
    }
}

impl Keys {
    /// Whether the defaults have this shape themselves, where one of its required parts comes from there.
    fn inherits_whole(&self, scope: &Scope<'_>, taken: &[usize], parts: &[Part]) -> bool {
        let required = || {
            taken
                .iter()
                .zip(parts)
                .filter(|(_, part)| self.required.contains(&part.role))
        };
        required().all(|(_, part)| !part.inherited) || required().all(|(index, _)| scope.is_in_defaults(*index))
    }
}

/// Whether an override names its image by another key than its chart does: how the two come together is the template's secret.
fn renames(scope: &Scope<'_>, taken: &[usize], parts: &[Part]) -> bool {
    let of_role = |part: &Part| part.role == Role::Repository && !part.inherited;
    let own = taken
        .iter()
        .zip(parts)
        .find(|(_, part)| of_role(part))
        .map(|(index, _)| *index);
    let names = ["image", "imagename", "name", "repository", "repo"];
    let by_other_key =
        |field: &Field<'_>| field.inherited && field.scalar.is_some() && names.contains(&field.folded.as_str());
    own.is_some_and(|index| {
        scope.defaults.is_some() && !scope.is_in_defaults(index) && scope.fields.iter().any(by_other_key)
    })
}

/// Whether these parts take the name from the defaults where the override has a name of its own under another key.
fn is_named_otherwise(scope: &Scope<'_>, parts: &[Part]) -> bool {
    let inherits = parts.iter().any(|part| part.role == Role::Repository && part.inherited);
    let names = ["image", "imagename", "repository", "repo"];
    let own = |field: &Field<'_>| !field.inherited && !field.claimed && field.scalar.is_some();
    inherits
        && scope
            .fields
            .iter()
            .any(|field| own(field) && names.contains(&field.folded.as_str()))
}

/// The field that plays a role: the first of these names that says something, else the first that is there.
fn field_of(prefix: &str, names: &[&str], scope: &Scope<'_>, taken: &[usize]) -> Option<usize> {
    let place = |name: &&str| {
        let index = match prefix {
            "" => scope.find(name),
            prefix => scope.find(&format!("{prefix}{name}")),
        };
        index.filter(|index| !taken.contains(index))
    };
    let mut present = names.iter().filter_map(place);
    let first = present.next()?;
    let filled = |index: &usize| {
        scope.fields[*index]
            .scalar
            .is_some_and(|scalar| !scalar.is_null() && !scalar.value.is_empty())
    };
    if filled(&first) {
        Some(first)
    } else {
        present.find(filled).or(Some(first))
    }
}

/// The site of these parts, its state and its reference.
pub(super) fn finish(
    idiom: impl Into<Cow<'static, str>>,
    path: KeyPath,
    span: Span,
    parts: Vec<Part>,
    joins: &'static [Join],
    is_override: bool,
) -> ImageSite {
    let templated = parts.iter().any(|part| part.templated);
    let composed = match parts.iter().find(|part| part.role == Role::Whole && !part.is_blank()) {
        _ if templated => None,
        Some(whole) => Some(Composed::whole(whole)),
        None => compose(&parts, joins, None),
    };
    let mut site = ImageSite {
        idiom: idiom.into(),
        mapping: mapping_of(&path, &parts),
        path,
        span,
        state: State::Literal,
        parts,
        composed,
        of_subchart: false,
        app_version: None,
        is_told: false,
        tag_holds_digest: false,
        joins,
    };
    let inherits = site.parts.iter().any(|part| part.inherited && !part.is_blank());
    site.state = if templated {
        State::Templated
    } else if is_override && deletes(&site.parts) {
        State::Deleted
    } else if site.composed.is_none() || inherits || site.is_unknown() || wants_app_version(&site) {
        State::Fragment
    } else {
        State::Literal
    };
    if site.state == State::Deleted {
        site.composed = None;
    }
    site
}

/// The mapping that the parts stand in: what `path` names, or what is around it where `path` names a part.
fn mapping_of(path: &KeyPath, parts: &[Part]) -> KeyPath {
    match path.0.split_last() {
        Some((Step::Key(last), rest)) if parts.iter().any(|part| part.name.as_deref() == Some(last)) => {
            KeyPath(rest.to_vec())
        }
        _ => path.clone(),
    }
}

/// Whether the own parts set null where the image's name was.
fn deletes(parts: &[Part]) -> bool {
    let own = || parts.iter().filter(|part| !part.inherited);
    let names = |part: &Part| matches!(part.role, Role::Whole | Role::Repository) && part.helm == HelmScalar::Null;
    own().all(Part::is_blank) && own().any(names)
}

/// Whether nothing in `parts` names a registry, so that the chart's global one counts.
fn wants_registry(parts: &[Part]) -> bool {
    let blank = |role: Role| text_of(parts, role).is_empty();
    let qualified =
        |role: Role| Reference::parse(text_of(parts, role)).is_ok_and(|reference| reference.registry().is_some());
    let named = !blank(Role::Repository) || !blank(Role::Namespace);
    blank(Role::Registry) && named && !qualified(Role::Repository) && !qualified(Role::Namespace)
}

/// Accepts whatever has the keys.
fn always(_: &Scope<'_>, _: &[Part]) -> bool {
    true
}

/// The text of the part of `role`, empty where there is none.
fn text_of(parts: &[Part], role: Role) -> &str {
    parts
        .iter()
        .find(|part| part.role == role)
        .map_or("", |part| part.text.as_str())
}

/// Whether the part of `role` is blank, templated, or can be a repository.
fn is_open_or_repository(parts: &[Part], role: Role) -> bool {
    parts
        .iter()
        .find(|part| part.role == role)
        .is_none_or(|part| part.is_blank() || part.templated || super::plausible::is_repository(&part.text))
}
