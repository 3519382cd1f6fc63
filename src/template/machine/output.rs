//! What is put out: values as pieces of text, and what they are made of.

use std::sync::Arc;

use super::{Machine, Taint, collect_piece};
use crate::template::condition::{Guards, Logic};
use crate::template::value::{PathId, Piece, PieceKind, Source, Text, Value, Wins};

impl Machine<'_> {
    /// Any item of a value.
    pub(in crate::template) fn element(&mut self, value: &Value) -> Value {
        self.deeper(|_| Value::Opaque(Arc::from([])), |machine| machine.element_of(value))
    }

    /// An item of a value, one that cannot be told from the others.
    pub(in crate::template) fn some_element(&mut self, value: &Value) -> Value {
        let found = self.element(value);
        let taint = self.taint(&[&found]);
        self.guessed.extend(taint.iter().copied());
        found
    }

    fn element_of(&mut self, value: &Value) -> Value {
        match value {
            Value::Path(path) => Value::Path(self.paths.any(*path)),
            Value::Layered(wins, layers) => {
                let items: Vec<Value> = layers.iter().map(|layer| self.element(layer)).collect();
                Value::Layered(*wins, items.into())
            }
            Value::Dict(id) => {
                let dict = self.dicts[*id as usize].clone();
                let mut items: Vec<Value> = Vec::new();
                for layer in dict.over.iter().chain(&dict.under) {
                    items.push(self.element(layer));
                }
                items.extend(dict.own.into_values());
                Value::Layered(Wins::Present, items.into())
            }
            other => match other.path() {
                Some(path) => Value::Path(self.paths.any(path)),
                None => Value::Opaque(self.taint(&[other])),
            },
        }
    }

    /// The values that a value is made of.
    pub(in crate::template) fn taint(&self, values: &[&Value]) -> Arc<[PathId]> {
        let mut found = Taint::default();
        for value in values {
            self.collect(value, &mut found, 0);
        }
        found.paths.into_iter().collect()
    }

    pub(super) fn collect(&self, value: &Value, found: &mut Taint, depth: usize) {
        found.left = found.left.saturating_sub(1);
        if depth > 8 || found.left == 0 {
            return;
        }
        match value {
            Value::Path(path) => {
                found.paths.insert(*path);
            }
            Value::Text(pieces) => pieces.iter().for_each(|piece| collect_piece(piece, found)),
            Value::List(items) => items.iter().for_each(|item| self.collect(item, found, depth + 1)),
            Value::Layered(_, items) => items.iter().for_each(|item| self.collect(item, found, depth + 1)),
            Value::Dict(id) if found.dicts.insert(*id) => {
                let dict = &self.dicts[*id as usize];
                for item in dict.own.values().chain(&dict.over).chain(&dict.under) {
                    self.collect(item, found, depth + 1);
                }
            }
            Value::Choice(_, both) => {
                self.collect(&both.0, found, depth + 1);
                self.collect(&both.1, found, depth + 1);
            }
            Value::Opaque(taint) => found.paths.extend(taint.iter().copied()),
            Value::Dict(_)
            | Value::Nil
            | Value::Bool(_)
            | Value::Flag(_)
            | Value::Number(_)
            | Value::Chart(..)
            | Value::Object(_) => {}
        }
    }

    /// Puts out a value as text.
    pub(in crate::template) fn emit(&mut self, value: &Value) {
        match value {
            Value::Nil => {}
            Value::Text(pieces) => pieces.iter().for_each(|piece| self.push(piece.clone())),
            Value::Choice(literal, both) => {
                let literal = *literal;
                self.under(Logic::Open(literal), |machine| machine.emit(&both.0));
                self.under(Logic::Open(literal.negated()), |machine| machine.emit(&both.1));
            }
            Value::Flag(literal) => {
                let literal = *literal;
                self.under(Logic::Open(literal), |machine| {
                    machine.emit(&Value::words("true", None));
                });
                self.under(Logic::Open(literal.negated()), |machine| {
                    machine.emit(&Value::words("false", None));
                });
            }
            Value::Layered(wins, layers) => {
                let (wins, layers) = (*wins, Arc::clone(layers));
                self.emit_layers(wins, &layers);
            }
            other => {
                let source = match other {
                    Value::Path(path) => Source::Value(*path),
                    Value::Chart(chart, field) => Source::Chart(*chart, Arc::clone(field)),
                    Value::Number(_) | Value::Bool(_) => {
                        let text = other.constant().unwrap_or_default();
                        return self.emit(&Value::words(text, self.origin()));
                    }
                    _ => Source::Opaque(self.taint(&[other])),
                };
                let origin = self.origin();
                self.push(Piece {
                    guards: Guards::default(),
                    kind: PieceKind::Hole(source, None),
                    origin,
                });
            }
        }
    }

    /// Puts out the one of several layers that counts.
    pub(super) fn emit_layers(&mut self, wins: Wins, layers: &[Value]) {
        let Some((first, rest)) = layers.split_first() else {
            return;
        };
        if rest.is_empty() {
            return self.emit(first);
        }
        let counts = self.counts(wins, first);
        self.under(counts, |machine| machine.emit(first));
        self.under(counts.negated(), |machine| machine.emit_layers(wins, rest));
    }

    /// A value as a text.
    pub(in crate::template) fn text(&mut self, value: &Value) -> Text {
        if let Value::Text(pieces) = value {
            return Arc::clone(pieces);
        }
        let outer = std::mem::take(&mut self.out);
        let guards = std::mem::take(&mut self.guards);
        self.emit(value);
        self.guards = guards;
        std::mem::replace(&mut self.out, outer).into()
    }

    pub(super) fn push(&mut self, piece: Piece) {
        if !self.spend(1) {
            return;
        }
        if let Some(guards) = self.guards_below(&piece.guards) {
            self.out.push(Piece { guards, ..piece });
        }
    }

    /// The conditions of this place with those of a piece below them; nothing where they contradict each other.
    ///
    /// Pieces that follow one another mostly stand under the same conditions: the last answer is kept.
    fn guards_below(&mut self, inner: &Guards) -> Option<Guards> {
        if inner.is_empty() {
            return Some(self.guards.clone());
        }
        if self.guards.is_empty() {
            return Some(inner.clone());
        }
        if let Some((outer, known, joined)) = &self.last_joined
            && outer.is_same(&self.guards)
            && known.is_same(inner)
        {
            return joined.clone();
        }
        let joined = self.guards.joined(inner);
        self.last_joined = Some((self.guards.clone(), inner.clone(), joined.clone()));
        joined
    }
}
