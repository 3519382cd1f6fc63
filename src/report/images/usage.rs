//! What uses an image: templates, workloads, containers, as rows.

use schemars::JsonSchema;
use serde::Serialize;

use crate::chart::{Chart, ChartFile, FileRole};
use crate::site::ImageSite;
use crate::source::SourceFile;
use crate::template::{FieldId, Reading};

/// One text of a chart's templates that an image, or a part of it, goes into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct UseRow {
    /// The template that is rendered.
    pub template: String,
    /// The line of the chart's own templates that the text comes from, as `file:line`; null where a dependency alone says it.
    pub place: Option<String>,
    /// The kind of the object that the template makes, where it is constant.
    pub workload: Option<String>,
    /// The name of the container, where it is one and the name is constant.
    pub container: Option<String>,
    /// The keys that the text stands under, those that are computed left out.
    pub key: String,
}

/// What was read of the templates of all charts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateCounts {
    /// How many actions they hold.
    pub actions: usize,
    /// The places that could not be followed, as `file:line`.
    pub unknown: Vec<String>,
}

impl TemplateCounts {
    /// The counts of one chart.
    #[must_use]
    pub fn of(chart: &Chart) -> Self {
        let Some(reading) = chart.reading() else {
            return Self::default();
        };
        let unknown = reading.unknown().iter().map(|(source, at)| line(source, *at));
        let images = chart.images_without_site();
        let images = images.iter().map(|id| match reading.template(*id) {
            (_, Some((source, at))) => line(source, at),
            (source, None) => source.path.to_string(),
        });
        Self {
            actions: reading.actions(),
            unknown: unknown.chain(images).collect(),
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.actions += other.actions;
        self.unknown.extend(other.unknown);
        self
    }
}

fn line(source: &SourceFile, at: usize) -> String {
    format!("{}:{}", source.path, source.line_of(at.min(source.text.len())))
}

/// What uses a site.
pub(super) fn used_by(chart: &Chart, file: &ChartFile, site: &ImageSite) -> Vec<UseRow> {
    let Some(usage) = chart.usage(site) else {
        return Vec::new();
    };
    let mut rows: Vec<(usize, UseRow)> = match file.role {
        FileRole::Template => {
            let here = |id: &FieldId| {
                let literal = usage.reading.literal(*id);
                literal.is_some_and(|(source, span)| source.path == file.source.path && span == site.span)
            };
            usage
                .reading
                .images()
                .filter(here)
                .map(|id| row(usage.reading, id))
                .collect()
        }
        FileRole::ChartYaml => Vec::new(),
        _ => usage
            .images
            .iter()
            .chain(&usage.others)
            .map(|id| row(usage.reading, *id))
            .collect(),
    };
    rows.sort_by(|(a_line, a), (b_line, b)| (&a.template, a_line, a).cmp(&(&b.template, b_line, b)));
    rows.dedup();
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The row of a text, with its line.
fn row(reading: &Reading, id: FieldId) -> (usize, UseRow) {
    let (file, place) = reading.template(id);
    let workload = reading.workload(id);
    let number = place.map_or(0, |(source, at)| source.line_of(at.min(source.text.len())));
    let row = UseRow {
        template: file.path.to_string(),
        place: place.map(|(source, at)| line(source, at)),
        workload: workload.kind,
        container: workload.container,
        key: reading.path(id).to_string(),
    };
    (number, row)
}
