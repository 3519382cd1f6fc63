//! What registries said about references, as data: questions, answers, and why there is none.
//!
//! Knows neither HTTP nor charts, so that what is planned from answers is planned from plain values.

mod mirror;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::reference::{DEFAULT_REGISTRY, DEFAULT_TAG, Reference};

pub use mirror::{Mirror, MirrorError};

/// The media types that name a manifest or an index (OCI image specification, "Media Types"; Docker image manifest version 2, schema 2).
pub mod media_type {
    /// An OCI index.
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// Docker's manifest list.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// An OCI manifest.
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// Docker's manifest, schema 2.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// All of them.
    pub const ALL: [&str; 4] = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST];

    /// Whether the type names an index.
    #[must_use]
    pub fn is_index(name: &str) -> bool {
        matches!(name, OCI_INDEX | DOCKER_LIST)
    }
}

/// What of a repository is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// What a tag names now.
    Tag(String),
    /// The manifest of a digest.
    Digest(String),
}

impl Target {
    /// The tag or the digest: the last segment of the manifest's address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tag(text) | Self::Digest(text) => text,
        }
    }
}

/// A manifest that is asked for: registry and repository spelled out, so that two spellings of one image are one question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    /// The registry; Docker Hub is `docker.io`.
    pub registry: String,
    /// The repository; official images of Docker Hub have `library/`.
    pub repository: String,
    /// Tag or digest.
    pub target: Target,
}

impl Wanted {
    /// What the reference's tag names; `latest` where it has neither tag nor digest, `None` where it has a digest alone.
    #[must_use]
    pub fn tag_of(reference: &Reference) -> Option<Self> {
        let tag = match (reference.tag(), reference.digest()) {
            (Some(tag), _) => tag,
            (None, None) => DEFAULT_TAG,
            (None, Some(_)) => return None,
        };
        Some(Self::new(reference, Target::Tag(tag.to_owned())))
    }

    /// The manifest of the reference's digest; `None` where it has none.
    #[must_use]
    pub fn digest_of(reference: &Reference) -> Option<Self> {
        let digest = reference.digest()?;
        Some(Self::new(reference, Target::Digest(digest.to_owned())))
    }

    fn new(reference: &Reference, target: Target) -> Self {
        let name = reference.normalized_name();
        let (registry, repository) = name.split_once('/').unwrap_or((DEFAULT_REGISTRY, &name));
        Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            target,
        }
    }

    /// Reads it back from its display form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let reference = Reference::parse(text).ok()?;
        match reference.digest() {
            Some(_) => Self::digest_of(&reference),
            None => Self::tag_of(&reference),
        }
    }

    /// The same repository's manifest of another digest.
    #[must_use]
    pub fn at_digest(&self, digest: &str) -> Self {
        Self {
            target: Target::Digest(digest.to_owned()),
            ..self.clone()
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.target {
            Target::Tag(_) => ':',
            Target::Digest(_) => '@',
        };
        write!(f, "{}/{}{mark}{}", self.registry, self.repository, self.target.as_str())
    }
}

/// `os/architecture[/variant]` (OCI image specification, "image index", property `platform`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system, as Go's `GOOS`.
    pub os: String,
    /// The architecture, as Go's `GOARCH`.
    pub architecture: String,
    /// The variant of the architecture.
    pub variant: Option<String>,
}

impl Platform {
    /// Whether an image for `other` runs where this one is asked for: a variant counts only where it is asked for.
    #[must_use]
    pub fn accepts(&self, other: &Self) -> bool {
        let same_variant = self.variant.is_none() || self.variant == other.variant;
        self.os == other.os && self.architecture == other.architecture && same_variant
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// A text that is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a platform is `os/architecture` or `os/architecture/variant`, such as `linux/amd64` or `linux/arm/v7`")]
pub struct PlatformError;

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let word = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        let parts: Vec<&str> = text.split('/').filter(word).collect();
        let whole = parts.len() == text.split('/').count();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] if whole => (os, architecture, None),
            [os, architecture, variant] if whole => (os, architecture, Some((*variant).to_owned())),
            _ => return Err(PlatformError),
        };
        Ok(Self {
            os: (*os).to_owned(),
            architecture: (*architecture).to_owned(),
            variant,
        })
    }
}

/// One manifest of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its digest.
    pub digest: String,
    /// Its media type; `None` where nobody said it, as in a lock file.
    pub media_type: Option<String>,
    /// What it runs on; `None` where the index does not say, as for attestations.
    pub platform: Option<Platform>,
}

/// How much of a manifest is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Its digest and its media type.
    Digest,
    /// What it runs on, too: the body of an index, or the configuration of a single image.
    Platforms,
    /// When it was made, too.
    Created,
}

/// What is asked of registries in one go.
pub type Questions = BTreeMap<Wanted, Depth>;

/// All these questions, each once and as deep as anyone asks it.
#[must_use]
pub fn merged(asked: impl IntoIterator<Item = (Wanted, Depth)>) -> Questions {
    let mut out = Questions::new();
    for (wanted, depth) in asked {
        let known = out.entry(wanted).or_insert(depth);
        *known = depth.max(*known);
    }
    out
}

/// What a registry answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The digest of the manifest or index, `algorithm:hex`.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// What it runs on, where that was asked.
    pub platforms: Vec<Platform>,
    /// The manifests of an index, where its body was read.
    pub children: Vec<Child>,
    /// When it was made, as it says itself, where that was asked.
    pub created: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The registry does not have it.
    NotFound,
    /// The registry wants other credentials, or the ones at hand cannot be read.
    Denied,
    /// The registry asks to wait for longer than the run may.
    RateLimited,
    /// The registry cannot be reached, or does not answer in time.
    Network,
    /// No network is to be used, and the lock file does not have it.
    Offline,
    /// The answer is no manifest.
    Invalid,
    /// The image does not exist for the platform that is asked for.
    NoPlatform,
}

impl Reason {
    /// The reason in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::Denied => "denied",
            Self::RateLimited => "rate limited",
            Self::Network => "network",
            Self::Offline => "not in the lock file",
            Self::Invalid => "invalid answer",
            Self::NoPlatform => "no such platform",
        }
    }
}

/// A question without answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// Why.
    pub reason: Reason,
    /// What happened, in one line; never a secret.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Unresolved {
    /// A question without answer, and what happened.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            help: None,
        }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.message)
    }
}

/// What was said to one question.
pub type Answer = Result<Resolved, Unresolved>;

/// The answers of a run, by question.
pub type Resolutions = BTreeMap<Wanted, Answer>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_image_are_one_question() {
        let wanted = |text: &str| Wanted::tag_of(&Reference::parse(text).unwrap()).unwrap().to_string();
        assert_eq!(wanted("nginx:1.25"), "docker.io/library/nginx:1.25");
        assert_eq!(wanted("index.docker.io/library/nginx:1.25"), wanted("nginx:1.25"));
        assert_eq!(wanted("nginx"), "docker.io/library/nginx:latest");
        assert_eq!(Wanted::parse("quay.io/a/b:1").unwrap().to_string(), "quay.io/a/b:1");
    }

    #[test]
    fn a_question_is_asked_once_and_as_deep_as_anyone_asks_it() {
        let wanted = Wanted::parse("quay.io/a/b:1").unwrap();
        for depths in [[Depth::Digest, Depth::Created], [Depth::Created, Depth::Digest]] {
            let questions = merged(depths.map(|depth| (wanted.clone(), depth)));
            assert_eq!(questions, Questions::from([(wanted.clone(), Depth::Created)]));
        }
    }

    #[test]
    fn a_platform_has_two_or_three_parts() {
        assert_eq!("linux/arm/v7".parse::<Platform>().unwrap().to_string(), "linux/arm/v7");
        for wrong in ["linux", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", ""] {
            assert!(wrong.parse::<Platform>().is_err(), "{wrong}");
        }
        let any: Platform = "linux/arm".parse().unwrap();
        assert!(any.accepts(&"linux/arm/v7".parse().unwrap()));
        assert!(!any.accepts(&"linux/arm64".parse().unwrap()));
    }
}
