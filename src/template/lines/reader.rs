//! Reading lines: telling keys from values, and what stands in what by indentation.

use std::ops::Range;
use std::sync::Arc;

use super::flow::{self, Flow};
use super::line::{
    HOLE, MAX_ALTERNATIVES, each_alternative, from_on, lines, origin_from, shared_guards, until, write_flat,
};
use super::{Entry, Node, Outline, Scalar};
use crate::template::condition::Guards;
use crate::template::value::{Origin, Piece};

pub(super) struct Reader {
    outline: Outline,
    /// The text of the line that is read.
    flat: String,
    /// The nodes that are open, the innermost last.
    stack: Vec<usize>,
}

impl Reader {
    /// The outline of these pieces.
    pub(super) fn read(pieces: &[Piece]) -> Outline {
        let mut reader = Self {
            outline: Outline::default(),
            flat: String::new(),
            stack: Vec::new(),
        };
        reader.document();
        for line in lines(pieces) {
            each_alternative(&line, MAX_ALTERNATIVES, &mut |line| reader.line(line));
        }
        reader.outline
    }

    fn document(&mut self) {
        let index = self.outline.nodes.len();
        self.outline.nodes.push(Node {
            parent: None,
            key: None,
            is_item: false,
            is_block: false,
            indent: -1,
            guards: Guards::default(),
            entries: Vec::new(),
        });
        self.stack = vec![index];
    }

    fn line(&mut self, line: &[Piece]) {
        let mut flat = std::mem::take(&mut self.flat);
        write_flat(line, &mut flat);
        self.flat_line(line, &flat);
        self.flat = flat;
    }

    fn flat_line(&mut self, line: &[Piece], flat: &str) {
        let content = flat.trim();
        if content.is_empty() {
            return;
        }
        if is_marker(flat) {
            self.document();
            return;
        }
        let mut at = flat.len() - flat.trim_start().len();
        let guards = shared_guards(line);
        if content.starts_with('#') {
            self.scalar(line, flat, at, None, &guards);
            return;
        }
        while flat[at..].starts_with("- ") || &flat[at..] == "-" {
            self.close(
                |node, indent| node.indent > indent || (node.indent == indent && node.is_item),
                at,
            );
            self.open(None, true, false, at, &guards);
            let rest = flat.get(at + 1..).unwrap_or_default();
            at += 1 + rest.len() - rest.trim_start().len();
            if flat[at..].trim().is_empty() {
                return;
            }
        }
        self.close(|node, indent| node.indent >= indent, at);
        if let Some((found, end)) = whole_flow(flat, at) {
            self.flow(line, flat, &found, &guards);
            self.comment(line, flat, end, &guards);
            return;
        }
        let Some((key, value_at)) = key_of(flat, at) else {
            self.scalar(line, flat, at, None, &guards);
            return;
        };
        let value_at = behind_properties(flat, value_at);
        let value = flat[value_at..].trim();
        let is_block = value.starts_with(['|', '>']) && !value.contains(HOLE);
        if value.is_empty() || is_block || value.starts_with('#') {
            self.open(key, false, is_block, at, &guards);
        } else if value.starts_with('*') {
            // What an alias stands for is put out where its anchor is.
            self.scalar(line, flat, value_at, None, &guards);
        } else if let Some((found, end)) = whole_flow(flat, value_at) {
            self.open(key, false, false, at, &guards);
            self.flow(line, flat, &found, &guards);
            self.stack.pop();
            self.comment(line, flat, end, &guards);
        } else {
            self.scalar(line, flat, value_at, Some((key, at)), &guards);
        }
    }

    /// Puts what stands in a collection in flow style into the innermost open node.
    fn flow(&mut self, line: &[Piece], flat: &str, flow: &Flow, guards: &Guards) {
        match flow {
            Flow::Scalar(range) => self.flow_scalar(line, None, range.start, range, guards),
            Flow::Sequence(items) => {
                for item in items {
                    self.open(None, true, false, 0, guards);
                    self.flow(line, flat, item, guards);
                    self.stack.pop();
                }
            }
            Flow::Mapping(pairs) => {
                for (key, value) in pairs {
                    let name = key.clone().map(|key| flat[key].trim_matches(['"', '\'']));
                    let name = name.filter(|name| !name.contains(HOLE)).map(Arc::from);
                    if let Flow::Scalar(range) = value {
                        let from = key.as_ref().map_or(range.start, |key| key.start);
                        self.flow_scalar(line, name, from, range, guards);
                    } else {
                        self.open(name, false, false, 0, guards);
                        self.flow(line, flat, value, guards);
                        self.stack.pop();
                    }
                }
            }
        }
    }

    /// Keeps a scalar of a collection in flow style, whose key or text begins at byte `from`.
    fn flow_scalar(
        &mut self,
        line: &[Piece],
        key: Option<Arc<str>>,
        from: usize,
        range: &Range<usize>,
        guards: &Guards,
    ) {
        let value = until(line, range.start, range.end);
        let own = if value.is_empty() {
            guards.clone()
        } else {
            shared_guards(&value)
        };
        self.keep(key, value, &own, origin_from(line, from));
    }

    /// Keeps the comment behind a value, for what templates put into it.
    fn comment(&mut self, line: &[Piece], flat: &str, from: usize, guards: &Guards) {
        if !flat[from..].trim().is_empty() {
            self.keep(None, from_on(line, from), guards, None);
        }
    }

    /// Closes the open nodes that `is_over` takes for a line at this indentation.
    fn close(&mut self, is_over: impl Fn(&Node, i64) -> bool, indent: usize) {
        let indent = i64::try_from(indent).unwrap_or(i64::MAX);
        while self.stack.len() > 1 {
            let Some(top) = self.stack.last() else { return };
            if !is_over(&self.outline.nodes[*top], indent) {
                return;
            }
            self.stack.pop();
        }
    }

    fn top(&self) -> usize {
        self.stack.last().copied().unwrap_or(0)
    }

    fn open(&mut self, key: Option<Arc<str>>, is_item: bool, is_block: bool, indent: usize, guards: &Guards) {
        let parent = self.top();
        let index = self.outline.nodes.len();
        self.outline.nodes.push(Node {
            parent: Some(parent),
            key,
            is_item,
            is_block,
            indent: i64::try_from(indent).unwrap_or(i64::MAX),
            guards: guards.clone(),
            entries: Vec::new(),
        });
        self.outline.nodes[parent].entries.push(Entry::Node(index));
        self.stack.push(index);
    }

    /// Keeps the text from `from` on, under its key where it has one.
    fn scalar(
        &mut self,
        line: &[Piece],
        flat: &str,
        from: usize,
        key: Option<(Option<Arc<str>>, usize)>,
        guards: &Guards,
    ) {
        let mut value = from_on(line, from);
        let text = flat[from..].trim_start();
        let behind = text
            .find(" #")
            .filter(|_| key.is_some() && !text.starts_with(['"', '\'']));
        if let Some(at) = behind {
            let at = flat.len() - text.len() + at;
            value = until(line, from, at);
            self.comment(line, flat, at, guards);
        }
        let start = key.as_ref().map_or(from, |(_, at)| *at);
        let origin = origin_from(line, start);
        let is_open = key.is_some();
        let key = match key {
            Some((key, _)) => key,
            None => None,
        };
        if is_open || flat.contains(HOLE) || !value.is_empty() {
            self.keep(key, value, guards, origin);
        }
    }

    fn keep(&mut self, key: Option<Arc<str>>, value: Vec<Piece>, guards: &Guards, origin: Option<Origin>) {
        let node = self.top();
        let index = self.outline.scalars.len();
        self.outline.scalars.push(Scalar {
            node,
            key,
            value,
            guards: guards.clone(),
            origin,
        });
        self.outline.nodes[node].entries.push(Entry::Scalar(index));
    }
}

/// Where the value begins behind its anchor and its tag (YAML 1.2.2, section 6.9).
fn behind_properties(flat: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = flat[at..].trim_start();
        let Some(property) = rest
            .split([' ', '\t'])
            .next()
            .filter(|word| word.starts_with(['&', '!']))
        else {
            return at;
        };
        at = flat.len() - rest.len() + property.len();
    }
}

/// Whether a line begins a document (YAML 1.2.2, section 9.1.2): one that is indented is text of somebody else's.
fn is_marker(flat: &str) -> bool {
    flat.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', HOLE]))
}

/// The collection in flow style that stands from byte `at` on, with nothing but a comment behind it, and where it ends.
fn whole_flow(flat: &str, at: usize) -> Option<(Flow, usize)> {
    let lead = flat[at..].len() - flat[at..].trim_start().len();
    let found = flow::read(flat, at + lead);
    found.filter(|(_, end)| {
        let behind = &flat[*end..];
        behind.trim().is_empty() || (behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#'))
    })
}

/// The key that begins at byte `at` (nothing where it has holes), and where its value begins.
fn key_of(flat: &str, at: usize) -> Option<(Option<Arc<str>>, usize)> {
    let rest = &flat[at..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (key, end) = if let Some(quote) = quote {
        let close = rest[1..].find(quote)? + 1;
        (&rest[1..close], close + 1)
    } else {
        let is_end = |colon: &usize| rest[colon + 1..].is_empty() || rest[colon + 1..].starts_with([' ', '\t']);
        let colon = rest.match_indices(':').map(|(colon, _)| colon).find(is_end)?;
        (&rest[..colon], colon)
    };
    let behind = rest[end..].strip_prefix(':')?;
    let plain = quote.is_some() || !key.contains([' ', '{', '[', '"', '\'']);
    if !plain || !(behind.is_empty() || behind.starts_with([' ', '\t'])) {
        return None;
    }
    let key = (!key.contains(HOLE)).then(|| Arc::from(key));
    Some((key, at + end + 1))
}
