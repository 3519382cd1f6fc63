//! What templates put out, as lines of YAML: which key a text stands under, and what stands beside it.
//!
//! The text has holes, and both sides of every `if` stand in it one below the other, so it is no document that a YAML parser could read:
//! lines are told by their indentation, as a person would.

mod flow;
mod line;
mod reader;

use std::sync::Arc;

use super::condition::Guards;
use super::value::{Origin, Piece};
use reader::Reader;

/// A node: a document, what stands under a key, or an item.
#[derive(Debug, Clone)]
struct Node {
    parent: Option<usize>,
    key: Option<Arc<str>>,
    is_item: bool,
    is_block: bool,
    indent: i64,
    guards: Guards,
    entries: Vec<Entry>,
}

/// What stands in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Another node.
    Node(usize),
    /// A scalar.
    Scalar(usize),
}

/// A text under a key, or without one.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    /// The node that it stands in.
    pub node: usize,
    /// Its key, where that is constant.
    pub key: Option<Arc<str>>,
    /// Its parts, the conditions of the line among their own.
    pub value: Vec<Piece>,
    /// The conditions of the line.
    pub guards: Guards,
    /// Where its key, or the text itself, comes from.
    pub origin: Option<Origin>,
}

/// The lines of an output.
#[derive(Debug, Default)]
pub(super) struct Outline {
    nodes: Vec<Node>,
    scalars: Vec<Scalar>,
}

impl Outline {
    /// The outline of these pieces.
    pub(super) fn read(pieces: &[Piece]) -> Self {
        Reader::read(pieces)
    }

    /// The nodes of the documents.
    pub(super) fn documents(&self) -> impl Iterator<Item = usize> {
        let roots = self.nodes.iter().enumerate().filter(|(_, node)| node.parent.is_none());
        roots.map(|(index, _)| index)
    }

    pub(super) fn entries(&self, node: usize) -> Vec<Entry> {
        self.nodes[node].entries.clone()
    }

    pub(super) fn key(&self, node: usize) -> Option<Arc<str>> {
        self.nodes[node].key.clone()
    }

    pub(super) fn is_item(&self, node: usize) -> bool {
        self.nodes[node].is_item
    }

    pub(super) fn guards(&self, node: usize) -> &Guards {
        &self.nodes[node].guards
    }

    pub(super) fn scalar(&self, index: usize) -> &Scalar {
        &self.scalars[index]
    }

    pub(super) fn scalars(&self) -> &[Scalar] {
        &self.scalars
    }

    /// The keys above a node, the innermost first; items give nothing.
    pub(super) fn keys_above(&self, node: usize) -> impl Iterator<Item = Option<&str>> {
        let above = std::iter::successors(Some(node), |node| self.nodes[*node].parent);
        above
            .filter(|node| !self.nodes[*node].is_item && self.nodes[*node].parent.is_some())
            .map(|node| self.nodes[node].key.as_deref())
    }

    /// Whether a node stands inside a block scalar.
    pub(super) fn is_embedded(&self, node: usize) -> bool {
        let mut above = std::iter::successors(Some(node), |node| self.nodes[*node].parent);
        above.any(|node| self.nodes[node].is_block)
    }

    /// The document that a node belongs to.
    pub(super) fn document_of(&self, node: usize) -> usize {
        let above = std::iter::successors(Some(node), |node| self.nodes[*node].parent);
        above.last().unwrap_or(node)
    }

    /// The scalars under `key` in a node.
    pub(super) fn under<'a>(&'a self, node: usize, key: &'a str) -> impl Iterator<Item = &'a Scalar> {
        let entries = self.nodes[node].entries.iter();
        entries.filter_map(move |entry| match entry {
            Entry::Scalar(index) if self.scalars[*index].key.as_deref() == Some(key) => Some(&self.scalars[*index]),
            _ => None,
        })
    }

    /// Whether a node holds something that is spliced into it, so that it may have further keys.
    pub(super) fn has_splices(&self, node: usize) -> bool {
        let mut entries = self.nodes[node].entries.iter();
        entries.any(|entry| matches!(entry, Entry::Scalar(index) if self.scalars[*index].key.is_none()))
    }

    /// The node under `key` in a node.
    pub(super) fn node_under(&self, node: usize, key: &str) -> Option<usize> {
        self.nodes[node].entries.iter().find_map(|entry| match entry {
            Entry::Node(below) if self.nodes[*below].key.as_deref() == Some(key) => Some(*below),
            _ => None,
        })
    }
}
