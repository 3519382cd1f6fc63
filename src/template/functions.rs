//! The functions of Helm's templates (Go's own, Sprig's, Helm's), as far as they carry images: what is not modelled is known by name, and
//! its result is something made of its arguments.

mod collections;
mod logic;
mod texts;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::condition::{Condition, Logic};
use super::file::parse;
use super::machine::Machine;
use super::value::{Alter, Piece, PieceKind, Value};

/// How many texts that are templates may run in each other.
const MAX_TEXTS: usize = 8;

/// The functions that Helm has, one a line.
const NAMES: &str = include_str!("functions/names.txt");

/// Whether Helm has a function of this name.
pub(super) fn is_known(name: &str) -> bool {
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| NAMES.lines().collect()).contains(name)
}

impl Machine<'_> {
    /// What the function of this name gives for these arguments.
    pub(super) fn function(&mut self, name: &str, arguments: Vec<Value>) -> Value {
        let a = arguments;
        match name {
            "include" => self.include(&a),
            "tpl" => self.tpl(&a),
            "required" => self.required(&a),
            "fail" => Value::Nil,
            "index" => self.index(&a),
            "get" => self.get(&a),
            "dig" => self.dig(&a),
            "pluck" => self.pluck(&a),
            "dict" => self.make_dict(a),
            "list" | "tuple" => Value::List(Arc::new(a)),
            "set" => self.set(a),
            "pick" => self.pick(&a),
            "merge" | "mustMerge" => self.merge(a, false),
            "mergeOverwrite" | "mustMergeOverwrite" => self.merge(a, true),
            "deepCopy" | "mustDeepCopy" => self.copy(a),
            "default" => self.default(a),
            "coalesce" | "or" => self.first_true(a),
            "and" => self.last_true(a),
            "not" | "empty" => {
                let logic = self.truth(a.first().unwrap_or(&Value::Nil)).negated();
                logic::flag(logic)
            }
            "ternary" => self.ternary(a),
            "all" => self.quantified(&a, true),
            "any" => self.quantified(&a, false),
            "eq" => self.equal(&a),
            "ne" => logic::negated(&self.equal(&a)),
            "hasKey" => self.has_key(&a),
            "kindIs" => self.kind_is(&a),
            "typeIs" | "typeIsLike" => self.type_is(name, &a),
            "contains" | "hasPrefix" | "hasSuffix" => self.look_inside(name, &a),
            "print" | "println" | "cat" => self.print(name, &a),
            "printf" => self.printf(&a),
            "quote" | "squote" => self.quote(name, &a),
            "trim" | "toString" => texts::trimmed(a),
            "nospace" => self.alter(&Alter::Replace(" ".into(), "".into()), a.last()),
            "indent" | "nindent" => self.indent(name, &a),
            "join" => self.join(&a),
            "base" | "osBase" | "dir" | "osDir" => self.part_of_path(name, &a),
            "lower" => self.alter(&Alter::Lower, a.last()),
            "upper" => self.alter(&Alter::Upper, a.last()),
            "trunc" => self.truncate(&a),
            "trimPrefix" | "trimSuffix" => self.trim_ending(name, &a),
            "replace" => self.replace(&a),
            "toYaml" | "mustToYaml" | "toYamlPretty" => self.write_yaml(a.first()),
            "toJson" | "mustToJson" | "toRawJson" | "mustToRawJson" | "toPrettyJson" | "mustToPrettyJson" => {
                match a.first().and_then(Value::path) {
                    Some(_) => self.write_yaml(a.first()),
                    None => self.opaque(&a),
                }
            }
            "fromYaml" | "fromJson" | "mustFromJson" | "fromYamlArray" | "fromJsonArray" => self.read_yaml(a.first()),
            "first" | "last" | "mustFirst" | "mustLast" => self.end_of(name, &a),
            "rest" | "mustRest" | "initial" | "mustInitial" => collections::part_of(name, &a),
            "append" | "push" | "mustAppend" | "mustPush" | "prepend" | "mustPrepend" => self.append(name, a),
            "concat" => self.concat(&a),
            "keys" => self.keys(&a),
            "values" => self.all_values(&a),
            "unset" | "omit" => self.omit(name, a),
            "compact" | "mustCompact" => self.opaque(&a),
            "without" | "mustWithout" if matches!(a.first(), Some(Value::List(_))) => self.opaque(&a),
            "sortAlpha" | "uniq" | "mustUniq" | "reverse" | "mustReverse" | "without" | "mustWithout" => {
                a.into_iter().next().unwrap_or(Value::Nil)
            }
            "ge" | "gt" | "le" | "lt" | "semverCompare" | "regexMatch" | "mustRegexMatch" | "has" | "mustHas"
            | "deepEqual" => {
                let values: Vec<&Value> = a.iter().collect();
                self.test(name, &values);
                Value::Flag(self.conditions.holds(Condition::Opaque))
            }
            name => self.other(name, &a),
        }
    }

    fn opaque(&mut self, values: &[Value]) -> Value {
        let values: Vec<&Value> = values.iter().collect();
        Value::Opaque(self.taint(&values))
    }

    /// A function that is known by name alone: what it does to one text is kept, so that a report can say it.
    fn other(&mut self, name: &str, values: &[Value]) -> Value {
        let texts: Vec<&Value> = values.iter().filter(|value| value.constant().is_none()).collect();
        match texts.as_slice() {
            [one @ (Value::Path(_) | Value::Text(_))] if !matches!(name, "len" | "lookup") => {
                let one = (*one).clone();
                self.alter(&Alter::Other(name.into()), Some(&one))
            }
            _ => self.opaque(values),
        }
    }

    fn include(&mut self, a: &[Value]) -> Value {
        let dot = a.get(1).cloned().unwrap_or(Value::Nil);
        let Some(name) = a.first().and_then(Value::constant) else {
            let values: Vec<&Value> = a.iter().collect();
            return self.give_up(&values);
        };
        let file = name.rsplit('/').next().unwrap_or_default();
        if name.contains("/templates/") && !file.starts_with('_') {
            return Value::Opaque(Arc::from([]));
        }
        self.call(&name, &dot)
    }

    fn tpl(&mut self, a: &[Value]) -> Value {
        let dot = a.get(1).cloned().unwrap_or(Value::Nil);
        let Some(template) = a.first() else { return Value::Nil };
        if let Some(text) = template.constant() {
            if !text.contains("{{") {
                return template.clone();
            }
            return self.run_text(&text, &dot);
        }
        match template {
            Value::Nil => Value::Nil,
            Value::Choice(literal, both) => {
                let yes = self.tpl(&[both.0.clone(), dot.clone()]);
                let no = self.tpl(&[both.1.clone(), dot]);
                self.choice(Logic::Open(*literal), yes, no)
            }
            Value::Path(_) | Value::Text(_) | Value::Layered(..) => {
                let text = self.text(template);
                Value::Text(text.iter().map(templated).collect())
            }
            _ => self.give_up(&[template, &dot]),
        }
    }

    /// What a constant text comes to that is a template.
    fn run_text(&mut self, text: &str, dot: &Value) -> Value {
        let name = "tpl";
        let depth = self.calls.iter().filter(|call| *call == name).count();
        match parse(text).ok().filter(|_| depth < MAX_TEXTS) {
            Some(body) => {
                self.calls.push(name.to_owned());
                let text = self.captured(&body.nodes, dot);
                self.calls.pop();
                Value::Text(text)
            }
            None => self.give_up(&[dot]),
        }
    }

    fn required(&mut self, a: &[Value]) -> Value {
        let value = a.get(1).cloned().unwrap_or(Value::Nil);
        let taint = self.taint(&[&value]);
        self.required.extend(taint.iter().copied());
        value
    }
}

/// A hole whose text is a template itself.
fn templated(piece: &Piece) -> Piece {
    let PieceKind::Hole(source, changes) = &piece.kind else {
        return piece.clone();
    };
    let mut changes = changes.as_deref().unwrap_or_default().to_vec();
    changes.push(Alter::Template);
    Piece {
        kind: PieceKind::Hole(source.clone(), Some(changes.into())),
        ..piece.clone()
    }
}
