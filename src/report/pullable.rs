//! The images of charts as lists that other programs take: CSV, a bill of materials, and what mirroring tools read.
//!
//! A list holds each image once, spelled out, in order. What cannot be pulled as it stands is no line of it and is counted with its reason. Knows
//! rows, and nothing of the charts behind them.

mod comma;
mod cyclonedx;
mod mirroring;

use std::collections::BTreeMap;

use super::{ImageRow, ReportError, counted};
use crate::reference::Reference;
use crate::site::Gap;

/// Why an image is in no list, in words that reports share.
pub(super) const fn reason(gap: Gap) -> &'static str {
    match gap {
        Gap::Templated => "a placeholder stands in the image",
        Gap::Part => "a part of the image lives elsewhere",
        Gap::Tag => "the tag of the image lives elsewhere",
        Gap::Registry => "the defaults of the subchart may name another registry",
        Gap::Join => "how the parts of the image come together is not known",
        Gap::TwoTags => "the repository holds a tag, too, and what the chart makes of that is not known",
        Gap::Invalid => "it is no image reference, and `chartpin lint` says why",
        Gap::Deleted => "the override deletes the image with null",
    }
}

/// The lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// A reference a line.
    Lines,
    /// CycloneDX 1.6, as JSON.
    CycloneDx,
    /// What `skopeo sync --src yaml` reads.
    Skopeo,
    /// What `oc-mirror` reads.
    OcMirror,
}

/// The images that can be pulled, each once, and how many cannot.
#[derive(Debug)]
pub struct Pullable<'a> {
    /// The images by their references, spelled out, with the rows that name them.
    images: BTreeMap<&'a str, (&'a Reference, Vec<&'a ImageRow>)>,
    left_out: BTreeMap<Gap, usize>,
}

impl<'a> Pullable<'a> {
    /// The images of all rows.
    #[must_use]
    pub fn of(rows: &'a [ImageRow]) -> Self {
        let mut found = Self {
            images: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        for row in rows.iter().filter(|row| row.is_image()) {
            match &row.whole {
                Ok(reference) => {
                    let image = found.images.entry(reference.as_str());
                    image.or_insert_with(|| (reference, Vec::new())).1.push(row);
                }
                Err(gap) => *found.left_out.entry(*gap).or_insert(0) += 1,
            }
        }
        found
    }

    /// The list; `created` is the time for formats that hold one.
    ///
    /// # Errors
    /// When a format's own writer fails.
    pub fn render(&self, format: ListFormat, created: Option<&str>) -> Result<String, ReportError> {
        match format {
            ListFormat::Lines => Ok(mirroring::lines(self)),
            ListFormat::CycloneDx => cyclonedx::render(self, created),
            ListFormat::Skopeo => Ok(mirroring::skopeo(self)),
            ListFormat::OcMirror => Ok(mirroring::oc_mirror(self)),
        }
    }

    /// What is not in the list, a line for each reason.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let line = |(gap, count): (&Gap, &usize)| format!("{} left out: {}", counted(*count, "image"), reason(*gap));
        self.left_out.iter().map(line).collect()
    }
}

pub use comma::images_csv;

/// Registry and repository of a reference that is spelled out.
fn registry_and_repository(reference: &Reference) -> (&str, &str) {
    (reference.registry().unwrap_or_default(), reference.repository())
}
