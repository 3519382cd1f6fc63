//! Walking a tree, and what a walk finds: keys that stand more than once.

use super::path::{KeyPath, Step};
use super::tree::{Kind, NodeId, Tree};
use crate::source::Span;

/// Where a walk stands: a [`KeyPath`] that costs nothing until it is asked for.
#[derive(Debug, Clone)]
pub struct Trail(Vec<TrailStep>);

#[derive(Debug, Clone, Copy)]
enum TrailStep {
    Key(NodeId),
    Item(usize),
}

impl Trail {
    /// The key that the node stands under, if it stands in a mapping.
    #[must_use]
    pub fn key<'a>(&self, tree: &'a Tree) -> Option<&'a str> {
        match self.0.last()? {
            TrailStep::Key(key) => tree.scalar(*key).map(|key| key.value),
            TrailStep::Item(_) => None,
        }
    }

    /// The path, spelled out.
    #[must_use]
    pub fn path(&self, tree: &Tree) -> KeyPath {
        let steps = self.0.iter().map(|step| match step {
            TrailStep::Key(key) => Step::Key(tree.scalar(*key).map_or("?", |key| key.value).to_owned()),
            TrailStep::Item(index) => Step::Item(*index),
        });
        KeyPath(steps.collect())
    }
}

impl Tree {
    /// Every key that stands more than once in one mapping; Helm takes the last.
    #[must_use]
    pub fn duplicate_keys(&self) -> Vec<DuplicateKey> {
        let mut found = Vec::new();
        let Some(root) = self.root() else { return found };
        let mut keys: Vec<(&str, NodeId)> = Vec::new();
        self.walk(root, &mut |trail, id| {
            let Kind::Mapping(pairs) = &self.node(id).kind else {
                return;
            };
            if pairs.len() < 2 {
                return;
            }
            keys.clear();
            for (key_node, _) in pairs {
                let Some(key) = self.scalar(*key_node) else { continue };
                if key.value != "<<" {
                    keys.push((key.value, *key_node));
                }
            }
            keys.sort_unstable();
            for same in keys.chunk_by(|a, b| a.0 == b.0) {
                if let [earlier @ .., (key, later)] = same
                    && !earlier.is_empty()
                {
                    found.push(DuplicateKey {
                        path: trail.path(self).child(Step::Key((*key).to_owned())),
                        earlier: earlier.iter().map(|(_, node)| self.node(*node).span).collect(),
                        later: self.node(*later).span,
                    });
                }
            }
        });
        found
    }

    /// Visits `id` and every node below it, aliases not followed, in the order of the text.
    pub fn walk(&self, id: NodeId, visit: &mut dyn FnMut(&Trail, NodeId)) {
        self.walk_below(id, &mut Trail(Vec::new()), visit);
    }

    fn walk_below(&self, id: NodeId, trail: &mut Trail, visit: &mut dyn FnMut(&Trail, NodeId)) {
        visit(trail, id);
        let below: &mut dyn FnMut(TrailStep, NodeId) = &mut |step, node| {
            trail.0.push(step);
            self.walk_below(node, trail, visit);
            trail.0.pop();
        };
        match &self.node(id).kind {
            Kind::Mapping(pairs) => pairs
                .iter()
                .for_each(|(key, value)| below(TrailStep::Key(*key), *value)),
            Kind::Sequence(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, item)| below(TrailStep::Item(index), *item)),
            Kind::Scalar(..) | Kind::Alias(_) => {}
        }
    }
}

/// The same key more than once in one mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The path of the key.
    pub path: KeyPath,
    /// The bytes of the keys whose values are lost.
    pub earlier: Vec<Span>,
    /// The bytes of the key whose value Helm takes.
    pub later: Span,
}
