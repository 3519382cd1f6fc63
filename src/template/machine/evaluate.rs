//! Expressions: pipelines, fields, variables, and what `if` takes for true.

use std::sync::Arc;

use gotmpl::parse::{CommandNode, Expr, Number, PipeNode, SmolStr};

use super::Machine;
use super::layered;
use crate::template::condition::{Condition, Logic};
use crate::template::value::{Paths, Piece, PieceKind, Text, Value, Wins};

impl Machine<'_> {
    pub(super) fn pipe(&mut self, pipe: &PipeNode, dot: &Value) -> Value {
        let mut last: Option<Value> = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last));
        }
        last.unwrap_or(Value::Nil)
    }

    pub(super) fn command(&mut self, command: &CommandNode, dot: &Value, piped: Option<Value>) -> Value {
        let Some((first, rest)) = command.args.split_first() else {
            return Value::Nil;
        };
        let mut arguments: Vec<Value> = Vec::with_capacity(rest.len() + 1);
        for argument in rest {
            arguments.push(self.expression(argument, dot));
        }
        arguments.extend(piped);
        match first {
            Expr::Identifier(pos, name) => {
                self.at = u32::try_from(pos.offset).unwrap_or(u32::MAX);
                self.function(name, arguments)
            }
            first if arguments.is_empty() => self.expression(first, dot),
            method => {
                let object = self.expression(method, dot);
                let mut parts = vec![&object];
                parts.extend(&arguments);
                Value::Opaque(self.taint(&parts))
            }
        }
    }

    pub(super) fn expression(&mut self, expression: &Expr, dot: &Value) -> Value {
        match expression {
            Expr::Dot(_) => dot.clone(),
            Expr::Field(_, fields) => self.fields(dot.clone(), fields),
            Expr::Variable(_, name, fields) => {
                let known = self.variables[self.frame..]
                    .iter()
                    .rev()
                    .find(|known| known.name == *name);
                let value = known.map_or(Value::Nil, |known| known.value.clone());
                let value = self.settle(value);
                self.fields(value, fields)
            }
            Expr::Identifier(_, name) => self.function(name, Vec::new()),
            Expr::String(pos, text) => {
                self.at = u32::try_from(pos.offset + 1).unwrap_or(u32::MAX);
                Value::words(Arc::clone(text), self.origin())
            }
            Expr::Number(_, Number::Int(number)) => Value::Number(*number),
            Expr::Number(_, Number::Uint(number)) => Value::words(number.to_string(), None),
            Expr::Number(_, Number::Float(number)) => Value::words(number.to_string(), None),
            Expr::Bool(_, flag) => Value::Bool(*flag),
            Expr::Nil(_) => Value::Nil,
            Expr::Pipe(_, pipe) => self.pipe(pipe, dot),
            Expr::Chain(_, inner, fields) => {
                let value = self.expression(inner, dot);
                self.fields(value, fields)
            }
        }
    }

    pub(super) fn fields(&mut self, value: Value, names: &[SmolStr]) -> Value {
        names.iter().fold(value, |value, name| self.field(&value, name))
    }

    /// What stands under `name` in a value.
    pub(in crate::template) fn field(&mut self, value: &Value, name: &str) -> Value {
        self.deeper(
            |_| Value::Opaque(Arc::from([])),
            |machine| machine.field_of(value, name),
        )
    }

    fn field_of(&mut self, value: &Value, name: &str) -> Value {
        match value {
            Value::Path(path) => {
                let is_subchart = *path != Paths::ROOT && self.roots.contains(path);
                let parent = if is_subchart && name == "global" {
                    Paths::ROOT
                } else {
                    *path
                };
                let path = self.paths.key(parent, name);
                let value = self.assigned.get(&path).cloned().unwrap_or(Value::Path(path));
                self.settle(value)
            }
            Value::Dict(id) => {
                let dict = &self.dicts[*id as usize];
                if dict.hidden.contains(name) {
                    return Value::Nil;
                }
                if dict.over.is_empty() && dict.under.is_empty() {
                    let value = dict.own.get(name).cloned().unwrap_or(Value::Nil);
                    return self.settle(value);
                }
                let dict = dict.clone();
                let own = dict.own.get(name).cloned();
                if dict.fixed.contains(name) {
                    return self.settle(own.unwrap_or(Value::Nil));
                }
                let mut layers: Vec<Value> = dict.over.iter().map(|layer| self.field(layer, name)).collect();
                let under = dict.under.iter().map(|layer| self.field(layer, name));
                let below = layered(Wins::Filled, own.into_iter().chain(under).collect());
                layers.push(below);
                layered(Wins::Present, layers)
            }
            Value::Layered(wins, layers) => {
                let layers = layers.iter().map(|layer| self.field(layer, name)).collect();
                layered(*wins, layers)
            }
            Value::Choice(literal, both) => {
                let (yes, no) = (self.field(&both.0, name), self.field(&both.1, name));
                self.choice(Logic::Open(*literal), yes, no)
            }
            Value::Chart(chart, field) if field.is_empty() => Value::Chart(*chart, name.into()),
            Value::Chart(chart, field) => Value::Chart(*chart, format!("{field}.{name}").into()),
            Value::Object(object) => Value::Object(format!("{object}.{name}").into()),
            Value::Text(_) => match value.path() {
                Some(path) => self.field(&Value::Path(path), name),
                None => Value::Opaque(self.taint(&[value])),
            },
            Value::Opaque(taint) => Value::Opaque(Arc::clone(taint)),
            Value::Nil | Value::Bool(_) | Value::Flag(_) | Value::Number(_) | Value::List(_) => Value::Nil,
        }
    }

    /// Whether `if` takes a value for true.
    pub(in crate::template) fn truth(&mut self, value: &Value) -> Logic {
        match value {
            Value::Dict(_) | Value::Layered(..) | Value::Choice(..) => {
                let unknown = |machine: &mut Self| Logic::Open(machine.conditions.holds(Condition::Opaque));
                self.deeper(unknown, |machine| machine.truth_of(value))
            }
            _ => self.truth_of(value),
        }
    }

    fn truth_of(&mut self, value: &Value) -> Logic {
        match value {
            Value::Nil => Logic::Known(false),
            Value::Bool(flag) => Logic::Known(*flag),
            Value::Flag(literal) => Logic::Open(*literal),
            Value::Number(number) => Logic::Known(*number != 0),
            Value::Path(path) => Logic::Open(self.conditions.holds(Condition::Truthy(*path))),
            Value::Chart(_, field) if field.is_empty() => Logic::Known(true),
            Value::Chart(chart, field) => {
                Logic::Open(self.conditions.holds(Condition::Chart(*chart, Arc::clone(field))))
            }
            Value::List(items) => Logic::Known(!items.is_empty()),
            Value::Dict(id) => {
                let dict = self.dicts[*id as usize].clone();
                if !dict.own.is_empty() {
                    return Logic::Known(true);
                }
                let layers: Vec<Value> = dict.over.into_iter().chain(dict.under).collect();
                self.one_is_true(&layers)
            }
            Value::Layered(wins, layers) => {
                let (wins, layers) = (*wins, Arc::clone(layers));
                self.layers_are_true(wins, &layers)
            }
            Value::Choice(literal, both) => {
                let (yes, no) = (self.truth(&both.0), self.truth(&both.1));
                let yes = self.conditions.all([Logic::Open(*literal), yes]);
                let no = self.conditions.all([Logic::Open(literal.negated()), no]);
                self.conditions.any([yes, no])
            }
            Value::Text(pieces) => match value.path() {
                Some(path) => self.truth(&Value::Path(path)),
                None => self.is_filled(pieces),
            },
            Value::Object(_) | Value::Opaque(_) => Logic::Open(self.conditions.holds(Condition::Opaque)),
        }
    }

    pub(super) fn one_is_true(&mut self, values: &[Value]) -> Logic {
        let parts: Vec<Logic> = values.iter().map(|value| self.truth(value)).collect();
        self.conditions.any(parts)
    }

    /// Whether the one of several layers that counts is true.
    fn layers_are_true(&mut self, wins: Wins, layers: &[Value]) -> Logic {
        let Some((first, rest)) = layers.split_first() else {
            return Logic::Known(false);
        };
        let is_true = self.truth(first);
        if rest.is_empty() {
            return is_true;
        }
        let counts = self.counts(wins, first);
        let others = self.layers_are_true(wins, rest);
        let here = self.conditions.all([counts, is_true]);
        let below = self.conditions.all([counts.negated(), others]);
        self.conditions.any([here, below])
    }

    /// Whether a layer counts, whatever lies below it.
    pub(super) fn counts(&mut self, wins: Wins, layer: &Value) -> Logic {
        match wins {
            Wins::Filled => self.truth(layer),
            Wins::Present => self.presence(layer),
        }
    }

    /// Whether a value is there at all, empty or not.
    pub(in crate::template) fn presence(&mut self, value: &Value) -> Logic {
        let unknown = |machine: &mut Self| Logic::Open(machine.conditions.holds(Condition::Opaque));
        match value {
            Value::Nil => Logic::Known(false),
            Value::Choice(literal, both) => self.deeper(unknown, |machine| {
                let (yes, no) = (machine.presence(&both.0), machine.presence(&both.1));
                let yes = machine.conditions.all([Logic::Open(*literal), yes]);
                let no = machine.conditions.all([Logic::Open(literal.negated()), no]);
                machine.conditions.any([yes, no])
            }),
            Value::Layered(_, layers) => self.deeper(unknown, |machine| {
                let parts: Vec<Logic> = layers.iter().map(|layer| machine.presence(layer)).collect();
                machine.conditions.any(parts)
            }),
            Value::Chart(..) | Value::Object(_) | Value::Opaque(_) => unknown(self),
            other => match other.path() {
                Some(path) => Logic::Open(self.conditions.holds(Condition::Has(path))),
                None => Logic::Known(true),
            },
        }
    }

    pub(super) fn is_filled(&mut self, pieces: &Text) -> Logic {
        let says = |piece: &Piece| matches!(&piece.kind, PieceKind::Words(words) if !words.as_str().is_empty());
        if pieces.iter().any(|piece| says(piece) && piece.guards.is_empty()) {
            return Logic::Known(true);
        }
        if !pieces
            .iter()
            .any(|piece| says(piece) || matches!(piece.kind, PieceKind::Hole(..)))
        {
            return Logic::Known(false);
        }
        Logic::Open(self.conditions.holds(Condition::Filled(Arc::clone(pieces))))
    }
}
