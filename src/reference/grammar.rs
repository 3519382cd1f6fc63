//! The grammar of the parts of a reference: registries, repositories, tags and digests.

use super::ReferenceError;

/// Longest repository path, in bytes.
const MAX_PATH: usize = 255;
/// Longest tag, in bytes.
const MAX_TAG: usize = 128;

/// Why a string is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not of the form `algorithm:hex`.
    #[error("a digest is `sha256:` and 64 lower-case hexadecimal digits")]
    Format,
    /// An algorithm that the OCI image specification does not register.
    #[error("the digest's algorithm is neither sha256 nor sha512")]
    Algorithm,
    /// Too many or too few hexadecimal digits for the algorithm.
    #[error("the digest has the wrong length: sha256 has 64 hexadecimal digits, sha512 has 128")]
    Length,
}

/// Whether the part before the first `/` is a registry and no part of the repository: it has a dot, a port, an upper-case letter, or is `localhost`.
pub(super) fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase)
}

/// `host [":" port]`, the host a domain name, an IPv4 address or an IPv6 address in brackets.
pub(super) fn check_host(text: &str) -> Result<(), ReferenceError> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(ReferenceError::Format)?;
        let ipv6 = !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        if !ipv6 {
            return Err(ReferenceError::Format);
        }
        (
            None,
            port.strip_prefix(':')
                .or(if port.is_empty() { None } else { Some("?") }),
        )
    } else {
        match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text), None),
        }
    };
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let inner = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
        inner && bytes.first().is_some_and(|b| *b != b'-') && bytes.last().is_some_and(|b| *b != b'-')
    };
    let host_ok = host.is_none_or(|host| host.split('.').all(label));
    let port_ok = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    if host_ok && port_ok {
        Ok(())
    } else {
        Err(ReferenceError::Format)
    }
}

pub(super) fn check_repository(path: &str) -> Result<(), ReferenceError> {
    if path.chars().any(char::is_uppercase) {
        return Err(ReferenceError::Uppercase);
    }
    if !path.split('/').all(is_path_component) {
        return Err(ReferenceError::Format);
    }
    if path.len() > MAX_PATH {
        return Err(ReferenceError::TooLong);
    }
    Ok(())
}

/// `[a-z0-9]+` runs with `.`, `_`, `__` or any number of `-` between them.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends_ok = bytes.first().copied().is_some_and(alphanumeric) && bytes.last().copied().is_some_and(alphanumeric);
    ends_ok
        && bytes
            .chunk_by(|a, b| alphanumeric(*a) == alphanumeric(*b))
            .all(|run| alphanumeric(run[0]) || matches!(run, b"." | b"_" | b"__") || run.iter().all(|b| *b == b'-'))
}

/// Whether `text` is a tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    bytes.len() <= MAX_TAG
        && bytes.first().is_some_and(word)
        && bytes.iter().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// Checks `algorithm:hex` (OCI image specification, section "Digests"); sha384 is accepted as the distribution project does.
///
/// # Errors
/// When the text is no digest of a registered algorithm.
pub fn check_digest(text: &str) -> Result<(), DigestError> {
    let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Format)?;
    let well_formed = algorithm.split(['+', '.', '_', '-']).all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if !well_formed || hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(DigestError::Format);
    }
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(DigestError::Algorithm),
    };
    if hex.len() != length {
        return Err(DigestError::Length);
    }
    if hex.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(DigestError::Format);
    }
    Ok(())
}

/// Whether `text` is exactly `length` lower-case hexadecimal digits.
#[must_use]
pub fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
