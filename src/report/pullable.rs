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
use crate::site::{ImageSite, PREFIX, Role, State};

/// Why an image is in no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LeftOut {
    /// A placeholder stands in it.
    Templated,
    /// A part of it lives elsewhere.
    Partial,
    /// How its parts come together is not known.
    Unknown,
    /// It is no reference.
    Invalid,
    /// An override deletes it.
    Deleted,
}

impl LeftOut {
    /// Why the image of a site cannot be pulled as it stands; nothing where it can.
    pub(super) fn of(site: &ImageSite) -> Option<Self> {
        let two_tags = || {
            let tagged = site.part(Role::Tag).is_some() && !site.is_told;
            tagged && site.repository_reference().is_some()
        };
        let open_registry = |reference: &Reference| {
            // The defaults of the subchart may name another registry than the one that no registry means.
            site.of_subchart && !site.is_told && reference.registry().is_none()
        };
        match site.state {
            State::Deleted => Some(Self::Deleted),
            State::Templated => Some(Self::Templated),
            _ if site.is_unknown() && !site.is_told => Some(Self::Unknown),
            _ if site.error().is_some() => Some(Self::Invalid),
            _ if two_tags() => Some(Self::Unknown),
            _ => match site.reference() {
                Some(reference) if !site.lacks_tag() && !open_registry(reference) => None,
                _ => Some(Self::Partial),
            },
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Templated => "a placeholder stands in the image",
            Self::Partial => "a part of the image lives elsewhere",
            Self::Unknown => "how the parts of the image come together is not known",
            Self::Invalid => "it is no image reference, and `chartpin lint` says why",
            Self::Deleted => "the override deletes the image with null",
        }
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
    images: BTreeMap<String, (Reference, Vec<&'a ImageRow>)>,
    left_out: BTreeMap<LeftOut, usize>,
}

impl<'a> Pullable<'a> {
    /// The images of all rows.
    #[must_use]
    pub fn of(rows: &'a [ImageRow]) -> Self {
        let mut found = Self {
            images: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        for row in rows.iter().filter(|row| row.idiom != PREFIX) {
            let reference = row.reference.as_deref().and_then(spelled_out);
            match (row.left_out, reference) {
                (None, Some(reference)) => {
                    let name = reference.as_str().to_owned();
                    let image = found.images.entry(name).or_insert_with(|| (reference, Vec::new()));
                    image.1.push(row);
                }
                (reason, _) => {
                    let count = found.left_out.entry(reason.unwrap_or(LeftOut::Partial));
                    *count.or_insert(0) += 1;
                }
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
            ListFormat::Skopeo => mirroring::skopeo(self),
            ListFormat::OcMirror => mirroring::oc_mirror(self),
        }
    }

    /// What is not in the list, a line for each reason.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let line =
            |(reason, count): (&LeftOut, &usize)| format!("{} left out: {}", counted(*count, "image"), reason.as_str());
        self.left_out.iter().map(line).collect()
    }
}

pub use comma::images_csv;

/// A reference with everything that it leaves out.
fn spelled_out(text: &str) -> Option<Reference> {
    let reference = Reference::parse(text).ok()?;
    Reference::parse(&reference.normalized()).ok()
}

/// Registry and repository of a reference that is spelled out.
fn registry_and_repository(reference: &Reference) -> (&str, &str) {
    (reference.registry().unwrap_or_default(), reference.repository())
}
