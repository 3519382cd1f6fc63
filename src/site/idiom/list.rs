//! A list of references under a key that ends in `images`.

use super::finish;
use crate::site::plausible::{Looks, is_image_key, looks};
use crate::site::scope::scalar_part;
use crate::site::{ImageSite, Role};
use crate::yaml::{KeyPath, NodeId, Step, Tree};

/// Every item, where all items are references; lists that select images by pattern are none.
pub(super) fn find(tree: &Tree, node: NodeId, path: &KeyPath, out: &mut Vec<ImageSite>) {
    let selects = path
        .0
        .iter()
        .any(|step| matches!(step, Step::Key(key) if key == "selectors"));
    if selects || !path.last_key().is_some_and(is_image_key) || !matches!(path.0.last(), Some(Step::Key(_))) {
        return;
    }
    let items = tree.items(node);
    let parts: Vec<_> = items
        .iter()
        .filter_map(|item| scalar_part(tree, *item, Role::Whole))
        .collect();
    let all_references = parts.len() == items.len()
        && parts
            .iter()
            .all(|part| part.templated || looks(&part.text) >= Looks::Tagged);
    if !all_references {
        return;
    }
    for (index, part) in parts.into_iter().enumerate() {
        out.push(finish(
            "reference-list",
            path.child(Step::Item(index)),
            part.at,
            vec![part],
            &[],
            false,
        ));
    }
}
