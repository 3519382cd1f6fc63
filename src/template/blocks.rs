//! What the parser gets wrong, put right before it: comments, behind which it trims text that Helm keeps, and blocks that are left open, which
//! it takes and Helm does not.

use std::borrow::Cow;

use super::file::BadTemplate;
use crate::source::Span;

/// A text that was looked through once.
pub(super) struct Scanned<'a> {
    /// The text with an empty string in the place of each comment, byte for byte as long.
    pub masked: Cow<'a, str>,
    /// The first block that is not closed, or `end` and `else` that close or split none.
    pub unbalanced: Option<BadTemplate>,
}

/// Looks through a template's text.
pub(super) fn scan(text: &str) -> Scanned<'_> {
    let mut masked = Cow::Borrowed(text);
    let mut open: Vec<(Span, &str)> = Vec::new();
    let mut first_stray = None;
    let mut is_whole = true;
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let Some(end) = end_of_action(text, start + 2) else {
            is_whole = false;
            break;
        };
        let span = Span::new(start, end);
        let inner = text[start + 2..end].trim_start_matches('-').trim_start();
        if let Some(close) = comment(inner) {
            let from = end - inner.len();
            let lines = inner[2..close].split('\n').map(|line| " ".repeat(line.len()));
            let blank = format!("\"\"{}", lines.collect::<Vec<String>>().join("\n"));
            masked.to_mut().replace_range(from..from + close, &blank);
        }
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
        let word = &inner[..inner.bytes().take_while(is_letter).count()];
        match word {
            "if" | "range" | "with" | "define" | "block" => open.push((span, word)),
            "end" if open.pop().is_none() => first_stray = first_stray.or_else(|| Some(stray(span, word))),
            "else" if open.is_empty() => first_stray = first_stray.or_else(|| Some(stray(span, word))),
            _ => {}
        }
        at = end;
    }
    let unclosed = open.pop().filter(|_| is_whole).map(|(span, word)| BadTemplate {
        message: format!("`{word}` has no `{{{{ end }}}}`"),
        span,
    });
    Scanned {
        masked,
        unbalanced: first_stray.or(unclosed),
    }
}

fn stray(span: Span, word: &str) -> BadTemplate {
    BadTemplate {
        message: format!("`{{{{ {word} }}}}` belongs to no block"),
        span,
    }
}

/// The length of the comment that the inside of an action begins with.
fn comment(inner: &str) -> Option<usize> {
    let text = inner.strip_prefix("/*")?;
    text.find("*/").map(|close| close + 4)
}

/// The byte behind the `}}` of the action whose inside begins at `at`; nothing where there is none.
fn end_of_action(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let inner = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    if inner.starts_with("/*") {
        let close = rest.len() - inner.len() + comment(inner)?;
        return Some(at + close + rest[close..].find("}}")? + 2);
    }
    let bytes = rest.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'}' if bytes.get(index + 1) == Some(&b'}') => return Some(at + index + 2),
            b'`' => index += 1 + rest[index + 1..].find('`')?,
            quote @ (b'"' | b'\'') => {
                index += 1;
                while *bytes.get(index)? != quote {
                    index += 1 + usize::from(bytes[index] == b'\\');
                }
            }
            _ => {}
        }
        index += 1;
    }
    None
}
