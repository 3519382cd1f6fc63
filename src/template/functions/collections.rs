//! Functions on dictionaries and lists: what stands under a key, also where values make the key.

use std::sync::Arc;

use super::super::condition::Logic;
use super::super::machine::{Dict, Machine};
use super::super::value::{Piece, PieceKind, Source, Value, Wins};

impl Machine<'_> {
    pub(super) fn index(&mut self, a: &[Value]) -> Value {
        let Some((first, keys)) = a.split_first() else {
            return Value::Nil;
        };
        keys.iter().fold(first.clone(), |value, key| self.at(&value, key))
    }

    /// What stands under a key, or at a place, of a value.
    pub(super) fn at(&mut self, value: &Value, key: &Value) -> Value {
        match (value, key) {
            (Value::List(items), Value::Number(index)) => {
                let index = usize::try_from(*index).ok();
                index.and_then(|index| items.get(index)).cloned().unwrap_or(Value::Nil)
            }
            (_, Value::Number(_)) => self.some_element(value),
            (_, Value::Choice(literal, both)) => {
                let (yes, no) = (self.at(value, &both.0), self.at(value, &both.1));
                self.choice(Logic::Open(*literal), yes, no)
            }
            (Value::Choice(literal, both), _) => {
                let (yes, no) = (self.at(&both.0, key), self.at(&both.1, key));
                self.choice(Logic::Open(*literal), yes, no)
            }
            _ => match key.constant() {
                Some(name) => self.field(value, &name),
                None => self.computed(value, key),
            },
        }
    }

    /// What stands under a key that values make: any of them.
    pub(super) fn computed(&mut self, value: &Value, key: &Value) -> Value {
        let is_own_key = match (key, value.path()) {
            (Value::Text(pieces), Some(path)) => {
                matches!(&pieces[..], [Piece { kind: PieceKind::Hole(Source::Key(of), None), .. }] if *of == path)
            }
            _ => false,
        };
        if is_own_key {
            return self.element(value);
        }
        self.test("index", &[key]);
        self.lose();
        self.some_element(value)
    }

    pub(super) fn get(&mut self, a: &[Value]) -> Value {
        match a {
            [dict, key] => self.at(dict, key),
            _ => Value::Nil,
        }
    }

    pub(super) fn dig(&mut self, a: &[Value]) -> Value {
        let [keys @ .., fallback, dict] = a else {
            return Value::Nil;
        };
        let found = keys.iter().fold(dict.clone(), |value, key| self.at(&value, key));
        self.present_or(found, fallback.clone())
    }

    /// `value` where its path is there, else `fallback`.
    pub(super) fn present_or(&mut self, value: Value, fallback: Value) -> Value {
        let is_there = self.presence(&value);
        self.choice(is_there, value, fallback)
    }

    pub(super) fn pluck(&mut self, a: &[Value]) -> Value {
        let Some((key, dicts)) = a.split_first() else {
            return Value::Nil;
        };
        let found: Vec<Value> = dicts.iter().map(|dict| self.at(dict, key)).collect();
        let found = match found.len() {
            0 | 1 => found,
            _ => vec![Value::Layered(Wins::Present, found.into())],
        };
        Value::List(Arc::new(found))
    }

    pub(super) fn make_dict(&mut self, a: Vec<Value>) -> Value {
        let mut dict = Dict::default();
        let mut pairs = a.into_iter();
        while let Some(key) = pairs.next() {
            let value = pairs.next().unwrap_or(Value::Nil);
            match key.constant() {
                Some(name) => {
                    dict.own.insert(name, value);
                }
                None => dict.under.push(self.opaque(&[key, value])),
            }
        }
        Value::Dict(self.dict(dict))
    }

    pub(super) fn set(&mut self, a: Vec<Value>) -> Value {
        let Ok([target, key, value]) = <[Value; 3]>::try_from(a) else {
            return Value::Nil;
        };
        let Some(name) = key.constant() else {
            let made = self.opaque(&[key, value]);
            if let Value::Dict(id) = &target {
                self.dict_mut(*id).under.push(made);
            }
            return target;
        };
        match &target {
            Value::Dict(id) => {
                let old = self.field(&target, &name);
                let depth = self.dict_of(*id).depth;
                let new = self.guarded(depth, value, old);
                let dict = self.dict_mut(*id);
                dict.hidden.remove(&name);
                dict.fixed.insert(name.clone());
                dict.own.insert(name, new);
            }
            other => {
                if let Some(path) = other.path() {
                    self.write(path, &name, value);
                }
            }
        }
        target
    }

    /// `omit`, which gives a copy without some keys, or `unset`, which takes one away.
    pub(super) fn omit(&mut self, name: &str, a: Vec<Value>) -> Value {
        let mut a = a.into_iter();
        let Some(from) = a.next() else { return Value::Nil };
        let keys: Vec<String> = a.filter_map(|key| key.constant()).collect();
        match (&from, from.path()) {
            (Value::Dict(id), _) if name == "unset" => {
                self.dict_mut(*id).hidden.extend(keys);
                from
            }
            (_, Some(path)) if name == "unset" => {
                for key in keys {
                    self.write(path, &key, Value::Nil);
                }
                from
            }
            _ => Value::Dict(self.dict(Dict {
                under: vec![from],
                hidden: keys.into_iter().collect(),
                ..Dict::default()
            })),
        }
    }

    pub(super) fn pick(&mut self, a: &[Value]) -> Value {
        let Some((from, keys)) = a.split_first() else {
            return Value::Nil;
        };
        let mut dict = Dict::default();
        for key in keys {
            match key.constant() {
                Some(name) => {
                    let value = self.field(from, &name);
                    dict.own.insert(name, value);
                }
                None => return from.clone(),
            }
        }
        Value::Dict(self.dict(dict))
    }

    /// `merge`, where the first wins, or `mergeOverwrite`, where the last does.
    pub(super) fn merge(&mut self, mut a: Vec<Value>, overwrites: bool) -> Value {
        if a.is_empty() {
            return Value::Nil;
        }
        let first = a.remove(0);
        let Value::Dict(id) = first else {
            let mut layers = vec![first];
            layers.extend(a);
            let mut dict = Dict::default();
            if overwrites {
                layers.reverse();
                dict.over = layers;
            } else {
                dict.under = layers;
            }
            return Value::Dict(self.dict(dict));
        };
        a.retain(|other| !matches!(other, Value::Dict(same) if *same == id));
        let is_plain =
            |dict: &Dict| dict.fixed.is_empty() && dict.hidden.is_empty() && (overwrites || dict.over.is_empty());
        if !is_plain(self.dict_of(id)) {
            let depth = self.dict_of(id).depth;
            let before = std::mem::take(self.dict_mut(id));
            let before = Value::Dict(self.dict(before));
            let dict = self.dict_mut(id);
            dict.depth = depth;
            dict.under = vec![before];
        }
        let dict = self.dict_mut(id);
        if overwrites {
            a.reverse();
            a.append(&mut dict.over);
            dict.over = a;
        } else {
            dict.under.extend(a);
        }
        Value::Dict(id)
    }

    pub(super) fn copy(&mut self, a: Vec<Value>) -> Value {
        let value = a.into_iter().next().unwrap_or(Value::Nil);
        match &value {
            Value::Dict(id) => {
                let dict = self.dict_of(*id).clone();
                Value::Dict(self.dict(dict))
            }
            Value::Path(_) | Value::Layered(..) => Value::Dict(self.dict(Dict {
                under: vec![value],
                ..Dict::default()
            })),
            _ => value,
        }
    }

    pub(super) fn end_of(&mut self, name: &str, a: &[Value]) -> Value {
        match a.first() {
            Some(Value::List(items)) if name.ends_with("irst") => items.first().cloned().unwrap_or(Value::Nil),
            Some(Value::List(items)) => items.last().cloned().unwrap_or(Value::Nil),
            Some(other) => match other.path() {
                Some(_) => self.some_element(other),
                None => other.clone(),
            },
            None => Value::Nil,
        }
    }

    pub(super) fn append(&mut self, name: &str, a: Vec<Value>) -> Value {
        let mut a = a.into_iter();
        let (Some(list), Some(item)) = (a.next(), a.next()) else {
            return Value::Nil;
        };
        let mut items = self.items(&list);
        if !self.spend(items.len() + 1) {
            return Value::Opaque(Arc::from([]));
        }
        if name.ends_with("repend") {
            items.insert(0, item);
        } else {
            items.push(item);
        }
        Value::List(Arc::new(items))
    }

    pub(super) fn concat(&mut self, a: &[Value]) -> Value {
        let mut items: Vec<Value> = Vec::new();
        for list in a {
            let more = self.items(list);
            if !self.spend(more.len() + 1) {
                return Value::Opaque(Arc::from([]));
            }
            items.extend(more);
        }
        Value::List(Arc::new(items))
    }

    /// The items of a list; any of them where values say how many there are.
    pub(super) fn items(&mut self, list: &Value) -> Vec<Value> {
        match list {
            Value::List(items) => items.as_ref().clone(),
            Value::Nil => Vec::new(),
            Value::Choice(_, both) => {
                let mut items = self.items(&both.0);
                items.extend(self.items(&both.1));
                items
            }
            other => vec![self.element(other)],
        }
    }

    pub(super) fn keys(&mut self, a: &[Value]) -> Value {
        match a.first() {
            Some(Value::Dict(id)) if self.dict_of(*id).under.is_empty() => {
                let keys: Vec<String> = self.dict_of(*id).own.keys().cloned().collect();
                let origin = self.origin();
                let items = keys.into_iter().map(|key| Value::words(key, origin)).collect();
                Value::List(Arc::new(items))
            }
            Some(other) => match other.path() {
                Some(path) => {
                    let key = Value::hole(Source::Key(path), None, self.origin());
                    Value::List(Arc::new(vec![key]))
                }
                None => self.opaque(a),
            },
            None => Value::Nil,
        }
    }

    pub(super) fn all_values(&mut self, a: &[Value]) -> Value {
        match a.first() {
            Some(Value::Dict(id)) if self.dict_of(*id).under.is_empty() => {
                let items: Vec<Value> = self.dict_of(*id).own.values().cloned().collect();
                Value::List(Arc::new(items))
            }
            Some(other) => {
                let item = self.element(other);
                Value::List(Arc::new(vec![item]))
            }
            None => Value::Nil,
        }
    }
}

pub(super) fn part_of(name: &str, a: &[Value]) -> Value {
    match a.first() {
        Some(Value::List(items)) if name.ends_with("est") => {
            Value::List(Arc::new(items.iter().skip(1).cloned().collect()))
        }
        Some(Value::List(items)) => {
            let count = items.len().saturating_sub(1);
            Value::List(Arc::new(items.iter().take(count).cloned().collect()))
        }
        Some(other) => other.clone(),
        None => Value::Nil,
    }
}
