//! Two renders compared: which references got their digests, and what else differs.

use std::collections::HashSet;
use std::fmt;

use super::difference::{Changed, Context, differences};
use super::document::Document;
use super::images::is_image;
use super::pair::pair;
use super::place::{Place, excerpt};
use super::repin::{is_repinned, repinned_within};
use crate::reference::is_hex;
use crate::source::floor_boundary;
use crate::yaml::{HelmScalar, KeyPath, NodeId, Tree, helm_scalar};

/// How much of a value a [`Difference`] shows, in bytes.
const SHOWN: usize = 100;

/// What a second render changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Images that clusters and operators pull: values of keys named `image`.
    pub pinned: Vec<Pinned>,
    /// References in other texts: arguments, environment, files in a `ConfigMap`.
    pub pinned_elsewhere: Vec<Pinned>,
    /// Checksum annotations that changed with the data of a `ConfigMap` or `Secret` in which references got their digests.
    pub rehashed: Vec<Place>,
    /// Everything else.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether nothing differs but image references, each now ending in a digest.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A reference that got its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Where it stands.
    pub place: Place,
    /// The reference before.
    pub before: String,
    /// The reference after, which ends in `@sha256:` and 64 digits.
    pub after: String,
}

impl Pinned {
    /// The digest that it has now, `sha256:hex`.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.after.split_once('@').map_or("", |(_, digest)| digest)
    }
}

/// Something that differs and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub place: Place,
    /// What was there, shortened to the part that differs; nothing where it was not there.
    pub before: Option<String>,
    /// What is there, shortened likewise; nothing where it is gone.
    pub after: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before == after => write!(f, "{place} changed: it is `{after}`"),
            (Some(before), Some(after)) => write!(f, "{place} was `{before}` and is now `{after}`"),
            (Some(before), None) => write!(f, "{place} is gone: it was `{before}`"),
            (None, Some(after)) => write!(f, "{place} is new: it is `{after}`"),
            (None, None) => write!(f, "{place} differs"),
        }
    }
}

/// The places of a render that differ when the same input is rendered again. It belongs to the render that it was asked of.
#[derive(Debug, Clone, Default)]
pub struct Unstable {
    paths: HashSet<(usize, KeyPath)>,
    places: Vec<Place>,
}

impl Unstable {
    /// The places, in the order of the text.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether the node, or one above it, is unstable.
    fn holds(&self, document: usize, path: &KeyPath) -> bool {
        let is_known = |end| self.paths.contains(&(document, KeyPath(path.0[..end].to_vec())));
        !self.paths.is_empty() && (0..=path.0.len()).any(is_known)
    }
}

/// The places that differ between two renders of the same input. Documents that are in one alone stay differences.
pub(super) fn unstable(first: &[Document], second: &[Document]) -> Unstable {
    let mut found = Unstable::default();
    for (index, other) in pair(first, second).both {
        for changed in differences(&first[index], &second[other]) {
            found.places.push(first[index].place(&changed.path));
            found.paths.insert((index, changed.path));
        }
    }
    found
}

pub(super) fn compare(before: &[Document], after: &[Document], unstable: &Unstable) -> Comparison {
    let pairs = pair(before, after);
    let mut found = Found::default();
    for (old, new) in pairs.both {
        let (first, second) = (&before[old], &after[new]);
        let changes = differences(first, second).into_iter();
        for changed in changes.filter(|changed| !unstable.holds(old, &changed.path)) {
            found.judge(first, second, &changed);
        }
    }
    let whole = KeyPath::default();
    let removed = pairs.removed.iter().map(|index| Difference {
        place: before[*index].place(&whole),
        before: Some("a document".to_owned()),
        after: None,
    });
    let added = pairs.added.iter().map(|index| Difference {
        place: after[*index].place(&whole),
        before: None,
        after: Some("a document".to_owned()),
    });
    found.comparison.differences.extend(removed.chain(added));
    found.finish()
}

#[derive(Default)]
struct Found {
    comparison: Comparison,
    /// Checksums that changed, as what they are if no data did.
    checksums: Vec<Difference>,
    /// Whether references in data got their digests.
    data: bool,
}

impl Found {
    fn judge(&mut self, before: &Document, after: &Document, changed: &Changed) {
        let place = before.place(&changed.path);
        let texts = changed.before.zip(changed.after).and_then(|(old, new)| {
            let is_one_tag = before.tree.node(old).yaml_tag == after.tree.node(new).yaml_tag;
            is_one_tag.then_some((text(&before.tree, old)?, text(&after.tree, new)?))
        });
        let Some((old, new)) = texts.filter(|_| changed.context != Context::Label) else {
            self.comparison
                .differences
                .push(difference(before, after, changed, place));
            return;
        };
        let pinned = |(before, after): (&str, &str)| Pinned {
            place: place.clone(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        if is_repinned(old, new, names_images(&changed.path)) {
            let list = if is_image(&changed.path) {
                &mut self.comparison.pinned
            } else {
                &mut self.comparison.pinned_elsewhere
            };
            list.push(pinned((old, new)));
            self.data |= before.holds_data();
        } else if let Some(found) = repinned_within(old, new) {
            self.comparison.pinned_elsewhere.extend(found.into_iter().map(pinned));
            self.data |= before.holds_data();
        } else if changed.context == Context::Annotation && is_checksum(&changed.path, old, new) {
            self.checksums.push(difference(before, after, changed, place));
        } else {
            self.comparison
                .differences
                .push(difference(before, after, changed, place));
        }
    }

    fn finish(mut self) -> Comparison {
        if self.data {
            let places = self.checksums.into_iter().map(|checksum| checksum.place);
            self.comparison.rehashed.extend(places);
        } else {
            self.comparison.differences.append(&mut self.checksums);
        }
        self.comparison
    }
}

/// The text of a scalar that is one: no number, no null.
fn text(tree: &Tree, node: NodeId) -> Option<&str> {
    let scalar = tree.scalar(node)?;
    matches!(helm_scalar(&scalar), HelmScalar::Text(_)).then_some(scalar.value)
}

/// Whether the innermost key says that an image stands there, so that one word is enough.
fn names_images(path: &KeyPath) -> bool {
    let key = path.last_key().unwrap_or_default().to_ascii_lowercase();
    key.ends_with("image") || key.ends_with("images") || is_image(path)
}

/// Whether a key says that its value is a hash, and both values are SHA-256 sums: `checksum/config`, `configmap-etc-hash`.
fn is_checksum(path: &KeyPath, before: &str, after: &str) -> bool {
    let key = path.last_key().unwrap_or_default().to_ascii_lowercase();
    let is_named = ["checksum", "hash", "sha256"].iter().any(|word| key.contains(word));
    is_named && is_hex(before, 64) && is_hex(after, 64)
}

fn difference(before: &Document, after: &Document, changed: &Changed, place: Place) -> Difference {
    if before.is_secret() {
        // What is said of a difference ends in logs.
        let hidden = |node: Option<NodeId>| node.map(|_| "a secret value".to_owned());
        let (before, after) = (hidden(changed.before), hidden(changed.after));
        return Difference { place, before, after };
    }
    let said_by = |said: fn(&Tree, NodeId) -> String| {
        let old = changed.before.map(|node| said(&before.tree, node));
        (old, changed.after.map(|node| said(&after.tree, node)))
    };
    let (old, new) = match said_by(value) {
        // `1` and `"1"` are told apart by how they are written alone.
        (old, new) if old == new => said_by(token),
        values => values,
    };
    let from = match (&old, &new) {
        (Some(old), Some(new)) => start_of_difference(old, new),
        _ => 0,
    };
    let shown = |text: String| {
        let cut = if from > 0 { "…" } else { "" };
        format!("{cut}{}", excerpt(&text[from..], SHOWN))
    };
    Difference {
        place,
        before: old.map(shown),
        after: new.map(shown),
    }
}

/// A node in words: a scalar's value, the size of a collection.
fn value(tree: &Tree, node: NodeId) -> String {
    let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    match tree.scalar(node) {
        Some(scalar) => scalar.value.to_owned(),
        None if tree.is_mapping(node) => format!("a mapping of {}", count(tree.entries(node).len(), "key")),
        None => format!("a list of {}", count(tree.items(node).len(), "item")),
    }
}

/// A node as it is written.
fn token(tree: &Tree, node: NodeId) -> String {
    let node = tree.node(tree.resolve(node));
    let text = tree.text().get(node.span.range()).unwrap_or_default();
    node.yaml_tag
        .as_ref()
        .map_or_else(|| text.to_owned(), |tag| format!("{tag} {text}"))
}

/// Where to begin to show two texts: at the start of the first line that differs, unless that is far from the difference.
fn start_of_difference(before: &str, after: &str) -> usize {
    let pairs = before.char_indices().zip(after.chars());
    let same = pairs.take_while(|((_, old), new)| old == new).last();
    let end = same.map_or(0, |((at, c), _)| at + c.len_utf8());
    let line = before[..end].rfind('\n').map_or(0, |at| at + 1);
    line.max(floor_boundary(before, end.saturating_sub(SHOWN / 2)))
}
