//! Conditions at a place: what they settle, and values that depend on the rest.

use std::sync::Arc;

use super::{MAX_CHOICES, Machine, choices};
use crate::template::condition::{Condition, Literal, Logic};
use crate::template::value::{PathId, Value};

/// How deep conditions made of conditions are looked into.
const SETTLED: usize = 4;

impl Machine<'_> {
    /// Runs `body` where `logic` holds: not at all where it cannot.
    pub(super) fn under(&mut self, logic: Logic, body: impl FnOnce(&mut Self)) {
        let open = match logic {
            Logic::Known(false) => return,
            Logic::Known(true) => None,
            Logic::Open(literal) => match self.settled(literal, SETTLED) {
                Some(false) => return,
                Some(true) => None,
                None => Some(literal),
            },
        };
        let Some(literal) = open else {
            body(self);
            return;
        };
        let outer = self.guards.clone();
        self.guards = outer.with(literal);
        body(self);
        self.guards = outer;
    }

    /// What the conditions of this place say of a literal, where they settle it.
    pub(super) fn settled(&self, literal: Literal, left: usize) -> Option<bool> {
        if let Some(known) = self.guards.say(literal) {
            return Some(known);
        }
        if left == 0 {
            return None;
        }
        let holds = match self.conditions.get(literal.condition) {
            Condition::All(parts) => {
                let said: Vec<Option<bool>> = parts.iter().map(|part| self.settled(*part, left - 1)).collect();
                if said.contains(&Some(false)) {
                    Some(false)
                } else {
                    said.iter().all(|part| *part == Some(true)).then_some(true)
                }
            }
            Condition::Any(parts) => {
                let said: Vec<Option<bool>> = parts.iter().map(|part| self.settled(*part, left - 1)).collect();
                if said.contains(&Some(true)) {
                    Some(true)
                } else {
                    said.iter().all(|part| *part == Some(false)).then_some(false)
                }
            }
            _ => None,
        };
        holds.map(|holds| holds == literal.holds)
    }

    /// `yes` where `logic` holds, else `no`.
    pub(in crate::template) fn choice(&mut self, logic: Logic, yes: Value, no: Value) -> Value {
        let logic = match logic {
            Logic::Open(literal) => self.settled(literal, SETTLED).map_or(logic, Logic::Known),
            known @ Logic::Known(_) => known,
        };
        self.unpruned(logic, yes, no)
    }

    /// A value without the choices that the conditions of this place settle.
    pub(super) fn settle(&self, mut value: Value) -> Value {
        while let Value::Choice(literal, both) = &value {
            let next = match self.settled(*literal, SETTLED) {
                Some(true) => both.0.clone(),
                Some(false) => both.1.clone(),
                None => break,
            };
            value = next;
        }
        value
    }

    /// The same, for a value that is read where other conditions hold.
    pub(super) fn unpruned(&mut self, logic: Logic, yes: Value, no: Value) -> Value {
        let no = match (logic, &no) {
            (Logic::Open(literal), Value::Choice(known, both)) if *known == literal => both.1.clone(),
            _ => no,
        };
        match logic {
            Logic::Known(true) => yes,
            Logic::Known(false) => no,
            Logic::Open(literal) if choices(&yes).max(choices(&no)) < MAX_CHOICES => {
                Value::Choice(literal, Arc::new((yes, no)))
            }
            Logic::Open(_) => {
                self.lose();
                Value::Opaque(self.taint(&[&yes, &no]))
            }
        }
    }

    /// `new` under the conditions of this place below the first `depth`, else `old`.
    pub(in crate::template) fn guarded(&mut self, depth: u32, new: Value, old: Value) -> Value {
        let literals = self.guards.below(depth);
        let logic = self.conditions.all(literals.into_iter().map(Logic::Open));
        self.unpruned(logic, new, old)
    }

    /// Writes a value below a path, for what is read from there later.
    pub(in crate::template) fn write(&mut self, path: PathId, key: &str, value: Value) {
        let path = self.paths.key(path, key);
        let old = self.assigned.get(&path).cloned().unwrap_or(Value::Path(path));
        let new = self.guarded(0, value, old);
        self.assigned.insert(path, new);
    }
}
