//! The second reader: saphyr reads what granit read, so that the parser which placed an edit is never the only one to judge it.

use std::sync::Arc;

use saphyr::{LoadableYamlNode, Yaml};

use super::read::{ReadError, read};
use super::tree::{Kind, NodeId, Tree};
use crate::source::Span;
use crate::typed::libyaml_accepts;

/// An edited text that does not read as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditCheckError {
    /// The new text is no YAML.
    #[error("the edited text is no YAML: {0}")]
    Broken(#[from] ReadError),
    /// The new text reads differently at a place that no edit meant.
    #[error("the edit would change more than it means to, near byte {0} of the new text")]
    Strayed(usize),
    /// The two readers disagree on the new text.
    #[error("the two YAML readers disagree on the edited text")]
    Disagree,
}

/// Whether another reader takes a text that granit refused: libyaml, the kin of Helm's own parser, or saphyr.
///
/// saphyr descends by recursion, so the nesting is counted first.
#[must_use]
pub fn other_reader_accepts(text: &str) -> bool {
    libyaml_accepts(text) || (nests_little(text) && Yaml::load_from_str(text).is_ok())
}

/// Whether no line is indented and no run of brackets is nested so deeply that recursion could run out of stack.
fn nests_little(text: &str) -> bool {
    let deepest_indent = text
        .lines()
        .map(|line| line.len() - line.trim_start_matches([' ', '-', '?', '\t']).len())
        .max();
    let brackets = text.bytes().filter(|b| matches!(b, b'[' | b'{')).count();
    deepest_indent.unwrap_or(0) < 256 && brackets < 256
}

/// Judges an edit: both readers must see the nodes and comments of `before` in `after`, but for the values of the scalars at `meant` (spans of
/// `before`).
///
/// A text that saphyr could not read before the edit (duplicate keys, aliases beyond its own limit, placeholders) is judged by granit alone.
///
/// # Errors
/// When the new text is no YAML, when anything else than the meant scalars differs, or when the readers disagree.
pub fn check_edit(before: &Arc<str>, after: &str, meant: &[Span]) -> Result<(), EditCheckError> {
    let after: Arc<str> = after.into();
    let (before, new) = (read(before)?, read(&after)?);
    same_but_for(&before, &new, meant)?;
    let masked = !before.placeholders().is_empty();
    if masked || Yaml::load_from_str(before.text()).is_err() {
        return Ok(());
    }
    let documents = Yaml::load_from_str(&after).map_err(|_| EditCheckError::Disagree)?;
    let agree = documents.len() == new.documents().len()
        && documents
            .iter()
            .zip(new.documents())
            .all(|(yaml, id)| agrees(yaml, &new, *id));
    if agree { Ok(()) } else { Err(EditCheckError::Disagree) }
}

fn same_but_for(before: &Tree, after: &Tree, meant: &[Span]) -> Result<(), EditCheckError> {
    if before.nodes.len() != after.nodes.len() || before.comments.len() != after.comments.len() {
        return Err(EditCheckError::Strayed(0));
    }
    for (old, new) in before.nodes.iter().zip(&after.nodes) {
        let same = match (&old.kind, &new.kind) {
            (Kind::Scalar(_, old_value), Kind::Scalar(_, new_value)) => {
                let text = |tree: &Tree, span: Span, value: &Option<Box<str>>| match value {
                    Some(value) => value.to_string(),
                    None => tree.text[span.range()].to_owned(),
                };
                text(before, old.span, old_value) == text(after, new.span, new_value) || meant.contains(&old.span)
            }
            (Kind::Sequence(old), Kind::Sequence(new)) => old == new,
            (Kind::Mapping(old), Kind::Mapping(new)) => old == new,
            (Kind::Alias(old), Kind::Alias(new)) => old == new,
            _ => false,
        };
        if !same || old.anchor.is_some() != new.anchor.is_some() || old.yaml_tag != new.yaml_tag {
            return Err(EditCheckError::Strayed(new.span.start));
        }
    }
    Ok(())
}

fn agrees(yaml: &Yaml<'_>, tree: &Tree, id: NodeId) -> bool {
    let id = tree.resolve(id);
    match (yaml, &tree.node(id).kind) {
        (Yaml::Sequence(items), Kind::Sequence(ids)) => {
            items.len() == ids.len() && items.iter().zip(ids).all(|(item, id)| agrees(item, tree, *id))
        }
        (Yaml::Mapping(entries), Kind::Mapping(pairs)) => {
            entries.len() == pairs.len()
                && entries.iter().zip(pairs).all(|((key, value), (key_id, value_id))| {
                    agrees(key, tree, *key_id) && agrees(value, tree, *value_id)
                })
        }
        (Yaml::Value(value), Kind::Scalar(..)) => value
            .as_str()
            .is_none_or(|text| tree.scalar(id).is_some_and(|scalar| scalar.value == text)),
        (Yaml::Representation(text, ..), Kind::Scalar(..)) => {
            tree.scalar(id).is_some_and(|scalar| scalar.value == text.as_ref())
        }
        (Yaml::Tagged(_, inner), _) => agrees(inner, tree, id),
        _ => false,
    }
}
