//! The values that digests go into: the form of a key, the edit that fills it or adds it, what comments say of it.

use crate::edit::Edit;
use crate::reference::is_hex;
use crate::site::Part;
use crate::source::Span;
use crate::yaml::{HelmScalar, Style, helm_plain};

/// A scalar whose whole value is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The text, without quotes.
    pub text: Span,
    /// The key, for a value that is not there at all.
    pub key: Option<Span>,
    /// Whether quotes stand around it.
    pub quoted: bool,
}

/// How a key writes digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `sha256:` and the digits.
    Prefixed,
    /// The digits alone.
    Hex,
}

impl Form {
    pub(super) fn write(self, digest: &str) -> Result<String, String> {
        match (self, digest.strip_prefix("sha256:")) {
            (Self::Prefixed, _) => Ok(digest.to_owned()),
            (Self::Hex, Some(hex)) => Ok(hex.to_owned()),
            (Self::Hex, None) => {
                Err("its key holds sha256 digits alone, and the digest is of another algorithm".to_owned())
            }
        }
    }

    /// The form of a key, by its value where there is one, else by the example in a comment above it, else by its name: `sha` holds digits,
    /// `digest` the algorithm, too.
    pub(super) fn of(value: &str, key: &str, example: Option<Self>) -> Self {
        let by_name = || {
            if key.to_ascii_lowercase().contains("sha") {
                Self::Hex
            } else {
                Self::Prefixed
            }
        };
        match value {
            "" => example.unwrap_or_else(by_name),
            value if is_hex(value, 64) => Self::Hex,
            _ => Self::Prefixed,
        }
    }

    /// The form of the example that a comment right above a key gives for it.
    pub(super) fn example(text: &str, key: Span) -> Option<Self> {
        let name = text.get(key.range())?;
        let line_start = text[..key.start].rfind('\n').map_or(0, |at| at + 1);
        let comments = text[..line_start]
            .lines()
            .rev()
            .map_while(|line| line.trim().strip_prefix('#'));
        comments.into_iter().find_map(|comment| {
            let value = comment.trim().strip_prefix(name)?.trim_start().strip_prefix(':')?;
            let value = value.trim().trim_matches(['"', '\'']);
            match value.strip_prefix("sha256:") {
                Some(_) => Some(Self::Prefixed),
                None => is_hex(value, 64).then_some(Self::Hex),
            }
        })
    }
}

pub(super) fn edit(span: Span, text: String) -> Edit {
    Edit { span, text }
}

impl Value {
    pub(super) fn of(part: &Part) -> Self {
        Self {
            text: part.span,
            key: part.key,
            quoted: matches!(part.style, Style::SingleQuoted | Style::DoubleQuoted),
        }
    }

    /// The edit that writes `new` there, quoted where Helm would read something else than text.
    pub(super) fn replaced(&self, new: &str, text: &str) -> Edit {
        if self.quoted {
            return edit(self.text, new.to_owned());
        }
        let is_text = matches!(helm_plain(new), HelmScalar::Text(_));
        let new = if is_text { new.to_owned() } else { format!("\"{new}\"") };
        match self.key.filter(|_| self.text.is_empty()) {
            Some(key) => edit(Span::empty(after_colon(text, key)), format!(" {new}")),
            None => edit(self.text, new),
        }
    }
}

/// The byte behind the colon that follows a key.
fn after_colon(text: &str, key: Span) -> usize {
    text[key.end..].find(':').map_or(key.end, |colon| key.end + colon + 1)
}

/// A new key below the line that `beside` and its value stand on, or behind the value in a flow mapping.
pub(super) fn new_key(text: &str, beside: Span, behind: Span, name: &str, value: &str) -> Edit {
    let line_start = text[..beside.start].rfind('\n').map_or(0, |at| at + 1);
    let before = text[line_start..beside.start].trim_start_matches('\u{feff}');
    let in_flow = before.chars().any(|c| !matches!(c, ' ' | '-'));
    let quote = text[..behind.start]
        .chars()
        .next_back()
        .filter(|c| matches!(c, '"' | '\'') && text[behind.end..].starts_with(*c));
    let token = match quote {
        Some(quote) => format!("{quote}{value}{quote}"),
        None if matches!(helm_plain(value), HelmScalar::Text(_)) => value.to_owned(),
        None => format!("\"{value}\""),
    };
    if in_flow {
        let name = match text[..beside.end].chars().next_back() {
            Some('"') => format!("\"{name}\""),
            _ => name.to_owned(),
        };
        let end = behind.end + usize::from(quote.is_some());
        return edit(Span::empty(end), format!(", {name}: {token}"));
    }
    let indent = " ".repeat(before.chars().count());
    let line_end = text[behind.end..].find('\n').map(|at| behind.end + at);
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    match line_end {
        Some(end) => edit(Span::empty(end + 1), format!("{indent}{name}: {token}{ending}")),
        None => edit(Span::empty(text.len()), format!("{ending}{indent}{name}: {token}")),
    }
}

/// Whether a comment in the lines right above or below a key is a digest key that is not in use.
pub(super) fn has_digest_comment(text: &str, key: Span) -> bool {
    let line_start = text[..key.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[key.start..].find('\n').map_or(text.len(), |at| key.start + at + 1);
    let comment = |line: &str| {
        line.trim()
            .strip_prefix('#')
            .map(|comment| comment.trim().to_ascii_lowercase())
    };
    let above = text[..line_start].lines().rev().map_while(comment);
    let mut comments = above.chain(text[line_end..].lines().map_while(comment));
    comments.any(|comment| {
        ["digest:", "sha:", "sha256:", "imagedigest:"]
            .iter()
            .any(|name| comment.starts_with(name))
    })
}
