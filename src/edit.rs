//! Edits: byte ranges of a text and what comes in their place.

use crate::source::Span;
use crate::yaml::{Meant, Tree};

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes of the original text that go.
    pub span: Span,
    /// What comes in their place.
    pub text: String,
}

/// Why edits could not be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits touch the same bytes.
    #[error("two edits overlap at byte {0}")]
    Overlap(usize),
    /// An edit is no range of the text.
    #[error("an edit reaches outside of the text at byte {0}")]
    Outside(usize),
}

/// The text with all edits in it, each applied once to the original; the same edit twice counts as one.
///
/// # Errors
/// When edits overlap or do not fit the text.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for (index, edit) in sorted.iter().enumerate() {
        let same_place = index > 0 && sorted[index - 1].span == edit.span;
        if edit.span.start < at || same_place {
            return Err(EditError::Overlap(edit.span.start));
        }
        let kept = text
            .get(at..edit.span.start)
            .ok_or(EditError::Outside(edit.span.start))?;
        text.get(edit.span.range()).ok_or(EditError::Outside(edit.span.start))?;
        out.push_str(kept);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// The scalars that these places stand in, as what edits there mean to change; `grown` are mappings that they give new keys.
#[must_use]
pub fn meant(tree: &Tree, mut spans: Vec<Span>, grown: Vec<Span>) -> Meant {
    spans.sort_unstable();
    let holds_edit = |scalar: Span| {
        let first = spans.partition_point(|span| span.start < scalar.start);
        spans[first..]
            .iter()
            .take_while(|span| span.start <= scalar.end)
            .any(|span| scalar.contains(*span))
    };
    let scalars = tree
        .nodes()
        .filter(|(id, _)| tree.scalar(*id).is_some())
        .map(|(_, node)| node.span);
    Meant::new(scalars.filter(|span| holds_edit(*span)).collect(), grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.to_owned(),
        }
    }

    #[test]
    fn edits_apply_to_the_original_in_any_order() {
        assert_eq!(
            apply("abcdef", &[edit(4, 5, "E"), edit(0, 1, ""), edit(2, 2, "+")]).unwrap(),
            "b+cdEf"
        );
    }

    #[test]
    fn overlaps_and_strays_are_refused() {
        assert_eq!(
            apply("abc", &[edit(0, 2, "x"), edit(1, 3, "y")]),
            Err(EditError::Overlap(1))
        );
        assert_eq!(
            apply("abc", &[edit(1, 1, "x"), edit(1, 1, "y")]),
            Err(EditError::Overlap(1))
        );
        assert_eq!(apply("abc", &[edit(2, 9, "x")]), Err(EditError::Outside(2)));
        assert_eq!(apply("aé", &[edit(2, 3, "x")]), Err(EditError::Outside(2)));
        assert_eq!(apply("abc", &[edit(1, 2, "x"), edit(1, 2, "x")]).unwrap(), "axc");
    }
}
