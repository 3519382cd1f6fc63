//! Source files and places in them: the text of one file, byte spans, lines and columns.
//!
//! Knows nothing of YAML, of charts or of the file system: whoever makes a [`SourceFile`] has read it already.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A half-open range of bytes of a source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`, in bytes.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span at `at`.
    #[must_use]
    pub const fn empty(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two spans share at least one byte.
    #[must_use]
    pub const fn touches(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly within this span.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The span as a range, to slice a text with.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A place as people count: both numbers from 1, the column in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters. A byte order mark is not counted.
    pub column: usize,
}

/// Whether `c` turns the direction of a line (Unicode Standard Annex 9): it makes a text look like another one.
#[must_use]
pub const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `c` in a line for a terminal: a blank in the place of line breaks and of what could steer it or turn the direction.
#[must_use]
pub fn shown_in_line(c: char) -> char {
    if c.is_control() || turns_direction(c) { ' ' } else { c }
}

/// The largest character boundary of `text` at or before `at`.
#[must_use]
pub fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The text of one file, under the name that reports show.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the working directory, with `/` between its parts.
    pub path: Arc<str>,
    /// The text as it stands in the file, byte order mark included.
    pub text: Arc<str>,
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// A source file of this name and text.
    #[must_use]
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// The text of `span`, or nothing where the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The line and column of the byte at `offset`; an offset behind the text is its end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(&self.text, offset);
        let line = self.line_of(offset);
        let start = self.line_starts()[line - 1];
        let before = &self.text[start..offset];
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The line, from 1, of the byte at `offset`.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= offset)
    }

    /// How many lines the text has; a final line break opens no further line.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The bytes of `line` (from 1) without its line break.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let start = starts.get(line.wrapping_sub(1)).copied().unwrap_or(self.text.len());
        let end = starts.get(line).copied().unwrap_or(self.text.len());
        let kept = self.text[start..end].trim_end_matches(['\n', '\r']).len();
        Span::new(start, start + kept)
    }

    fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            let bytes = self.text.as_bytes();
            for (at, byte) in bytes.iter().enumerate() {
                let ends_line = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
                if ends_line && at + 1 < bytes.len() {
                    starts.push(at + 1);
                }
            }
            starts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_a_byte_order_mark_is_none() {
        let file = SourceFile::new("f", "\u{feff}ab\r\n日本: x\rend\n");
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
        let x = file.text.find('x').unwrap();
        assert_eq!(file.position(x), Position { line: 2, column: 5 });
        let end = file.text.find("end").unwrap();
        assert_eq!(file.position(end), Position { line: 3, column: 1 });
        assert_eq!(file.line_count(), 3);
        assert_eq!(file.slice(file.line_span(2)), "日本: x");
    }
}
