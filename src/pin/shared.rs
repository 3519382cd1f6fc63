//! Values that several images share: one edit reaches them all, so it is made only where all of them are the same image.
//!
//! Shared are scalars behind aliases and merged mappings, and defaults that overrides inherit.

use std::collections::{BTreeSet, HashMap};

use super::slot::Slot;
use crate::chart::{Chart, ChartFile, FileRole};
use crate::resolution::Wanted;
use crate::site::{ImageSite, Role, State};
use crate::source::Span;
use crate::yaml::{Kind, Tree};

/// One edit that is planned.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// The index of the file in its chart.
    pub file: usize,
    /// The index of the site in its file.
    pub site: usize,
    /// Where the digest goes.
    pub slot: Slot,
    /// The digest.
    pub digest: String,
}

/// Who uses which scalar of a file.
pub(super) struct Users<'a> {
    /// Sites by the text of a scalar, and where each names it.
    sites: HashMap<Span, Vec<(usize, Span)>>,
    /// How many aliases an anchored scalar has, by its text.
    aliases: HashMap<Span, u32>,
    file: &'a ChartFile,
}

impl<'a> Users<'a> {
    pub(super) fn new(file: &'a ChartFile) -> Self {
        let mut sites: HashMap<Span, Vec<(usize, Span)>> = HashMap::new();
        for (index, site) in file.sites.iter().enumerate() {
            for part in site.parts.iter().filter(|part| !part.inherited) {
                sites.entry(part.span).or_default().push((index, part.at));
            }
        }
        Self {
            sites,
            aliases: file.tree().map(aliases).unwrap_or_default(),
            file,
        }
    }

    /// Why an edit of the scalar at `span` by the site `own` would reach more than the images that `same` holds of, where it would.
    pub(super) fn stray(&self, own: usize, span: Span, same: impl Fn(usize) -> bool) -> Option<String> {
        let users = self.sites.get(&span).map(Vec::as_slice).unwrap_or_default();
        let other = users.iter().find(|(user, _)| *user != own && !same(*user));
        if let Some((other, _)) = other {
            let path = &self.file.sites[*other].path;
            return Some(format!("`{path}` takes the same value, and is another image"));
        }
        let aliases = self.aliases.get(&span).copied().unwrap_or(0);
        let places: BTreeSet<Span> = users.iter().map(|(_, at)| *at).collect();
        let strangers = aliases > 0 && places.len() != aliases as usize + 1;
        strangers.then(|| "its value has an anchor, and an alias of it is used for something else".to_owned())
    }
}

fn aliases(tree: &Tree) -> HashMap<Span, u32> {
    let anchored = tree.nodes().filter(|(_, node)| matches!(node.kind, Kind::Scalar(..)));
    anchored
        .filter_map(|(id, node)| {
            let anchor = node.anchor.as_ref().filter(|anchor| anchor.aliases > 0)?;
            Some((tree.scalar(id)?.content(), anchor.aliases))
        })
        .collect()
}

/// Takes out of `placed` what would reach other images, until nothing does; gives those that were taken out, with the reason.
pub(super) fn refuse_shared(
    chart: &Chart,
    placed: &mut Vec<Placed>,
    digest_of: &dyn Fn(&Wanted) -> Option<String>,
) -> Vec<(Placed, String)> {
    let users: Vec<Users<'_>> = chart.files.iter().map(Users::new).collect();
    let mut refused = Vec::new();
    loop {
        let by_site: HashMap<(usize, usize), usize> = placed
            .iter()
            .enumerate()
            .map(|(index, placed)| ((placed.file, placed.site), index))
            .collect();
        let reason = |own: &Placed| {
            let same = |site: usize| {
                let other = by_site.get(&(own.file, site)).map(|index| &placed[*index]);
                other.is_some_and(|other| other.digest == own.digest && other.slot.scalar() == own.slot.scalar())
            };
            let is_new = matches!(own.slot, Slot::NewKey { .. });
            let stray = || users[own.file].stray(own.site, own.slot.scalar(), same);
            let inherited = || {
                let is_placed = |file: usize, site: usize| by_site.contains_key(&(file, site));
                inheritor(chart, own, &is_placed, digest_of)
            };
            if is_new { None } else { stray().or_else(inherited) }
        };
        let out: Vec<(usize, String)> = placed
            .iter()
            .enumerate()
            .filter_map(|(index, own)| Some((index, reason(own)?)))
            .collect();
        if out.is_empty() {
            return refused;
        }
        for (index, reason) in out.into_iter().rev() {
            refused.push((placed.remove(index), reason));
        }
    }
}

/// The override that a digest in the defaults would reach, and whose image it is not.
fn inheritor(
    chart: &Chart,
    own: &Placed,
    is_placed: &dyn Fn(usize, usize) -> bool,
    digest_of: &dyn Fn(&Wanted) -> Option<String>,
) -> Option<String> {
    if chart.files[own.file].role != FileRole::Values {
        return None;
    }
    let path = &chart.files[own.file].sites[own.site].path;
    let scalar = own.slot.scalar();
    let shares =
        |site: &ImageSite| site.path == *path || site.parts.iter().any(|part| part.inherited && part.span == scalar);
    for (file_index, file) in chart
        .files
        .iter()
        .enumerate()
        .filter(|(_, file)| file.role == FileRole::Override)
    {
        for (index, site) in file.sites.iter().enumerate().filter(|(_, site)| shares(site)) {
            let reached = match own.slot {
                Slot::Key { .. } => !is_placed(file_index, index) && says_its_image(site),
                _ => site.part(Role::Tag).is_some_and(|tag| tag.inherited),
            };
            let wanted = site.reference().filter(|_| !site.is_unknown()).and_then(Wanted::tag_of);
            let digest = wanted.as_ref().and_then(digest_of);
            if reached && digest.as_ref() != Some(&own.digest) && site.state != State::Deleted {
                let shown = &file.source.path;
                return Some(match (wanted, digest) {
                    (Some(_), None) => format!("`{shown}` lays an image over it that has no answer"),
                    _ => format!("`{shown}` lays another image over it, which the digest would reach, too"),
                });
            }
        }
    }
    None
}

/// Whether an override says a part of the reference itself.
fn says_its_image(site: &ImageSite) -> bool {
    let own = site.parts.iter().filter(|part| !part.inherited && !part.is_blank());
    own.into_iter()
        .any(|part| !matches!(part.role, Role::Digest | Role::UseDigest))
}
