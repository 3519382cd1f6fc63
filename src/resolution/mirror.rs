//! Mirrors: other places that have the images of a registry.

use std::str::FromStr;

use super::Wanted;
use crate::reference::DEFAULT_REGISTRY;

/// A place that has the images of a registry, or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The registry whose images it has.
    source: String,
    /// The head of the repositories that it has.
    source_prefix: String,
    host: String,
    /// What is put before the rest of the repository.
    prefix: String,
}

/// A text that is no mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no mirror: write SOURCE=MIRROR, such as `docker.io=mirror.example.com/hub`")]
pub struct MirrorError(String);

impl FromStr for Mirror {
    type Err = MirrorError;

    fn from_str(text: &str) -> Result<Self, MirrorError> {
        let error = || MirrorError(text.to_owned());
        let (source, mirror) = text.split_once('=').ok_or_else(error)?;
        Self::new(source, mirror).ok_or_else(error)
    }
}

impl Mirror {
    /// The mirror `to`, `host[:port][/prefix]`, of `from`, `registry[/prefix]`; `None` where one of them is no such text.
    #[must_use]
    pub fn new(from: &str, to: &str) -> Option<Self> {
        let halves = |text: &str| -> Option<(String, String)> {
            let text = text.trim_end_matches('/');
            let (host, path) = text.split_once('/').unwrap_or((text, ""));
            let is_host = !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".:-_[]".contains(&b));
            let is_path = path
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/:".contains(&b));
            (is_host && is_path && !path.starts_with('/') && !path.contains("//"))
                .then(|| (host.to_owned(), path.to_owned()))
        };
        let (source, source_prefix) = halves(from)?;
        let (host, prefix) = halves(to.strip_prefix("https://").unwrap_or(to))?;
        Some(Self {
            source: match source.as_str() {
                "index.docker.io" | "registry-1.docker.io" => DEFAULT_REGISTRY.to_owned(),
                _ => source,
            },
            source_prefix,
            host,
            prefix,
        })
    }

    /// `host[:port]` of the mirror.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How particular the mirror is: the length of the repository's head that it asks for.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.source_prefix.len()
    }

    /// Where the mirror has a repository of the registry; `None` where it has it not.
    #[must_use]
    pub fn repository(&self, wanted: &Wanted) -> Option<String> {
        if self.source != wanted.registry {
            return None;
        }
        let rest = match self.source_prefix.as_str() {
            "" => wanted.repository.as_str(),
            prefix => {
                let rest = wanted.repository.strip_prefix(prefix)?;
                rest.strip_prefix('/').or_else(|| rest.is_empty().then_some(""))?
            }
        };
        let parts = [self.prefix.as_str(), rest];
        Some(
            parts
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("/"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_a_source_and_a_host() {
        for wrong in ["docker.io", "=m", "docker.io=", "docker.io=http://m", "a=b c", "a=b//c"] {
            assert!(wrong.parse::<Mirror>().is_err(), "{wrong}");
        }
    }
}
