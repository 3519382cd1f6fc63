//! Which tags float: branches, channels, `latest` with something glued to it.
//!
//! Shared by the rules that speak of floating tags, so that they mean the same.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::pattern::{Pattern, PatternError};
use crate::reference::DEFAULT_TAG;
use crate::site::{ImageSite, Role};
use crate::source::Span;

/// Words of branches and of channels.
const PATTERNS: &[&str] = &[
    "latest-*",
    "*-latest",
    "latest_*",
    "*_latest",
    "main",
    "master",
    "trunk",
    "head",
    "*-head",
    "dev",
    "devel",
    "develop",
    "development",
    "edge",
    "nightly",
    "*-nightly",
    "nightly-*",
    "canary",
    "rolling",
    "current",
    "stable",
    "unstable",
    "testing",
    "staging",
    "beta",
    "alpha",
    "lts",
    "snapshot",
    "*-snapshot",
    "ci",
];

/// The options of rules that speak of floating tags.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FloatingTags {
    /// Globs over tags, in either case, that are moved from build to build.
    pub patterns: Vec<String>,
}

impl Default for FloatingTags {
    fn default() -> Self {
        Self {
            patterns: PATTERNS.iter().map(|pattern| (*pattern).to_owned()).collect(),
        }
    }
}

impl FloatingTags {
    /// The globs, compiled.
    ///
    /// # Errors
    /// When one is no glob.
    pub fn compile(&self) -> Result<Vec<Pattern>, PatternError> {
        self.patterns.iter().map(|text| Pattern::word(text)).collect()
    }
}

/// The tag that decides which image is pulled, and where it stands in this file; nothing where a digest decides.
#[must_use]
pub fn deciding_tag(site: &ImageSite) -> Option<(&str, Span)> {
    let Some(reference) = site.reference() else {
        let tag = site.filled(Role::Tag).filter(|tag| !tag.templated && !tag.inherited)?;
        return Some((&tag.text, tag.span));
    };
    let tag = reference.tag().filter(|_| reference.digest().is_none())?;
    Some((tag, site.place(&reference.tag_range()?)?))
}

/// Whether `tag` is `latest` or matches one of the globs.
#[must_use]
pub fn floats(tag: &str, patterns: &[Pattern]) -> bool {
    tag == DEFAULT_TAG || patterns.iter().any(|pattern| pattern.matches(tag))
}
