//! Unified diffs of what would be written. The one home of similar.

use similar::{DiffOp, TextDiff};

use crate::edit::Edit;
use crate::source::Span;

/// The unified diff between two texts of the file at `path`.
#[must_use]
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// The edits, line by line, that make `after` of `before`; of a line that changes, only what is different.
#[must_use]
pub fn line_edits(before: &str, after: &str) -> Vec<Edit> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&old, &new);
    let mut edits = Vec::new();
    let mut at = 0;
    for op in diff.ops() {
        let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            at += length(old);
        } else if old.len() == new.len() {
            for (old, new) in old.iter().zip(new) {
                edits.push(narrowed(at, old, new));
                at += old.len();
            }
        } else {
            edits.push(narrowed(at, &old.concat(), &new.concat()));
            at += length(old);
        }
    }
    edits
}

fn length(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.len()).sum()
}

/// The edit that makes `new` of `old`, which starts at `at`, without what both have at their beginnings and at their ends.
fn narrowed(at: usize, old: &str, new: &str) -> Edit {
    fn same(pairs: impl Iterator<Item = (char, char)>) -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    }
    let head = same(old.chars().zip(new.chars()));
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = same(old_rest.chars().rev().zip(new_rest.chars().rev()));
    Edit {
        span: Span::new(at + head, at + old.len() - tail),
        text: new_rest[..new_rest.len() - tail].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;

    #[test]
    fn edits_of_lines_are_small_and_lead_to_the_new_text() {
        let before = "a: 1\r\nb: é2 # keep\r\nc: 3\r\nd: 4";
        let after = "a: 1\r\nb: é2@x # keep\r\nc: 3\r\n  new: y\r\nd: 4z";
        let edits = line_edits(before, after);
        assert_eq!(apply(before, &edits).unwrap(), after);
        let texts: Vec<&str> = edits.iter().map(|edit| edit.text.as_str()).collect();
        assert_eq!(texts[0], "@x");
        assert!(line_edits(before, before).is_empty());
    }
}
