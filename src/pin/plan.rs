//! The plan of a chart: answers put into slots, what several images share, annotations kept in step, new texts.

use std::collections::BTreeMap;

use super::rewrite::{FileEdits, rewrite};
use super::shared::{Placed, refuse_shared};
use super::slot::{Slot, present, slot};
use super::wish::{Wish, Wishes, is_misread, left, meant_sites};
use super::{Entry, Options, Plan, Status};
use crate::chart::{Chart, ChartFile, FileRole};
use crate::reference::Reference;
use crate::resolution::{Platform, Reason, Resolutions, Resolved, Unresolved, Wanted};
use crate::site::{Finder, ImageSite, Role};

/// An entry, with the place of its site.
struct Row {
    file: usize,
    site: usize,
    entry: Entry,
}

/// Plans the pins of `chart` from what registries said.
#[must_use]
pub fn plan(wishes: &Wishes<'_>, resolutions: &Resolutions, finder: Finder<'_>) -> Plan {
    let (chart, options) = (wishes.chart, wishes.options);
    let mut planner = Planner {
        wishes,
        chart,
        resolutions,
        options,
        rows: Vec::new(),
        placed: Vec::new(),
    };
    planner.place(false, Planner::site);
    planner.refuse();
    if !options.own_values {
        planner.annotations();
    }
    let misread = planner.misread();
    let mut plan = planner.write(finder);
    plan.warnings.extend(misread);
    plan.warnings.extend(local_registry(chart, &plan));
    plan
}

/// A digest, and its media type where a registry said it.
type Pinned = (String, Option<String>);

/// What the chart's values have for each image, by its reference.
type Known = BTreeMap<String, Option<Pinned>>;

struct Planner<'a> {
    wishes: &'a Wishes<'a>,
    chart: &'a Chart,
    resolutions: &'a Resolutions,
    options: &'a Options,
    rows: Vec<Row>,
    placed: Vec<Placed>,
}

impl Planner<'_> {
    fn files(&self, annotations: bool) -> impl Iterator<Item = (usize, &ChartFile)> {
        let files = self.chart.files.iter().enumerate();
        files.filter(move |(_, file)| file.wanted && (file.role == FileRole::ChartYaml) == annotations)
    }

    /// Gives every site of these files a row, and a place where `decide` finds one.
    fn place(
        &mut self,
        annotations: bool,
        decide: impl Fn(&Self, (usize, usize)) -> Result<(Slot, Pinned), Box<Entry>>,
    ) {
        let mut rows = Vec::new();
        let mut placed = Vec::new();
        for (file_index, file) in self.files(annotations) {
            for (index, _) in meant_sites(file, self.options) {
                match decide(self, (file_index, index)) {
                    Ok((slot, (digest, media_type))) => {
                        rows.push(self.pinned(file_index, index, &slot, &digest, media_type));
                        placed.push(Placed {
                            file: file_index,
                            site: index,
                            slot,
                            digest,
                        });
                    }
                    Err(entry) => rows.push(Row {
                        file: file_index,
                        site: index,
                        entry: *entry,
                    }),
                }
            }
        }
        self.rows.extend(rows);
        self.placed.extend(placed);
    }

    fn at(&self, (file, site): (usize, usize)) -> (&ChartFile, &ImageSite) {
        let file = &self.chart.files[file];
        (file, &file.sites[site])
    }

    /// The slot and the digest of a site, or its entry where it has none.
    fn site(&self, place: (usize, usize)) -> Result<(Slot, Pinned), Box<Entry>> {
        let (file, site) = self.at(place);
        let left = |status, reason| Box::new(left(self.chart, file, site, status, reason));
        let (wanted, slot) = match self.wishes.at(place) {
            Wish::Stands => return Err(left(Status::Already, None)),
            Wish::Skip(reason) => return Err(left(Status::Skipped, Some(reason.clone()))),
            Wish::Ask(wanted, slot) => (wanted, slot),
        };
        let (digest, media_type) = self.answer(wanted).map_err(|unresolved| {
            let mut entry = left(Status::Failed, Some(unresolved.to_string()));
            entry.help = unresolved.help;
            entry
        })?;
        let is_own = !matches!(slot, Slot::NewKey { .. });
        if is_own && site.reference().and_then(Reference::digest) == Some(&digest) {
            let mut entry = left(Status::Already, None);
            entry.media_type = media_type;
            return Err(entry);
        }
        match slot.edits(&digest, &file.source.text) {
            Ok(_) => Ok((slot.clone(), (digest, media_type))),
            Err(reason) => Err(left(Status::Skipped, Some(reason))),
        }
    }

    /// The digest that a question is answered with: that of the platform which is asked for.
    fn answer(&self, wanted: &Wanted) -> Result<Pinned, Unresolved> {
        let unasked = || Unresolved::new(Reason::Offline, format!("`{wanted}` was not asked for"));
        let resolved = self
            .resolutions
            .get(wanted)
            .ok_or_else(unasked)?
            .as_ref()
            .map_err(Clone::clone)?;
        match &self.options.platform {
            None => Ok((resolved.digest.clone(), Some(resolved.media_type.clone()))),
            Some(platform) => of_platform(resolved, platform),
        }
    }

    fn pinned(&self, file: usize, site: usize, slot: &Slot, digest: &str, media_type: Option<String>) -> Row {
        let source = &self.chart.files[file];
        let of_site = &source.sites[site];
        let mut entry = Entry::new(self.chart, source, of_site, slot.scalar(), Status::Pinned);
        if matches!(slot, Slot::NewKey { .. }) {
            entry.before = String::new();
        }
        entry.after = slot.after(&entry.before, digest).ok();
        entry.digest = Some(digest.to_owned());
        entry.media_type = media_type;
        Row { file, site, entry }
    }

    /// Takes back what would reach other images.
    fn refuse(&mut self) {
        let mut placed = std::mem::take(&mut self.placed);
        let digest_of = |wanted: &Wanted| self.answer(wanted).ok().map(|(digest, _)| digest);
        let refused = refuse_shared(self.chart, &mut placed, &digest_of);
        for (refused, reason) in refused {
            self.skip(refused.file, refused.site, &reason);
        }
        self.placed = placed;
    }

    fn skip(&mut self, file: usize, site: usize, reason: &str) {
        let chart_file = &self.chart.files[file];
        let of_site = &chart_file.sites[site];
        let row = self.rows.iter_mut().find(|row| (row.file, row.site) == (file, site));
        if let Some(row) = row {
            row.entry = left(
                self.chart,
                chart_file,
                of_site,
                Status::Skipped,
                Some(reason.to_owned()),
            );
        }
    }

    /// Annotations name the images of the values: they get the digests that those have.
    fn annotations(&mut self) {
        let known = self.known();
        self.place(true, |planner, place| {
            let (file, site) = planner.at(place);
            annotation(file, site, &known).map_err(|reason| {
                let status = reason.as_ref().map_or(Status::Already, |_| Status::Skipped);
                Box::new(left(planner.chart, file, site, status, reason))
            })
        });
    }

    /// Tags that are pinned as they are written, where Helm printed another text of them until now.
    fn misread(&self) -> Vec<String> {
        let file = |placed: &Placed| &self.chart.files[placed.file];
        let placed = self
            .placed
            .iter()
            .map(|placed| (file(placed), &file(placed).sites[placed.site]));
        placed
            .filter(|(_, site)| is_misread(site))
            .filter_map(|(file, site)| {
                let tag = site.filled(Role::Tag)?;
                let (path, line) = (&file.source.path, file.source.line_of(tag.span.start));
                let (written, printed) = (&tag.text, tag.helm.printed());
                Some(format!(
                    "`{path}:{line}`: the tag `{written}` is pinned as it is written; without a digest, Helm prints `{printed}` of it"
                ))
            })
            .collect()
    }

    /// The digest and media type that the chart's values have for each image; none where they have several.
    fn known(&self) -> Known {
        let mut known = Known::new();
        for row in &self.rows {
            let site = &self.chart.files[row.file].sites[row.site];
            let wanted = site.reference().and_then(Wanted::tag_of);
            if let (Some(wanted), Some(digest)) = (wanted, &row.entry.digest) {
                let pinned = (digest.clone(), row.entry.media_type.clone());
                let slot = known.entry(wanted.to_string()).or_insert_with(|| Some(pinned));
                if slot.as_ref().is_some_and(|(other, _)| other != digest) {
                    *slot = None;
                }
            }
        }
        known
    }

    /// The new texts; a chart that would not read back is left as it is, and its images say so.
    fn write(mut self, finder: Finder<'_>) -> Plan {
        let mut edits: Vec<FileEdits> = self.chart.files.iter().map(|_| FileEdits::default()).collect();
        for placed in &self.placed {
            let text = &self.chart.files[placed.file].source.text;
            let of_file = &mut edits[placed.file];
            of_file
                .edits
                .extend(placed.slot.edits(&placed.digest, text).unwrap_or_default());
            match placed.slot.grown() {
                Some(mapping) => of_file.grown.push(mapping),
                None => of_file.scalars.push(placed.slot.scalar()),
            }
            of_file.images.push((placed.site, Some(placed.digest.clone())));
        }
        let mut plan = Plan::default();
        match rewrite(self.chart, &edits, finder) {
            Ok(texts) => plan.texts = texts,
            Err(reason) => {
                for placed in std::mem::take(&mut self.placed) {
                    self.skip(placed.file, placed.site, &reason);
                }
            }
        }
        self.rows.sort_by_key(|row| (row.file, row.site));
        plan.entries = self.rows.into_iter().map(|row| row.entry).collect();
        plan
    }
}

/// The slot of an annotation, and what goes there; else why it is left alone, or nothing where it is as it should be.
fn annotation(file: &ChartFile, site: &ImageSite, known: &Known) -> Result<(Slot, Pinned), Option<String>> {
    let skip = |reason: &str| Err(Some(reason.to_owned()));
    let reference = site.reference().filter(|reference| reference.tag().is_some());
    let Some((reference, wanted)) = reference.and_then(|reference| Some((reference, Wanted::tag_of(reference)?)))
    else {
        return skip("it names no image with a tag");
    };
    let pinned = match known.get(&wanted.to_string()) {
        Some(Some((digest, _))) if reference.digest() == Some(digest) => return Err(None),
        Some(Some(pinned)) => pinned.clone(),
        Some(None) => return skip("the chart's values pin it to several digests"),
        None => return skip("no pinned value of the chart names it"),
    };
    let slot = match reference.digest() {
        Some(_) => present(site, file),
        None => slot(site, file, None),
    };
    slot.map(|slot| (slot, pinned)).map_err(Some)
}

/// The manifest of one platform: the child of an index, or the manifest itself.
pub(super) fn of_platform(resolved: &Resolved, platform: &Platform) -> Result<Pinned, Unresolved> {
    let fits = |other: &Platform| platform.accepts(other);
    let child = resolved
        .children
        .iter()
        .find(|child| child.platform.as_ref().is_some_and(fits));
    if let Some(child) = child {
        return Ok((child.digest.clone(), child.media_type.clone()));
    }
    if resolved.children.is_empty() && resolved.platforms.iter().any(fits) {
        return Ok((resolved.digest.clone(), Some(resolved.media_type.clone())));
    }
    Err(Unresolved::new(Reason::NoPlatform, not_there(resolved, &[platform])))
}

/// That an image is not there for some platforms, and for which it is.
pub(super) fn not_there(resolved: &Resolved, platforms: &[&Platform]) -> String {
    let asked: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    let there: Vec<String> = resolved.platforms.iter().map(ToString::to_string).collect();
    let there = if there.is_empty() {
        "none that it names".to_owned()
    } else {
        there.join(", ")
    };
    format!("it is not there for {}; there is {there}", asked.join(", "))
}

/// What a person should know who pins a chart that copies its images to a registry of the cluster (OpenStack-Helm).
fn local_registry(chart: &Chart, plan: &Plan) -> Option<String> {
    let changes = |file: &ChartFile| plan.texts.iter().any(|new| new.source.path == file.source.path);
    let mut layered = chart.layered().filter(|(file, _)| changes(file));
    let (file, _) = layered.find(|(_, layers)| layers.is_true("images.local_registry.active"))?;
    Some(format!(
        "`{}`: `images.local_registry.active` is true, and the job that copies images cannot tag a reference that holds a digest",
        file.source.path
    ))
}
