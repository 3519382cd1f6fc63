//! How firmly a reference names its image. The one answer for all who show it: the page, and the hovers of an editor.

use serde::Serialize;

use crate::floating::floats;
use crate::pattern::Pattern;
use crate::reference::Reference;

/// The rules that say that a tag floats, by the patterns of the configuration.
const FLOATING_RULES: [&str; 2] = ["floating-tag", "latest-tag"];

/// How firmly an image is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pinning {
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
    /// How a reference names its image, where it is whole; `told` says that a finding calls it floating.
    #[must_use]
    pub fn of(reference: Option<&Reference>, told: bool, patterns: &[Pattern]) -> Self {
        let Some(reference) = reference else {
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

    /// Whether a finding of this rule calls an image floating.
    #[must_use]
    pub fn is_told_by(rule: &str) -> bool {
        FLOATING_RULES.contains(&rule)
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
