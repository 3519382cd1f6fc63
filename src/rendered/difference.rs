//! What differs between two documents, node by node. It must not know which differences are wanted.

use std::collections::{BTreeMap, HashSet};

use super::document::Document;
use crate::yaml::{HelmScalar, KeyPath, Kind, NodeId, Step, Tree, helm_scalar};

/// How many steps aliases are followed down; deeper, texts are compared.
const MAX_STEPS: usize = 500;

/// Keys whose values are labels or choose by labels: no image is read from them, and a cluster refuses a digest there.
const LABELS: &[&str] = &["labels", "matchLabels", "selector", "nodeSelector"];

/// What the keys above a value say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Context {
    /// Nothing.
    Plain,
    /// It is an annotation.
    Annotation,
    /// It is a label, or chooses by labels.
    Label,
}

impl Context {
    fn below(self, key: &str) -> Self {
        match self {
            Self::Plain | Self::Annotation if LABELS.contains(&key) => Self::Label,
            Self::Plain if key == "annotations" => Self::Annotation,
            other => other,
        }
    }
}

/// A node that differs.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) path: KeyPath,
    pub(super) context: Context,
    /// The node in the first document, if it is there.
    pub(super) before: Option<NodeId>,
    /// The node in the second document, if it is there.
    pub(super) after: Option<NodeId>,
}

/// The nodes that differ. Of what several aliases show, only the first is given for each [`Context`].
pub(super) fn differences(before: &Document, after: &Document) -> Vec<Changed> {
    let mut walk = Walk {
        before: &before.tree,
        after: &after.tree,
        steps: Vec::new(),
        seen: HashSet::new(),
        found: Vec::new(),
    };
    walk.nodes(before.root, after.root, Context::Plain);
    walk.found
}

#[derive(Clone, Copy)]
enum WalkStep<'a> {
    Key(&'a str),
    Item(usize),
}

struct Walk<'a> {
    before: &'a Tree,
    after: &'a Tree,
    steps: Vec<WalkStep<'a>>,
    /// Pairs of collections that were compared already: aliases lead to them again, or in circles.
    seen: HashSet<(NodeId, NodeId, Context)>,
    found: Vec<Changed>,
}

impl<'a> Walk<'a> {
    fn nodes(&mut self, before: NodeId, after: NodeId, context: Context) {
        let (before, after) = (self.before.resolve(before), self.after.resolve(after));
        let (old, new) = (self.before.node(before), self.after.node(after));
        let is_same = match (&old.kind, &new.kind) {
            _ if old.yaml_tag != new.yaml_tag => false,
            (Kind::Scalar(..), Kind::Scalar(..)) => self.is_same_scalar(before, after),
            (Kind::Sequence(old), Kind::Sequence(new)) => old.len() == new.len(),
            (Kind::Mapping(_), Kind::Mapping(_)) => true,
            _ => false,
        };
        if !is_same {
            self.report(Some(before), Some(after), context);
            return;
        }
        if matches!(old.kind, Kind::Scalar(..)) || !self.seen.insert((before, after, context)) {
            return;
        }
        if self.steps.len() >= MAX_STEPS {
            if self.before.text().get(old.span.range()) != self.after.text().get(new.span.range()) {
                self.report(Some(before), Some(after), context);
            }
            return;
        }
        if matches!(old.kind, Kind::Mapping(_)) {
            self.mappings(before, after, context);
        } else {
            self.items(before, after, context);
        }
    }

    fn items(&mut self, before: NodeId, after: NodeId, context: Context) {
        let pairs = self.before.items(before).iter().zip(self.after.items(after));
        for (index, (old, new)) in pairs.enumerate() {
            self.steps.push(WalkStep::Item(index));
            self.nodes(*old, *new, context);
            self.steps.pop();
        }
    }

    /// Compares mappings as Helm reads them: merges followed, the last of duplicate keys, in any order.
    fn mappings(&mut self, before: NodeId, after: NodeId, context: Context) {
        let entries = |tree: &'a Tree, id| tree.entries(id).into_iter().map(|entry| (entry.key, entry.value));
        let mut new: BTreeMap<&str, NodeId> = entries(self.after, after).collect();
        for (key, old) in entries(self.before, before) {
            self.steps.push(WalkStep::Key(key));
            let below = context.below(key);
            match new.remove(key) {
                Some(new) => self.nodes(old, new, below),
                None => self.report(Some(old), None, below),
            }
            self.steps.pop();
        }
        for (key, new) in new {
            self.steps.push(WalkStep::Key(key));
            self.report(None, Some(new), context.below(key));
            self.steps.pop();
        }
    }

    fn is_same_scalar(&self, before: NodeId, after: NodeId) -> bool {
        let (Some(old), Some(new)) = (self.before.scalar(before), self.after.scalar(after)) else {
            return false;
        };
        if old.style == new.style && old.value == new.value {
            return true;
        }
        match (helm_scalar(&old), helm_scalar(&new)) {
            (HelmScalar::Text(old), HelmScalar::Text(new)) => old == new,
            (HelmScalar::Null, HelmScalar::Null) => true,
            (HelmScalar::Bool(old), HelmScalar::Bool(new)) => old == new,
            // Numbers are the same where they are written so: a float cannot tell large ones apart.
            _ => false,
        }
    }

    fn report(&mut self, before: Option<NodeId>, after: Option<NodeId>, context: Context) {
        let steps = self.steps.iter().map(|step| match step {
            WalkStep::Key(key) => Step::Key((*key).to_owned()),
            WalkStep::Item(index) => Step::Item(*index),
        });
        self.found.push(Changed {
            path: KeyPath(steps.collect()),
            context,
            before,
            after,
        });
    }
}
