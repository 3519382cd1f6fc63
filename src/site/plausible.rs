//! Telling image references from what only looks like one.

use crate::reference::{Reference, ReferenceError};

/// Endings of files that are no container images, though keys call them images.
const FILE_ENDINGS: &[&str] = &[
    ".img", ".qcow2", ".iso", ".raw", ".vmdk", ".vhd", ".png", ".svg", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".gz",
    ".xz", ".yaml", ".json",
];

/// How much a text itself says for being an image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Looks {
    /// No reference, or certainly something else: a URL, a file, a path of more parts than Docker Hub has.
    Unlike,
    /// One word: `busybox`, but also `auto`.
    Word,
    /// `org/name`.
    Path,
    /// `name:tag`, `org/name:tag`.
    Tagged,
    /// A registry stands before it, or a digest behind it.
    Certain,
}

/// What `text` looks like as a whole reference.
pub(super) fn looks(text: &str) -> Looks {
    if !is_wordlike(text) {
        return Looks::Unlike;
    }
    let reference = match Reference::parse(text) {
        Ok(reference) => reference,
        Err(error) => return looks_broken(text, error),
    };
    let parts = reference.repository().split('/').count();
    if reference.digest().is_some() || reference.registry().is_some() {
        Looks::Certain
    } else if parts > 2 {
        Looks::Unlike
    } else if reference.tag().is_some() {
        Looks::Tagged
    } else if parts == 2 {
        Looks::Path
    } else {
        Looks::Word
    }
}

/// A text that the grammar refuses and that still means an image: a host before it, or a digest of the wrong length behind it.
fn looks_broken(text: &str, error: ReferenceError) -> Looks {
    let host = text
        .split_once('/')
        .is_some_and(|(host, _)| host.contains('.') && !host.starts_with('.') && !host.ends_with('.'));
    match error {
        ReferenceError::Uppercase | ReferenceError::Tag | ReferenceError::Digest(_) | ReferenceError::Format
            if host || text.contains("@sha256:") =>
        {
            Looks::Certain
        }
        _ => Looks::Unlike,
    }
}

/// Whether `text` can be the repository of an image whose tag stands in another key.
pub(super) fn is_repository(text: &str) -> bool {
    let digest_follows = text.ends_with("@sha256") || text.ends_with("@sha512");
    is_wordlike(text) && (digest_follows || Reference::parse(text).is_ok() || looks(text) == Looks::Certain)
}

/// Whether `text` could be any part of an image: no URL, no file path, no file, no path of values.
fn is_wordlike(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let odd = text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '*' | '=' | ',' | ';' | '"' | '\''));
    !odd && !text.contains("://")
        && !text.starts_with(['/', '.', '~', '-', '$'])
        && !text.starts_with("git@")
        && !names_values(text)
        && !FILE_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether `text` is the name of a place in the values: `image.repository`, `.Values.image.tag`.
pub(super) fn names_values(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains(".values.") || lower.ends_with("image.repository") || lower.ends_with("image.tag")
}

/// `key` in lower case without `-` and `_`, as idioms compare keys.
pub(super) fn folded(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether a key's name says that an image is below it: it ends in `image` or `images`, and is no pull secret.
pub(super) fn is_image_key(key: &str) -> bool {
    let key = folded(key);
    key.ends_with("image") || key.ends_with("images")
}
