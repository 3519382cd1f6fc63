//! Pins of open documents: what is asked of registries, on a thread of its own, and what comes of the answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gen_lsp_types::{MessageType, Uri};
use serde::{Deserialize, Serialize};

use super::view::View;
use crate::chart::Chart;
use crate::edit::Edit;
use crate::guard::guarded;
use crate::pin::{ImageFilter, Only, Options, Status, Wishes, plan};
use crate::registry::{self, Observer, Session};
use crate::report::line_edits;
use crate::resolution::{Questions, Resolutions};

/// The command that pins.
pub(super) const COMMAND: &str = "chartpin.pin";

/// The most images that a message names.
const NAMED: usize = 3;

/// What the command is given: a document, and one image of it or all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Target {
    /// The document.
    pub uri: Uri,
    /// The dotted key path of the image; none means all.
    #[serde(default)]
    pub path: Option<String>,
}

/// A pin that waits for registries.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The document.
    pub file: PathBuf,
    /// The image in it, or all.
    pub path: Option<String>,
}

/// What came of a pin.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    /// The edits of the document.
    pub edits: Vec<Edit>,
    /// Why images have no answer.
    pub failures: Vec<String>,
    /// Why images are left alone.
    pub reasons: Vec<String>,
}

impl Pinned {
    /// What a person is told; nothing where all went well.
    pub(super) fn message(&self) -> Option<(MessageType, String)> {
        let list = |texts: &[String]| {
            let more = texts.len().saturating_sub(NAMED);
            let named = texts
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("; ");
            if more > 0 {
                format!("{named}; and {more} more")
            } else {
                named
            }
        };
        if !self.failures.is_empty() {
            return Some((MessageType::Error, format!("not pinned: {}", list(&self.failures))));
        }
        if !self.edits.is_empty() {
            return None;
        }
        let why = if self.reasons.is_empty() {
            "there is nothing to pin".to_owned()
        } else {
            format!("not pinned: {}", list(&self.reasons))
        };
        Some((MessageType::Info, why))
    }
}

/// What is asked to pin an image of a document, or all.
pub(super) fn asked(view: &View<'_>, path: Option<&str>) -> Questions {
    let options = options(view, path);
    let wanted = Wishes::of(view.chart, &options).questions().into_iter();
    wanted.map(|wanted| (wanted, options.depth())).collect()
}

/// Whether anything can be pinned there.
pub(super) fn wants(view: &View<'_>, path: Option<&str>) -> bool {
    !asked(view, path).is_empty()
}

/// Asks registries on a thread of its own, and hands over what they said. Nobody waits for the thread: a registry that hangs keeps nothing else.
///
/// # Errors
/// When there is no thread to be had.
pub(super) fn ask(
    options: registry::Options,
    questions: Questions,
    answered: impl FnOnce(Result<Resolutions, String>) + Send + 'static,
) -> std::io::Result<()> {
    let work = move || {
        let session = Session::start(options).map_err(|error| error.to_string())?;
        let resolutions = session.resolve(&questions, &Quiet);
        session.finish();
        Ok(resolutions)
    };
    let work = move || answered(guarded("asking registries", work).flatten());
    std::thread::Builder::new()
        .name("registries".to_owned())
        .spawn(work)
        .map(drop)
}

/// What the answers make of a document as it is now.
pub(super) fn pinned(view: &View<'_>, path: Option<&str>, resolutions: &Resolutions) -> Pinned {
    let finder = view.project.group.finder();
    let chart = Chart::read_with_comments(view.project.inputs().clone(), finder);
    let plan = plan(&Wishes::of(&chart, &options(view, path)), resolutions, finder);
    let mut pinned = Pinned::default();
    for entry in &plan.entries {
        let why = entry.reason.as_deref().unwrap_or_default();
        match entry.status {
            Status::Failed => {
                let help = entry.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
                pinned.failures.push(format!("`{}`: {why}{help}", entry.name()));
            }
            Status::Skipped | Status::HeldBack => pinned.reasons.push(format!("`{}`: {why}", entry.name())),
            Status::Already => pinned.reasons.push(format!("`{}` has a digest", entry.name())),
            Status::Pinned | Status::Unpinned => {}
        }
    }
    let new = plan.texts.iter().find(|new| new.source.path == view.file.source.path);
    pinned.edits = new
        .map(|new| line_edits(&view.document.text, &new.text))
        .unwrap_or_default();
    pinned
}

fn options(view: &View<'_>, path: Option<&str>) -> Options {
    let settings = &view.project.group.settings.pin;
    // The configuration's globs were compiled when it was read.
    let filter = ImageFilter::new(&settings.include, &settings.exclude).unwrap_or_default();
    Options {
        only: Some(Only {
            file: Arc::clone(&view.file.source.path),
            path: path.map(str::to_owned),
        }),
        ..settings.options(filter)
    }
}

/// Nobody is told how far a session is.
struct Quiet;

impl Observer for Quiet {
    fn started(&self, _registry: &str, _questions: usize) {}
    fn answered(&self, _registry: &str) {}
    fn waiting(&self, _host: &str, _wait: Duration) {}
}
