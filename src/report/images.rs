//! The inventory: every site, also the ones that are not literal.

use schemars::JsonSchema;
use serde::Serialize;

use super::ReportError;
use super::json::{ImagesReport, pretty};
use super::snippet::sanitized;
use crate::chart::{Chart, ChartFile};
use crate::reference::Reference;
use crate::site::{ImageSite, Role, State};

/// One site. Parts are source text without quotes, or null; `reference` is null where it cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
}

impl ImageRow {
    /// The row of a site in its file.
    #[must_use]
    pub fn new(chart: &Chart, file: &ChartFile, site: &ImageSite) -> Self {
        let place = file.source.position(site.start());
        let reference = site.reference();
        let own = |role: Role| site.filled(role).map(|part| part.text.clone());
        let known = matches!(site.state, State::Literal | State::Fragment) && !site.lacks_tag() && !site.is_unknown();
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
                .or_else(|| own(Role::Digest)),
            reference: reference.filter(|_| known).map(ToString::to_string),
            tag_line: tag_line(file, site),
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

/// The rows as JSON.
///
/// # Errors
/// When JSON cannot be written, which no row makes happen.
pub fn images_json(images: Vec<ImageRow>) -> Result<String, ReportError> {
    pretty(&ImagesReport { version: 1, images })
}

/// The rows as a table: place, state, reference or what is known of it.
#[must_use]
pub fn images_table(images: &[ImageRow]) -> String {
    let rows: Vec<[String; 4]> = images
        .iter()
        .map(|row| {
            let known = row.reference.clone().unwrap_or_else(|| partial(row));
            let place = format!("{}:{}:{}", row.file, row.line, row.column);
            [known, row.state.clone(), row.path.clone(), place].map(|cell| sanitized(&cell).into_owned())
        })
        .collect();
    let head = ["IMAGE", "STATE", "KEY", "PLACE"].map(str::to_owned);
    let all: Vec<&[String; 4]> = std::iter::once(&head).chain(&rows).collect();
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for row in all {
        for (cell, width) in row.iter().zip(widths) {
            let pad = width - cell.chars().count() + 2;
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', pad));
        }
        out.push_str(&row[3]);
        out.push('\n');
    }
    out
}

/// What is known of an image that is not whole: its parts, with `?` for those that live elsewhere.
fn partial(row: &ImageRow) -> String {
    if row.idiom == "unknown" {
        return "(unknown shape)".to_owned();
    }
    let repository = row.repository.as_deref().unwrap_or("?");
    let registry = row
        .registry
        .as_ref()
        .map(|registry| format!("{registry}/"))
        .unwrap_or_default();
    let tag = row.tag.as_deref().unwrap_or("?");
    let digest = row
        .digest
        .as_ref()
        .map(|digest| format!("@{digest}"))
        .unwrap_or_default();
    format!("{registry}{repository}:{tag}{digest}")
}
