//! Unified diffs of what would be written. The one home of similar.

use std::fmt::Write as _;

use similar::{DiffOp, TextDiff};

use super::snippet::one_line;
use crate::edit::Edit;
use crate::source::Span;

/// The unified diff between two texts of the file at `path`.
#[must_use]
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let (old, new) = (lines(before), lines(after));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    diff.unified_diff()
        .context_radius(3)
        .header(&name("a", path), &name("b", path))
        .to_string()
}

/// A path in the head of a diff: in quotes, with the escapes of C, where Git would write it so. A name that holds a line break would otherwise end the
/// head, and one that holds an escape reach the terminal.
fn name(side: &str, path: &str) -> String {
    let path = format!("{side}/{path}");
    let is_plain = |c: char| !matches!(c, '"' | '\\') && one_line(c.encode_utf8(&mut [0; 4])).starts_with(c);
    if path.chars().all(is_plain) {
        return path;
    }
    let mut out = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_plain(c) => out.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
        }
    }
    out.push('"');
    out
}

/// The edits, line by line, that make `after` of `before`; of a line that changes, only what is different.
#[must_use]
pub fn line_edits(before: &str, after: &str) -> Vec<Edit> {
    let (old, new) = (lines(before), lines(after));
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

/// The lines of a text as Git has them, which no carriage return alone ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
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
    fn a_name_that_would_break_the_head_of_a_diff_is_quoted_as_git_does() {
        let head = |path: &str| unified(path, "a\n", "b\n").lines().next().map(str::to_owned);
        assert_eq!(head("é x/values.yaml").as_deref(), Some("--- a/é x/values.yaml"));
        assert_eq!(
            head("a\n+b\u{1b}\"\u{202e}\\").as_deref(),
            Some("--- \"a/a\\012+b\\033\\\"\\342\\200\\256\\\\\"")
        );
    }

    #[test]
    fn a_carriage_return_alone_ends_no_line_of_a_diff() {
        let diff = unified("f", "a: 1\rb: 2\r\nc: 3", "a: 9\rb: 2\r\nc: 3");
        let lines = "@@ -1,2 +1,2 @@\n-a: 1\rb: 2\r\n+a: 9\rb: 2\r\n c: 3\n\\ No newline at end of file\n";
        assert_eq!(diff, format!("--- a/f\n+++ b/f\n{lines}"));
    }

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
