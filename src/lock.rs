//! The lock file: what registries said, to be answered from without them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::reference::check_digest;
use crate::resolution::{
    Answer, Child, Platform, Questions, Reason, Resolutions, Resolved, Unresolved, Wanted, media_type,
};
use crate::typed::{TypedError, parse, print};

/// The name of the file where none is given.
pub const FILE_NAME: &str = "chartpin.lock";
/// The version of its format.
const VERSION: u32 = 1;
const HEAD: &str = "# What registries said. Written by `chartpin pin --lock`, read by `chartpin pin --locked`.\n";

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    version: u32,
    images: Vec<Locked>,
}

/// One image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Locked {
    /// The reference, spelled out.
    reference: String,
    digest: String,
    media_type: String,
    /// The digest of each platform's manifest.
    #[serde(default)]
    platforms: BTreeMap<String, String>,
    /// When its registry said so, in UTC.
    resolved: String,
}

/// Why a lock file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// It is no lock file.
    #[error("it is no lock file: {0}")]
    Format(#[from] TypedError),
    /// It is of another version.
    #[error("it is of version {0}, and this chartpin reads version {VERSION}")]
    Version(u32),
    /// Two entries are for the same reference.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// An entry holds no reference or no digest.
    #[error("`{0}` is no reference with a digest")]
    Entry(String),
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// When the text is none, of another version, or holds what is no reference or no digest.
    pub fn read(text: &str) -> Result<Self, LockError> {
        let lock: Self = parse(text)?;
        if lock.version != VERSION {
            return Err(LockError::Version(lock.version));
        }
        let mut seen = BTreeSet::new();
        for image in &lock.images {
            if !seen.insert(image.reference.as_str()) {
                return Err(LockError::Twice(image.reference.clone()));
            }
            let digests = image.platforms.values().chain([&image.digest]);
            let well_formed = Wanted::parse(&image.reference)
                .is_some_and(|wanted| wanted.to_string() == image.reference)
                && media_type::ALL.contains(&image.media_type.as_str())
                && digests.into_iter().all(|digest| check_digest(digest).is_ok());
            if !well_formed {
                return Err(LockError::Entry(image.reference.clone()));
            }
        }
        Ok(lock)
    }

    /// The lock file of these images: what each tag names, or is pinned to. Where `previous` says the same of an image, its entry stays as it is.
    #[must_use]
    pub fn of<'a>(
        images: impl IntoIterator<Item = (&'a Wanted, &'a Resolved)>,
        previous: Option<&Self>,
        now: &str,
    ) -> Self {
        let mut out: BTreeMap<String, Locked> = BTreeMap::new();
        for (wanted, resolved) in images {
            let mut image = locked(wanted, resolved, now);
            if let Some(known) = previous.and_then(|previous| previous.find(wanted)) {
                known.resolved.clone_into(&mut image.resolved);
                if image != *known {
                    now.clone_into(&mut image.resolved);
                }
            }
            out.entry(image.reference.clone()).or_insert(image);
        }
        Self {
            version: VERSION,
            images: out.into_values().collect(),
        }
    }

    fn find(&self, wanted: &Wanted) -> Option<&Locked> {
        let reference = wanted.to_string();
        self.images.iter().find(|image| image.reference == reference)
    }

    /// What the file says of an image.
    #[must_use]
    pub fn known(&self, wanted: &Wanted) -> Option<Resolved> {
        self.find(wanted).map(unlocked)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// When it cannot be written as YAML, which no lock makes happen.
    pub fn text(&self) -> Result<String, TypedError> {
        Ok(format!("{HEAD}{}", print(self)?))
    }

    /// How many images it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Answers questions from the lock file alone; `shown` is its name.
    #[must_use]
    pub fn answers(&self, questions: &Questions, shown: &str) -> Resolutions {
        let known: BTreeMap<&str, &Locked> = self
            .images
            .iter()
            .map(|image| (image.reference.as_str(), image))
            .collect();
        let answer = |wanted: &Wanted| -> Answer {
            let found = known.get(wanted.to_string().as_str());
            found.map(|image| unlocked(image)).ok_or_else(|| {
                Unresolved::new(Reason::Offline, format!("`{shown}` does not have `{wanted}`"))
                    .with_help("write it again with `chartpin pin --lock`")
            })
        };
        questions
            .keys()
            .map(|wanted| (wanted.clone(), answer(wanted)))
            .collect()
    }
}

fn locked(wanted: &Wanted, resolved: &Resolved, now: &str) -> Locked {
    let mut platforms = BTreeMap::new();
    for child in &resolved.children {
        if let Some(platform) = &child.platform {
            platforms
                .entry(platform.to_string())
                .or_insert_with(|| child.digest.clone());
        }
    }
    if resolved.children.is_empty() {
        platforms.extend(
            resolved
                .platforms
                .iter()
                .map(|platform| (platform.to_string(), resolved.digest.clone())),
        );
    }
    Locked {
        reference: wanted.to_string(),
        digest: resolved.digest.clone(),
        media_type: resolved.media_type.clone(),
        platforms,
        resolved: now.to_owned(),
    }
}

fn unlocked(image: &Locked) -> Resolved {
    let platforms = || {
        image
            .platforms
            .iter()
            .filter_map(|(platform, digest)| Some((platform.parse::<Platform>().ok()?, digest)))
    };
    let child = |(platform, digest): (Platform, &String)| Child {
        digest: digest.clone(),
        media_type: None,
        platform: Some(platform),
    };
    let is_index = media_type::is_index(&image.media_type);
    Resolved {
        digest: image.digest.clone(),
        media_type: image.media_type.clone(),
        platforms: platforms().map(|(platform, _)| platform).collect(),
        children: if is_index {
            platforms().map(child).collect()
        } else {
            Vec::new()
        },
        created: None,
    }
}
