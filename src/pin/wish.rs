//! What one site wants: a question and a slot for the answer, or nothing, with the reason.

use std::collections::BTreeSet;

use super::slot::{Slot, present, slot};
use super::{Entry, Options, Status};
use crate::chart::{Chart, ChartFile, FileRole};
use crate::resolution::Wanted;
use crate::site::{ImageSite, Role, State};
use crate::source::Span;

/// What a site wants.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    /// Nothing: it carries a digest.
    Stands,
    /// Nothing, for a reason.
    Skip(String),
    /// The digest of an image, to go into a slot.
    Ask(Wanted, Slot),
}

/// Shapes that are parts of images and no images.
const NO_IMAGES: [&str; 1] = ["registry-prefix"];

/// The sites of a file that are images and meant by the filter.
pub(super) fn meant_sites<'a>(
    file: &'a ChartFile,
    options: &'a Options,
) -> impl Iterator<Item = (usize, &'a ImageSite)> {
    let sites = file.sites.iter().enumerate();
    sites.filter(|(_, site)| !NO_IMAGES.contains(&site.idiom.as_ref()) && options.filter.takes(site))
}

/// What a site wants.
pub(super) fn wish(chart: &Chart, file: &ChartFile, site: &ImageSite, options: &Options) -> Wish {
    if let Some(reason) = unknown(site) {
        return Wish::Skip(reason);
    }
    let Some(reference) = site.reference() else {
        return Wish::Skip("a part of it lives elsewhere".to_owned());
    };
    let Some(wanted) = Wanted::tag_of(reference) else {
        return Wish::Stands;
    };
    if reference.digest().is_some() {
        let found = || present(site, file);
        return match options.update.then(found) {
            None => Wish::Stands,
            Some(Ok(slot)) => Wish::Ask(wanted, slot),
            Some(Err(reason)) => Wish::Skip(reason),
        };
    }
    if reference.tag().is_none() {
        return Wish::Skip(match site.state {
            State::Fragment => "its tag lives elsewhere".to_owned(),
            _ => "it has no tag, and a digest alone does not say what it is: write the tag".to_owned(),
        });
    }
    if site.app_version.is_some() && !options.app_version {
        let reason = "its tag is the chart's `appVersion`: `--app-version pin` writes that with its digest";
        return Wish::Skip(reason.to_owned());
    }
    match slot(site, file, digest_key(chart, site)) {
        Ok(slot) => Wish::Ask(wanted, slot),
        Err(reason) => Wish::Skip(reason),
    }
}

/// Why the image of a site cannot be known, where it cannot.
fn unknown(site: &ImageSite) -> Option<String> {
    let reason = match site.state {
        State::Deleted => "the override deletes it with null",
        State::Templated => "a placeholder stands in it",
        _ if site.is_unknown() => "how the chart joins its parts is not known",
        _ if site.error().is_some() => "it is no image reference: `chartpin lint` says why",
        _ if site
            .repository_reference()
            .is_some_and(|reference| reference.digest().is_none()) =>
        {
            "its repository holds a tag, too: what the chart makes of that is not known"
        }
        _ if site.of_subchart && site.reference().is_some_and(|reference| reference.registry().is_none()) => {
            "it is a value of a subchart, whose own defaults may name the registry: write the registry here"
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

/// The name of the digest key that the chart's defaults have for the image at the path of `site`.
fn digest_key<'a>(chart: &'a Chart, site: &ImageSite) -> Option<&'a str> {
    let values = chart.file(FileRole::Values)?;
    let default = values.sites.iter().find(|default| default.path == site.path)?;
    let key = default.part(Role::Digest)?.key?;
    values
        .source
        .text
        .get(key.range())
        .map(|key| key.trim_matches(['"', '\'']))
}

/// The questions that a chart's images ask. Annotations ask none: they follow the values.
#[must_use]
pub fn questions(chart: &Chart, options: &Options) -> BTreeSet<Wanted> {
    let mut out = BTreeSet::new();
    for file in chart
        .files
        .iter()
        .filter(|file| file.wanted && file.role != FileRole::ChartYaml)
    {
        for (_, site) in meant_sites(file, options) {
            if let Wish::Ask(wanted, _) = wish(chart, file, site, options) {
                out.insert(wanted);
            }
        }
    }
    out.extend(dependents(chart, options));
    out
}

/// What overrides make of tags that their chart's defaults say: a digest in the defaults reaches them, too.
fn dependents(chart: &Chart, options: &Options) -> BTreeSet<Wanted> {
    let asks = chart.file(FileRole::Values).is_some_and(|values| values.wanted);
    let overrides = chart
        .files
        .iter()
        .filter(|file| asks && file.role == FileRole::Override);
    let sites = overrides.flat_map(|file| meant_sites(file, options));
    let inherits = |site: &ImageSite| site.parts.iter().any(|part| part.inherited && part.role == Role::Tag);
    sites
        .filter(|(_, site)| inherits(site) && unknown(site).is_none())
        .filter_map(|(_, site)| Wanted::tag_of(site.reference()?))
        .collect()
}

/// The entry of a site that is left as it is.
pub(super) fn left(chart: &Chart, file: &ChartFile, site: &ImageSite, status: Status, reason: Option<String>) -> Entry {
    let part = site.primary();
    let within = site.span.contains(part.at);
    let span = if within { part.span } else { Span::empty(site.start()) };
    Entry {
        reason,
        digest: site
            .reference()
            .and_then(|reference| reference.digest())
            .map(str::to_owned),
        ..Entry::new(chart, file, site, span, status)
    }
}
