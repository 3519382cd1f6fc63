//! Rendered manifests as data: the documents that `helm template` prints, the images in them, and what differs between two renders.
//!
//! Pure: it must not know of charts, of values, or of the program that rendered.

mod compare;
mod difference;
mod document;
mod images;
mod pair;
mod place;
mod repin;

pub use compare::{Comparison, Difference, Pinned, Unstable};
use document::Document;
pub use images::RenderedImage;
pub use place::Place;

/// Why rendered manifests cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", said_where(*.line, .template.as_deref()))]
pub struct RenderedError {
    /// The line of the rendered text, from 1.
    pub line: usize,
    /// The template that printed the line, where the text says so.
    pub template: Option<String>,
    /// What is wrong, in one line.
    pub problem: String,
}

impl RenderedError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        "run `helm template` yourself and look at that line: what a chart renders has to be YAML manifests".to_owned()
    }
}

fn said_where(line: usize, template: Option<&str>) -> String {
    match template {
        Some(template) => format!("`{template}` renders what cannot be read, in line {line} of the output"),
        None => format!("line {line} of the rendered manifests cannot be read"),
    }
}

/// The manifests of one render.
#[derive(Debug)]
pub struct Rendered {
    documents: Vec<Document>,
}

impl Rendered {
    /// Reads what `helm template` printed; documents without content are passed over.
    ///
    /// # Errors
    /// When a document is no YAML, or no mapping.
    pub fn read(text: &str) -> Result<Self, RenderedError> {
        Ok(Self {
            documents: document::read(text)?,
        })
    }

    /// How many documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether nothing was rendered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Every image reference, in the order of the text: what any key named `image` says, if it can be one, in custom resources, too.
    #[must_use]
    pub fn images(&self) -> Vec<RenderedImage> {
        self.documents.iter().flat_map(images::of).collect()
    }

    /// The images without a digest.
    #[must_use]
    pub fn unpinned(&self) -> Vec<RenderedImage> {
        let mut images = self.images();
        images.retain(|image| !image.is_pinned());
        images
    }

    /// The places that differ in `again`, a second render of the same input: random passwords, certificates, the time.
    #[must_use]
    pub fn unstable(&self, again: &Self) -> Unstable {
        compare::unstable(&self.documents, &again.documents)
    }

    /// What differs in `after`, which was rendered after a pin; places that are `unstable` in this render are not looked at.
    #[must_use]
    pub fn compare(&self, after: &Self, unstable: &Unstable) -> Comparison {
        compare::compare(&self.documents, &after.documents, unstable)
    }
}

#[cfg(test)]
mod tests;
