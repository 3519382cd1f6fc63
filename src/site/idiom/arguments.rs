//! Command-line arguments that hold references: `--sidecar-image=ref`.

use super::finish;
use crate::site::plausible::{Looks, looks};
use crate::site::scope::scalar_part;
use crate::site::{ImageSite, Role};
use crate::source::Span;
use crate::yaml::{KeyPath, NodeId, Step, Tree};

/// Every item whose option says "image".
pub(super) fn find(tree: &Tree, node: NodeId, path: &KeyPath, out: &mut Vec<ImageSite>) {
    for (index, item) in tree.items(node).iter().enumerate() {
        let Some(mut part) = scalar_part(tree, *item, Role::Whole) else {
            continue;
        };
        let Some((option, value)) = part.text.split_once('=') else {
            continue;
        };
        if !option.starts_with('-') || !option.to_ascii_lowercase().contains("image") {
            continue;
        }
        if !part.templated && looks(value) < Looks::Tagged {
            continue;
        }
        let value = value.to_owned();
        // What is written with escapes has no place of its own.
        if tree.text()[part.span.range()].ends_with(&value) {
            part.span = Span::new(part.span.end - value.len(), part.span.end);
        }
        part.text = value;
        out.push(finish(
            "arguments",
            path.child(Step::Item(index)),
            part.at,
            vec![part],
            &[],
            false,
        ));
    }
}
