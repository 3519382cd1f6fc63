//! Images whose keys say nothing of images: templates tell which values they are made of, and which part each of them is.

use super::idiom::finish;
use super::plausible::{Looks, is_repository, looks};
use super::scope::{Globals, Scope, scalar_part};
use super::{ImageSite, Part, Role, State};
use crate::yaml::{HelmScalar, KeyPath, Step, Tree};

/// The shape of these images in reports.
const NAMED_BY_TEMPLATE: &str = "named-by-template";

/// The image of these values, the one with its name first; `defaults` are the chart's own values where `tree` overrides them.
///
/// Parts that stand in another mapping than the name are left out. Nothing where this file has no part, or the name could be none.
#[must_use]
pub fn named(tree: &Tree, defaults: Option<&Tree>, parts: &[(Role, KeyPath)]) -> Option<ImageSite> {
    let (_, name) = parts.first()?;
    let (last, above) = name.0.split_last()?;
    let is_override = defaults.is_some();
    let found = match last {
        Step::Key(_) => in_mapping(tree, defaults, above, parts)?,
        Step::Item(_) if parts.len() == 1 => vec![scalar_part(tree, tree.at(&name.0)?, Role::Whole)?],
        Step::Item(_) | Step::Embedded => return None,
    };
    let named = found.first().filter(|part| could_name(part))?;
    let own = found.iter().find(|part| !part.inherited)?;
    let path = match own.name.as_deref() {
        Some(key) => KeyPath(above.to_vec()).child(Step::Key(key.to_owned())),
        None => name.clone(),
    };
    let span = if named.role == Role::Whole {
        named.at
    } else {
        tree.node(tree.at(above)?).span
    };
    let site = finish(NAMED_BY_TEMPLATE, path, span, found, &[], is_override);
    let is_whole = site.part(Role::Whole).is_some();
    Some(ImageSite {
        mapping: KeyPath(above.to_vec()),
        composed: site.composed.filter(|_| is_whole),
        state: match site.state {
            State::Literal if !is_whole => State::Fragment,
            state => state,
        },
        ..site
    })
}

/// The parts that stand in the mapping at `above`, here or in the defaults; nothing where the name is not among them.
fn in_mapping(tree: &Tree, defaults: Option<&Tree>, above: &[Step], parts: &[(Role, KeyPath)]) -> Option<Vec<Part>> {
    let path = KeyPath(above.to_vec());
    let globals = Globals::default();
    let below = defaults.and_then(|tree| Some((tree, tree.at(above)?)));
    let scope = Scope::new(tree, tree.at(above)?, &path, below, defaults.is_some(), &globals);
    let mut found: Vec<Part> = Vec::new();
    for (index, (role, at)) in parts.iter().enumerate() {
        let part = match at.0.split_last() {
            Some((Step::Key(key), rest)) if rest == above => {
                let field = scope.fields.iter().position(|field| field.key == key);
                field.and_then(|field| scope.part(field, *role))
            }
            _ => None,
        };
        if index == 0 && part.is_none() {
            return None;
        }
        found.extend(part);
    }
    if let [alone] = found.as_mut_slice() {
        alone.role = Role::Whole;
    }
    Some(found)
}

/// Whether the text of a part could name an image.
fn could_name(part: &Part) -> bool {
    let is_text = part.helm == HelmScalar::Text(part.text.clone()) && !part.templated;
    is_text
        && if part.role == Role::Whole {
            looks(&part.text) > Looks::Unlike
        } else {
            is_repository(&part.text)
        }
}
