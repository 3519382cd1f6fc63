//! Between byte offsets and the positions of the protocol: lines from 0, and characters in the encoding that both sides agreed on.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

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

/// Where the lines of a text start; they end with `\n`, `\r\n` or `\r`.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(ends_line).map(|at| at + 1);
        Self {
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The position of a byte of `text`, which these are the lines of; what is outside is its end.
    pub(super) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = floor_boundary(text, offset);
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &text[self.starts[line]..offset];
        let character: usize = before.chars().map(|c| encoding.width(c)).sum();
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

    /// The byte at a position: behind the end of a line the end of it, in the middle of a character its start.
    pub(super) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else {
            return text.len();
        };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let whole = text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, c) in whole.char_indices() {
            let width = encoding.width(c);
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + whole.len()
    }

    /// The bytes between two positions, in order even where the client has them the wrong way round.
    pub(super) fn span(&self, text: &str, range: Range, encoding: Encoding) -> Span {
        let (a, b) = (
            self.offset(text, range.start, encoding),
            self.offset(text, range.end, encoding),
        );
        Span::new(a.min(b), a.max(b))
    }
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
            assert_eq!(lines.offset(TEXT, position, encoding), behind);
        }
    }

    #[test]
    fn every_offset_comes_back() {
        let lines = Lines::new(TEXT);
        let inner = |(at, _): &(usize, char)| !TEXT[*at..].starts_with('\n');
        for (at, _) in TEXT.char_indices().filter(inner) {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let position = lines.position(TEXT, at, encoding);
                assert_eq!(lines.offset(TEXT, position, encoding), at, "{at} {encoding:?}");
            }
        }
    }

    #[test]
    fn positions_outside_are_moved_inside() {
        let lines = Lines::new(TEXT);
        let offset = |line, character| lines.offset(TEXT, Position { line, character }, Encoding::Utf16);
        assert_eq!(offset(0, 99), TEXT.find("\r\n").unwrap());
        assert_eq!(offset(0, 4), TEXT.find('𝄞').unwrap());
        assert_eq!(offset(3, 0), TEXT.len());
        assert_eq!(offset(u32::MAX, u32::MAX), TEXT.len());
    }
}
