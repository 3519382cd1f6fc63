//! Image references: the grammar of the distribution project, as typed and normalised, every part with its place in the string.
//!
//! Source: distribution/reference (`reference.go`, `normalize.go`, `regexp.go`) and the digest rules of the OCI image specification.

use std::fmt;
use std::ops::Range;

/// The registry that a reference without one means.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// The tag that a reference without tag and digest means.
pub const DEFAULT_TAG: &str = "latest";
/// The namespace that a one-part repository of Docker Hub means.
const OFFICIAL: &str = "library/";
/// Longest repository path, in bytes.
const MAX_PATH: usize = 255;
/// Longest tag, in bytes.
const MAX_TAG: usize = 128;

/// A reference as typed: its parts are ranges of the string it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    registry: Option<Range<usize>>,
    repository: Range<usize>,
    tag: Option<Range<usize>>,
    digest: Option<Range<usize>>,
}

/// Why a string is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Not of the form `[registry/]repository[:tag][@digest]`.
    #[error("it is not of the form `[registry/]repository[:tag][@digest]`")]
    Format,
    /// The repository has upper-case letters.
    #[error("a repository is written in lower case")]
    Uppercase,
    /// The whole string is 64 hexadecimal digits, which names an image id.
    #[error("64 hexadecimal digits alone are an image id, not a name")]
    Identifier,
    /// The repository is longer than 255 bytes.
    #[error("a repository has at most 255 characters")]
    TooLong,
    /// The tag is malformed or longer than 128 bytes.
    #[error("a tag has at most 128 letters, digits, `_`, `.` and `-`, and starts with none of the last two")]
    Tag,
    /// The digest is malformed.
    #[error("{0}")]
    Digest(#[from] DigestError),
}

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

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// When the string does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if is_hex(text, 64) {
            return Err(ReferenceError::Identifier);
        }
        let (name_end, digest) = match text.find('@') {
            Some(at) => (at, Some(at + 1..text.len())),
            None => (text.len(), None),
        };
        let name = &text[..name_end];
        let registry = name
            .find('/')
            .map(|slash| 0..slash)
            .filter(|range| is_registry(&name[range.clone()]));
        let path_start = registry.as_ref().map_or(0, |range| range.end + 1);
        let (path_end, tag) = match name[path_start..].find(':') {
            Some(at) => (path_start + at, Some(path_start + at + 1..name_end)),
            None => (name_end, None),
        };
        let repository = path_start..path_end;
        check_repository(&text[repository.clone()])?;
        if let Some(range) = &registry {
            check_host(&text[range.clone()])?;
        }
        if tag.as_ref().is_some_and(|range| !is_tag(&text[range.clone()])) {
            return Err(ReferenceError::Tag);
        }
        if let Some(range) = &digest {
            check_digest(&text[range.clone()])?;
        }
        Ok(Self {
            text: text.to_owned(),
            registry,
            repository,
            tag,
            digest,
        })
    }

    /// The whole reference as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry as typed; `None` where the reference leaves it out.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.registry.clone().map(|range| &self.text[range])
    }

    /// The repository as typed, without registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.text[self.repository.clone()]
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.clone().map(|range| &self.text[range])
    }

    /// The digest, `algorithm:hex`.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.clone().map(|range| &self.text[range])
    }

    /// Where the registry stands in the string.
    #[must_use]
    pub fn registry_range(&self) -> Option<Range<usize>> {
        self.registry.clone()
    }

    /// Where the repository stands in the string.
    #[must_use]
    pub fn repository_range(&self) -> Range<usize> {
        self.repository.clone()
    }

    /// Where the tag stands in the string.
    #[must_use]
    pub fn tag_range(&self) -> Option<Range<usize>> {
        self.tag.clone()
    }

    /// Where the digest stands in the string.
    #[must_use]
    pub fn digest_range(&self) -> Option<Range<usize>> {
        self.digest.clone()
    }

    /// The reference as typed, without its digest.
    #[must_use]
    pub fn without_digest(&self) -> &str {
        let end = self.digest.as_ref().map_or(self.text.len(), |digest| digest.start - 1);
        &self.text[..end]
    }

    /// Whether it has neither tag nor digest.
    #[must_use]
    pub fn is_name_only(&self) -> bool {
        self.tag.is_none() && self.digest.is_none()
    }

    /// Whether registry and repository of both are the same, as typed.
    #[must_use]
    pub fn is_same_name(&self, other: &Self) -> bool {
        self.registry() == other.registry() && self.repository() == other.repository()
    }

    /// Registry and repository spelled out: `docker.io/library/nginx` for `nginx`.
    #[must_use]
    pub fn normalized_name(&self) -> String {
        let registry = match self.registry() {
            None | Some("index.docker.io") => DEFAULT_REGISTRY,
            Some(registry) => registry,
        };
        let repository = self.repository();
        let official = registry == DEFAULT_REGISTRY && !repository.contains('/');
        format!("{registry}/{}{repository}", if official { OFFICIAL } else { "" })
    }

    /// The reference spelled out, with the default tag where there is neither tag nor digest.
    #[must_use]
    pub fn normalized(&self) -> String {
        let mut out = self.normalized_name();
        match (self.tag(), self.digest()) {
            (None, None) => out.extend([":", DEFAULT_TAG]),
            (tag, digest) => {
                out.extend(tag.iter().flat_map(|tag| [":", tag]));
                out.extend(digest.iter().flat_map(|digest| ["@", digest]));
            }
        }
        out
    }

    /// The shortest text that pulls the same, spelled out: without the tag, where there is a digest, which alone counts then.
    #[must_use]
    pub fn pulled(&self) -> String {
        match self.digest() {
            Some(digest) => format!("{}@{digest}", self.normalized_name()),
            None => self.normalized(),
        }
    }

    /// The same reference with everything that it leaves out.
    #[must_use]
    pub fn spelled_out(&self) -> Self {
        let text = self.normalized();
        let name = self.normalized_name().len();
        let slash = text.find('/').unwrap_or_default();
        let digest = self.digest().map(|digest| text.len() - digest.len()..text.len());
        let tag_end = digest.as_ref().map_or(text.len(), |range| range.start - 1);
        Self {
            registry: Some(0..slash),
            repository: slash + 1..name,
            tag: (name < tag_end).then(|| name + 1..tag_end),
            digest,
            text,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the part before the first `/` is a registry and no part of the repository: it has a dot, a port, an upper-case letter, or is `localhost`.
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase)
}

/// `host [":" port]`, the host a domain name, an IPv4 address or an IPv6 address in brackets.
fn check_host(text: &str) -> Result<(), ReferenceError> {
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

fn check_repository(path: &str) -> Result<(), ReferenceError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_typed_and_know_their_place() {
        let hex = "a".repeat(64);
        let text = format!("[::1]:5000/Org_x/app:1.0@sha256:{hex}").replace("Org_x", "org_x");
        let reference = Reference::parse(&text).unwrap();
        assert_eq!(reference.registry(), Some("[::1]:5000"));
        assert_eq!(reference.repository(), "org_x/app");
        assert_eq!(reference.tag(), Some("1.0"));
        assert_eq!(&text[reference.digest_range().unwrap()], format!("sha256:{hex}"));
    }

    #[test]
    fn what_is_left_out_is_spelled_out_on_request() {
        let normal = |text: &str| Reference::parse(text).unwrap().normalized();
        assert_eq!(normal("nginx"), "docker.io/library/nginx:latest");
        assert_eq!(normal("index.docker.io/a/b:1"), "docker.io/a/b:1");
        assert_eq!(normal("docker.io/rabbitmq:4"), "docker.io/library/rabbitmq:4");
        assert_eq!(normal("localhost/x"), "localhost/x:latest");
    }

    #[test]
    fn what_pulls_is_the_digest_where_there_is_one() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let of = |text: &str| Reference::parse(text).unwrap();
        assert_eq!(of("nginx").pulled(), "docker.io/library/nginx:latest");
        let pinned = of(&format!("nginx:1@{digest}"));
        assert_eq!(pinned.pulled(), format!("docker.io/library/nginx@{digest}"));
        assert_eq!(pinned.without_digest(), "nginx:1");
        assert_eq!(of(&format!("a:5000/b@{digest}")).without_digest(), "a:5000/b");
        assert!(of("a:5000/b").is_name_only() && !of("b:5000").is_name_only() && !pinned.is_name_only());
        assert!(pinned.is_same_name(&of("nginx:2")) && !pinned.is_same_name(&of("library/nginx:1")));
    }

    #[test]
    fn a_reference_that_is_spelled_out_reads_as_the_text_it_is() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for text in ["nginx", "index.docker.io/a/b:1", "[::1]:5000/x", "localhost/x/y:1_2"] {
            for text in [text.to_owned(), format!("{text}@{digest}")] {
                let spelled_out = Reference::parse(&text).unwrap().spelled_out();
                assert_eq!(
                    Ok(&spelled_out),
                    Reference::parse(spelled_out.as_str()).as_ref(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn each_error_names_its_cause() {
        let error = |text: &str| Reference::parse(text).unwrap_err();
        assert_eq!(error(""), ReferenceError::Empty);
        assert_eq!(error("a/B"), ReferenceError::Uppercase);
        assert_eq!(error(&"a".repeat(64)), ReferenceError::Identifier);
        assert_eq!(error(&format!("a:{}", "t".repeat(129))), ReferenceError::Tag);
        assert_eq!(error("a@sha256:abc"), ReferenceError::Digest(DigestError::Length));
        assert_eq!(error("a@md5:abc"), ReferenceError::Digest(DigestError::Algorithm));
        assert_eq!(
            error(&format!("a@sha256:{}", "A".repeat(64))),
            ReferenceError::Digest(DigestError::Format)
        );
        assert_eq!(error("https://a.b/c"), ReferenceError::Format);
        assert_eq!(error(&"a".repeat(256)), ReferenceError::TooLong);
    }
}
