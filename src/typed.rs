//! Typed YAML: chartpin's own files, the configuration and the data that rules ship. The one home of `serde_yaml`.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize as _, Serialize};

/// How many brackets may be open at once: for each token libyaml looks at all of them, so that a hundred thousand would take minutes.
const MAX_OPEN: usize = 1_000;

/// Text that does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TypedError {
    /// What is wrong, in one line.
    pub message: String,
    /// Offset of the place, in bytes, where the reader knows it.
    pub offset: Option<usize>,
}

/// Reads `text` as a `T`; a byte order mark is passed over.
///
/// # Errors
/// When the text is no YAML or does not fit the type.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, TypedError> {
    if opens_too_many(text) {
        return Err(TypedError {
            message: format!("more than {MAX_OPEN} brackets are open at once"),
            offset: None,
        });
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_yaml::from_str(body).map_err(|error| {
        let location = error.location();
        let full = error.to_string();
        let suffix = location
            .as_ref()
            .map(|at| format!(" at line {} column {}", at.line(), at.column()));
        let message = suffix
            .and_then(|suffix| full.strip_suffix(&suffix))
            .unwrap_or(&full)
            // One word of a list is a tag to the reader alone: nobody is to write one.
            .replace("a YAML tag starting with '!'", "a string");
        TypedError {
            message,
            offset: location.map(|at| at.index() + text.len() - body.len()),
        }
    })
}

/// The YAML text of one of our own files.
///
/// # Errors
/// When the value is nothing that YAML can say, which plain data never is.
pub fn print(value: &impl Serialize) -> Result<String, TypedError> {
    serde_yaml::to_string(value).map_err(|error| TypedError {
        message: error.to_string(),
        offset: None,
    })
}

/// Whether libyaml reads the first document of `text`: the parser below Helm's own is its translation, and as lenient.
#[must_use]
pub fn libyaml_accepts(text: &str) -> bool {
    if opens_too_many(text) {
        return false;
    }
    let first = serde_yaml::Deserializer::from_str(text).next();
    first.is_some_and(|document| IgnoredAny::deserialize(document).is_ok())
}

/// Whether more than [`MAX_OPEN`] brackets are open somewhere in `text`, wherever they stand.
fn opens_too_many(text: &str) -> bool {
    let mut open = 0_usize;
    text.bytes().any(|byte| {
        open = match byte {
            b'[' | b'{' => open + 1,
            b']' | b'}' => open.saturating_sub(1),
            _ => open,
        };
        open > MAX_OPEN
    })
}
