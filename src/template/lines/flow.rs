//! Collections in flow style (YAML 1.2.2, section 7.4), where they begin and end on one line.

use std::ops::Range;

/// How deep they may stand in each other.
const MAX_DEPTH: usize = 32;

/// What a collection holds, as bytes of its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// A scalar with its quotes, or a collection without entries.
    Scalar(Range<usize>),
    /// The entries of a mapping: each key with its quotes, if there is one, and its value.
    Mapping(Vec<(Option<Range<usize>>, Flow)>),
    /// The items of a sequence.
    Sequence(Vec<Flow>),
}

/// The collection that begins at byte `at` of a line, and where it ends; nothing where none begins, where it does not end, or holds nothing.
pub(super) fn read(line: &str, at: usize) -> Option<(Flow, usize)> {
    let mut cursor = Cursor { line, at };
    let flow = match cursor.peek()? {
        '{' | '[' => cursor.value(MAX_DEPTH)?,
        _ => return None,
    };
    let is_empty = matches!(flow, Flow::Scalar(_));
    (!is_empty).then_some((flow, cursor.at))
}

struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.line.get(self.at..)?.chars().next()
    }

    /// Goes behind `wanted`, where it stands next but for white space.
    fn takes(&mut self, wanted: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn skip_space(&mut self) {
        let rest = &self.line[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn value(&mut self, left: usize) -> Option<Flow> {
        self.skip_space();
        let start = self.at;
        let is_mapping = self.takes('{');
        if !is_mapping && !self.takes('[') {
            return self.scalar().map(Flow::Scalar);
        }
        let left = left.checked_sub(1)?;
        let flow = if is_mapping {
            Flow::Mapping(self.entries('}', |cursor| cursor.pair(left))?)
        } else {
            Flow::Sequence(self.entries(']', |cursor| cursor.value(left))?)
        };
        let is_empty = match &flow {
            Flow::Mapping(pairs) => pairs.is_empty(),
            Flow::Sequence(items) => items.is_empty(),
            Flow::Scalar(_) => false,
        };
        Some(if is_empty { Flow::Scalar(start..self.at) } else { flow })
    }

    /// What `read` finds between commas, until `close`.
    fn entries<T>(&mut self, close: char, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut found = Vec::new();
        while !self.takes(close) {
            found.push(read(self)?);
            if !self.takes(',') {
                return self.takes(close).then_some(found);
            }
        }
        Some(found)
    }

    fn pair(&mut self, left: usize) -> Option<(Option<Range<usize>>, Flow)> {
        self.skip_space();
        let key = self.scalar()?;
        if !self.takes(':') {
            return Some((None, Flow::Scalar(key)));
        }
        self.skip_space();
        let value = match self.peek()? {
            ',' | '}' => Flow::Scalar(self.at..self.at),
            _ => self.value(left)?,
        };
        Some((Some(key), value))
    }

    /// The bytes of a scalar, without white space around it.
    fn scalar(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let rest = &self.line[start..];
        let length = match self.peek()? {
            quote @ ('"' | '\'') => quoted(rest, quote)?,
            _ => plain(rest),
        };
        self.at += length;
        (length > 0).then_some(start..self.at)
    }
}

/// The length of the quoted scalar that `text` begins with.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            _ if c != quote => {}
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => drop(chars.next()),
            _ => return Some(at + 1),
        }
    }
    None
}

/// The length of the plain scalar that `text` begins with: to what belongs to the collection, or to the `:` behind a key.
fn plain(text: &str) -> usize {
    let ends_key = |at: usize| {
        let next = text[at + 1..].chars().next();
        next.is_none_or(|next| matches!(next, ' ' | '\t' | ',' | '[' | ']' | '{' | '}'))
    };
    let is_end = |(at, c): &(usize, char)| match c {
        ',' | '[' | ']' | '{' | '}' => true,
        ':' => ends_key(*at),
        '#' => text[..*at].ends_with([' ', '\t']),
        _ => false,
    };
    let end = text.char_indices().find(is_end).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flow with the text of each scalar in the place of its bytes.
    fn shown(line: &str, flow: &Flow) -> String {
        match flow {
            Flow::Scalar(range) => format!("<{}>", &line[range.clone()]),
            Flow::Sequence(items) => {
                let items: Vec<String> = items.iter().map(|item| shown(line, item)).collect();
                format!("[{}]", items.join(" "))
            }
            Flow::Mapping(pairs) => {
                let key = |key: &Option<Range<usize>>| key.clone().map_or("", |key| &line[key]);
                let pair =
                    |(name, value): &(Option<Range<usize>>, Flow)| format!("{}={}", key(name), shown(line, value));
                let pairs: Vec<String> = pairs.iter().map(pair).collect();
                format!("{{{}}}", pairs.join(" "))
            }
        }
    }

    fn read_whole(line: &str) -> Option<String> {
        let (flow, end) = read(line, 0)?;
        Some(shown(line, &flow) + &line[end..])
    }

    #[test]
    fn collections_are_read_in_each_other() {
        for (line, wanted) in [
            ("[a, b c ,d]", "[<a> <b c> <d>]"),
            ("{name: a, image: q.io/b:1} # why", "{name=<a> image=<q.io/b:1>} # why"),
            (r#"{"a":"b, \"}","c":['d''e]']}"#, r#"{"a"=<"b, \"}"> "c"=[<'d''e]'>]}"#),
            ("[{a: {}, b: []}, ]", "[{a=<{}> b=<[]>}]"),
            (
                "{a: , b:, c, \u{1}, d: \u{1}:\u{1}}",
                "{a=<> b=<> =<c> =<\u{1}> d=<\u{1}:\u{1}>}",
            ),
            ("{a: http://b#c}", "{a=<http://b#c>}"),
        ] {
            assert_eq!(read_whole(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn what_is_no_collection_of_one_line_is_left() {
        let deep = "[".repeat(MAX_DEPTH + 1) + "a" + &"]".repeat(MAX_DEPTH + 1);
        for line in [
            "",
            "a",
            "{}",
            "[ ]",
            "[",
            "[a",
            "{a: b",
            "[a b: {]",
            "[a # b]",
            "['a]",
            "[a 'b']x]",
            "[,]",
            &deep,
        ] {
            let rest = read_whole(line);
            assert!(
                rest.as_ref().is_none_or(|rest| rest.ends_with("x]")),
                "{line}: {rest:?}"
            );
        }
    }
}
