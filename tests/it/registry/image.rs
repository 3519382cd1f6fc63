//! The manifests that a registry serves.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A manifest or an index, with all that it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// The bytes.
    pub(crate) body: Vec<u8>,
    /// Their media type.
    pub(crate) media_type: &'static str,
    /// The manifests of an index, in its order.
    pub(crate) children: Vec<Image>,
    /// The configuration of a manifest.
    pub(crate) config: Option<Vec<u8>>,
    recipe: Recipe,
}

/// What an image was made from.
#[derive(Clone, Debug, Default)]
struct Recipe {
    seed: String,
    docker: bool,
    platforms: Vec<String>,
    many: bool,
    created: String,
}

impl Image {
    /// An OCI manifest for `linux/amd64`, another for each seed.
    pub(crate) fn manifest(seed: &str) -> Self {
        Self::fresh(seed, false, false, &["linux/amd64"])
    }

    /// Docker's manifest of schema 2 for `linux/amd64`.
    pub(crate) fn docker_manifest(seed: &str) -> Self {
        Self::fresh(seed, true, false, &["linux/amd64"])
    }

    /// An OCI index with a manifest for each platform, `os/architecture` or `os/architecture/variant`. `unknown/unknown` is an
    /// attestation of the first, as builders add them.
    pub(crate) fn index(seed: &str, platforms: &[&str]) -> Self {
        Self::fresh(seed, false, true, platforms)
    }

    /// Docker's manifest list with a manifest for each platform.
    pub(crate) fn docker_list(seed: &str, platforms: &[&str]) -> Self {
        Self::fresh(seed, true, true, platforms)
    }

    /// Any bytes as any type.
    pub(crate) fn raw(media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            media_type,
            children: Vec::new(),
            config: None,
            recipe: Recipe::default(),
        }
    }

    /// The same image, but created then (RFC 3339; it does not say when if empty). It is 2025-01-01T00:00:00Z otherwise.
    pub(crate) fn created(self, when: &str) -> Self {
        Self::made(Recipe {
            created: when.to_owned(),
            ..self.recipe
        })
    }

    /// The same manifest, but for another platform.
    pub(crate) fn platform(self, platform: &str) -> Self {
        Self::made(Recipe {
            platforms: vec![platform.to_owned()],
            ..self.recipe
        })
    }

    /// `sha256:` and the digest of the bytes.
    pub(crate) fn digest(&self) -> String {
        digest(&self.body)
    }

    fn fresh(seed: &str, docker: bool, many: bool, platforms: &[&str]) -> Self {
        Self::made(Recipe {
            seed: seed.to_owned(),
            docker,
            many,
            platforms: platforms.iter().map(|&platform| platform.to_owned()).collect(),
            created: "2025-01-01T00:00:00Z".to_owned(),
        })
    }

    fn made(recipe: Recipe) -> Self {
        if !recipe.many {
            return Self::single(recipe);
        }
        let children: Vec<Self> = recipe
            .platforms
            .iter()
            .map(|platform| {
                Self::single(Recipe {
                    platforms: vec![platform.clone()],
                    ..recipe.clone()
                })
            })
            .collect();
        let entries = children.iter().map(|child| {
            let platform = &child.recipe.platforms[0];
            let mut entry = descriptor(child.media_type, &child.body);
            entry["platform"] = platform_fields(platform);
            if platform == "unknown/unknown" {
                entry["annotations"] = json!({
                    "vnd.docker.reference.digest": children[0].digest(),
                    "vnd.docker.reference.type": "attestation-manifest",
                });
            }
            entry
        });
        let media_type = if recipe.docker {
            "application/vnd.docker.distribution.manifest.list.v2+json"
        } else {
            "application/vnd.oci.image.index.v1+json"
        };
        let body = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries.collect::<Vec<_>>() });
        Self {
            body: serde_json::to_vec_pretty(&body).unwrap(),
            media_type,
            children,
            config: None,
            recipe,
        }
    }

    fn single(recipe: Recipe) -> Self {
        let (media_type, config_type, layer_type) = if recipe.docker {
            (
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            )
        } else {
            (
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar+gzip",
            )
        };
        let layer = format!("layer of {}", recipe.seed);
        let mut config = platform_fields(&recipe.platforms[0]);
        config["config"] = json!({ "Labels": { "seed": recipe.seed } });
        config["rootfs"] = json!({ "type": "layers", "diff_ids": [digest(layer.as_bytes())] });
        if !recipe.created.is_empty() {
            config["created"] = recipe.created.as_str().into();
        }
        let config = config.to_string().into_bytes();
        let body = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": descriptor(config_type, &config),
            "layers": [descriptor(layer_type, layer.as_bytes())],
        });
        Self {
            body: serde_json::to_vec_pretty(&body).unwrap(),
            media_type,
            children: Vec::new(),
            config: Some(config),
            recipe,
        }
    }
}

/// The digest of bytes as registries write it.
pub(super) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

fn platform_fields(platform: &str) -> Value {
    let mut parts = platform.split('/');
    let mut fields = json!({ "os": parts.next(), "architecture": parts.next() });
    if let Some(variant) = parts.next() {
        fields["variant"] = variant.into();
    }
    fields
}
