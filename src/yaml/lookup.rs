//! What stands under a key, or at the end of a path, as Helm reads it.

use std::collections::HashMap;

use super::path::Step;
use super::tree::{Entry, Kind, Node, NodeId, SMALL, Tree};

impl Tree {
    /// The node that a path leads to in the document that Helm reads; nothing where the path leads into a scalar's own YAML.
    #[must_use]
    pub fn at(&self, steps: &[Step]) -> Option<NodeId> {
        self.along(steps).nth(steps.len())
    }

    /// The nodes on the way that a path leads, the root first, as far as they are there.
    pub fn along(&self, steps: &[Step]) -> impl Iterator<Item = NodeId> {
        let below = steps.iter().scan(self.root(), |node, step| {
            *node = match step {
                Step::Key(key) => self.get((*node)?, key),
                Step::Item(index) => self.items((*node)?).get(*index).copied(),
                Step::Embedded => None,
            };
            *node
        });
        self.root().into_iter().chain(below)
    }

    /// The value under `key` of the mapping at `id`, as Helm reads it: merges followed, the last of duplicates.
    #[must_use]
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|entry| entry.value)
    }

    /// The entry under `key` of the mapping at `id`, as Helm reads it.
    #[must_use]
    pub fn entry(&self, id: NodeId, key: &str) -> Option<Entry<'_>> {
        self.written(id, key).or_else(|| {
            self.written(id, "<<")?;
            self.entries(id).into_iter().find(|entry| entry.key == key)
        })
    }

    /// The last entry under `key` that the mapping at `id` has itself.
    fn written(&self, id: NodeId, key: &str) -> Option<Entry<'_>> {
        let pairs = self.pairs(id);
        let entry_of = |(key_node, value): (NodeId, NodeId)| {
            let key = self.scalar(key_node)?.value;
            Some(Entry { key, key_node, value })
        };
        if pairs.len() < SMALL {
            let mut entries = pairs.iter().rev().copied().filter_map(entry_of);
            return entries.find(|entry| entry.key == key);
        }
        let sorted = self.by_key(id);
        let behind = sorted.partition_point(|index| self.key(pairs[*index].0) <= Some(key));
        let last = sorted.get(behind.checked_sub(1)?)?;
        entry_of(pairs[*last]).filter(|entry| entry.key == key)
    }

    /// The places of the entries of a large mapping in the order of their keys, duplicates in that of the text.
    fn by_key(&self, id: NodeId) -> &[usize] {
        let id = self.resolve(id);
        let sort = |id: NodeId| {
            let pairs = self.pairs(id);
            let mut places: Vec<usize> = (0..pairs.len()).collect();
            places.sort_by_key(|place| self.key(pairs[*place].0));
            places
        };
        let all = || {
            let is_large = |node: &Node| matches!(&node.kind, Kind::Mapping(pairs) if pairs.len() >= SMALL);
            let large = self.nodes().filter(|(_, node)| is_large(node));
            large.map(|(id, _)| (id, sort(id))).collect::<HashMap<_, _>>()
        };
        self.sorted.get_or_init(all).get(&id).map_or(&[], Vec::as_slice)
    }

    fn key(&self, node: NodeId) -> Option<&str> {
        self.scalar(node).map(|key| key.value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::yaml::{Step, read};

    /// `count` entries after a merge and before a key that is there twice.
    fn values(count: usize) -> String {
        let many: Vec<String> = (0..count).rev().map(|n| format!("  key{n}: {n}\n")).collect();
        let many = many.concat();
        format!("base: &base {{key0: base, below: base}}\nvalues:\n  <<: *base\n  twice: first\n{many}  twice: last\n")
    }

    #[test]
    fn a_large_mapping_is_looked_into_as_a_small_one() {
        for count in [1, 100] {
            let tree = read(&Arc::from(values(count))).unwrap();
            let text = |key: &str| {
                let path = [Step::Key("values".to_owned()), Step::Key(key.to_owned())];
                tree.at(&path).map(|node| tree.scalar(node).unwrap().value)
            };
            assert_eq!(text("twice"), Some("last"), "{count}");
            assert_eq!(text("below"), Some("base"), "{count}");
            assert_eq!(text("missing"), None, "{count}");
            for n in 0..count {
                assert_eq!(text(&format!("key{n}")), Some(n.to_string().as_str()), "{count}");
            }
        }
    }

    #[test]
    fn a_way_goes_as_far_as_there_is_something() {
        let tree = read(&Arc::from("a: {b: [c]}")).unwrap();
        let step = |key: &str| Step::Key(key.to_owned());
        let depth = |steps: &[Step]| tree.along(steps).count();
        assert_eq!(depth(&[]), 1);
        assert_eq!(depth(&[step("a"), step("b"), Step::Item(0)]), 4);
        assert_eq!(depth(&[step("a"), step("x"), step("b")]), 2);
        assert_eq!(tree.at(&[step("a"), step("x")]), None);
        assert_eq!(tree.at(&[step("a"), step("b"), Step::Item(1)]), None);
    }
}
