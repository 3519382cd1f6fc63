//! Source text as diagnostics show it: safe for a terminal, counted in characters, long lines cut to what matters.

use std::borrow::Cow;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use serde::Serialize;

use crate::source::{SourceFile, Span, floor_boundary, turns_direction};

/// Lines longer than this, in bytes, are cut.
const LONG_LINE: usize = 240;
/// How many bytes of a long line are kept on each side of the marked place.
const MARGIN: usize = 80;

/// How many lines a cut shows on each side of the marked place.
const CONTEXT: usize = 2;

/// The lines around a marked place.
#[derive(Debug, Serialize)]
pub(super) struct Cut {
    /// The first line, from 1.
    line: usize,
    before: String,
    marked: String,
    after: String,
}

/// The text of a file with everything replaced, at equal length, that a terminal would obey.
pub(super) struct Snippet<'a> {
    source: &'a SourceFile,
    text: Cow<'a, str>,
}

impl<'a> Snippet<'a> {
    pub(super) fn new(source: &'a SourceFile) -> Self {
        Self {
            source,
            text: with_line_feeds(replaced(&source.text, char::len_utf8)),
        }
    }

    /// The lines around `span`, cut at its ends; nothing where the text does not hold it.
    pub(super) fn cut(&self, span: Span) -> Option<Cut> {
        let mut window = self.window(span, CONTEXT, CONTEXT);
        if window.start == 0 && self.text.starts_with('\u{feff}') && span.start >= 3 {
            window.start = 3;
        }
        let start = self.source.position(window.start);
        Some(Cut {
            line: start.line,
            before: self.text.get(window.start..span.start)?.to_owned(),
            marked: self.text.get(span.range())?.to_owned(),
            after: self.text.get(span.end..window.end.max(span.end))?.to_owned(),
        })
    }

    fn is_long(&self, line: usize) -> bool {
        self.source.line_span(line).len() > LONG_LINE
    }

    /// The bytes to show around `span`: `before` and `after` lines of context, long lines left out or cut.
    fn window(&self, span: Span, before: usize, after: usize) -> Span {
        let first = self.source.line_of(span.start);
        let last = self.source.line_of(span.end.max(span.start + 1) - 1);
        let top = (first.saturating_sub(before).max(1)..first)
            .rev()
            .take_while(|line| !self.is_long(*line))
            .last();
        let bottom = (last + 1..=(last + after).min(self.source.line_count()))
            .take_while(|line| !self.is_long(*line))
            .last();
        let start = match top {
            Some(line) if !self.is_long(first) => self.source.line_span(line).start,
            _ if self.is_long(first) => {
                floor_boundary(&self.text, span.start.saturating_sub(MARGIN)).max(self.source.line_span(first).start)
            }
            _ => self.source.line_span(first).start,
        };
        let end = match bottom {
            Some(line) if !self.is_long(last) => self.source.line_span(line).end,
            _ if self.is_long(last) => {
                floor_boundary(&self.text, span.end + MARGIN).min(self.source.line_span(last).end)
            }
            _ => self.source.line_span(last).end,
        };
        Span::new(start, end.max(start))
    }
}

impl SourceCode for Snippet<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let wanted = Span::new(span.offset(), span.offset() + span.len());
        if wanted.end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let header = before == 0 && after == 0;
        let mut window = if header {
            wanted
        } else {
            self.window(wanted, before, after)
        };
        if window.start == 0 && self.text.starts_with('\u{feff}') && wanted.start >= 3 {
            window.start = 3;
        }
        let start = self.source.position(window.start);
        let data = self.text.get(window.range()).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            one_line(&self.source.path),
            data.as_bytes(),
            SourceSpan::from((window.start, window.len())),
            start.line - 1,
            start.column - 1,
            data.lines().count(),
        )))
    }
}

/// `text` with a question mark for each control and direction character.
pub(super) fn sanitized(text: &str) -> Cow<'_, str> {
    replaced(text, |_| 1)
}

/// `text` with as many question marks as `marks` says for each control and direction character.
fn replaced(text: &str, marks: fn(char) -> usize) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r');
    if text.bytes().all(plain) || !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            out.extend(std::iter::repeat_n('?', marks(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// `text` with a line feed for each carriage return that stands alone: both break a line of YAML, and a terminal would write the next one over the last.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text;
    }
    let mut rest = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        let is_alone = c == '\r' && rest.peek() != Some(&'\n');
        out.push(if is_alone { '\n' } else { c });
    }
    Cow::Owned(out)
}

/// `text` as one line of a terminal: sanitized, with line breaks and tabs as the escapes that YAML has for them. A line break in the name of a file
/// would begin a line of the file's own, which the log of a pipeline may take for a command.
#[must_use]
pub fn one_line(text: &str) -> String {
    let text = sanitized(text);
    text.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

/// Whether a terminal would do something else with `c` than show it.
fn is_harmful(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || turns_direction(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_a_terminal_lose_their_force_and_keep_their_length_where_places_point_at_them() {
        let text = "a: \u{1b}[31m\u{202e}x";
        assert_eq!(sanitized(text), "a: ?[31m?x");
        let source = SourceFile::new("f", text);
        assert_eq!(Snippet::new(&source).text, "a: ?[31m???x");
    }

    #[test]
    fn a_line_break_in_a_name_is_seen_and_breaks_no_line() {
        assert_eq!(one_line("a\nb\r\tc\u{1b}"), "a\\nb\\r\\tc?");
    }

    #[test]
    fn a_carriage_return_alone_begins_a_line() {
        assert_eq!(with_line_feeds("a\r\nb\rc\r".into()), "a\r\nb\nc\n");
        let source = SourceFile::new("f", "a: 1\r::error::b\rc: 3\n");
        let snippet = Snippet::new(&source);
        let contents = snippet.read_span(&SourceSpan::from((3, 1)), 1, 1).unwrap();
        assert_eq!(contents.data(), b"a: 1\n::error::b");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("short\n{}MARK{}\n", "x".repeat(5_000), "y".repeat(5_000));
        let source = SourceFile::new("f", text);
        let snippet = Snippet::new(&source);
        let contents = snippet.read_span(&SourceSpan::from((5_006, 4)), 1, 1).unwrap();
        assert_eq!(contents.data().len(), 164);
        assert_eq!((contents.line(), contents.column()), (1, 4_920));
    }
}
