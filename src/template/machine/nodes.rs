//! Running the nodes of a template: text, actions, both ways of every condition, each turn of a loop, variables.

use std::sync::Arc;

use gotmpl::parse::{BranchNode, ListNode, Node, PipeNode, SmolStr};

use super::{MAX_STEPS, Machine, Variable};
use crate::template::condition::{Guards, Logic};
use crate::template::value::{Paths, Piece, PieceKind, Source, Value, Words};

impl Machine<'_> {
    pub(super) fn list(&mut self, list: &ListNode, dot: &Value) {
        for node in &list.nodes {
            self.node(node, dot);
        }
    }

    pub(super) fn node(&mut self, node: &Node, dot: &Value) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            if self.steps == MAX_STEPS + 1 {
                self.give_up(&[&Value::Path(Paths::ROOT)]);
            }
            return;
        }
        match node {
            Node::List(list) => self.list(list, dot),
            Node::Text(text) => {
                self.at = self.place_of(text.pos.offset, &text.text);
                let origin = self.origin();
                self.push(Piece {
                    guards: Guards::default(),
                    kind: PieceKind::Words(Words::new(Arc::clone(&text.text))),
                    origin,
                });
            }
            Node::Action(action) => {
                self.stand(action.pos.offset);
                self.is_printing = action.pipe.decl.is_empty();
                let value = self.pipe(&action.pipe, dot);
                self.is_printing = false;
                self.stand(action.pos.offset);
                if action.pipe.decl.is_empty() {
                    self.emit(&value);
                } else {
                    self.bind(&action.pipe, &value);
                }
            }
            Node::If(branch) => self.branch(branch, dot, false),
            Node::With(branch) => self.branch(branch, dot, true),
            Node::Range(branch) => self.range(branch, dot),
            Node::Template(call) => self.template(call, dot),
            Node::Define(_) | Node::Break(_) | Node::Continue(_) => {}
        }
    }

    /// The byte at which a text node's text stands: behind white space that a trimmed comment left.
    pub(super) fn place_of(&self, offset: usize, text: &str) -> u32 {
        let source = self
            .files
            .get(self.file as usize)
            .map_or("", |(file, _)| &file.source.text);
        let rest = source.get(offset..).unwrap_or_default();
        let lead = rest.len() - rest.trim_start().len();
        let skipped = (0..=lead)
            .find(|skip| rest.get(*skip..).is_some_and(|rest| rest.starts_with(text)))
            .unwrap_or(0);
        u32::try_from(offset + skipped).unwrap_or(u32::MAX)
    }

    pub(super) fn stand(&mut self, offset: usize) {
        self.at = u32::try_from(offset).unwrap_or(u32::MAX);
        if matches!(self.files.get(self.file as usize), Some((_, true))) {
            self.own_call = self.origin();
        }
    }

    pub(super) fn branch(&mut self, branch: &BranchNode, dot: &Value, is_with: bool) {
        let scope = self.variables.len();
        self.stand(branch.pos.offset);
        let value = self.pipe(&branch.pipe, dot);
        let logic = self.truth(&value);
        if !branch.pipe.decl.is_empty() {
            self.bind(&branch.pipe, &value);
        }
        let inner = if is_with { &value } else { dot };
        self.under(logic, |machine| machine.list(&branch.body, inner));
        if let Some(other) = &branch.else_body {
            self.under(logic.negated(), |machine| machine.list(other, dot));
        }
        self.variables.truncate(scope);
    }

    pub(super) fn range(&mut self, branch: &BranchNode, dot: &Value) {
        let scope = self.variables.len();
        self.stand(branch.pos.offset);
        let value = self.pipe(&branch.pipe, dot);
        self.each(branch, &value);
        if let Some(other) = &branch.else_body {
            let empty = self.truth(&value).negated();
            self.under(empty, |machine| machine.list(other, dot));
        }
        self.variables.truncate(scope);
    }

    pub(super) fn each(&mut self, branch: &BranchNode, value: &Value) {
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let index = i64::try_from(index).unwrap_or(i64::MAX);
                    self.turn(branch, Value::Number(index), item);
                }
            }
            Value::Dict(id)
                if self.dicts[*id as usize].over.is_empty() && self.dicts[*id as usize].under.is_empty() =>
            {
                for (key, item) in self.dicts[*id as usize].own.clone() {
                    self.turn(branch, Value::words(key, None), &item);
                }
            }
            Value::Choice(literal, both) => {
                let literal = *literal;
                self.under(Logic::Open(literal), |machine| machine.each(branch, &both.0));
                self.under(Logic::Open(literal.negated()), |machine| machine.each(branch, &both.1));
            }
            Value::Number(_) => self.turn(branch, Value::Opaque(Arc::from([])), &Value::Opaque(Arc::from([]))),
            other => {
                let logic = self.truth(other);
                let item = self.element(other);
                let key = match other.path() {
                    Some(path) => Value::hole(Source::Key(path), None, self.origin()),
                    None => Value::Opaque(self.taint(&[other])),
                };
                self.under(logic, |machine| machine.turn(branch, key, &item));
            }
        }
    }

    /// One turn of a loop.
    pub(super) fn turn(&mut self, branch: &BranchNode, key: Value, item: &Value) {
        let scope = self.variables.len();
        let bind = |machine: &mut Self, name: &SmolStr, value: Value| {
            if branch.pipe.is_assign {
                machine.assign(name, value);
            } else {
                machine.declare(name.clone(), value);
            }
        };
        match branch.pipe.decl.as_slice() {
            [one] => bind(self, one, item.clone()),
            [first, second] => {
                bind(self, first, key);
                bind(self, second, item.clone());
            }
            _ => {}
        }
        self.list(&branch.body, item);
        self.variables.truncate(scope);
    }

    pub(super) fn declare(&mut self, name: SmolStr, value: Value) {
        self.variables.push(Variable {
            name,
            value,
            depth: self.guards.depth(),
        });
    }

    /// Gives a variable a new value, which counts under the conditions that the variable was not declared under.
    pub(super) fn assign(&mut self, name: &SmolStr, value: Value) {
        let Some(index) = self.variables[self.frame..]
            .iter()
            .rposition(|known| known.name == *name)
        else {
            return;
        };
        let index = self.frame + index;
        let (depth, old) = (self.variables[index].depth, self.variables[index].value.clone());
        self.variables[index].value = self.guarded(depth, value, old);
    }

    pub(super) fn bind(&mut self, pipe: &PipeNode, value: &Value) {
        for name in &pipe.decl {
            if pipe.is_assign {
                self.assign(name, value.clone());
            } else {
                self.declare(name.clone(), value.clone());
            }
        }
    }
}
