//! Images whose keys say nothing of images: values that the chart's templates put into the `image` of a container, whole or part by part.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Chart, FileRole, Layers, is_of_subchart, is_value_file};
use crate::reference::Reference;
use crate::site::{ImageSite, PREFIX, Role, named};
use crate::template::{Atom, FieldId, Filled, Filling, Found, Place, Reading, Values as _};
use crate::yaml::{KeyPath, Step, Tree};

/// How many items of values one text is looked at for.
const MAX_ITEMS: usize = 10_000;

/// Adds them to the sites of the chart's values; `dependencies` are the keys under which values reach subcharts.
pub(super) fn add(chart: &mut Chart, dependencies: &[String]) {
    for (index, site) in found(chart) {
        let file = &mut chart.files[index];
        if file.sites.iter().any(|known| known.path == site.path) {
            continue;
        }
        let of_subchart = is_of_subchart(&site, dependencies);
        file.sites.push(ImageSite { of_subchart, ..site });
        file.sites.sort_by_key(ImageSite::start);
    }
}

/// The images that no site stands for yet, with the index of the file that each stands in.
fn found(chart: &Chart) -> Vec<(usize, ImageSite)> {
    let mut found = Vec::new();
    let Some(reading) = chart.reading() else {
        return found;
    };
    let containers: Vec<_> = reading.images().filter(|id| reading.is_in_container(*id)).collect();
    let written = reading.written_containers();
    let known: Vec<Known> = chart.files.iter().map(|file| Known::of(&file.sites)).collect();
    let default_index = chart.files.iter().position(|file| file.role == FileRole::Values);
    let default_tree = chart.defaults().map(|(_, tree)| tree);
    for (index, file) in chart.files.iter().enumerate().filter(|(_, file)| is_value_file(file)) {
        let Some((tree, layers)) = file.tree().zip(chart.layers(file)) else {
            continue;
        };
        let defaults = default_tree.filter(|_| file.role == FileRole::Override);
        for path in images_of_written(&written, &layers) {
            let site = site_of(&known[index], tree, defaults, &[(Role::Whole, path)]);
            found.extend(site.map(|site| (index, site)));
        }
        for id in &containers {
            for filled in each_filled(reading, &layers, *id).into_iter().flatten() {
                let Some(mut parts) = parts_of(&filled) else { continue };
                let is_known = |index: usize| known[index].all.contains(&parts[0].1.0);
                let is_here = || parts.iter().any(|(_, path)| tree.at(&path.0).is_some());
                // Most images are known, and what follows takes its time.
                if default_index.is_none_or(is_known) && (is_known(index) || !is_here()) {
                    continue;
                }
                keep_own(reading, &mut parts);
                let own = site_of(&known[index], tree, defaults, &parts).map(|site| (index, site));
                // An override may turn on what the defaults name.
                let below = || {
                    let named_here = tree.at(&parts.first()?.1.0).is_some();
                    let (index, tree) = default_index.zip(defaults).filter(|_| !named_here)?;
                    site_of(&known[index], tree, None, &parts).map(|site| (index, site))
                };
                found.extend(own.or_else(below));
            }
        }
    }
    found
}

/// Where the images of containers stand that are written out whole.
fn images_of_written(written: &BTreeSet<Vec<Option<Step>>>, layers: &Layers<'_>) -> Vec<KeyPath> {
    let paths = written.iter().flat_map(|way| layers.matching(way, MAX_ITEMS));
    let containers = paths.flat_map(|path| match layers.at(&path) {
        Found::Collection { kind: "slice", .. } => layers.below(&path),
        _ => vec![path],
    });
    let image = |path: Vec<Step>| KeyPath(path).child(Step::Key("image".to_owned()));
    containers.map(image).collect()
}

impl Chart {
    /// The images that containers of the chart's own templates get from values, and that no site stands for: how they are made of those
    /// cannot be told.
    #[must_use]
    pub fn images_without_site(&self) -> Vec<FieldId> {
        let Some(reading) = self.reading() else {
            return Vec::new();
        };
        let sites = self
            .files
            .iter()
            .filter(|file| is_value_file(file))
            .flat_map(|file| &file.sites);
        let used: BTreeSet<FieldId> = sites
            .filter(|site| site.idiom != PREFIX)
            .flat_map(|site| site.parts.iter().filter_map(|part| site.path_of(part)))
            .flat_map(|path| reading.uses(&path.0))
            .collect();
        let layered: Vec<Layers<'_>> = self.layered().map(|(_, layers)| layers).collect();
        let is_lost = |id: &FieldId| {
            let of_values = |layers: &Layers<'_>| {
                let is_off = Filling::new(reading, layers, &[]).is_active(*id) == Some(false);
                !is_off
                    && each_filled(reading, layers, *id)
                        .iter()
                        .any(|filled| is_of_values(filled.as_ref()))
            };
            reading.is_own(*id) && reading.is_in_container(*id) && !used.contains(id) && layered.iter().any(of_values)
        };
        reading.images().filter(is_lost).collect()
    }
}

/// Whether a text is made of values, or cannot be told.
fn is_of_values(filled: Option<&Filled>) -> bool {
    let of_value = |atom: &Atom| matches!(atom, Atom::Value(..) | Atom::Made(..));
    filled.is_none_or(|filled| filled.atoms.iter().any(of_value) && Reference::parse(&filled.text()).is_ok())
}

/// What a text comes to: once, or for each item of what it goes through; nothing in the place of what cannot be told.
fn each_filled(reading: &Reading, layers: &Layers<'_>, id: FieldId) -> Vec<Option<Filled>> {
    let mut items: BTreeSet<Vec<Step>> = BTreeSet::new();
    let ways = reading.items_of(id);
    for way in &ways {
        items.extend(layers.matching(way, MAX_ITEMS.saturating_sub(items.len())));
    }
    if ways.is_empty() {
        return vec![Filling::new(reading, layers, &[]).fill(id).ok()];
    }
    let one = |item: &Vec<Step>| {
        let filling = Filling::new(reading, layers, item);
        match filling.is_active(id) {
            Some(false) => None,
            Some(true) => Some(filling.fill(id).ok()),
            None => Some(None),
        }
    };
    items.iter().filter_map(one).collect()
}

/// The site of what a container gets, where none stands for it yet.
fn site_of(known: &Known, tree: &Tree, defaults: Option<&Tree>, parts: &[(Role, KeyPath)]) -> Option<ImageSite> {
    let ((_, name), others) = parts.split_first()?;
    let of_nameless = |(_, path): &(Role, KeyPath)| known.of_nameless.contains(&path.0);
    if known.all.contains(&name.0) || others.iter().any(of_nameless) {
        return None;
    }
    named(tree, defaults, parts)
}

/// Where the sites of a file stand, and their parts; what is put before images is none.
#[derive(Default)]
struct Known {
    all: BTreeSet<Vec<Step>>,
    /// Those of sites that do not say themselves which image they are.
    of_nameless: BTreeSet<Vec<Step>>,
}

impl Known {
    fn of(sites: &[ImageSite]) -> Self {
        let mut known = Self::default();
        for site in sites.iter().filter(|site| site.idiom != PREFIX) {
            let parts = site.parts.iter().filter_map(|part| site.path_of(part));
            for KeyPath(path) in parts.chain([site.path.clone()]) {
                if !is_named(site) {
                    known.of_nameless.insert(path.clone());
                }
                known.all.insert(path);
            }
        }
        known
    }
}

/// The values that a reference is made of, the one with its name first. Nothing where templates write a part of the name.
fn parts_of(filled: &Filled) -> Option<Vec<(Role, KeyPath)>> {
    if let [Atom::Value(steps, _)] = filled.atoms.as_slice() {
        return Some(vec![(Role::Whole, KeyPath(steps.clone()))]);
    }
    let text = filled.text();
    let reference = Reference::parse(&text).ok()?;
    let name = reference.repository_range();
    let mut parts: Vec<(Role, KeyPath)> = Vec::new();
    let mut of_name = None;
    let mut is_written = false;
    let mut at = 0;
    for atom in &filled.atoms {
        let range = at..at + atom.text().len();
        at = range.end;
        let path = match atom {
            Atom::Value(steps, _) => steps,
            Atom::Made(paths, _) if paths.len() == 1 => &paths[0],
            _ => {
                is_written |= range.start < name.end && !is_separator(&text[range.start..range.end.min(name.end)]);
                continue;
            }
        };
        let role = role_of(&reference, &range);
        if range.start < name.end && name.end <= range.end {
            of_name = Some(parts.len());
        }
        parts.push((role, KeyPath(path.clone())));
    }
    let of_name = of_name.filter(|_| !is_written)?;
    parts[..=of_name].rotate_right(1);
    if parts.len() == 1 || parts[0].0 == Role::Whole {
        parts.truncate(1);
        parts[0].0 = Role::Whole;
    }
    Some(parts)
}

/// Leaves out the parts that other images have, too: they are not this image's to change.
fn keep_own(reading: &Reading, parts: &mut Vec<(Role, KeyPath)>) {
    let images = |path: &KeyPath| {
        reading
            .uses(&path.0)
            .into_iter()
            .filter(|id| reading.place(*id) == Place::Image)
    };
    let Some(own) = parts
        .first()
        .map(|(_, name)| images(name).collect::<BTreeSet<FieldId>>())
    else {
        return;
    };
    parts.retain(|(_, path)| images(path).all(|id| own.contains(&id)));
}

/// The part of `reference` that these bytes of it are.
fn role_of(reference: &Reference, range: &Range<usize>) -> Role {
    let name = reference.repository_range();
    let whole = reference.as_str().len();
    if range.start >= name.end {
        let is_digest = reference
            .digest_range()
            .is_some_and(|digest| range.start >= digest.start);
        return if is_digest { Role::Digest } else { Role::Tag };
    }
    match range.end {
        end if end > name.end && end == whole => Role::Whole,
        end if end >= name.end => Role::Repository,
        end if end > name.start => Role::Namespace,
        _ => Role::Registry,
    }
}

fn is_separator(text: &str) -> bool {
    text.chars().all(|c| c == '/')
}

/// Whether a site says itself which image it is.
fn is_named(site: &ImageSite) -> bool {
    [Role::Whole, Role::Repository, Role::Name, Role::Override]
        .into_iter()
        .any(|role| site.filled(role).is_some())
}
