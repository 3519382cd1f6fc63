//! What one site wants: a question and a slot for the answer, or nothing, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use super::slot::{Slot, present};
use super::told::place;
use super::{Entry, Options, Status};
use crate::chart::{Chart, ChartFile, FileRole};
use crate::reference::Reference;
use crate::resolution::{Depth, Wanted};
use crate::site::{Gap, ImageSite, PREFIX, Part, Role, State};
use crate::source::Span;
use crate::yaml::{HelmScalar, Step, helm_scalar};

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

/// Why an image in a template is left alone.
pub(super) const IN_TEMPLATE: &str = "it stands in a template: move it to the values, where it can be pinned";

/// The list of images that OpenStack-Helm's registry chart copies.
const COPIED: &str = "preload_images";

/// The sites of a file that are images and meant by the filter.
pub(super) fn meant_sites<'a>(
    file: &'a ChartFile,
    options: &'a Options,
) -> impl Iterator<Item = (usize, &'a ImageSite)> {
    let is_meant = |site: &ImageSite| {
        let is_there = options.only.as_ref().is_none_or(|only| only.takes(file, site));
        is_there && options.filter.takes(site)
    };
    let sites = file.sites.iter().enumerate();
    sites.filter(move |(_, site)| site.idiom != PREFIX && is_meant(site))
}

/// What a site wants.
fn wish(chart: &Chart, file: &ChartFile, site: &ImageSite, options: &Options) -> Wish {
    if file.role == FileRole::Template {
        return Wish::Skip(IN_TEMPLATE.to_owned());
    }
    if let Some(reason) = unknown(site) {
        return Wish::Skip(reason.to_owned());
    }
    let Some(reference) = site.reference() else {
        return Wish::Skip("a part of it lives elsewhere".to_owned());
    };
    let Some(wanted) = Wanted::tag_of(reference) else {
        return Wish::Stands;
    };
    if is_chrooted(file, site) {
        let reason = "with `chroot`, the chart takes another image, whose digest has a key of its own";
        return Wish::Skip(reason.to_owned());
    }
    if options.own_values && file.role == FileRole::Override {
        return Wish::Skip("an overlay holds the values of the chart itself alone".to_owned());
    }
    if reference.digest().is_some() && !takes_foreign_digest(file, site) {
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
    if site.whole() == Err(Gap::Registry) {
        let reason = "it is a value of a subchart, whose own defaults may name the registry: write the registry here";
        return Wish::Skip(reason.to_owned());
    }
    if site.app_version.is_some() && !options.app_version {
        let reason = "its tag is the chart's `appVersion`: `--app-version pin` writes that with its digest";
        return Wish::Skip(reason.to_owned());
    }
    // Behind the tag itself, a digest makes it the text that was meant.
    let keeps_number = |slot: &Slot| site.is_told || matches!(slot, Slot::Key { .. } | Slot::NewKey { .. });
    match place(chart, file, site, digest_key(chart, site)) {
        Ok(slot) if !(is_misread(site) && keeps_number(&slot)) => Wish::Ask(wanted, slot),
        Err(reason) if !(is_misread(site) && site.is_told) => Wish::Skip(reason),
        _ => Wish::Skip(
            "Helm reads its tag as a number and prints another one: `chartpin lint --fix` puts quotes around it"
                .to_owned(),
        ),
    }
}

/// Whether an override names its own image, and the digest of another one reaches it from the chart's defaults.
fn takes_foreign_digest(file: &ChartFile, site: &ImageSite) -> bool {
    let own = |role: Role| site.filled(role).is_some_and(|part| !part.inherited);
    let says_its_image = [Role::Tag, Role::Repository, Role::Registry].into_iter().any(own);
    let inherits = |role: Role| site.filled(role).is_some_and(|part| part.inherited);
    let by_key = inherits(Role::Digest) && !site.digest_is_off();
    let by_tag = inherits(Role::Tag) && site.filled(Role::Tag).is_some_and(|tag| tag.text.contains('@'));
    let digest = || site.reference().and_then(Reference::digest_range);
    let of_subchart =
        site.is_told && digest().is_some_and(|range| site.place(&range).is_none()) && !by_own_key(file, site);
    says_its_image && (by_key || by_tag || of_subchart)
}

/// Whether the digest of a site is, in one form or the other, what its own digest key says.
fn by_own_key(file: &ChartFile, site: &ImageSite) -> bool {
    let digest = site
        .reference()
        .and_then(|reference| reference.digest())
        .unwrap_or_default();
    let key = site.filled(Role::Digest).filter(|part| !part.inherited);
    let beside = || {
        let tree = file.tree()?;
        let mapping = tree.at(&site.mapping.0)?;
        let mut values = tree
            .entries(mapping)
            .into_iter()
            .filter_map(|entry| tree.scalar(entry.value));
        values.find(|scalar| scalar.value.len() >= 64 && digest.ends_with(scalar.value))
    };
    key.is_some_and(|part| digest.ends_with(&part.text)) || beside().is_some()
}

/// Whether ingress-nginx is told to take its other image, whose name its template makes.
fn is_chrooted(file: &ChartFile, site: &ImageSite) -> bool {
    let holds = |steps: &[Step]| -> Option<bool> {
        let tree = file.tree()?;
        let mapping = tree.at(steps)?;
        let switch = tree.scalar(tree.get(mapping, "chroot")?)?;
        Some(tree.get(mapping, "digestChroot").is_some() && helm_scalar(&switch) == HelmScalar::Bool(true))
    };
    let steps = site.path.0.as_slice();
    [steps, &steps[..steps.len().saturating_sub(1)]]
        .into_iter()
        .any(|steps| holds(steps) == Some(true))
}

/// Whether the tag is a number to Helm, which prints another text of it.
pub(super) fn is_misread(site: &ImageSite) -> bool {
    site.filled(Role::Tag).is_some_and(|tag| tag.helm.printed() != tag.text)
}

/// Why a site is left alone whatever it carries. What else keeps its image from being whole matters only where a digest is to be asked for.
fn unknown(site: &ImageSite) -> Option<&'static str> {
    match site.whole().err() {
        Some(Gap::Deleted) => Some("the override deletes it with null"),
        Some(Gap::Templated) => Some("a placeholder stands in it"),
        Some(Gap::Join) => Some("how the chart joins its parts is not known"),
        Some(Gap::Invalid) => Some("it is no image reference: `chartpin lint` says why"),
        Some(Gap::TwoTags) => Some("its repository holds a tag, too: what the chart makes of that is not known"),
        Some(Gap::Part | Gap::Tag | Gap::Registry) | None => (site.path.last_key() == Some(COPIED))
            .then_some("the chart copies it with `docker tag`, which takes no digest"),
    }
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

/// What the images of one chart want: found once, for the questions and for the plan.
#[derive(Debug)]
pub struct Wishes<'a> {
    pub(super) chart: &'a Chart,
    pub(super) options: &'a Options,
    /// By the indices of file and site.
    all: BTreeMap<(usize, usize), Wish>,
}

impl<'a> Wishes<'a> {
    /// The wishes of the files of a chart that are wanted.
    #[must_use]
    pub fn of(chart: &'a Chart, options: &'a Options) -> Self {
        let files = chart.files.iter().enumerate().filter(|(_, file)| file.wanted);
        let sites = files.flat_map(|(index, file)| {
            meant_sites(file, options).map(move |(number, site)| ((index, number), wish(chart, file, site, options)))
        });
        Self {
            all: sites.collect(),
            chart,
            options,
        }
    }

    /// How much is asked of each image.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.options.depth()
    }

    /// What the image wants at these indices of file and site, which is one that is meant.
    pub(super) fn at(&self, place: (usize, usize)) -> &Wish {
        &self.all[&place]
    }

    /// The questions that the images ask. Annotations ask none: they follow the values.
    #[must_use]
    pub fn questions(&self) -> BTreeSet<Wanted> {
        let asked = self.all.iter().filter_map(|((file, _), wish)| match wish {
            Wish::Ask(wanted, _) if self.chart.files[*file].role != FileRole::ChartYaml => Some(wanted.clone()),
            _ => None,
        });
        asked.chain(dependents(self.chart, self.options)).collect()
    }

    /// The images that carry a digest and a tag, and are not asked for: what their tags are pinned to.
    #[must_use]
    pub fn standing(&self) -> BTreeSet<(Wanted, Wanted)> {
        let stand = self.all.iter().filter(|(_, wish)| matches!(wish, Wish::Stands));
        let of_site = |((file, site), _): (&(usize, usize), &Wish)| {
            let reference = self.chart.files[*file].sites[*site].reference()?;
            Some((Wanted::tag_of(reference)?, Wanted::digest_of(reference)?))
        };
        stand.filter_map(of_site).collect()
    }
}

/// What overrides make of tags that their chart's defaults say: a digest in the defaults reaches them, too.
fn dependents(chart: &Chart, options: &Options) -> BTreeSet<Wanted> {
    let asks = chart.file(FileRole::Values).is_some_and(|values| values.wanted);
    let overrides = chart
        .files
        .iter()
        .filter(|file| asks && file.role == FileRole::Override);
    let sites = overrides.flat_map(|file| meant_sites(file, options));
    let inherits = |site: &ImageSite| {
        let of_role = |part: &Part| matches!(part.role, Role::Tag | Role::Digest);
        site.parts.iter().any(|part| part.inherited && of_role(part))
    };
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
