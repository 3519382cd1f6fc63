//! The second reader: saphyr reads what granit read, so that the parser which placed an edit is never the only one to judge it.

use std::collections::HashMap;
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

/// What an edit means to change, in spans of the text before it.
#[derive(Debug, Clone, Default)]
pub struct Meant {
    scalars: Vec<Span>,
    mappings: Vec<Span>,
}

impl Meant {
    /// Scalars whose values change, and mappings that get new keys.
    #[must_use]
    pub fn new(mut scalars: Vec<Span>, mut mappings: Vec<Span>) -> Self {
        scalars.sort_unstable();
        mappings.sort_unstable();
        Self { scalars, mappings }
    }
}

/// Judges an edit: both readers must see the nodes and comments of `before` in `after`, but for what is meant to change.
///
/// A text that saphyr could not read before the edit (duplicate keys, aliases beyond its own limit, placeholders) is judged by granit alone.
/// Gives the new tree.
///
/// # Errors
/// When the new text is no YAML, when anything else than what is meant differs, or when the readers disagree.
pub fn check_edit(before: &Tree, after: &str, meant: &Meant) -> Result<Tree, EditCheckError> {
    let after: Arc<str> = after.into();
    let reread;
    let before = if before.comments.is_some() {
        before
    } else {
        reread = read(before.text())?;
        &reread
    };
    let new = read(&after)?;
    same_but_for(before, &new, meant)?;
    if !before.placeholders().is_empty() {
        return Ok(new);
    }
    let Ok(documents) = Yaml::load_from_str(&after) else {
        let was_unreadable = Yaml::load_from_str(before.text()).is_err();
        return if was_unreadable {
            Ok(new)
        } else {
            Err(EditCheckError::Disagree)
        };
    };
    let agree = documents.len() == new.documents().len()
        && documents
            .iter()
            .zip(new.documents())
            .all(|(yaml, id)| agrees(yaml, &new, *id));
    if agree { Ok(new) } else { Err(EditCheckError::Disagree) }
}

fn same_but_for(before: &Tree, after: &Tree, meant: &Meant) -> Result<(), EditCheckError> {
    let comments = |tree: &Tree| -> Vec<String> {
        let texts = tree
            .comments()
            .iter()
            .map(|comment| tree.text[comment.span.range()].to_owned());
        texts.collect()
    };
    if before.documents().len() != after.documents().len() || comments(before) != comments(after) {
        return Err(EditCheckError::Strayed(0));
    }
    let mut comparison = Comparison {
        before,
        after,
        meant,
        anchored: HashMap::new(),
    };
    let mut documents = before.documents().iter().zip(after.documents());
    documents.try_for_each(|(old, new)| comparison.node(*old, *new))
}

/// Two trees side by side.
struct Comparison<'a> {
    before: &'a Tree,
    after: &'a Tree,
    meant: &'a Meant,
    /// The anchored nodes of the first tree, and what stands in their place in the second.
    anchored: HashMap<NodeId, NodeId>,
}

impl Comparison<'_> {
    fn node(&mut self, old_id: NodeId, new_id: NodeId) -> Result<(), EditCheckError> {
        let (old, new) = (self.before.node(old_id), self.after.node(new_id));
        let strayed = Err(EditCheckError::Strayed(new.span.start));
        if old.anchor.is_some() != new.anchor.is_some() || old.yaml_tag != new.yaml_tag {
            return strayed;
        }
        if old.anchor.is_some() {
            self.anchored.insert(old_id, new_id);
        }
        match (&old.kind, &new.kind) {
            (Kind::Scalar(_, old_value), Kind::Scalar(_, new_value)) => {
                let text = |tree: &Tree, span: Span, value: &Option<Box<str>>| match value {
                    Some(value) => value.to_string(),
                    None => tree.text[span.range()].to_owned(),
                };
                let same = text(self.before, old.span, old_value) == text(self.after, new.span, new_value);
                let meant = || self.meant.scalars.binary_search(&old.span).is_ok();
                if same || meant() { Ok(()) } else { strayed }
            }
            (Kind::Sequence(old), Kind::Sequence(new)) if old.len() == new.len() => {
                old.iter().zip(new).try_for_each(|(old, new)| self.node(*old, *new))
            }
            (Kind::Mapping(old_pairs), Kind::Mapping(new_pairs)) => {
                let grows = self.meant.mappings.binary_search(&old.span).is_ok();
                self.pairs(old_pairs, new_pairs, grows)
                    .and_then(|same| if same { Ok(()) } else { strayed })
            }
            (Kind::Alias(old), Kind::Alias(new)) if self.anchored.get(old) == Some(new) => Ok(()),
            _ => strayed,
        }
    }

    /// Whether every pair has its like, in order; what is new stands between them where the mapping grows.
    fn pairs(
        &mut self,
        old: &[(NodeId, NodeId)],
        new: &[(NodeId, NodeId)],
        grows: bool,
    ) -> Result<bool, EditCheckError> {
        if old.len() != new.len() && !grows {
            return Ok(false);
        }
        let mut rest = new.iter();
        for (old_key, old_value) in old {
            let like = |(new_key, _): &&(NodeId, NodeId)| {
                !grows
                    || self.before.scalar(*old_key).map(|key| key.value)
                        == self.after.scalar(*new_key).map(|key| key.value)
            };
            let Some((new_key, new_value)) = rest.find(like) else {
                return Ok(false);
            };
            self.node(*old_key, *new_key)?;
            self.node(*old_value, *new_value)?;
        }
        Ok(grows || rest.next().is_none())
    }
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
