//! Reading lines: splitting the pieces, telling keys from values, and what stands in what by indentation.

use std::sync::Arc;

use super::{Entry, Node, Outline, Scalar};
use crate::template::condition::{Guards, Literal};
use crate::template::structure::sliced;
use crate::template::value::{Origin, Piece, PieceKind};

/// Stands for a hole in the flat text of a line.
const HOLE: char = '\u{1}';

/// How many times one line is split where its beginnings exclude each other.
const MAX_ALTERNATIVES: usize = 8;

/// The pieces of each line.
fn lines(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut line: Vec<Piece> = Vec::new();
    for piece in pieces {
        let PieceKind::Words(words) = &piece.kind else {
            line.push(piece.clone());
            continue;
        };
        let text = words.as_str();
        let mut start = 0;
        for (at, _) in text.match_indices('\n') {
            let end = if text[..at].ends_with('\r') { at - 1 } else { at };
            if end > start {
                line.push(sliced(piece, words, start, end));
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            start = at + 1;
        }
        if start < text.len() {
            line.push(sliced(piece, words, start, text.len()));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Hands on the lines that one line stands for: where its beginning is there under a condition alone, it is one line with that condition,
/// and what stands behind it under the opposite condition is another.
fn each_alternative(line: &[Piece], left: usize, keep: &mut impl FnMut(&[Piece])) {
    let Some(literal) = split_at(line).filter(|_| left > 0) else {
        return keep(line);
    };
    for literal in [literal, literal.negated()] {
        let fits = |piece: &&Piece| piece.guards.say(literal) != Some(false);
        let part: Vec<Piece> = line.iter().filter(fits).cloned().collect();
        let is_whole = part.len() == line.len();
        if part.iter().any(says_something) {
            each_alternative(&part, if is_whole { 0 } else { left - 1 }, keep);
        }
    }
}

/// The condition that the beginning of a line stands under and the rest does not.
fn split_at(line: &[Piece]) -> Option<Literal> {
    let first = line.iter().find(|piece| says_something(piece))?;
    if line.iter().all(|piece| piece.guards.is_same(&first.guards)) {
        return None;
    }
    first.guards.below(shared_guards(line).depth()).first().copied()
}

fn says_something(piece: &Piece) -> bool {
    match &piece.kind {
        PieceKind::Words(words) => !words.as_str().trim().is_empty(),
        PieceKind::Hole(..) => true,
    }
}

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
        if content.starts_with("---") && !content.starts_with("----") {
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
        let Some((key, value_at)) = key_of(flat, at) else {
            self.scalar(line, flat, at, None, &guards);
            return;
        };
        let value = flat[value_at..].trim();
        let is_block = value.starts_with(['|', '>']) && !value.contains(HOLE);
        if value.is_empty() || is_block || value.starts_with('#') || value.starts_with('&') {
            self.open(key, false, is_block, at, &guards);
        } else {
            self.scalar(line, flat, value_at, Some((key, at)), &guards);
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
            let comment = from_on(line, at);
            value = until(line, from, at);
            self.keep(None, comment, guards, None);
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

/// Writes the text of a line, a letter in place of each hole.
fn write_flat(line: &[Piece], flat: &mut String) {
    flat.clear();
    for piece in line {
        match &piece.kind {
            PieceKind::Words(words) => flat.push_str(words.as_str()),
            PieceKind::Hole(..) => flat.push(HOLE),
        }
    }
}

/// Where the first piece from byte `from` of the flat text on comes from, the place of the text behind white space.
fn origin_from(line: &[Piece], from: usize) -> Option<Origin> {
    let mut at = 0;
    for piece in line {
        let PieceKind::Words(words) = &piece.kind else {
            if at >= from && piece.origin.is_some() {
                return piece.origin;
            }
            at += HOLE.len_utf8();
            continue;
        };
        let text = words.as_str();
        let start = from.saturating_sub(at);
        at += text.len();
        let rest = text.get(start..).unwrap_or_default();
        if !rest.trim_start().is_empty() && piece.origin.is_some() {
            let start = text.len() - rest.trim_start().len();
            return sliced(piece, words, start, text.len()).origin;
        }
    }
    None
}

/// The pieces from byte `from` of the flat text on, white space around them left out.
fn from_on(line: &[Piece], from: usize) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::new();
    let mut at = 0;
    for piece in line {
        let length = match &piece.kind {
            PieceKind::Words(words) => words.as_str().len(),
            PieceKind::Hole(..) => HOLE.len_utf8(),
        };
        let end = at + length;
        if end > from {
            match &piece.kind {
                PieceKind::Words(words) => {
                    let mut start = from.saturating_sub(at);
                    if kept.is_empty() {
                        let rest = &words.as_str()[start..];
                        start += rest.len() - rest.trim_start().len();
                    }
                    if start < length {
                        kept.push(sliced(piece, words, start, length));
                    }
                }
                PieceKind::Hole(..) => kept.push(piece.clone()),
            }
        }
        at = end;
    }
    kept
}

/// The pieces from byte `from` of the flat text to byte `to`.
fn until(line: &[Piece], from: usize, to: usize) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::new();
    let mut at = 0;
    for piece in line {
        match &piece.kind {
            PieceKind::Words(words) => {
                let length = words.as_str().len();
                if at < to {
                    kept.push(sliced(piece, words, 0, length.min(to - at)));
                }
                at += length;
            }
            PieceKind::Hole(..) => {
                if at < to {
                    kept.push(piece.clone());
                }
                at += HOLE.len_utf8();
            }
        }
    }
    from_on(&kept, from)
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

/// The conditions that all parts of a line share.
fn shared_guards(line: &[Piece]) -> Guards {
    let mut says = line.iter().filter(|piece| says_something(piece));
    let Some(first) = says.next() else {
        return Guards::default();
    };
    says.fold(first.guards.clone(), |shared, piece| {
        if shared.is_empty() || shared.is_same(&piece.guards) {
            return shared;
        }
        let depth = shared.shared_depth(&piece.guards);
        shared.outer(depth)
    })
}
