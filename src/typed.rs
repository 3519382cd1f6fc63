//! Typed YAML: chartpin's own files, the configuration and the data that rules ship. The one home of `serde_yaml`.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize as _, Serialize};

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
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_yaml::from_str(body).map_err(|error| {
        let location = error.location();
        let full = error.to_string();
        let suffix = location
            .as_ref()
            .map(|at| format!(" at line {} column {}", at.line(), at.column()));
        let message = suffix
            .and_then(|suffix| full.strip_suffix(&suffix).map(str::to_owned))
            .unwrap_or(full);
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
    let first = serde_yaml::Deserializer::from_str(text).next();
    first.is_some_and(|document| IgnoredAny::deserialize(document).is_ok())
}
