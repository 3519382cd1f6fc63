//! From the token of a scalar to its value, with a map back to the bytes of the source (YAML 1.2.2, chapters 7.3 and 8.1).
//!
//! The parser has the value already; this is for YAML and JSON that stand inside a scalar, whose spans must lead back to the file.

use super::tree::{Scalar, Style};
use crate::source::Span;

/// A decoded text whose bytes know where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decoded {
    /// The value.
    pub text: String,
    /// Runs that stand in the source as they stand in the value: offset in `text`, offset in the source, length. Sorted.
    runs: Vec<(usize, usize, usize)>,
}

impl Decoded {
    /// The bytes of the source that `span` of the value stands on; nothing where an escape or a fold lies within.
    #[must_use]
    pub fn source_span(&self, span: Span) -> Option<Span> {
        let at = self.runs.partition_point(|run| run.0 + run.2 < span.start.max(1));
        self.runs[at..]
            .iter()
            .take_while(|run| run.0 <= span.start)
            .find(|run| span.end <= run.0 + run.2)
            .map(|run| Span::new(run.1 + span.start - run.0, run.1 + span.end - run.0))
    }

    fn copy(&mut self, source: &str, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let at = self.text.len();
        self.text.push_str(&source[from..to]);
        match self.runs.last_mut() {
            Some(run) if run.0 + run.2 == at && run.1 + run.2 == from => run.2 += to - from,
            _ => self.runs.push((at, from, to - from)),
        }
    }
}

/// Decodes `scalar` of `source`.
#[must_use]
pub fn decode(source: &str, scalar: &Scalar<'_>) -> Decoded {
    match scalar.style {
        Style::Literal | Style::Folded => block(source, scalar),
        style => flow(source, scalar.content(), style),
    }
}

fn flow(source: &str, span: Span, style: Style) -> Decoded {
    let mut out = Decoded::default();
    let mut at = span.start;
    let mut run = at;
    while at < span.end {
        let rest = &source[at..span.end];
        let mut chars = rest.chars();
        match chars.next() {
            Some('\n' | '\r') => {
                let kept = source[run..at].trim_end_matches([' ', '\t']).len();
                out.copy(source, run, run + kept);
                at = fold(rest, at, &mut out.text);
                run = at;
            }
            Some('\'') if style == Style::SingleQuoted && rest.starts_with("''") => {
                out.copy(source, run, at + 1);
                at += 2;
                run = at;
            }
            Some('\\') if style == Style::DoubleQuoted => {
                out.copy(source, run, at);
                at = escape(rest, at, &mut out.text);
                run = at;
            }
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    out.copy(source, run, span.end);
    out
}

/// Folds the line breaks at the start of `rest` (section 6.5) and gives the offset of the next text.
fn fold(rest: &str, at: usize, out: &mut String) -> usize {
    let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let breaks = count_breaks(&rest[..gap]);
    if breaks == 1 {
        out.push(' ');
    } else {
        out.extend(std::iter::repeat_n('\n', breaks - 1));
    }
    at + gap
}

fn count_breaks(text: &str) -> usize {
    let returns = text.matches('\r').count();
    let feeds = text.matches('\n').count();
    returns + feeds - text.matches("\r\n").count()
}

/// Decodes the escape at the start of `rest` (section 5.7) and gives the offset behind it.
fn escape(rest: &str, at: usize, out: &mut String) -> usize {
    let Some(code) = rest[1..].chars().next() else {
        return at + 1;
    };
    let digits = match code {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let hex = rest.get(2..2 + digits).unwrap_or_default();
        out.extend(u32::from_str_radix(hex, 16).ok().and_then(char::from_u32));
        return at + 2 + digits;
    }
    if matches!(code, '\n' | '\r') {
        let mut tail = &rest[1..];
        tail = tail.strip_prefix("\r\n").unwrap_or_else(|| &tail[1..]);
        let gap = tail.len() - tail.trim_start_matches([' ', '\t', '\n', '\r']).len();
        out.extend(std::iter::repeat_n('\n', count_breaks(&tail[..gap])));
        return at + rest.len() - tail.len() + gap;
    }
    out.push(match code {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    });
    at + 1 + code.len_utf8()
}

/// One line of a block scalar: the offset of its content behind the indentation, and of its end.
struct Line {
    from: usize,
    to: usize,
}

impl Line {
    fn is_empty(&self) -> bool {
        self.from >= self.to
    }

    fn is_more_indented(&self, source: &str) -> bool {
        source[self.from..self.to].starts_with([' ', '\t'])
    }
}

fn block(source: &str, scalar: &Scalar<'_>) -> Decoded {
    let (span, folded) = (scalar.span, scalar.style == Style::Folded);
    let token = &source[span.range()];
    let header_end = token.find(['\n', '\r']).unwrap_or(token.len());
    let chomp = token[..header_end]
        .chars()
        .skip(1)
        .take(2)
        .find(|c| matches!(c, '+' | '-'));
    let body = &token[header_end..];
    let body = body
        .strip_prefix("\r\n")
        .or_else(|| body.strip_prefix(['\n', '\r']))
        .unwrap_or(body);
    let start = span.end - body.len();
    let lines = block_lines(source, start, span.end, scalar.value);
    let last = lines.iter().rposition(|line| !line.is_empty());
    let mut out = Decoded::default();
    let Some(last) = last else {
        if chomp == Some('+') {
            out.text.extend(std::iter::repeat_n('\n', lines.len()));
        }
        return out;
    };
    let mut before: Option<&Line> = None;
    let mut empty = 0;
    for line in &lines[..=last] {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        // Section 8.1.3: breaks beside a line that is indented more are not folded, nor are those at the beginning.
        let is_kept = |before: &Line| !folded || before.is_more_indented(source) || line.is_more_indented(source);
        match before {
            Some(before) if is_kept(before) => empty += 1,
            Some(_) if empty == 0 => out.text.push(' '),
            _ => {}
        }
        out.text.extend(std::iter::repeat_n('\n', empty));
        out.copy(source, line.from, line.to);
        before = Some(line);
        empty = 0;
    }
    match chomp {
        Some('-') => {}
        Some('+') => out.text.extend(std::iter::repeat_n('\n', lines.len() - last)),
        _ => out.text.push('\n'),
    }
    out
}

/// How many spaces stand right before the first line's content that is more than spaces.
fn spaces_before_content(value: &str) -> usize {
    let before = &value[..value.len() - value.trim_start_matches([' ', '\n']).len()];
    before.len() - before.trim_end_matches(' ').len()
}

/// The lines of a block scalar. How far they are indented, which an indicator (`|2`) may say in relation to what is around the scalar, shows in
/// the first line with content: it is what the value has not of the spaces before that.
fn block_lines(source: &str, start: usize, end: usize, value: &str) -> Vec<Line> {
    let mut bounds = Vec::new();
    let mut at = start;
    while at < end {
        let rest = &source[at..end];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        bounds.push((at, at + length));
        at += length;
        at += if source[at..end].starts_with("\r\n") { 2 } else { 1 };
    }
    let spaces = |(from, to): (usize, usize)| source[from..to].len() - source[from..to].trim_start_matches(' ').len();
    let first = |bound: &&(usize, usize)| spaces(**bound) < bound.1 - bound.0;
    let indent = if let Some(bound) = bounds.iter().find(first) {
        spaces(*bound).saturating_sub(spaces_before_content(value))
    } else {
        let longest = bounds.iter().map(|bound| spaces(*bound)).max().unwrap_or_default();
        longest.saturating_sub(value.lines().map(str::len).max().unwrap_or_default())
    };
    bounds
        .iter()
        .map(|(from, to)| Line {
            from: from.saturating_add(indent.min(spaces((*from, *to)))),
            to: *to,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::decode;
    use crate::yaml::{Kind, read};

    /// The first block scalar of a text, decoded and as the parser has it, and what stands where its last word is said to stand.
    fn block(text: &str) -> (String, String, String) {
        let tree = read(&Arc::from(text)).unwrap();
        let is_block = |kind: &Kind| matches!(kind, Kind::Scalar(..));
        let scalars = tree.nodes().filter(|(_, node)| is_block(&node.kind));
        let scalar = scalars
            .filter_map(|(id, _)| tree.scalar(id))
            .max_by_key(|scalar| scalar.span.len())
            .unwrap();
        let decoded = decode(text, &scalar);
        let end = decoded.text.trim_end().len();
        let start = decoded.text[..end].rfind([' ', '\n']).map_or(0, |at| at + 1);
        let place = decoded.source_span(crate::source::Span::new(start, end)).unwrap();
        (decoded.text, scalar.value.to_owned(), text[place.range()].to_owned())
    }

    #[test]
    fn breaks_are_folded_as_the_parser_folds_them() {
        for text in [
            "a: >\n\n\n  one\n  two\n\n\n  three\n",
            "a: >-\n  one\n\n    two\n  three\n\n    - four\n\n\n  last\n\n",
            "a: >+\r\n  one\r\n\r\n  two\r\n  last\r\n\r\n",
            &format!(
                "a: >\n  one\n{}  two\n{}   last\n",
                "\n".repeat(20_000),
                " \n".repeat(20_000)
            ),
        ] {
            let (decoded, value, last) = block(text);
            assert_eq!(decoded, value, "{text:.60}");
            assert_eq!(last, value.split_whitespace().last().unwrap(), "{text:.60}");
        }
    }

    #[test]
    fn an_indicator_counts_from_what_is_around_the_scalar() {
        for text in [
            "a:\n  b:\n    c: |2\n        first\n      last\n",
            "a:\n  b:\n    c: >2-\n      first\n      last\n",
            "a:\n  - - |1\n         \n      first\n     last\n",
        ] {
            let (decoded, value, last) = block(text);
            assert_eq!(decoded, value, "{text}");
            assert_eq!(last, "last", "{text}");
        }
    }
}
