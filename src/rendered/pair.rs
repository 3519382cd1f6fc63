//! Which document of one render is which of another.

use std::collections::HashMap;
use std::hash::Hash;

use super::document::{Document, Identity};

/// The documents of two renders, each by its index.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// The same document in both.
    pub(super) both: Vec<(usize, usize)>,
    /// Documents of the first render alone.
    pub(super) removed: Vec<usize>,
    /// Documents of the second render alone.
    pub(super) added: Vec<usize>,
}

/// Pairs documents that have the same identity and template, and the same number among those. What is left is paired without names, so that a
/// changed name is a changed name and no new document, where as many are left in both renders.
pub(super) fn pair(first: &[Document], second: &[Document]) -> Pairs {
    let mut pairs = Pairs {
        both: Vec::new(),
        removed: (0..first.len()).collect(),
        added: (0..second.len()).collect(),
    };
    pairs.settle(first, second, false, |document| {
        (document.identity.clone(), document.template.clone())
    });
    pairs.settle(first, second, true, |document| {
        let nameless = Identity {
            name: None,
            ..document.identity.clone()
        };
        (nameless, document.template.clone())
    });
    pairs.both.sort_unstable();
    pairs
}

impl Pairs {
    /// Pairs what is left by `key`, in order; a key with different numbers on the two sides only where that is not `strict`.
    fn settle<K: Hash + Eq>(
        &mut self,
        first: &[Document],
        second: &[Document],
        strict: bool,
        key: impl Fn(&Document) -> K,
    ) {
        let mut waiting: HashMap<K, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for index in self.removed.drain(..) {
            waiting.entry(key(&first[index])).or_default().0.push(index);
        }
        for index in self.added.drain(..) {
            waiting.entry(key(&second[index])).or_default().1.push(index);
        }
        for (removed, added) in waiting.into_values() {
            let paired = if strict && removed.len() != added.len() {
                0
            } else {
                removed.len().min(added.len())
            };
            self.both
                .extend(removed.iter().copied().zip(added.iter().copied()).take(paired));
            self.removed.extend(&removed[paired..]);
            self.added.extend(&added[paired..]);
        }
        self.removed.sort_unstable();
        self.added.sort_unstable();
    }
}
