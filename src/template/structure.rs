//! Texts with holes as YAML: written from values, read back into values, trimmed and indented.

use std::sync::Arc;

use super::condition::{Guards, Logic};
use super::lines::{Entry, Outline};
use super::machine::{Dict, Machine};
use super::value::{Piece, PieceKind, Source, Text, Value, Words};

/// How deep values are written as YAML.
const MAX_DEPTH: usize = 24;

/// The text without white space at its ends.
pub(super) fn trim(pieces: &Text) -> Text {
    let is_blank = |piece: &Piece| matches!(&piece.kind, PieceKind::Words(words) if words.as_str().trim().is_empty());
    let lead = pieces.iter().take_while(|piece| is_blank(piece)).count();
    let mut pieces: Vec<Piece> = pieces[lead..].to_vec();
    if let Some(first) = pieces.first_mut()
        && let PieceKind::Words(words) = &first.kind
    {
        let text = words.as_str();
        *first = sliced(first, words, text.len() - text.trim_start().len(), text.len());
    }
    while let Some(last) = pieces.last_mut() {
        let PieceKind::Words(words) = &last.kind else { break };
        let end = words.as_str().trim_end().len();
        if end == 0 {
            pieces.pop();
            continue;
        }
        *last = sliced(last, words, 0, end);
        break;
    }
    pieces.into()
}

/// The part of a piece of constant text from `start` to `end`, with its place.
pub(super) fn sliced(piece: &Piece, words: &Words, start: usize, end: usize) -> Piece {
    let origin = piece.origin.map(|origin| super::value::Origin {
        at: if origin.is_exact {
            origin.at + u32::try_from(start).unwrap_or(0)
        } else {
            origin.at
        },
        ..origin
    });
    Piece {
        guards: piece.guards.clone(),
        kind: PieceKind::Words(words.part(start, end)),
        origin,
    }
}

/// The text with `count` spaces before each line, and on a new line where wanted.
pub(super) fn indent(text: &Text, count: usize, on_new_line: bool) -> Text {
    let spaces: Arc<str> = " ".repeat(count).into();
    let space = |guards: &Guards| Piece {
        guards: guards.clone(),
        kind: PieceKind::Words(Words::new(Arc::clone(&spaces))),
        origin: None,
    };
    let mut pieces: Vec<Piece> = Vec::with_capacity(text.len() + 4);
    if on_new_line {
        pieces.push(Piece {
            guards: Guards::default(),
            kind: PieceKind::Words(Words::new("\n")),
            origin: None,
        });
    }
    pieces.push(space(&Guards::default()));
    for piece in text.iter() {
        let PieceKind::Words(words) = &piece.kind else {
            pieces.push(piece.clone());
            continue;
        };
        let text = words.as_str();
        let mut start = 0;
        for (at, _) in text.match_indices('\n') {
            pieces.push(sliced(piece, words, start, at + 1));
            pieces.push(space(&piece.guards));
            start = at + 1;
        }
        if start < text.len() {
            pieces.push(sliced(piece, words, start, text.len()));
        }
    }
    pieces.into()
}

/// A value as YAML.
pub(super) fn to_yaml(machine: &mut Machine<'_>, value: &Value) -> Value {
    let mut writer = Writer {
        machine,
        pieces: Vec::new(),
    };
    writer.value(value, 0, &Guards::default(), MAX_DEPTH);
    Value::Text(writer.pieces.into())
}

struct Writer<'m, 'a> {
    machine: &'m mut Machine<'a>,
    pieces: Vec<Piece>,
}

impl Writer<'_, '_> {
    fn words(&mut self, text: impl Into<Arc<str>>, guards: &Guards) {
        let origin = self.machine.origin().map(|origin| super::value::Origin {
            is_exact: false,
            ..origin
        });
        self.pieces.push(Piece {
            guards: guards.clone(),
            kind: PieceKind::Words(Words::new(text)),
            origin,
        });
    }

    /// Writes `value` where a line has begun at this indentation.
    fn value(&mut self, value: &Value, indent: usize, guards: &Guards, left: usize) {
        if !self.machine.spend(1) {
            return;
        }
        match value {
            Value::Dict(id) if left > 0 => {
                let dict = self.machine.dict_of(*id).clone();
                self.dict(&dict, indent, guards, left);
            }
            Value::List(items) if left > 0 => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.words(format!("\n{}", " ".repeat(indent)), guards);
                    }
                    self.words("- ", guards);
                    self.value(item, indent + 2, guards, left - 1);
                }
            }
            Value::Choice(literal, both) => {
                if let Some(yes) = guards.joined(&Guards::default().with(*literal)) {
                    self.value(&both.0, indent, &yes, left);
                }
                if let Some(no) = guards.joined(&Guards::default().with(literal.negated())) {
                    self.value(&both.1, indent, &no, left);
                }
            }
            Value::Layered(_, layers) => {
                for (index, layer) in layers.iter().enumerate() {
                    if index > 0 {
                        self.words(format!("\n{}", " ".repeat(indent)), guards);
                    }
                    self.value(layer, indent, guards, left);
                }
            }
            Value::Path(path) => {
                let origin = self.machine.origin();
                self.pieces.push(Piece {
                    guards: guards.clone(),
                    kind: PieceKind::Hole(Source::Yaml(*path), None),
                    origin,
                });
            }
            other => {
                let text = self.machine.text(other);
                for piece in text.iter() {
                    if let Some(joined) = guards.joined(&piece.guards) {
                        self.pieces.push(Piece {
                            guards: joined,
                            ..piece.clone()
                        });
                    }
                }
            }
        }
    }

    fn dict(&mut self, dict: &Dict, indent: usize, guards: &Guards, left: usize) {
        let mut is_first = true;
        for (key, item) in &dict.own {
            if !is_first {
                self.words(format!("\n{}", " ".repeat(indent)), guards);
            }
            is_first = false;
            self.words(format!("{key}: "), guards);
            self.nested(item, indent, guards, left);
        }
        for layer in dict.over.iter().chain(&dict.under) {
            if !is_first {
                self.words(format!("\n{}", " ".repeat(indent)), guards);
            }
            is_first = false;
            self.value(layer, indent, guards, left - 1);
        }
    }

    /// Writes a value behind its key: scalars on the line, the rest below it.
    fn nested(&mut self, value: &Value, indent: usize, guards: &Guards, left: usize) {
        match value {
            Value::Dict(_) | Value::List(_) => {
                self.words(format!("\n{}", " ".repeat(indent + 2)), guards);
                self.value(value, indent + 2, guards, left - 1);
            }
            Value::Choice(literal, both) => {
                if let Some(yes) = guards.joined(&Guards::default().with(*literal)) {
                    self.nested(&both.0, indent, &yes, left);
                }
                if let Some(no) = guards.joined(&Guards::default().with(literal.negated())) {
                    self.nested(&both.1, indent, &no, left);
                }
            }
            other => self.value(other, indent, guards, left - 1),
        }
    }
}

/// The value that a text's lines make; nothing where they are no mapping and no list.
pub(super) fn from_yaml(machine: &mut Machine<'_>, text: &Text) -> Option<Value> {
    let outline = Outline::read(text);
    let root = outline.documents().next()?;
    (!outline.entries(root).is_empty()).then(|| of_node(machine, &outline, root, MAX_DEPTH))
}

fn of_node(machine: &mut Machine<'_>, outline: &Outline, node: usize, left: usize) -> Value {
    let mut dict = Dict::default();
    let mut items: Vec<Value> = Vec::new();
    if left == 0 {
        machine.lose();
        return Value::Nil;
    }
    for entry in outline.entries(node) {
        let (key, value, guards) = match entry {
            Entry::Node(below) => {
                let value = of_node(machine, outline, below, left - 1);
                if outline.is_item(below) {
                    items.push(value);
                    continue;
                }
                (outline.key(below), value, outline.guards(below).clone())
            }
            Entry::Scalar(scalar) => {
                let value = of_text(&outline.scalar(scalar).value);
                (
                    outline.scalar(scalar).key.clone(),
                    value,
                    outline.scalar(scalar).guards.clone(),
                )
            }
        };
        let Some(key) = key else {
            dict.under.push(value);
            continue;
        };
        let old = dict.own.get(key.as_ref()).cloned().unwrap_or(Value::Nil);
        let literals = guards.below(0);
        let logic = machine.conditions.all(literals.into_iter().map(Logic::Open));
        let value = machine.choice(logic, value, old);
        dict.own.insert(key.to_string(), value);
    }
    if !items.is_empty() {
        return Value::List(Arc::new(items));
    }
    if dict.own.is_empty() && dict.under.len() == 1 {
        return dict.under.remove(0);
    }
    Value::Dict(machine.dict(dict))
}

/// The value of one scalar's text, quotes taken away.
fn of_text(pieces: &[Piece]) -> Value {
    let text = trim(&pieces.into());
    if let [
        Piece {
            kind: PieceKind::Hole(Source::Yaml(path), None),
            ..
        },
    ] = &text[..]
    {
        return Value::Path(*path);
    }
    let value = Value::Text(Arc::clone(&text));
    match value.constant().as_deref() {
        Some("true") => Value::Bool(true),
        Some("false") => Value::Bool(false),
        Some("" | "null" | "~" | "{}") => Value::Nil,
        _ => Value::Text(unquoted(&text)),
    }
}

fn unquoted(text: &Text) -> Text {
    let edge = |piece: Option<&Piece>, at_end: bool| match piece.map(|piece| &piece.kind) {
        Some(PieceKind::Words(words)) if at_end => words.as_str().chars().next_back(),
        Some(PieceKind::Words(words)) => words.as_str().chars().next(),
        _ => None,
    };
    let (first, last) = (edge(text.first(), false), edge(text.last(), true));
    if first.is_none() || first != last || !matches!(first, Some('"' | '\'')) {
        return Arc::clone(text);
    }
    let mut pieces: Vec<Piece> = text.to_vec();
    if let Some(piece) = pieces.first_mut()
        && let PieceKind::Words(words) = &piece.kind
    {
        *piece = sliced(piece, words, 1, words.as_str().len());
    }
    if let Some(piece) = pieces.last_mut()
        && let PieceKind::Words(words) = &piece.kind
    {
        let end = words.as_str().len().saturating_sub(1);
        *piece = sliced(piece, words, 0, end);
    }
    pieces.retain(|piece| !matches!(&piece.kind, PieceKind::Words(words) if words.as_str().is_empty()));
    pieces.into()
}
