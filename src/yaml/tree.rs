//! The tree of one YAML text: every node with the bytes it stands on, nothing resolved that the text does not say.
//!
//! Aliases and merge keys stay what they are; [`Tree::resolve`], [`Tree::entries`] and [`Tree::get`] follow them on request and within a bound.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::source::Span;

/// How many merged mappings [`Tree::entries`] follows for one mapping.
const MERGE_LIMIT: usize = 256;

/// From how many entries on a mapping is large: looking at each of them takes longer than an order of their keys.
pub(super) const SMALL: usize = 24;

/// Index of a node in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// How a scalar is written (YAML 1.2.2, section 7.3 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'...'`
    SingleQuoted,
    /// `"..."`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// One node.
#[derive(Debug, Clone)]
pub struct Node {
    /// What the node is.
    pub kind: Kind,
    /// The bytes of the node itself: a quoted scalar with its quotes, a block scalar with its header, never an anchor or a tag.
    pub span: Span,
    /// The anchor that names the node.
    pub anchor: Option<Anchor>,
    /// The tag (`!!str`), as handle and suffix together.
    pub yaml_tag: Option<Box<str>>,
}

/// The kinds of node.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A scalar; its decoded value, or `None` where the bytes of the span are the value.
    Scalar(Style, Option<Box<str>>),
    /// A sequence and its items.
    Sequence(Vec<NodeId>),
    /// A mapping and its keys with their values, in order, duplicates and `<<` included.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`: the node that it stands for.
    Alias(NodeId),
}

/// `&name` on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The bytes of `&name`.
    pub span: Span,
    /// How many aliases of the text stand for the anchored node.
    pub aliases: u32,
}

/// A comment, from its `#` to the end of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The bytes of the comment, `#` included, line break excluded.
    pub span: Span,
    /// Whether something else than white space stands before it on its line.
    pub trailing: bool,
}

/// A scalar as read.
#[derive(Debug, Clone, Copy)]
pub struct Scalar<'a> {
    /// The value after quotes and escapes.
    pub value: &'a str,
    /// How it is written.
    pub style: Style,
    /// The tag before it (`!!str`).
    pub yaml_tag: Option<&'a str>,
    /// The bytes of the token, quotes or block header included.
    pub span: Span,
}

impl Scalar<'_> {
    /// The bytes between the quotes; the whole token where there are none.
    #[must_use]
    pub const fn content(&self) -> Span {
        match self.style {
            Style::SingleQuoted | Style::DoubleQuoted => Span::new(self.span.start + 1, self.span.end - 1),
            _ => self.span,
        }
    }

    /// Whether Helm reads null: an empty plain scalar, `~`, `null`, `Null` or `NULL`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && matches!(self.value, "" | "~" | "null" | "Null" | "NULL")
    }
}

/// One entry of a mapping, as [`Tree::entries`] gives it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The key's value.
    pub key: &'a str,
    /// The key's node.
    pub key_node: NodeId,
    /// The value's node, not resolved.
    pub value: NodeId,
}

/// All documents of one text.
#[derive(Debug)]
pub struct Tree {
    pub(super) text: Arc<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) documents: Vec<NodeId>,
    /// The comments, where they were read.
    pub(super) comments: Option<Vec<Comment>>,
    pub(super) placeholders: Vec<Span>,
    /// The places of the entries of large mappings in the order of their keys, once one was looked into.
    pub(super) sorted: OnceLock<HashMap<NodeId, Vec<usize>>>,
}

impl Tree {
    /// A tree without nodes, over a text that is no YAML, with the comments that were found in it.
    #[must_use]
    pub fn bare(text: &Arc<str>, comments: Vec<Comment>) -> Self {
        Self {
            text: Arc::clone(text),
            nodes: Vec::new(),
            documents: Vec::new(),
            comments: Some(comments),
            placeholders: Vec::new(),
            sorted: OnceLock::new(),
        }
    }

    /// The text that was read.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The root node of every document, in order. Helm reads the first alone.
    #[must_use]
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// The root node of the document that Helm reads.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        self.documents.first().copied()
    }

    /// All comments, in the order of the text; none where they were not read.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        self.comments.as_deref().unwrap_or_default()
    }

    /// The placeholders of the text (`{{ ... }}`, `%%%X%%%`, `@X@`, `${X}`, `__X__`), in order.
    #[must_use]
    pub fn placeholders(&self) -> &[Span] {
        &self.placeholders
    }

    /// Whether a placeholder shares a byte with `span`.
    #[must_use]
    pub fn is_templated(&self, span: Span) -> bool {
        let from = self.placeholders.partition_point(|p| p.end <= span.start);
        self.placeholders.get(from).is_some_and(|p| p.touches(span))
    }

    /// The node of this index.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Every node, in the order of the text, with its index.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (NodeId(u32::try_from(index).unwrap_or(u32::MAX)), node))
    }

    /// The node that `id` stands for: an alias gives what it names, anything else itself.
    #[must_use]
    pub fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias(target) => target,
            _ => id,
        }
    }

    /// The scalar at `id`, aliases followed.
    #[must_use]
    pub fn scalar(&self, id: NodeId) -> Option<Scalar<'_>> {
        let node = self.node(self.resolve(id));
        let Kind::Scalar(style, value) = &node.kind else {
            return None;
        };
        let value = match value {
            Some(value) => value,
            None => self.text.get(node.span.range()).unwrap_or_default(),
        };
        Some(Scalar {
            value,
            style: *style,
            yaml_tag: node.yaml_tag.as_deref(),
            span: node.span,
        })
    }

    /// The items of the sequence at `id`, aliases followed; nothing where it is none.
    #[must_use]
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(self.resolve(id)).kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of the mapping at `id` as written, aliases followed, merge keys and duplicates left as they stand.
    #[must_use]
    pub fn pairs(&self, id: NodeId) -> &[(NodeId, NodeId)] {
        match &self.node(self.resolve(id)).kind {
            Kind::Mapping(pairs) => pairs,
            _ => &[],
        }
    }

    /// Whether `id` is a mapping, aliases followed.
    #[must_use]
    pub fn is_mapping(&self, id: NodeId) -> bool {
        matches!(self.node(self.resolve(id)).kind, Kind::Mapping(_))
    }

    /// The entries of the mapping at `id` as Helm reads them: `<<` merged, the last of duplicate keys, in the order of the text.
    #[must_use]
    pub fn entries(&self, id: NodeId) -> Vec<Entry<'_>> {
        let mut found = Collected::default();
        self.collect_entries(id, &mut found);
        found.entries
    }

    fn collect_entries<'a>(&'a self, id: NodeId, out: &mut Collected<'a>) {
        let target = self.resolve(id);
        if out.seen.len() >= MERGE_LIMIT || out.seen.contains(&target) {
            return;
        }
        out.seen.push(target);
        let own = out.entries.len();
        let mut deferred = Vec::new();
        for (key_node, value) in self.pairs(target) {
            let Some(key) = self.scalar(*key_node) else { continue };
            if key.value == "<<" && key.style == Style::Plain {
                deferred.push(*value);
                continue;
            }
            let entry = Entry {
                key: key.value,
                key_node: *key_node,
                value: *value,
            };
            match out.place(entry.key) {
                Some(known) if known >= own => out.entries[known] = entry,
                Some(_) => {}
                None => out.push(entry),
            }
        }
        for merge in deferred {
            if matches!(self.node(self.resolve(merge)).kind, Kind::Sequence(_)) {
                for item in self.items(merge) {
                    self.collect_entries(*item, out);
                }
            } else {
                self.collect_entries(merge, out);
            }
        }
    }
}

/// The entries of a mapping in the making.
#[derive(Default)]
struct Collected<'a> {
    entries: Vec<Entry<'a>>,
    /// The entries by key, once there are so many that looking through them takes longer.
    places: HashMap<&'a str, usize>,
    seen: Vec<NodeId>,
}

impl<'a> Collected<'a> {
    fn place(&self, key: &str) -> Option<usize> {
        if self.places.is_empty() {
            return self.entries.iter().position(|entry| entry.key == key);
        }
        self.places.get(key).copied()
    }

    fn push(&mut self, entry: Entry<'a>) {
        self.entries.push(entry);
        if self.entries.len() == SMALL {
            self.places = self
                .entries
                .iter()
                .enumerate()
                .map(|(index, entry)| (entry.key, index))
                .collect();
        } else if self.entries.len() > SMALL {
            self.places.insert(entry.key, self.entries.len() - 1);
        }
    }
}
