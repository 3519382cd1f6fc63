//! Values files laid one over the other, and what stands at a path of them.

use std::collections::BTreeSet;

use super::templates::Below;
use crate::template::{Found, Values};
use crate::yaml::{HelmScalar, Kind, NodeId, Step, Tree, helm_scalar};

/// Values files laid one over the other, as Helm lays them: mappings merge, anything else replaces, null deletes.
#[derive(Debug, Clone)]
pub struct Layers<'a> {
    /// The top layer first.
    trees: Vec<&'a Tree>,
    /// The values of subcharts, with the path that they stand at; the outermost first.
    below: &'a [Below],
}

/// A value, and which layer it comes from (0 is the top).
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// The tree of the layer.
    pub tree: &'a Tree,
    /// The node in it, aliases not followed.
    pub node: NodeId,
    /// The index of the layer.
    pub layer: usize,
}

impl<'a> Layers<'a> {
    /// The layers of these trees, the top first, over those of subcharts.
    #[must_use]
    pub fn new(trees: impl Iterator<Item = &'a Tree>, below: &'a [Below]) -> Self {
        Self {
            trees: trees.collect(),
            below,
        }
    }

    /// The value at this path, as Helm would read it.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<Value<'a>> {
        for (layer, tree) in self.trees.iter().enumerate() {
            let mut node = tree.root()?;
            let mut found = true;
            for key in path {
                match tree.get(node, key) {
                    Some(below) => node = below,
                    None if tree.is_mapping(node) => {
                        found = false;
                        break;
                    }
                    None => return None,
                }
            }
            if found {
                let deleted = tree.scalar(node).is_some_and(|scalar| scalar.is_null());
                return (!deleted).then_some(Value { tree, node, layer });
            }
        }
        None
    }

    /// Whether the value at this dotted path is true.
    #[must_use]
    pub fn is_true(&self, dotted: &str) -> bool {
        let path: Vec<&str> = dotted.split('.').collect();
        let value = self.get(&path).and_then(|value| value.tree.scalar(value.node));
        value.is_some_and(|scalar| crate::yaml::helm_scalar(&scalar) == crate::yaml::HelmScalar::Bool(true))
    }

    /// The texts of the list at this path; nothing where there is none.
    #[must_use]
    pub fn texts(&self, path: &[&str]) -> Vec<&'a str> {
        let list = self.get(path);
        let items = list
            .iter()
            .flat_map(|value| value.tree.items(value.node).iter().map(|item| (value.tree, *item)));
        items
            .filter_map(|(tree, item)| tree.scalar(item).map(|scalar| scalar.value))
            .collect()
    }

    /// The paths of what is there that a way leads to, on which `None` stands for any key or item; at most `limit`.
    pub(super) fn matching(&self, way: &[Option<Step>], limit: usize) -> Vec<Vec<Step>> {
        let mut found: Vec<Vec<Step>> = vec![Vec::new()];
        for step in way {
            let below = |path: Vec<Step>| match step {
                Some(step) => vec![[path, vec![step.clone()]].concat()],
                None => self.below(&path),
            };
            found = found.into_iter().flat_map(below).take(limit).collect();
        }
        found.retain(|path| !matches!(self.at(path), Found::Absent | Found::Null));
        found
    }

    /// The paths of the entries or items of what stands at a path.
    pub(super) fn below(&self, path: &[Step]) -> Vec<Vec<Step>> {
        let mut steps: BTreeSet<Step> = BTreeSet::new();
        let subcharts = self.below.iter().filter_map(|(above, tree)| {
            let is_above = above.len() <= path.len() && above.iter().zip(path).all(|(key, step)| is_key(step, key));
            is_above.then(|| (tree.as_ref(), &path[above.len()..]))
        });
        for (tree, path) in self.trees.iter().map(|tree| (*tree, path)).chain(subcharts) {
            let Some(node) = tree.at(path) else { continue };
            if !tree.is_mapping(node) {
                if steps.is_empty() {
                    steps.extend((0..tree.items(node).len()).map(Step::Item));
                }
                break;
            }
            steps.extend(
                tree.entries(node)
                    .into_iter()
                    .map(|entry| Step::Key(entry.key.to_owned())),
            );
        }
        let child = |step: Step| path.iter().cloned().chain([step]).collect();
        steps.into_iter().map(child).collect()
    }

    /// The keys of the mapping at this path that are not deleted, the top layer's first.
    #[must_use]
    pub fn keys(&self, path: &[&str]) -> Vec<&'a str> {
        let mut keys: Vec<&'a str> = Vec::new();
        for tree in &self.trees {
            let node = tree
                .root()
                .and_then(|root| path.iter().try_fold(root, |node, key| tree.get(node, key)));
            for entry in node.map(|node| tree.entries(node)).unwrap_or_default() {
                let full: Vec<&str> = path.iter().copied().chain([entry.key]).collect();
                if !keys.contains(&entry.key) && self.get(&full).is_some() {
                    keys.push(entry.key);
                }
            }
        }
        keys
    }
}

/// What one layer says of a path.
enum Said {
    /// What stands there.
    Value(Found),
    /// Nothing: the next layer is asked.
    Nothing,
    /// That there is nothing: something else than a mapping stands on the way.
    Blocked,
}

impl Values for Layers<'_> {
    fn at(&self, steps: &[Step]) -> Found {
        let layers = self.trees.iter().map(|tree| said(tree, steps));
        let below = self.below.iter().map(|(path, tree)| {
            let fits = path.iter().zip(steps).all(|(key, step)| is_key(step, key));
            let is_prefix = fits && path.len() <= steps.len();
            let is_above = fits && steps.len() < path.len();
            match (is_prefix, is_above) {
                (true, _) => said(tree, &steps[path.len()..]),
                (_, true) => Said::Value(Found::Collection {
                    is_empty: false,
                    kind: "map",
                }),
                _ => Said::Nothing,
            }
        });
        let mut found = Found::Absent;
        for said in layers.chain(below) {
            match said {
                Said::Value(Found::Collection { is_empty: true, kind }) => {
                    found = Found::Collection { is_empty: true, kind };
                }
                Said::Value(value) => return value,
                Said::Blocked => return found,
                Said::Nothing => {}
            }
        }
        found
    }
}

fn is_key(step: &Step, key: &str) -> bool {
    matches!(step, Step::Key(found) if found == key)
}

fn said(tree: &Tree, steps: &[Step]) -> Said {
    let Some((depth, node)) = tree.along(steps).enumerate().last() else {
        return Said::Nothing;
    };
    if depth == steps.len() {
        return Said::Value(found(tree, node));
    }
    let is_null = || tree.scalar(node).is_some_and(|scalar| scalar.is_null());
    if tree.is_mapping(node) || is_null() {
        Said::Nothing
    } else {
        Said::Blocked
    }
}

fn found(tree: &Tree, node: NodeId) -> Found {
    match tree.scalar(node) {
        None => {
            let is_map = tree.is_mapping(node);
            let is_list = matches!(tree.node(tree.resolve(node)).kind, Kind::Sequence(_));
            Found::Collection {
                is_empty: if is_map {
                    tree.pairs(node).is_empty()
                } else {
                    tree.items(node).is_empty()
                },
                kind: if is_list { "slice" } else { "map" },
            }
        }
        Some(scalar) => {
            let helm = helm_scalar(&scalar);
            let (is_true, kind) = match &helm {
                HelmScalar::Null => return Found::Null,
                HelmScalar::Bool(flag) => (*flag, "bool"),
                HelmScalar::Number(number) => (*number != 0.0, "float64"),
                HelmScalar::Text(text) => (!text.is_empty(), "string"),
            };
            Found::Scalar {
                text: helm.printed(),
                is_true,
                kind,
            }
        }
    }
}
