//! The inventory: every site, also the ones that are not literal.

mod usage;

use schemars::JsonSchema;
use serde::Serialize;

use super::ReportError;
use super::json::{ImagesReport, pretty};
use super::snippet::one_line;
use crate::chart::{Chart, ChartFile};
use crate::reference::Reference;
use crate::site::{Gap, ImageSite, PREFIX, Role};

pub use usage::{TemplateCounts, UseRow};

/// One site. Parts are as Helm prints them where templates join them, else as typed, or null; `reference` is null where it cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImageRow {
    /// The chart's name.
    pub chart: Option<String>,
    /// Relative to the working directory, with `/`.
    pub file: String,
    /// The line of the part that carries the name, from 1.
    pub line: usize,
    /// The column of that part, from 1, in characters.
    pub column: usize,
    /// The dotted key path: `[i]` for items, quotes around keys that hold a dot, `~` for the step into a scalar.
    pub path: String,
    /// The shape in which the image is written.
    pub idiom: String,
    /// `literal`, `templated`, `fragment` or `deleted`.
    pub state: String,
    /// The registry.
    pub registry: Option<String>,
    /// The repository without registry.
    pub repository: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
    /// The reference as the chart composes it.
    pub reference: Option<String>,
    /// The line of the tag, where it stands in this file.
    pub tag_line: Option<usize>,
    /// The texts of the chart's templates that it goes into; with `--used-by` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_by: Option<Vec<UseRow>>,
    /// The reference spelled out, where it is known as it stands.
    #[serde(skip)]
    pub(super) whole: Result<Reference, Gap>,
}

impl ImageRow {
    /// The row of a site in its file.
    #[must_use]
    pub fn new(chart: &Chart, file: &ChartFile, site: &ImageSite) -> Self {
        let place = file.source.position(site.start());
        let reference = site.reference();
        let own = |role: Role| site.filled(role).map(|part| part.text.clone());
        let whole = site.whole();
        let composed = match whole {
            Ok(_) | Err(Gap::TwoTags | Gap::Registry) => reference,
            Err(_) => None,
        };
        let parsed = |part: Option<&str>, role: Role| {
            part.map(str::to_owned)
                .or_else(|| own(role).filter(|_| reference.is_none()))
        };
        Self {
            chart: chart.name.clone(),
            file: file.source.path.to_string(),
            line: place.line,
            column: place.column,
            path: site.path.to_string(),
            idiom: site.idiom.to_string(),
            state: site.state.as_str().to_owned(),
            registry: parsed(reference.and_then(Reference::registry), Role::Registry),
            repository: parsed(reference.map(Reference::repository), Role::Repository)
                .or_else(|| own(Role::Whole).filter(|_| site.error().is_some())),
            tag: parsed(reference.and_then(Reference::tag), Role::Tag),
            digest: reference
                .and_then(|reference| reference.digest().map(str::to_owned))
                // A digest that templates do not join is no part of a reference that is known.
                .or_else(|| own(Role::Digest).filter(|_| composed.is_none())),
            reference: composed.map(ToString::to_string),
            tag_line: tag_line(file, site),
            used_by: None,
            whole: whole.map(Reference::spelled_out),
        }
    }

    /// The order of reports: by file, then position.
    #[must_use]
    pub fn by_place(a: &Self, b: &Self) -> std::cmp::Ordering {
        (&a.file, a.line, a.column, &a.path).cmp(&(&b.file, b.line, b.column, &b.path))
    }

    /// Whether the site is an image, and no key that holds the registry of images.
    pub(super) fn is_image(&self) -> bool {
        self.idiom != PREFIX
    }

    /// The reference as it is written, or what is known of it.
    pub(super) fn shown(&self) -> String {
        match &self.reference {
            Some(reference) => reference.clone(),
            None if self.idiom == "unknown" => "(unknown shape)".to_owned(),
            None => self.parts().concat(),
        }
    }

    /// What is known of the reference: the registry with its `/`, the repository, the tag with its `:`, the digest with its `@`. A `?` stands for what
    /// lives elsewhere.
    pub(super) fn parts(&self) -> [String; 4] {
        let is_open = self.reference.is_none() && self.whole != Err(Gap::Invalid);
        let part = |part: &Option<String>| part.clone().or_else(|| is_open.then(|| "?".to_owned()));
        let joined = |before: &str, part: Option<String>, after: &str| {
            part.map_or_else(String::new, |part| format!("{before}{part}{after}"))
        };
        [
            joined("", self.registry.clone(), "/"),
            part(&self.repository).unwrap_or_default(),
            joined(":", part(&self.tag), ""),
            joined("@", self.digest.clone(), ""),
        ]
    }

    /// The rows of a chart's files that are wanted, with what uses each where that is asked for.
    #[must_use]
    pub fn of_chart(chart: &Chart, used_by: bool) -> Vec<Self> {
        let wanted = chart.files.iter().filter(|file| file.wanted);
        let row = |file: &ChartFile, site: &ImageSite| {
            let row = Self::new(chart, file, site);
            if used_by { row.with_uses(chart, file, site) } else { row }
        };
        wanted
            .flat_map(|file| file.sites.iter().map(move |site| row(file, site)))
            .collect()
    }

    /// The same row with what uses the site.
    #[must_use]
    pub fn with_uses(self, chart: &Chart, file: &ChartFile, site: &ImageSite) -> Self {
        Self {
            used_by: Some(usage::used_by(chart, file, site)),
            ..self
        }
    }
}

fn tag_line(file: &ChartFile, site: &ImageSite) -> Option<usize> {
    if let Some(tag) = site.part(Role::Tag).filter(|tag| !tag.inherited) {
        return Some(file.source.line_of(tag.at.start));
    }
    let range = site.reference()?.tag_range()?;
    site.place(&range).map(|span| file.source.line_of(span.start))
}

/// The rows as JSON, with what was read of templates where that was asked for.
///
/// # Errors
/// When JSON cannot be written, which no row makes happen.
pub fn images_json(images: Vec<ImageRow>, templates: Option<TemplateCounts>) -> Result<String, ReportError> {
    pretty(&ImagesReport {
        version: 1,
        images,
        actions: templates.as_ref().map(|counts| counts.actions),
        unknown: templates.as_ref().map(|counts| counts.unknown.len()),
        unfollowed: templates.map(|mut counts| {
            counts.unknown.sort();
            counts.unknown.dedup();
            counts.unknown
        }),
    })
}

/// The rows as a table: place, state, reference or what is known of it.
#[must_use]
pub fn images_table(images: &[ImageRow]) -> String {
    let rows: Vec<[String; 4]> = images
        .iter()
        .map(|row| {
            let place = format!("{}:{}:{}", row.file, row.line, row.column);
            [row.shown(), row.state.clone(), row.path.clone(), place].map(|cell| one_line(&cell))
        })
        .collect();
    let head = ["IMAGE", "STATE", "KEY", "PLACE"].map(str::to_owned);
    let all: Vec<&[String; 4]> = std::iter::once(&head).chain(&rows).collect();
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for (index, row) in all.into_iter().enumerate() {
        for (cell, width) in row.iter().zip(widths) {
            let pad = width - cell.chars().count() + 2;
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', pad));
        }
        out.push_str(&row[3]);
        out.push('\n');
        if let Some(image) = index.checked_sub(1).and_then(|index| images.get(index)) {
            uses_table(image, &mut out);
        }
    }
    out
}

/// What uses an image, a line each.
fn uses_table(row: &ImageRow, out: &mut String) {
    let Some(uses) = &row.used_by else { return };
    for one in uses {
        let workload = one.workload.as_deref().unwrap_or("?");
        let what = match &one.container {
            Some(container) => format!("{workload}, container {container}"),
            None => format!("{workload}, {}", one.key),
        };
        let place = one.place.as_ref().unwrap_or(&one.template);
        let line = format!("    {what}  {place}");
        out.push_str(&one_line(&line));
        out.push('\n');
    }
    if uses.is_empty() {
        out.push_str("    no template is known to use it\n");
    }
}
