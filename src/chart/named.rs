//! Images whose keys say nothing of images: values that the chart's templates put whole into the `image` of a container.

use super::usage::is_value_file;
use super::{Chart, is_of_subchart};
use crate::site::{Finder, ImageSite};
use crate::template::{Atom, Filling};
use crate::yaml::{KeyPath, Step};

/// Adds them to the sites of the chart's values; `dependencies` are the keys under which values reach subcharts.
pub(super) fn add(chart: &mut Chart, dependencies: &[String]) {
    for (index, site) in found(chart) {
        let file = &mut chart.files[index];
        if is_known(&file.sites, &site.path.0) {
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
    for (index, file) in chart.files.iter().enumerate().filter(|(_, file)| is_value_file(file)) {
        let Some((tree, layers)) = file.tree().zip(chart.layers(file)) else {
            continue;
        };
        let filling = Filling::new(reading, &layers, &[]);
        for id in &containers {
            let filled = filling.fill(*id).unwrap_or_default();
            if let [Atom::Value(steps, _)] = filled.atoms.as_slice()
                && !is_known(&file.sites, steps)
            {
                let path = KeyPath(steps.clone());
                found.extend(
                    Finder::scalar(tree, &path, file.role == super::FileRole::Override).map(|site| (index, site)),
                );
            }
        }
    }
    found
}

/// Whether what stands at `steps` is a part of a site.
fn is_known(sites: &[ImageSite], steps: &[Step]) -> bool {
    let is_there = |site: &ImageSite| {
        let mut parts = site.parts.iter().filter_map(|part| site.path_of(part));
        site.path.0 == steps || parts.any(|path| path.0 == steps)
    };
    sites.iter().any(is_there)
}
