//! What tools that copy images read. An image with a digest is named by it alone: Skopeo refuses a tag beside it, and oc-mirror passes over such an image.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::ReportError;
use super::{Pullable, registry_and_repository};
use crate::reference::Reference;
use crate::typed;

/// A reference a line.
pub(super) fn lines(images: &Pullable<'_>) -> String {
    names(images).map(|name| name + "\n").collect()
}

/// One registry of what `skopeo sync --src yaml` reads.
#[derive(Debug, Default, Serialize)]
struct SkopeoRegistry<'a> {
    /// Tags and digests by repository.
    images: BTreeMap<&'a str, Vec<&'a str>>,
}

/// The source file of `skopeo sync --src yaml`: tags and digests by registry and repository.
pub(super) fn skopeo(images: &Pullable<'_>) -> Result<String, ReportError> {
    let mut registries: BTreeMap<&str, SkopeoRegistry<'_>> = BTreeMap::new();
    for (reference, _) in images.images.values() {
        let (registry, repository) = registry_and_repository(reference);
        let versions = &mut registries.entry(registry).or_default().images;
        let versions = versions.entry(repository).or_default();
        let version = reference.digest().or(reference.tag()).unwrap_or_default();
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    typed::print(&registries).map_err(ReportError::new)
}

/// What `oc-mirror` reads.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageSetConfiguration {
    kind: &'static str,
    api_version: &'static str,
    mirror: Mirror,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Mirror {
    additional_images: Vec<AdditionalImage>,
}

#[derive(Debug, Serialize)]
struct AdditionalImage {
    name: String,
}

/// The configuration of `oc-mirror`, version 2.
pub(super) fn oc_mirror(images: &Pullable<'_>) -> Result<String, ReportError> {
    let configuration = ImageSetConfiguration {
        kind: "ImageSetConfiguration",
        api_version: "mirror.openshift.io/v2alpha1",
        mirror: Mirror {
            additional_images: names(images).map(|name| AdditionalImage { name }).collect(),
        },
    };
    typed::print(&configuration).map_err(ReportError::new)
}

/// The names to pull by, each once, in order.
fn names(images: &Pullable<'_>) -> impl Iterator<Item = String> {
    let mut names: Vec<String> = images.images.values().map(|(reference, _)| name(reference)).collect();
    names.sort();
    names.dedup();
    names.into_iter()
}

fn name(reference: &Reference) -> String {
    match reference.digest() {
        Some(digest) => format!("{}@{digest}", reference.normalized_name()),
        None => reference.normalized(),
    }
}
