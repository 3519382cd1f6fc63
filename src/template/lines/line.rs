//! One line: its pieces, the text of them with a letter in the place of each hole, and what stands at bytes of that text.

use crate::template::condition::{Guards, Literal};
use crate::template::structure::sliced;
use crate::template::value::{Origin, Piece, PieceKind};

/// Stands for a hole in the flat text of a line.
pub(super) const HOLE: char = '\u{1}';

/// How many times one line is split where its beginnings exclude each other.
pub(super) const MAX_ALTERNATIVES: usize = 8;

/// The pieces of each line.
pub(super) fn lines(pieces: &[Piece]) -> Vec<Vec<Piece>> {
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
pub(super) fn each_alternative(line: &[Piece], left: usize, keep: &mut impl FnMut(&[Piece])) {
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

/// Writes the text of a line, a letter in place of each hole.
pub(super) fn write_flat(line: &[Piece], flat: &mut String) {
    flat.clear();
    for piece in line {
        match &piece.kind {
            PieceKind::Words(words) => flat.push_str(words.as_str()),
            PieceKind::Hole(..) => flat.push(HOLE),
        }
    }
}

/// Where the first piece from byte `from` of the flat text on comes from, the place of the text behind white space.
pub(super) fn origin_from(line: &[Piece], from: usize) -> Option<Origin> {
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
pub(super) fn from_on(line: &[Piece], from: usize) -> Vec<Piece> {
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
pub(super) fn until(line: &[Piece], from: usize, to: usize) -> Vec<Piece> {
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

/// The conditions that all parts of a line share.
pub(super) fn shared_guards(line: &[Piece]) -> Guards {
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
