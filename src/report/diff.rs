//! Unified diffs of what would be written. The one home of similar.

use similar::TextDiff;

/// The unified diff between two texts of the file at `path`.
#[must_use]
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}
