//! Image references: the grammar of the distribution project, as typed and normalised, every part with its place in the string.
//!
//! Source: distribution/reference (`reference.go`, `normalize.go`, `regexp.go`) and the digest rules of the OCI image specification.

mod grammar;

use std::fmt;
use std::ops::Range;

pub use grammar::{DigestError, check_digest, is_hex, is_tag};
use grammar::{check_host, check_repository, is_registry};

/// The registry that a reference without one means.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// The tag that a reference without tag and digest means.
pub const DEFAULT_TAG: &str = "latest";
/// The namespace that a one-part repository of Docker Hub means.
const OFFICIAL: &str = "library/";

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
