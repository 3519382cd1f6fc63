//! From findings to the mended text of a file: which fixes go together, and whether what comes out reads as it should.
//!
//! A function of a file and its findings; who writes the text, or hands it to an editor, is elsewhere.

use crate::chart::{ChartFile, FileRole};
use crate::edit::{Edit, apply, meant};
use crate::finding::{Applicability, Fix};
use crate::yaml::check_edit;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FixMode {
    /// None.
    #[default]
    None,
    /// Those that need no look.
    Safe,
    /// All.
    Unsafe,
}

impl FixMode {
    const fn takes(self, applicability: Applicability) -> bool {
        match self {
            Self::None => false,
            Self::Safe => matches!(applicability, Applicability::Safe),
            Self::Unsafe => true,
        }
    }
}

/// A file with fixes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The edits of the original text.
    pub edits: Vec<Edit>,
    /// The new text.
    pub text: String,
    /// How many fixes are in it.
    pub count: usize,
}

/// The file with every fix of this mode that does not clash with one before it; nothing where there is none, or where the text would not read as
/// it is meant to.
#[must_use]
pub fn mend<'a>(file: &ChartFile, fixes: impl IntoIterator<Item = &'a Fix>, mode: FixMode) -> Option<Mended> {
    let tree = file.tree().filter(|_| file.role != FileRole::Template)?;
    let mut edits: Vec<Edit> = Vec::new();
    let mut count = 0;
    for fix in fixes.into_iter().filter(|fix| mode.takes(fix.applicability)) {
        let clashes = fix
            .edits
            .iter()
            .any(|edit| edits.iter().any(|other| clash(edit, other)));
        if !clashes {
            edits.extend(fix.edits.iter().cloned());
            count += 1;
        }
    }
    let text = apply(&file.source.text, &edits).ok()?;
    let meant = meant(tree, edits.iter().map(|edit| edit.span).collect(), Vec::new());
    let reads = !edits.is_empty() && check_edit(tree, &text, &meant).is_ok();
    reads.then_some(Mended { edits, text, count })
}

fn clash(a: &Edit, b: &Edit) -> bool {
    a != b && (a.span.touches(b.span) || a.span.start == b.span.start)
}
