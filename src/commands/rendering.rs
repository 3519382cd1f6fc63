//! Rendering charts with the real Helm: what a pin changes in the output, and what images there are in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::charts::Loaded;
use crate::chart::FileRole;
use crate::cli::HelmArgs;
use crate::helm::{Helm, HelmError, HelmOptions, Staged, stage};
use crate::reference::Reference;
use crate::rendered::{Comparison, Rendered, RenderedImage, Unstable};

/// How many differences of one render are shown.
const SHOWN: usize = 5;

/// The real Helm, and how it renders.
pub(super) struct Renderer {
    helm: Helm,
    options: HelmOptions,
}

/// Files and their texts.
pub(super) type Texts = Vec<(PathBuf, Arc<str>)>;

/// What rendering a chart before and after a pin says.
#[derive(Debug)]
pub(super) enum Proof {
    /// Only images differ, each by its digest: how many, over so many renders.
    Holds {
        /// The images that have a digest after and had none before.
        pinned: usize,
        /// How often the chart was rendered.
        renders: usize,
    },
    /// Something else differs, too.
    Differs(Vec<String>),
    /// It cannot be rendered.
    Unrendered(Refused),
}

/// Why a chart cannot be rendered.
#[derive(Debug)]
pub(super) struct Refused {
    pub message: String,
    pub help: Option<String>,
}

impl Refused {
    fn new(error: &HelmError, staged: Option<&Staged>) -> Self {
        let message = error.to_string();
        Self {
            message: staged.map_or_else(|| message.clone(), |staged| staged.with_original_names(&message)),
            help: error.help(),
        }
    }

    fn other(message: impl Into<String>, help: &str) -> Self {
        Self {
            message: message.into(),
            help: Some(help.to_owned()),
        }
    }
}

impl Renderer {
    /// The Helm that the command line names, or the one on the search path.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn new(args: &HelmArgs) -> Result<Self, Refused> {
        let helm = Helm::find(args.helm.as_deref()).map_err(|error| Refused::new(&error, None))?;
        Ok(Self {
            helm,
            options: HelmOptions {
                set: args.set.clone(),
                api_versions: args.api_versions.clone(),
                kube_version: args.kube_version.clone(),
                timeout: args.helm_timeout,
                ..HelmOptions::default()
            },
        })
    }

    fn rendered(&self, staged: &Staged, values: Option<&Path>) -> Result<Rendered, Refused> {
        let files: Vec<PathBuf> = values.iter().map(|path| staged.path_of(path)).collect();
        let text = self.helm.template(&staged.chart(), &files, &self.options);
        let text = text.map_err(|error| Refused::new(&error, Some(staged)))?;
        Rendered::read(&text).map_err(|error| Refused {
            message: format!("what `helm template` printed is not what Kubernetes takes: {error}"),
            help: Some(error.help()),
        })
    }

    /// Renders a chart with the texts of `before` and of `after`, with its own values and with each of its overrides, and compares.
    pub(super) fn prove(&self, loaded: &Loaded, before: &Texts, after: &Texts, meant: &Meant) -> Proof {
        match self.compare_all(loaded, before, after, meant) {
            Ok(proof) => proof,
            Err(refused) => Proof::Unrendered(refused),
        }
    }

    fn compare_all(&self, loaded: &Loaded, before: &Texts, after: &Texts, meant: &Meant) -> Result<Proof, Refused> {
        let dir = chart_dir(loaded)?;
        let staged = |texts: &Texts| stage(&dir, texts).map_err(|error| Refused::new(&error, None));
        let (old, new) = (staged(before)?, staged(after)?);
        let (mut pinned, mut renders, mut differences) = (0, 0, Vec::new());
        for values in runs(loaded) {
            let first = self.rendered(&old, values.as_deref())?;
            let second = self.rendered(&new, values.as_deref())?;
            let mut comparison = first.compare(&second, &Unstable::default());
            if !comparison.is_clean() {
                let again = self.rendered(&old, values.as_deref())?;
                comparison = first.compare(&second, &first.unstable(&again));
            }
            renders += 1;
            pinned += comparison.pinned.len() + comparison.pinned_elsewhere.len();
            differences.extend(complaints(&comparison, values.as_deref(), meant));
            differences.extend(left_out(&second, values.as_deref(), meant));
        }
        if pinned == 0 && differences.is_empty() {
            differences
                .push("no render shows one of the digests: turn on what uses these images with `--set`".to_owned());
        }
        Ok(if differences.is_empty() {
            Proof::Holds { pinned, renders }
        } else {
            Proof::Differs(differences)
        })
    }

    /// The images that a chart renders, with its own values and with each of its overrides.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub(super) fn images(&self, loaded: &Loaded) -> Result<Vec<RenderedImage>, Refused> {
        let dir = chart_dir(loaded)?;
        let staged = stage(&dir, &[]).map_err(|error| Refused::new(&error, None))?;
        let mut images = Vec::new();
        for values in runs(loaded) {
            images.extend(self.rendered(&staged, values.as_deref())?.images());
        }
        Ok(images)
    }
}

/// Whether there is something to render: a chart on disk that is no library.
pub(super) fn is_renderable(loaded: &Loaded) -> bool {
    let library = loaded
        .chart
        .templates
        .as_ref()
        .is_some_and(|templates| templates.bundle.is_library);
    loaded.is_on_disk() && !library && loaded.chart.file(FileRole::ChartYaml).is_some()
}

/// The folder of a chart.
pub(super) fn chart_dir(loaded: &Loaded) -> Result<PathBuf, Refused> {
    let file = loaded.chart.file(FileRole::ChartYaml);
    let path = file.and_then(|file| loaded.paths.get(file.source.path.as_ref()));
    let dir = path.and_then(|path| path.parent()).map(Path::to_owned);
    dir.ok_or_else(|| {
        Refused::other(
            "there is no chart around these values to render",
            "name the chart's folder",
        )
    })
}

/// The values files to render with, one at a time: none but the chart's own, then each override.
fn runs(loaded: &Loaded) -> Vec<Option<PathBuf>> {
    let overrides = loaded.chart.files.iter().filter(|file| file.role == FileRole::Override);
    let paths = overrides.filter_map(|file| loaded.paths.get(file.source.path.as_ref()).cloned());
    std::iter::once(None).chain(paths.map(Some)).collect()
}

/// What a pin is meant to do.
#[derive(Debug, Default)]
pub(super) struct Meant {
    /// The digests that images get, by the images as they are spelled out without one.
    pub digests: BTreeMap<String, BTreeSet<String>>,
    /// The images that are not there without a digest then, spelled out.
    pub gone: BTreeSet<String>,
}

impl Meant {
    /// Adds the digest of an image, which is spelled out here.
    pub(super) fn add(&mut self, reference: &Reference, digest: &str) {
        let image = reference.spelled_out().without_digest().to_owned();
        self.digests.entry(image).or_default().insert(digest.to_owned());
    }

    /// Whether the image that was rendered as `before` is to get `digest`. In longer texts, any digest will do.
    fn allows(&self, before: &str, digest: &str) -> bool {
        match Reference::parse(before) {
            Ok(reference) => {
                let known = self.digests.get(reference.spelled_out().without_digest());
                known.is_some_and(|digests| digests.contains(digest))
            }
            Err(_) => self.digests.values().any(|digests| digests.contains(digest)),
        }
    }
}

/// The values file of a render, for a message.
fn with(values: Option<&Path>) -> String {
    let name = values.and_then(Path::file_name);
    name.map(|name| format!(" (with `{}`)", name.to_string_lossy()))
        .unwrap_or_default()
}

/// The images that were to get a digest and are rendered without.
fn left_out(after: &Rendered, values: Option<&Path>, meant: &Meant) -> Vec<String> {
    let unpinned = after.unpinned();
    let is_meant = |image: &&RenderedImage| {
        Reference::parse(&image.image).is_ok_and(|reference| meant.gone.contains(&reference.normalized()))
    };
    let line = |image: &RenderedImage| {
        format!(
            "{}: `{}` is without its digest{}",
            image.place,
            image.image,
            with(values)
        )
    };
    unpinned.iter().filter(is_meant).map(line).collect()
}

/// What speaks against a pin, in lines.
fn complaints(comparison: &Comparison, values: Option<&Path>, meant: &Meant) -> Vec<String> {
    let with = with(values);
    let mut lines: Vec<String> = Vec::new();
    for difference in comparison.differences.iter().take(SHOWN) {
        lines.push(format!("{difference}{with}"));
    }
    let more = comparison.differences.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} differences more{with}"));
    }
    for pinned in comparison.pinned.iter().chain(&comparison.pinned_elsewhere) {
        if !meant.allows(&pinned.before, pinned.digest()) {
            lines.push(format!(
                "{}: `{}` has a digest that is not meant for it{with}",
                pinned.place, pinned.after
            ));
        }
    }
    lines
}
