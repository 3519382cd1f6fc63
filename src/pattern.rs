//! Globs, with the text they were written as: over file paths, key paths, image names and tags.
//!
//! `*` stays within one part of a path and `**` crosses them, as in a shell. The one home of `globset`.

use globset::{Glob, GlobBuilder, GlobMatcher};

/// Characters that mean something in a glob.
const META: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// A glob with its source text.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: Matcher,
}

/// How a glob is matched: most are words, or words with one star at an end, and need no automaton.
#[derive(Debug, Clone)]
enum Matcher {
    /// The word itself, in either case of letters.
    Word(String),
    /// Something before the word, in either case of letters.
    Ending(String),
    /// Something behind the word, in either case of letters.
    Beginning(String),
    /// Whatever lies below a folder.
    Below(String),
    /// Any other glob.
    Glob(Box<GlobMatcher>),
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
        let plain = |word: &str| !word.is_empty() && !word.contains(META);
        let matcher = match (text.strip_prefix('*'), text.strip_suffix('*')) {
            _ if plain(text) => Matcher::Word(text.to_owned()),
            (Some(word), _) if plain(word) => Matcher::Ending(word.to_ascii_lowercase()),
            (_, Some(word)) if plain(word) => Matcher::Beginning(word.to_ascii_lowercase()),
            _ => compiled(text, GlobBuilder::new(text).case_insensitive(true).build())?,
        };
        Ok(Self {
            text: text.to_owned(),
            matcher,
        })
    }

    fn build(text: &str, glob: &str) -> Result<Self, PatternError> {
        let folder = glob
            .strip_suffix("**")
            .filter(|folder| folder.ends_with('/') && !folder.contains(META));
        let matcher = match folder {
            Some(folder) => Matcher::Below(folder.to_owned()),
            None => compiled(text, GlobBuilder::new(glob).literal_separator(true).build())?,
        };
        Ok(Self {
            text: text.to_owned(),
            matcher,
        })
    }

    /// The glob that is true of `text` alone: what means something in a glob stands in a class of its own.
    #[must_use]
    pub fn escaped(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            if META.contains(&c) {
                out.extend(['[', c, ']']);
            } else {
                out.push(c);
            }
        }
        out
    }

    /// The glob as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `candidate` matches; its parts are divided by `/`.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        match &self.matcher {
            Matcher::Word(word) => candidate.eq_ignore_ascii_case(word),
            Matcher::Ending(word) => candidate.to_ascii_lowercase().ends_with(word),
            Matcher::Beginning(word) => candidate.to_ascii_lowercase().starts_with(word),
            Matcher::Below(folder) => candidate.len() > folder.len() && candidate.starts_with(folder),
            Matcher::Glob(glob) => glob.is_match(candidate),
        }
    }
}

fn compiled(text: &str, glob: Result<Glob, globset::Error>) -> Result<Matcher, PatternError> {
    match glob {
        Ok(glob) => Ok(Matcher::Glob(Box::new(glob.compile_matcher()))),
        Err(error) => Err(PatternError {
            text: text.to_owned(),
            reason: error.kind().to_string(),
        }),
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
    fn an_escaped_text_matches_itself_and_nothing_else() {
        for text in [
            "{{slug}}/a",
            "a[b/c",
            "a]b",
            "c*",
            "what?",
            "a\\b",
            "[!x]",
            "plain/path-1.0",
        ] {
            let pattern = Pattern::new(&Pattern::escaped(text)).unwrap();
            assert!(pattern.matches(text), "{}", pattern.text());
            assert!(!pattern.matches(&format!("{text}x")), "{}", pattern.text());
        }
        assert!(!Pattern::new(&Pattern::escaped("c*")).unwrap().matches("cd"));
        let below = Pattern::new(&format!("{}/**", Pattern::escaped("a [x]"))).unwrap();
        assert!(below.matches("a [x]/charts/values.yaml") && !below.matches("a x/values.yaml"));
    }

    #[test]
    fn key_paths_are_written_with_dots() {
        let pattern = Pattern::key_path("services.*.image").unwrap();
        assert!(pattern.matches("services/web/image"));
        assert!(!pattern.matches("services/web/side/image"));
    }

    #[test]
    fn words_match_in_either_case_and_as_globs_do() {
        let matches = |glob: &str, tag: &str| Pattern::word(glob).unwrap().matches(tag);
        assert!(matches("main", "Main") && !matches("main", "mainline"));
        assert!(matches("latest-*", "LATEST-jammy") && !matches("latest-*", "the-latest-x"));
        assert!(matches("*-SNAPSHOT", "1.0-snapshot") && !matches("*-snapshot", "1.0-snapshots"));
        assert!(matches("2026.*-noble", "2026.1-noble") && !matches("2026.*-noble", "2026.1-jammy"));
        assert!(!Pattern::new("a/**").unwrap().matches("a/") && Pattern::new("a/**").unwrap().matches("a/b/c"));
    }

    #[test]
    fn a_broken_glob_says_so() {
        assert_eq!(Pattern::new("a[").unwrap_err().text, "a[");
    }
}
