//! What tools that copy images read. An image with a digest is named by it alone: Skopeo refuses a tag beside it, and oc-mirror passes over such an image.
//!
//! The YAML is written by hand, since the quotes matter: what reads it is of version 1.1 here and of 1.2 there, and has to get texts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Pullable, registry_and_repository};

/// A reference a line.
pub(super) fn lines(images: &Pullable<'_>) -> String {
    names(images).map(|name| name + "\n").collect()
}

/// The source file of `skopeo sync --src yaml`: tags and digests by registry and repository.
pub(super) fn skopeo(images: &Pullable<'_>) -> String {
    let mut registries: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (reference, _) in images.images.values() {
        let (registry, repository) = registry_and_repository(reference);
        let versions = registries.entry(registry).or_default().entry(repository).or_default();
        let version = reference.digest().or(reference.tag()).unwrap_or_default();
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    if registries.is_empty() {
        return "{}\n".to_owned();
    }
    // Writing to a string cannot fail.
    let mut out = String::new();
    for (registry, repositories) in registries {
        let _ = writeln!(out, "{}:\n  images:", scalar(registry));
        for (repository, versions) in repositories {
            let _ = writeln!(out, "    {}:", scalar(repository));
            for version in versions {
                let _ = writeln!(out, "    - {}", scalar(version));
            }
        }
    }
    out
}

/// The configuration of `oc-mirror`, version 2.
pub(super) fn oc_mirror(images: &Pullable<'_>) -> String {
    let mut out = "kind: ImageSetConfiguration\napiVersion: mirror.openshift.io/v2alpha1\nmirror:\n  additionalImages:"
        .to_owned();
    if images.images.is_empty() {
        out.push_str(" []");
    }
    for name in names(images) {
        let _ = write!(out, "\n  - name: {}", scalar(&name));
    }
    out.push('\n');
    out
}

/// A part of a reference as every version of YAML reads it back: `on` is true to 1.1, `1_0` a number, `2025-01-01` a date. All that is no text without
/// quotes is one of a few words, or begins with something else than a letter; no part of a reference holds an apostrophe.
fn scalar(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 9] = ["y", "yes", "n", "no", "on", "off", "true", "false", "null"];
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) && !is_word {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{text}'"))
    }
}

/// The names to pull by, each once, in order.
fn names(images: &Pullable<'_>) -> impl Iterator<Item = String> {
    let mut names: Vec<String> = images
        .images
        .values()
        .map(|(reference, _)| reference.pulled())
        .collect();
    names.sort();
    names.dedup();
    names.into_iter()
}
