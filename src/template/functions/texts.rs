//! Functions on texts: put together, altered, written as YAML and read back.

use std::sync::Arc;

use super::super::condition::Logic;
use super::super::machine::Machine;
use super::super::structure;
use super::super::value::{Alter, Piece, PieceKind, Source, Value};

/// How many altered texts may stand in each other.
const MAX_NESTING: u8 = 12;

/// The longest text that a replacement may make, in bytes.
const MAX_TEXT: usize = 1024 * 1024;

impl Machine<'_> {
    /// The texts one behind the other.
    pub(super) fn joined(&mut self, values: &[Value], between: &str) -> Value {
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, value) in values.iter().enumerate() {
            if !self.spend(pieces.len() / 64 + 1) {
                return self.opaque(values);
            }
            if index > 0 && !between.is_empty() {
                let text = Value::words(between, self.origin());
                pieces.extend(self.text(&text).iter().cloned());
            }
            let text = self.text(value);
            if !self.spend(text.len()) {
                return self.opaque(values);
            }
            pieces.extend(text.iter().cloned());
        }
        Value::Text(pieces.into())
    }

    pub(super) fn print(&mut self, name: &str, a: &[Value]) -> Value {
        let between = if name == "print" { "" } else { " " };
        self.joined(a, between)
    }

    pub(super) fn printf(&mut self, a: &[Value]) -> Value {
        let Some((format, rest)) = a.split_first() else {
            return Value::Nil;
        };
        let Some(pattern) = format.constant() else {
            return self.opaque(a);
        };
        let mut parts: Vec<Value> = Vec::new();
        let mut arguments = rest.iter();
        let mut words = String::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                words.push(letter);
                continue;
            }
            let verb = letters
                .by_ref()
                .find(|letter| letter.is_ascii_alphabetic() || *letter == '%');
            match verb {
                Some('%') | None => words.push('%'),
                Some(verb) => {
                    let quote = if verb == 'q' { "\"" } else { "" };
                    words.push_str(quote);
                    parts.push(Value::words(std::mem::take(&mut words), self.origin()));
                    parts.push(arguments.next().cloned().unwrap_or(Value::Nil));
                    words.push_str(quote);
                }
            }
        }
        parts.push(Value::words(words, self.origin()));
        self.joined(&parts, "")
    }

    pub(super) fn quote(&mut self, name: &str, a: &[Value]) -> Value {
        let mark = if name == "quote" { "\"" } else { "'" };
        let mut parts: Vec<Value> = Vec::new();
        for (index, value) in a.iter().filter(|value| !matches!(value, Value::Nil)).enumerate() {
            if index > 0 {
                parts.push(Value::words(" ", None));
            }
            parts.push(Value::words(mark, None));
            parts.push(value.clone());
            parts.push(Value::words(mark, None));
        }
        self.joined(&parts, "")
    }

    pub(super) fn indent(&mut self, name: &str, a: &[Value]) -> Value {
        let [count, value] = a else { return Value::Nil };
        let count = match count {
            Value::Number(count) => usize::try_from(*count).unwrap_or(0).min(200),
            _ => 0,
        };
        let text = self.text(value);
        let size = text.iter().map(|piece| match &piece.kind {
            PieceKind::Words(words) => 1 + words.as_str().len() / 16,
            PieceKind::Hole(..) => 1,
        });
        if !self.spend(size.sum()) {
            return Value::Opaque(Arc::from([]));
        }
        Value::Text(structure::indent(&text, count, name == "nindent"))
    }

    pub(super) fn join(&mut self, a: &[Value]) -> Value {
        match a {
            [between, Value::List(items)] => match between.constant() {
                Some(between) => {
                    let items = Arc::clone(items);
                    self.joined(&items, &between)
                }
                None => self.opaque(a),
            },
            _ => self.opaque(a),
        }
    }

    /// The text with `change` made to it, now where it is constant, else noted.
    pub(super) fn alter(&mut self, change: &Alter, value: Option<&Value>) -> Value {
        let Some(value) = value else { return Value::Nil };
        if let Some(text) = value.constant().and_then(|text| change.apply(&text)) {
            if !self.spend(text.len() / 64 + 1) {
                return Value::Opaque(Arc::from([]));
            }
            return Value::words(text, self.origin());
        }
        if let Value::Choice(literal, both) = value {
            let (yes, no) = (self.alter(change, Some(&both.0)), self.alter(change, Some(&both.1)));
            return self.choice(Logic::Open(*literal), yes, no);
        }
        let text = self.text(value);
        let (source, mut changes) = match &text[..] {
            [
                Piece {
                    guards,
                    kind: PieceKind::Hole(source, done),
                    ..
                },
            ] if guards.is_empty() => (source.clone(), done.as_deref().unwrap_or_default().to_vec()),
            [] => return Value::Nil,
            _ => {
                let depth = 1 + text.iter().map(nesting).max().unwrap_or(0);
                if depth > MAX_NESTING {
                    self.lose();
                    return Value::Opaque(self.taint(&[value]));
                }
                (Source::Text(text, depth), Vec::new())
            }
        };
        changes.push(change.clone());
        Value::hole(source, Some(changes.into()), self.origin())
    }

    pub(super) fn part_of_path(&mut self, name: &str, a: &[Value]) -> Value {
        let Some(path) = a.first().and_then(Value::constant) else {
            return self.opaque(a);
        };
        let (dir, base) = path.rsplit_once('/').unwrap_or((".", path.as_str()));
        let part = if name.ends_with("ase") { base } else { dir };
        Value::words(part, self.origin())
    }

    pub(super) fn truncate(&mut self, a: &[Value]) -> Value {
        match a {
            [Value::Number(count), value] => self.alter(&Alter::Truncate(*count), Some(value)),
            _ => self.opaque(a),
        }
    }

    pub(super) fn trim_ending(&mut self, name: &str, a: &[Value]) -> Value {
        let [ending, value] = a else { return Value::Nil };
        match ending.constant() {
            Some(ending) if name == "trimPrefix" => self.alter(&Alter::TrimPrefix(ending.into()), Some(value)),
            Some(ending) => self.alter(&Alter::TrimSuffix(ending.into()), Some(value)),
            None => self.opaque(a),
        }
    }

    pub(super) fn replace(&mut self, a: &[Value]) -> Value {
        let [old, new, value] = a else { return Value::Nil };
        match (old.constant(), new.constant()) {
            (Some(old), Some(new)) => self.alter(&Alter::Replace(old.into(), new.into()), Some(value)),
            _ => self.opaque(a),
        }
    }

    pub(super) fn write_yaml(&mut self, value: Option<&Value>) -> Value {
        let Some(value) = value else { return Value::Nil };
        if let Value::Choice(literal, both) = value {
            let (yes, no) = (self.write_yaml(Some(&both.0)), self.write_yaml(Some(&both.1)));
            return self.choice(Logic::Open(*literal), yes, no);
        }
        match value.path() {
            Some(path) => Value::hole(Source::Yaml(path), None, self.origin()),
            None => structure::to_yaml(self, value),
        }
    }

    /// The value behind a text that is YAML: what it was made of where that is plain, else the structure of its lines.
    pub(super) fn read_yaml(&mut self, value: Option<&Value>) -> Value {
        let Some(value) = value else { return Value::Nil };
        match value {
            Value::Text(pieces) => {
                let pieces = structure::trim(pieces);
                let spliced = match &pieces[..] {
                    [
                        Piece {
                            guards,
                            kind: PieceKind::Hole(Source::Yaml(path), _),
                            ..
                        },
                    ] if guards.is_empty() => Some(*path),
                    _ => None,
                };
                match spliced {
                    Some(path) => Value::Path(path),
                    None => match structure::from_yaml(self, &pieces) {
                        Some(value) => value,
                        None => self.give_up(&[value]),
                    },
                }
            }
            Value::Choice(literal, both) => {
                let (yes, no) = (self.read_yaml(Some(&both.0)), self.read_yaml(Some(&both.1)));
                self.choice(Logic::Open(*literal), yes, no)
            }
            other => match other.path() {
                Some(path) => Value::Path(self.paths.any(path)),
                None => self.give_up(&[other]),
            },
        }
    }
}

/// The text without white space at its ends.
pub(super) fn trimmed(a: Vec<Value>) -> Value {
    let Some(value) = a.into_iter().next_back() else {
        return Value::Nil;
    };
    match &value {
        Value::Text(pieces) => Value::Text(structure::trim(pieces)),
        _ => value,
    }
}

impl Alter {
    /// What becomes of a text; nothing where that cannot be told.
    pub(in crate::template) fn apply(&self, text: &str) -> Option<String> {
        Some(match self {
            Self::Truncate(count) => truncated(text, *count),
            Self::TrimPrefix(ending) => text.strip_prefix(ending.as_ref()).unwrap_or(text).to_owned(),
            Self::TrimSuffix(ending) => text.strip_suffix(ending.as_ref()).unwrap_or(text).to_owned(),
            Self::Replace(old, new) if grown(text, old, new) <= MAX_TEXT => text.replace(old.as_ref(), new),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Template if !text.contains("{{") => text.to_owned(),
            Self::Replace(..) | Self::Template | Self::Other(_) => return None,
        })
    }
}

/// How long a text is at most with each `old` replaced.
fn grown(text: &str, old: &str, new: &str) -> usize {
    text.len() + text.matches(old).count() * new.len()
}

/// How many texts stand in each other in a piece.
fn nesting(piece: &Piece) -> u8 {
    match &piece.kind {
        PieceKind::Hole(Source::Text(_, depth), _) => *depth,
        _ => 0,
    }
}

fn truncated(text: &str, count: i64) -> String {
    let length = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let part = if count >= 0 {
        text.get(..length.min(text.len()))
    } else {
        text.get(text.len().saturating_sub(length)..)
    };
    part.unwrap_or(text).to_owned()
}
