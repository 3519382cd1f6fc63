//! Globs, with the text they were written as: over file paths, key paths, image names and tags.
//!
//! `*` stays within one part of a path and `**` crosses them, as in a shell. The one home of `globset`.

use globset::{Glob, GlobBuilder, GlobMatcher};

/// A glob with its source text.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

/// A glob that does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no glob: {reason}")]
pub struct PatternError {
    /// The glob as it was written.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Pattern {
    /// A glob whose parts are divided by `/`: file paths and image names.
    ///
    /// # Errors
    /// When the text is no glob.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        Self::build(text, text)
    }

    /// A glob over dotted key paths: `*` is one key or item, `**` is any number of them.
    ///
    /// # Errors
    /// When the text is no glob.
    pub fn key_path(text: &str) -> Result<Self, PatternError> {
        Self::build(text, &text.replace('.', "/"))
    }

    /// A glob over a text without parts, such as a tag; letters match in either case.
    ///
    /// # Errors
    /// When the text is no glob.
    pub fn word(text: &str) -> Result<Self, PatternError> {
        let glob = GlobBuilder::new(text).case_insensitive(true).build();
        Self::from_glob(text, glob)
    }

    fn build(text: &str, glob: &str) -> Result<Self, PatternError> {
        Self::from_glob(text, GlobBuilder::new(glob).literal_separator(true).build())
    }

    fn from_glob(text: &str, glob: Result<Glob, globset::Error>) -> Result<Self, PatternError> {
        match glob {
            Ok(glob) => Ok(Self {
                text: text.to_owned(),
                matcher: glob.compile_matcher(),
            }),
            Err(error) => Err(PatternError {
                text: text.to_owned(),
                reason: error.kind().to_string(),
            }),
        }
    }

    /// The glob as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `candidate` matches; its parts are divided by `/`.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        self.matcher.is_match(candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_within_a_part() {
        let pattern = Pattern::new("ghcr.io/*").unwrap();
        assert!(pattern.matches("ghcr.io/app"));
        assert!(!pattern.matches("ghcr.io/org/app"));
        assert!(Pattern::new("ghcr.io/**").unwrap().matches("ghcr.io/org/app"));
    }

    #[test]
    fn key_paths_are_written_with_dots() {
        let pattern = Pattern::key_path("services.*.image").unwrap();
        assert!(pattern.matches("services/web/image"));
        assert!(!pattern.matches("services/web/side/image"));
    }

    #[test]
    fn a_broken_glob_says_so() {
        assert_eq!(Pattern::new("a[").unwrap_err().text, "a[");
    }
}
