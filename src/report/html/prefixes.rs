//! Which keys set the registry of which images. Knows uses alone: a key and an image that go into the same text of a template.

use std::collections::BTreeMap;

use crate::report::{ImageRow, UseRow};

/// The keys by the texts that they go into.
pub(super) fn by_use<'a>(prefixes: impl Iterator<Item = &'a ImageRow>) -> BTreeMap<&'a UseRow, Vec<usize>> {
    let mut found: BTreeMap<&UseRow, Vec<usize>> = BTreeMap::new();
    for (index, prefix) in prefixes.enumerate() {
        for usage in prefix.used_by.iter().flatten() {
            found.entry(usage).or_default().push(index);
        }
    }
    found
}

/// The keys that go into the texts of an image.
pub(super) fn of(row: &ImageRow, by_use: &BTreeMap<&UseRow, Vec<usize>>) -> Vec<usize> {
    let mut found: Vec<usize> = row
        .used_by
        .iter()
        .flatten()
        .filter_map(|usage| by_use.get(usage))
        .flatten()
        .copied()
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
