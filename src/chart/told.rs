//! The reference that a chart's templates make of each site, in the place of the one that the shape of its keys composes.

use std::ops::Range;

use super::{Chart, Usage, is_value_file};
use crate::reference::Reference;
use crate::site::{ImageSite, PREFIX, Part, Role, State};
use crate::source::Span;
use crate::template::{Atom, Filled, Values};
use crate::yaml::{KeyPath, Step};

/// Gives every site the reference that the chart's templates make of it, where they make one.
pub(super) fn tell(chart: &mut Chart) {
    let has_sites = chart.files.iter().any(|file| !file.sites.is_empty());
    if !has_sites || chart.templates.is_none() {
        return;
    }
    let mut told: Vec<(usize, usize, Told)> = Vec::new();
    for (index, file) in chart.files.iter().enumerate() {
        if !is_value_file(file) {
            continue;
        }
        let Some(layers) = chart.layers(file) else { continue };
        for (number, site) in file.sites.iter().enumerate() {
            if let Some(found) = tell_site(chart, &layers, site) {
                told.push((index, number, found));
            }
        }
    }
    for (file, site, told) in told {
        let site = &mut chart.files[file].sites[site];
        match told {
            Told::Reference(text, pieces, app_version) => site.tell(text, pieces, app_version),
            Told::Broken => site.tell_broken(),
        }
    }
}

/// What templates make of a site.
enum Told {
    /// A reference, the bytes that its pieces stand on, and the version that stands in for the tag.
    Reference(String, Vec<(Range<usize>, Span)>, Option<String>),
    /// A text that no pod could take for its image.
    Broken,
}

/// Whether a text has its name from the site, or the site has none: another value may have been chosen in its place.
fn names(site: &ImageSite, filled: &Filled) -> bool {
    const NAMES: [Role; 4] = [Role::Whole, Role::Override, Role::Repository, Role::Name];
    let is_name = |part: &&Part| NAMES.contains(&part.role) && !part.is_blank();
    let mut names = site
        .parts
        .iter()
        .filter(is_name)
        .filter_map(|part| site.path_of(part))
        .peekable();
    let is_there = |path: KeyPath| {
        filled.atoms.iter().any(|atom| match atom {
            Atom::Value(steps, _) => *steps == path.0,
            Atom::Made(paths, _) => paths.contains(&path.0),
            Atom::Words(_) | Atom::Chart(_) => false,
        })
    };
    names.peek().is_none() || names.any(is_there)
}

/// What templates make of a site, where they tell.
fn tell_site(chart: &Chart, values: &dyn Values, site: &ImageSite) -> Option<Told> {
    if matches!(site.state, State::Templated | State::Deleted) || site.idiom == PREFIX {
        return None;
    }
    let usage = chart.usage(site)?;
    let filled = usage.told(values)?;
    if !names(site, &filled) {
        return None;
    }
    let text = filled.text();
    let is_of_pod = usage.images.iter().any(|id| usage.reading.is_in_container(*id));
    let Ok(reference) = Reference::parse(&text) else {
        // What is wrong in the file itself is found there.
        let is_sound = site.error().is_none();
        return (is_of_pod && is_sound && !text.is_empty()).then_some(Told::Broken);
    };
    // A tag that a digest takes the place of still says which version it is.
    let may_say_more = !is_of_pod || reference.digest().is_some();
    let says_more = site.reference().filter(|_| may_say_more).is_some_and(|known| {
        let same_name = known.is_same_name(&reference);
        same_name && reference.tag().is_none() && known.tag().is_some() && known.digest() == reference.digest()
    });
    if says_more {
        return None;
    }
    let filled = with_tag(&usage, values, site, &reference).unwrap_or(filled);
    let text = filled.text();
    let reference = Reference::parse(&text).ok()?;
    let mut pieces: Vec<(Range<usize>, Span)> = Vec::new();
    let mut at = 0;
    let own = |steps: &[Step], text: &str| -> Option<Span> {
        let fits = |part: &&Part| {
            !part.inherited && part.text == text && site.path_of(part).is_some_and(|path| path.0 == steps)
        };
        site.parts.iter().find(fits).map(|part| part.span)
    };
    let mut is_of_chart = false;
    for atom in &filled.atoms {
        let range = at..at + atom.text().len();
        at = range.end;
        match atom {
            Atom::Value(steps, text) => pieces.extend(own(steps, text).map(|span| (range, span))),
            Atom::Chart(_) => is_of_chart = true,
            Atom::Words(_) | Atom::Made(..) => {}
        }
    }
    let blank_tag = site.part(Role::Tag).is_none_or(Part::is_blank);
    let app_version = reference.tag().filter(|_| is_of_chart && blank_tag).map(str::to_owned);
    Some(Told::Reference(text, pieces, app_version))
}

/// The image with its tag and its digest, where templates print the digest in place of the tag: what they make of it without the digest, and the
/// digest behind that.
fn with_tag(usage: &Usage<'_>, values: &dyn Values, site: &ImageSite, reference: &Reference) -> Option<Filled> {
    let digest = reference.digest().filter(|_| reference.tag().is_none())?;
    let part = site.filled(Role::Digest).filter(|part| digest.ends_with(&part.text))?;
    let path = site.path_of(part)?.0;
    let mut filled = usage.told_with(values, vec![(path.clone(), String::new())])?;
    let tagged = Reference::parse(&filled.text()).ok()?;
    if !tagged.is_same_name(reference) || tagged.tag().is_none() || tagged.digest().is_some() {
        return None;
    }
    let written = &digest[..digest.len() - part.text.len()];
    filled.atoms.push(Atom::Words(format!("@{written}")));
    filled.atoms.push(Atom::Value(path, part.text.clone()));
    Some(filled)
}
