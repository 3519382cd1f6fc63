//! Functions that choose by conditions, or ask for them.

use super::super::condition::{Condition, Logic};
use super::super::machine::Machine;
use super::super::value::Value;

impl Machine<'_> {
    pub(super) fn default(&mut self, a: Vec<Value>) -> Value {
        let mut a = a.into_iter();
        let (Some(fallback), Some(value)) = (a.next(), a.next()) else {
            return Value::Nil;
        };
        let logic = self.truth(&value);
        self.choice(logic, value, fallback)
    }

    /// The first value that is true, else the last: `or`, `coalesce`.
    pub(super) fn first_true(&mut self, a: Vec<Value>) -> Value {
        self.folded(a, |machine, value, rest| {
            let logic = machine.truth(&value);
            machine.choice(logic, value, rest)
        })
    }

    /// The first value that is not true, else the last: `and`.
    pub(super) fn last_true(&mut self, a: Vec<Value>) -> Value {
        self.folded(a, |machine, value, rest| {
            let logic = machine.truth(&value);
            machine.choice(logic, rest, value)
        })
    }

    /// The values from the last to the first, each put together with what those behind it come to.
    fn folded(&mut self, a: Vec<Value>, join: impl Fn(&mut Self, Value, Value) -> Value) -> Value {
        let mut values = a.into_iter().rev();
        let Some(last) = values.next() else { return Value::Nil };
        values.fold(last, |rest, value| join(self, value, rest))
    }

    pub(super) fn ternary(&mut self, a: Vec<Value>) -> Value {
        let Ok([yes, no, test]) = <[Value; 3]>::try_from(a) else {
            return Value::Nil;
        };
        let logic = self.truth(&test);
        self.choice(logic, yes, no)
    }

    pub(super) fn quantified(&mut self, a: &[Value], all: bool) -> Value {
        let parts: Vec<Logic> = a.iter().map(|value| self.truth(value)).collect();
        flag(if all {
            self.conditions.all(parts)
        } else {
            self.conditions.any(parts)
        })
    }

    pub(super) fn equal(&mut self, a: &[Value]) -> Value {
        let Some((first, others)) = a.split_first() else {
            return Value::Bool(false);
        };
        let mut parts = Vec::new();
        for other in others {
            if let (Some(left), Some(right)) = (first.constant(), other.constant()) {
                parts.push(Logic::Known(left == right));
                continue;
            }
            self.test("eq", &[first, other]);
            let (left, right) = (self.text(first), self.text(other));
            parts.push(Logic::Open(self.conditions.holds(Condition::Equal(left, right))));
        }
        flag(self.conditions.any(parts))
    }

    pub(super) fn has_key(&mut self, a: &[Value]) -> Value {
        let [dict, key] = a else { return Value::Bool(false) };
        let found = self.at(dict, key);
        match (&found, found.path()) {
            (_, Some(path)) => Value::Flag(self.conditions.holds(Condition::Has(path))),
            (Value::Nil, _) => Value::Bool(false),
            (Value::Opaque(_) | Value::Layered(..) | Value::Choice(..), _) => {
                Value::Flag(self.conditions.holds(Condition::Opaque))
            }
            _ => Value::Bool(true),
        }
    }

    pub(super) fn kind_is(&mut self, a: &[Value]) -> Value {
        let [kind, value] = a else { return Value::Bool(false) };
        let Some(kind) = kind.constant() else {
            return Value::Flag(self.conditions.holds(Condition::Opaque));
        };
        match (value, value.path()) {
            (_, Some(path)) => Value::Flag(self.conditions.holds(Condition::Kind(path, kind.into()))),
            (Value::Text(_), _) => Value::Bool(kind == "string"),
            (Value::Dict(_), _) => Value::Bool(kind == "map"),
            (Value::List(_), _) => Value::Bool(kind == "slice"),
            (Value::Nil, _) => Value::Bool(kind == "invalid"),
            _ => Value::Flag(self.conditions.holds(Condition::Opaque)),
        }
    }

    /// `typeIs` and `typeIsLike`, where the type is one that values have.
    pub(super) fn type_is(&mut self, name: &str, a: &[Value]) -> Value {
        let [wanted, value] = a else { return Value::Bool(false) };
        let kind = match wanted.constant().as_deref() {
            Some("string") => "string",
            Some("bool") => "bool",
            Some("float64") => "float64",
            Some("map[string]interface {}") => "map",
            Some("[]interface {}") => "slice",
            _ => {
                self.test(name, &[wanted, value]);
                return Value::Flag(self.conditions.holds(Condition::Opaque));
            }
        };
        self.kind_is(&[Value::words(kind, None), value.clone()])
    }

    pub(super) fn look_inside(&mut self, name: &str, a: &[Value]) -> Value {
        let [part, whole] = a else { return Value::Bool(false) };
        if let (Some(part), Some(whole)) = (part.constant(), whole.constant()) {
            return Value::Bool(match name {
                "contains" => whole.contains(&part),
                "hasPrefix" => whole.starts_with(&part),
                _ => whole.ends_with(&part),
            });
        }
        self.test(name, &[part, whole]);
        Value::Flag(self.conditions.holds(Condition::Opaque))
    }
}

pub(super) fn flag(logic: Logic) -> Value {
    match logic {
        Logic::Known(flag) => Value::Bool(flag),
        Logic::Open(literal) => Value::Flag(literal),
    }
}

pub(super) fn negated(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Flag(literal) => Value::Flag(literal.negated()),
        other => other.clone(),
    }
}
