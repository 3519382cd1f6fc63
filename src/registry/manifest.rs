//! Manifests and indexes: their JSON, what of it is believed, and their digests. Read as data: nothing in them sizes anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha512};

use crate::reference::check_digest;
use crate::resolution::{Child, Platform, Resolved, media_type};

/// The annotation that says when something was made (OCI image specification, "Pre-Defined Annotation Keys").
const CREATED: &str = "org.opencontainers.image.created";

/// A manifest or an index, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) schema_version: Option<u64>,
    pub(super) media_type: Option<String>,
    pub(super) manifests: Option<Vec<Descriptor>>,
    pub(super) config: Option<Descriptor>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: Option<String>,
    pub(super) digest: String,
    pub(super) platform: Option<RawPlatform>,
}

/// The platform of a descriptor, or of an image's configuration.
#[derive(Deserialize)]
pub(super) struct RawPlatform {
    pub(super) os: Option<String>,
    pub(super) architecture: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) created: Option<String>,
}

impl RawPlatform {
    pub(super) fn named(&self) -> Option<Platform> {
        let known = |text: &&String| !text.is_empty() && *text != "unknown";
        let (os, architecture) = (
            self.os.as_ref().filter(known)?,
            self.architecture.as_ref().filter(known)?,
        );
        let variant = self.variant.as_ref().filter(known).map(|variant| format!("/{variant}"));
        format!("{os}/{architecture}{}", variant.unwrap_or_default())
            .parse()
            .ok()
    }
}

/// What is wrong with the bytes of a manifest.
pub(super) enum Fault {
    /// It is of schema 1.
    Schema1,
    /// What its registry does, as the end of a sentence.
    Wrong(String),
}

impl Body {
    /// A manifest's JSON, and whether it is what its media type says (OCI image specification, "image manifest" and "image index").
    pub(super) fn read(bytes: &[u8], media_type: &str) -> Result<Self, Fault> {
        let wrong = |what: &str| Err(Fault::Wrong(what.to_owned()));
        let body: Self = serde_json::from_slice(bytes)
            .map_err(|error| Fault::Wrong(format!("answers with broken JSON: {error}")))?;
        if body.schema_version == Some(1) {
            return Err(Fault::Schema1);
        }
        if body.schema_version != Some(2) {
            return wrong("answers with JSON that is no manifest");
        }
        if body.media_type.as_deref().is_some_and(|own| own != media_type) {
            return wrong("calls a manifest by two media types");
        }
        let is_whole = if media_type::is_index(media_type) {
            body.manifests
                .as_ref()
                .is_some_and(|children| children.iter().all(|child| check_digest(&child.digest).is_ok()))
        } else {
            body.config
                .as_ref()
                .is_some_and(|config| check_digest(&config.digest).is_ok())
        };
        if is_whole {
            Ok(body)
        } else {
            wrong("answers with a manifest that lacks what its media type asks for")
        }
    }

    /// When it was made, as its annotations say.
    pub(super) fn created(&self) -> Option<String> {
        self.annotations.as_ref()?.get(CREATED).cloned()
    }
}

/// The digest of `bytes` by the algorithm of another digest; `None` where it is not known.
pub(super) fn hash(like: &str, bytes: &[u8]) -> Option<String> {
    let algorithm = like.split(':').next()?;
    let hex = match algorithm {
        "sha256" => hexadecimal(&Sha256::digest(bytes)),
        "sha512" => hexadecimal(&Sha512::digest(bytes)),
        _ => return None,
    };
    Some(format!("{algorithm}:{hex}"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What a body says of itself.
pub(super) fn resolved(digest: String, media_type: String, body: &Body) -> Resolved {
    let children: Vec<Child> = body.manifests.iter().flatten().map(child).collect();
    Resolved {
        digest,
        media_type,
        platforms: children.iter().filter_map(|child| child.platform.clone()).collect(),
        children,
        created: None,
    }
}

fn child(descriptor: &Descriptor) -> Child {
    Child {
        digest: descriptor.digest.clone(),
        media_type: descriptor.media_type.clone().filter(|name| !name.is_empty()),
        platform: descriptor.platform.as_ref().and_then(RawPlatform::named),
    }
}

/// What the bytes of a manifest say, for content out of the cache; `None` where they are none.
pub(super) fn from_content(digest: &str, media_type: &str, bytes: &[u8]) -> Option<Resolved> {
    let body = Body::read(bytes, media_type).ok()?;
    media_type::is_index(media_type).then(|| resolved(digest.to_owned(), media_type.to_owned(), &body))
}
