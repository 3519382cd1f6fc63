//! Between byte offsets and the positions of the protocol: lines from 0, and characters in the encoding that both sides agreed on.

use gen_lsp_types::{Position, PositionEncodingKind, Range};
use memchr::{memchr2, memchr2_iter};

use crate::source::{Span, floor_boundary};

/// How characters of a line are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what the protocol has where nothing is agreed on.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The first of what a client offers that is known here.
    pub(super) fn of<'a>(mut offered: impl Iterator<Item = &'a str>) -> Self {
        let known = |name: &str| match name {
            "utf-8" => Some(Self::Utf8),
            "utf-16" => Some(Self::Utf16),
            "utf-32" => Some(Self::Utf32),
            _ => None,
        };
        offered.find_map(known).unwrap_or_default()
    }

    /// The name of the encoding in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// How many bytes lie between two marks at most: what is counted one by one.
const STEP: usize = 1024;

/// Where the lines of a text start, which end with `\n`, `\r\n` or `\r`; and marks all over it, so that a place in a line of a megabyte costs
/// no more than one in a short line.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
    /// Of every [`STEP`] bytes, what lies before them.
    marks: Vec<Mark>,
}

/// How much of a text lies before a place.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    bytes: usize,
    scalars: usize,
    /// Those of them that are two units in UTF-16.
    wide: usize,
}

impl Mark {
    /// The mark behind `text`, which follows on this one.
    fn behind(self, text: &str) -> Self {
        // The first byte of a character begins with other bits than the rest of it, that of a wide one with four ones (RFC 3629, section 3).
        let count = |counts: fn(u8) -> bool| text.bytes().filter(|byte| counts(*byte)).count();
        Self {
            bytes: self.bytes + text.len(),
            scalars: self.scalars + count(|byte| byte & 0xc0 != 0x80),
            wide: self.wide + count(|byte| byte >= 0xf0),
        }
    }

    fn units(self, encoding: Encoding) -> usize {
        match encoding {
            Encoding::Utf8 => self.bytes,
            Encoding::Utf16 => self.scalars + self.wide,
            Encoding::Utf32 => self.scalars,
        }
    }
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr2_iter(b'\n', b'\r', bytes).filter(|at| ends_line(bytes, *at));
        let step = |mark: &mut Mark, at: usize| {
            *mark = mark.behind(&text[mark.bytes..floor_boundary(text, at)]);
            Some(*mark)
        };
        let marks = (STEP..=bytes.len()).step_by(STEP).scan(Mark::default(), step);
        Self {
            starts: std::iter::once(0).chain(ends.map(|at| at + 1)).collect(),
            marks: std::iter::once(Mark::default()).chain(marks).collect(),
        }
    }

    /// How many units lie between two bytes of `text`, where characters start.
    fn units(&self, text: &str, span: Span, encoding: Encoding) -> usize {
        let mark = |offset: usize| self.marks[self.marks.partition_point(|mark| mark.bytes <= offset) - 1];
        let near = mark(span.end);
        if near.bytes <= span.start {
            return Mark::default().behind(&text[span.range()]).units(encoding);
        }
        let before = |mark: Mark, offset: usize| mark.behind(&text[mark.bytes..offset]).units(encoding);
        before(near, span.end) - before(mark(span.start), span.start)
    }

    /// The position of a byte of `text`, which these are the lines of; what is outside is its end.
    pub(super) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = floor_boundary(text, offset);
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let character = self.units(text, Span::new(self.starts[line], offset), encoding);
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: u32::try_from(character).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn range(&self, text: &str, span: Span, encoding: Encoding) -> Range {
        Range {
            start: self.position(text, span.start, encoding),
            end: self.position(text, span.end, encoding),
        }
    }
}

/// The byte at a position: behind the end of a line the end of it, in the middle of a character its start, behind the text its end.
fn offset(text: &str, position: Position, encoding: Encoding) -> usize {
    let Some(start) = start_of(text, position.line as usize) else {
        return text.len();
    };
    let rest = &text.as_bytes()[start..];
    let end = memchr2(b'\n', b'\r', rest).map_or(text.len(), |length| start + length);
    let mut left = position.character as usize;
    for (at, c) in text[start..end].char_indices() {
        let width = encoding.width(c);
        if left < width {
            return start + at;
        }
        left -= width;
    }
    end
}

/// Where a line starts; nothing where the text has fewer.
fn start_of(text: &str, line: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut ends = memchr2_iter(b'\n', b'\r', bytes).filter(|at| ends_line(bytes, *at));
    match line.checked_sub(1) {
        None => Some(0),
        Some(before) => ends.nth(before).map(|at| at + 1),
    }
}

/// Whether the line break at `at` ends a line: the first half of `\r\n` does not.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')
}

/// The bytes between two positions of a text, in order even where the client has them the wrong way round.
pub(super) fn span(text: &str, range: Range, encoding: Encoding) -> Span {
    let (a, b) = (offset(text, range.start, encoding), offset(text, range.end, encoding));
    Span::new(a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: 𝄞é\r\nb\rc\n";

    #[test]
    fn each_encoding_counts_its_own_units() {
        let lines = Lines::new(TEXT);
        let behind = TEXT.find("é").unwrap();
        for (encoding, character) in [(Encoding::Utf8, 7), (Encoding::Utf16, 5), (Encoding::Utf32, 4)] {
            let position = Position { line: 0, character };
            assert_eq!(lines.position(TEXT, behind, encoding), position);
            assert_eq!(offset(TEXT, position, encoding), behind);
        }
    }

    #[test]
    fn every_offset_comes_back() {
        let lines = Lines::new(TEXT);
        let inner = |(at, _): &(usize, char)| !TEXT[*at..].starts_with('\n');
        for (at, _) in TEXT.char_indices().filter(inner) {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let position = lines.position(TEXT, at, encoding);
                assert_eq!(offset(TEXT, position, encoding), at, "{at} {encoding:?}");
            }
        }
    }

    #[test]
    fn positions_outside_are_moved_inside() {
        let offset = |line, character| offset(TEXT, Position { line, character }, Encoding::Utf16);
        assert_eq!(offset(0, 99), TEXT.find("\r\n").unwrap());
        assert_eq!(offset(0, 4), TEXT.find('𝄞').unwrap());
        assert_eq!(offset(3, 0), TEXT.len());
        assert_eq!(offset(u32::MAX, u32::MAX), TEXT.len());
    }

    #[test]
    fn a_long_line_counts_as_a_short_one() {
        let text = "é𝄞a\r\n".to_owned() + &"a𝄞é".repeat(2_000) + "\n𝄞";
        let lines = Lines::new(&text);
        let line = text.find('\n').unwrap() + 1;
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (at, _) in text.char_indices().filter(|(at, _)| *at >= line).step_by(97) {
                let position = lines.position(&text, at, encoding);
                let units: usize = text[line..at].chars().map(|c| encoding.width(c)).sum();
                assert_eq!(
                    (position.line, position.character as usize),
                    (1, units),
                    "{at} {encoding:?}"
                );
                assert_eq!(offset(&text, position, encoding), at, "{encoding:?}");
            }
            let beyond = Position {
                line: 1,
                character: u32::MAX,
            };
            assert_eq!(offset(&text, beyond, encoding), text.rfind('\n').unwrap());
        }
    }
}
