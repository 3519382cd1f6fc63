//! Pinning: which questions a chart's images ask, and the edits that put the answers into its files; taking digests away; judging those that
//! stand.
//!
//! Everything here is a function of a chart and of what registries said, as data. Knows neither network nor disk.

mod above;
mod judge;
mod key;
mod overlay;
mod plan;
mod rewrite;
mod shared;
mod slot;
mod told;
mod unpin;
mod wish;

use std::sync::Arc;

use crate::chart::{Chart, ChartFile};
use crate::pattern::{Pattern, PatternError};
use crate::resolution::{Depth, Platform};
use crate::site::ImageSite;
use crate::source::{SourceFile, Span};

pub use above::breaks_parent;
pub use judge::{Judged, Verdict, follow_ups, judge, unpinned, verify_questions};
pub use overlay::overlay;
pub use plan::plan;
pub use unpin::unpin;
pub use wish::Wishes;

/// What a run wants.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ask again for sites that carry a digest and keep a tag.
    pub update: bool,
    /// Pin images whose tag is the chart's `appVersion`.
    pub app_version: bool,
    /// Only the chart's own values are written, not its overrides and annotations.
    pub own_values: bool,
    /// Take the manifest of one platform, not the index.
    pub platform: Option<Platform>,
    /// The images that are meant.
    pub filter: ImageFilter,
    /// The only place that is meant, where it is one.
    pub only: Option<Only>,
}

impl Options {
    /// How much an answer has to hold.
    #[must_use]
    pub fn depth(&self) -> Depth {
        if self.platform.is_some() {
            Depth::Platforms
        } else {
            Depth::Digest
        }
    }
}

/// What of a chart is meant: the images of one file, or one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    /// The file's name.
    pub file: Arc<str>,
    /// The dotted key path of the image.
    pub path: Option<String>,
}

impl Only {
    fn takes(&self, file: &ChartFile, site: &ImageSite) -> bool {
        self.file == file.source.path && self.path.as_ref().is_none_or(|path| *path == site.path.to_string())
    }
}

/// Globs over image names and key paths.
#[derive(Debug, Clone, Default)]
pub struct ImageFilter {
    include: Vec<ImagePattern>,
    exclude: Vec<ImagePattern>,
}

#[derive(Debug, Clone)]
struct ImagePattern {
    name: Pattern,
    path: Pattern,
}

impl ImageFilter {
    /// The images that one of `include` matches, or any where there is none, and none of `exclude` does.
    ///
    /// # Errors
    /// When a text is no glob.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        let compiled = |texts: &[String]| -> Result<Vec<ImagePattern>, PatternError> {
            let one = |text: &String| {
                Ok(ImagePattern {
                    name: Pattern::new(text)?,
                    path: Pattern::key_path(text)?,
                })
            };
            texts.iter().map(one).collect()
        };
        Ok(Self {
            include: compiled(include)?,
            exclude: compiled(exclude)?,
        })
    }

    /// Whether the image at this site is meant: by its name, as typed or spelled out, or by its key path.
    fn takes(&self, site: &ImageSite) -> bool {
        if self.include.is_empty() && self.exclude.is_empty() {
            return true;
        }
        let path = site.path.slashed();
        let names: Vec<String> = site
            .reference()
            .map(|reference| {
                let typed = match reference.registry() {
                    Some(registry) => format!("{registry}/{}", reference.repository()),
                    None => reference.repository().to_owned(),
                };
                vec![reference.normalized_name(), typed]
            })
            .unwrap_or_default();
        let hits =
            |pattern: &ImagePattern| pattern.path.matches(&path) || names.iter().any(|name| pattern.name.matches(name));
        (self.include.is_empty() || self.include.iter().any(hits)) && !self.exclude.iter().any(hits)
    }
}

/// What became of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Its digest goes into the file.
    Pinned,
    /// Its digest goes out of the file.
    Unpinned,
    /// It carries a digest, which stands; or none, where digests are taken away.
    Already,
    /// Its registry gave no answer.
    Failed,
    /// It could be pinned, and is not, since another image has no answer.
    HeldBack,
    /// It is left alone, for a reason.
    Skipped,
}

impl Status {
    /// The status in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Unpinned => "unpinned",
            Self::Already => "already",
            Self::Failed => "failed",
            Self::HeldBack | Self::Skipped => "skipped",
        }
    }
}

/// One image of one file, and what became of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The chart's name.
    pub chart: Option<String>,
    /// The file.
    pub source: Arc<SourceFile>,
    /// The scalar that carries the digest, or the image's name where there is none.
    pub span: Span,
    /// The dotted key path.
    pub path: String,
    /// The reference as the chart composes it, without digest.
    pub reference: Option<String>,
    /// The digest that the image is pinned to.
    pub digest: Option<String>,
    /// The media type of what the digest names, where a registry said it.
    pub media_type: Option<String>,
    /// The text of the scalar as it stands.
    pub before: String,
    /// The text that comes in its place.
    pub after: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why, where it is not pinned.
    pub reason: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Entry {
    fn new(chart: &Chart, file: &ChartFile, site: &ImageSite, span: Span, status: Status) -> Self {
        let reference = site.reference().map(|reference| reference.without_digest().to_owned());
        Self {
            chart: chart.name.clone(),
            source: Arc::clone(&file.source),
            span,
            path: site.path.to_string(),
            reference,
            digest: None,
            media_type: None,
            before: file.source.text.get(span.range()).unwrap_or_default().to_owned(),
            after: None,
            status,
            reason: None,
            help: None,
        }
    }

    /// Takes back what was planned, as held back or skipped: it stays as it is, for this reason.
    pub fn take_back(&mut self, status: Status, reason: &str) {
        self.status = status;
        self.digest = None;
        self.media_type = None;
        self.after = None;
        self.reason = Some(reason.to_owned());
    }

    /// The image, or what is known of it, for a message.
    #[must_use]
    pub fn name(&self) -> &str {
        self.reference.as_deref().unwrap_or(&self.before)
    }
}

/// The new text of a file.
#[derive(Debug, Clone)]
pub struct NewText {
    /// The file as it stands.
    pub source: Arc<SourceFile>,
    /// Its text with all edits in it.
    pub text: Arc<str>,
}

/// What is planned for a chart.
#[derive(Debug, Default)]
pub struct Plan {
    /// Its images, in the order of files and positions.
    pub entries: Vec<Entry>,
    /// The files that change.
    pub texts: Vec<NewText>,
    /// What a person should know besides.
    pub warnings: Vec<String>,
}
