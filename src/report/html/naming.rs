//! What the page calls an image, and how firmly that names it. Knows rows and the patterns of tags that move.

use serde::Serialize;

use crate::floating::floats;
use crate::pattern::Pattern;
use crate::report::ImageRow;

/// How firmly a row names its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pinning {
    /// By digest.
    Pinned,
    /// By a tag.
    Tag,
    /// By a tag that is moved to newer builds, or by none.
    Floating,
    /// Not wholly: a part is templated, lives elsewhere, or was deleted.
    Incomplete,
}

impl Pinning {
    /// How a row names its image; `told` says that a finding calls it floating.
    pub(super) fn of(row: &ImageRow, told: bool, patterns: &[Pattern]) -> Self {
        let Ok(reference) = &row.whole else {
            return Self::Incomplete;
        };
        if reference.digest().is_some() {
            return Self::Pinned;
        }
        if told || reference.tag().is_none_or(|tag| floats(tag, patterns)) {
            Self::Floating
        } else {
            Self::Tag
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Tag => "tag only",
            Self::Floating => "floating",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The image as the page shows it. One of which nothing is known goes by its place, lest all such images be one.
pub(super) fn name(row: &ImageRow) -> [String; 4] {
    if let Ok(reference) = &row.whole {
        let part = |before: &str, part: Option<&str>| part.map_or_else(String::new, |part| format!("{before}{part}"));
        return [
            format!("{}/", reference.registry().unwrap_or_default()),
            reference.repository().to_owned(),
            part(":", reference.tag()),
            part("@", reference.digest()),
        ];
    }
    if row.registry.is_none() && row.repository.is_none() {
        return [
            String::new(),
            row.path.clone(),
            String::new(),
            format!(" in {}", row.file),
        ];
    }
    row.parts()
}
