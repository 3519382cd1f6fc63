//! What templates compute with, where the values of a chart are not known yet: paths into them, texts with holes, choices between two.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::condition::{Guards, Literal};
use crate::yaml::Step;

/// Index of a path in [`Paths`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PathId(pub(super) u32);

/// One step of a path into the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStep {
    /// Into the value of a key.
    Key(Arc<str>),
    /// Into any key or item: what `range` goes through, or a key that is computed.
    Any,
}

/// Every path into the values that a chart's templates speak of, as a tree.
#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<PathNode>,
}

#[derive(Debug)]
struct PathNode {
    parent: PathId,
    step: PathStep,
    keys: BTreeMap<Arc<str>, PathId>,
    any: Option<PathId>,
}

impl Paths {
    /// The values themselves.
    pub(super) const ROOT: PathId = PathId(0);

    pub(super) fn new() -> Self {
        let mut paths = Self { nodes: Vec::new() };
        paths.push(Self::ROOT, PathStep::Any);
        paths
    }

    fn node(&self, id: PathId) -> &PathNode {
        &self.nodes[id.0 as usize]
    }

    /// The paths that `step` may lead to from this one.
    pub(super) fn below(&self, id: PathId, step: &Step) -> impl Iterator<Item = PathId> {
        let node = self.node(id);
        let key = match step {
            Step::Key(key) => node.keys.get(key.as_str()),
            Step::Item(_) | Step::Embedded => None,
        };
        let any = node.any.as_ref().filter(|_| *step != Step::Embedded);
        key.into_iter().chain(any).copied()
    }

    /// The last step of this path.
    pub(super) fn step(&self, id: PathId) -> &PathStep {
        &self.node(id).step
    }

    /// The path without its last step; nothing for the root.
    pub(super) fn parent(&self, id: PathId) -> Option<PathId> {
        (id != Self::ROOT).then(|| self.node(id).parent)
    }

    /// The path to `key` below `parent`.
    pub(super) fn key(&mut self, parent: PathId, key: &str) -> PathId {
        if let Some(known) = self.node(parent).keys.get(key) {
            return *known;
        }
        let key: Arc<str> = key.into();
        let id = self.push(parent, PathStep::Key(Arc::clone(&key)));
        self.nodes[parent.0 as usize].keys.insert(key, id);
        id
    }

    /// The path to anything below `parent`.
    pub(super) fn any(&mut self, parent: PathId) -> PathId {
        if let Some(known) = self.node(parent).any {
            return known;
        }
        let id = self.push(parent, PathStep::Any);
        self.nodes[parent.0 as usize].any = Some(id);
        id
    }

    fn push(&mut self, parent: PathId, step: PathStep) -> PathId {
        let id = PathId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(PathNode {
            parent,
            step,
            keys: BTreeMap::new(),
            any: None,
        });
        id
    }

    /// The steps from the root.
    #[must_use]
    pub(super) fn steps(&self, id: PathId) -> Vec<&PathStep> {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            steps.push(self.step(at));
            at = parent;
        }
        steps.reverse();
        steps
    }
}

/// A place in a template file of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Origin {
    /// The index of the file.
    pub file: u32,
    /// The byte.
    pub at: u32,
    /// Whether the text itself stands there, not a call of the helper that holds it.
    pub is_exact: bool,
}

/// Constant text: a part of a longer one.
#[derive(Clone)]
pub(super) struct Words {
    text: Arc<str>,
    from: u32,
    to: u32,
}

impl Words {
    pub(super) fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let to = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { text, from: 0, to }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text[self.from as usize..self.to as usize]
    }

    /// The part from `start` to `end`, in bytes of this one.
    pub(super) fn part(&self, start: usize, end: usize) -> Self {
        let offset = |at: usize| self.from + u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            text: Arc::clone(&self.text),
            from: offset(start),
            to: offset(end),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What a hole in a text is filled with.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The scalar at a path of the values.
    Value(PathId),
    /// All that stands at a path, written as YAML or JSON.
    Yaml(PathId),
    /// A key of the mapping at a path.
    Key(PathId),
    /// A field of `.Chart` of the chart of this index.
    Chart(u32, Arc<str>),
    /// Another text, altered as a whole, and how many texts stand in each other there.
    Text(Text, u8),
    /// Something that cannot be told, made of these values.
    Opaque(Arc<[PathId]>),
}

/// What a function does to a text on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alter {
    /// `trunc N`: the first, or for a negative number the last, bytes.
    Truncate(i64),
    /// `trimPrefix`
    TrimPrefix(Arc<str>),
    /// `trimSuffix`
    TrimSuffix(Arc<str>),
    /// `replace OLD NEW`
    Replace(Arc<str>, Arc<str>),
    /// `lower`
    Lower,
    /// `upper`
    Upper,
    /// `tpl`: the text is a template itself.
    Template,
    /// Another function, whose result cannot be told.
    Other(Arc<str>),
}

/// A part of a text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// When it is there.
    pub guards: Guards,
    /// What it is.
    pub kind: PieceKind,
    /// Where it comes from.
    pub origin: Option<Origin>,
}

/// Constant text, or a hole.
#[derive(Debug, Clone)]
pub(super) enum PieceKind {
    Words(Words),
    Hole(Source, Option<Arc<[Alter]>>),
}

/// A text: its parts in order.
pub(super) type Text = Arc<[Piece]>;

/// A value of the interpreter.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Nothing.
    Nil,
    /// True or false, known.
    Bool(bool),
    /// True or false, by a condition.
    Flag(Literal),
    /// A number.
    Number(i64),
    /// A text.
    Text(Text),
    /// What stands at a path of the values.
    Path(PathId),
    /// A field of `.Chart` of the chart of this index.
    Chart(u32, Arc<str>),
    /// `.Files`, `.Release`, `.Capabilities` and what is below them: known by name alone.
    Object(Arc<str>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A dictionary of the machine.
    Dict(u32),
    /// Several laid one over the other.
    Layered(Wins, Arc<[Value]>),
    /// The first where the condition holds, else the second.
    Choice(Literal, Arc<(Value, Value)>),
    /// Something that cannot be told, made of these values.
    Opaque(Arc<[PathId]>),
}

/// Which of several values counts that are laid one over the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wins {
    /// The first that is there, empty or not: `mergeOverwrite`.
    Present,
    /// The first that says something: for `merge`, an empty text, `false` and `0` are nothing.
    Filled,
}

impl Value {
    /// A constant text.
    pub(super) fn words(text: impl Into<Arc<str>>, origin: Option<Origin>) -> Self {
        Self::Text(Arc::from([Piece {
            guards: Guards::default(),
            kind: PieceKind::Words(Words::new(text)),
            origin,
        }]))
    }

    /// What a hole filled with `source` is.
    pub(super) fn hole(source: Source, alter: Option<Arc<[Alter]>>, origin: Option<Origin>) -> Self {
        Self::Text(Arc::from([Piece {
            guards: Guards::default(),
            kind: PieceKind::Hole(source, alter),
            origin,
        }]))
    }

    /// The text where it is constant and there under all conditions.
    pub(super) fn constant(&self) -> Option<String> {
        match self {
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces.iter() {
                    match &piece.kind {
                        PieceKind::Words(words) if piece.guards.is_empty() => text.push_str(words.as_str()),
                        _ => return None,
                    }
                }
                Some(text)
            }
            _ => None,
        }
    }

    /// The path where the value is what stands there, unaltered.
    pub(super) fn path(&self) -> Option<PathId> {
        match self {
            Self::Path(path) => Some(*path),
            Self::Text(pieces) => match &pieces[..] {
                [
                    Piece {
                        guards,
                        kind: PieceKind::Hole(Source::Value(path), None),
                        ..
                    },
                ] if guards.is_empty() => Some(*path),
                _ => None,
            },
            _ => None,
        }
    }
}
