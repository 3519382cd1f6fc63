//! A temporary copy of a chart that helm can render: new texts in the place of some files, local dependencies in `charts/`.
#![expect(
    clippy::disallowed_methods,
    reason = "the edge: the copies are read and written here"
)]

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::HelmError;
use super::copy::Copier;
use super::dependency::{Dependency, chart_name, dependencies};
use crate::write::Temporary;

/// The folders of copies.
const STAGED: Temporary = Temporary {
    prefix: "chartpin-",
    suffix: "",
};

/// A copy of a chart, which is deleted with this value.
#[derive(Debug)]
pub struct Staged {
    folder: TempDir,
    original: PathBuf,
    /// Files that are not in the chart's folder, and their copies.
    beside: Vec<(PathBuf, PathBuf)>,
}

/// Copies the chart in a folder, with new texts for some files: those of the chart, of its local dependencies, and values files that lie
/// anywhere. All paths are absolute.
///
/// What is in `charts/` stays as it is. Of the dependencies that are not there, local ones (`file://`) are copied into it, with their own.
///
/// # Errors
/// When something cannot be copied, is too large, or a dependency is not to be had without a network.
pub fn stage(chart_dir: &Path, texts: &[(PathBuf, Arc<str>)]) -> Result<Staged, HelmError> {
    let mut staged = Staged {
        folder: temporary().map_err(HelmError::Temporary)?,
        original: chart_dir.to_owned(),
        beside: Vec::new(),
    };
    Stager {
        copier: Copier::new(chart_dir, texts),
        open: Vec::new(),
    }
    .chart(chart_dir, &staged.chart())?;
    for (index, (path, text)) in texts.iter().enumerate() {
        let copy = staged
            .copy_within(path)
            .unwrap_or_else(|| staged.place_beside(index, path));
        if !copy.starts_with(staged.chart()) {
            staged.beside.push((path.clone(), copy.clone()));
        } else if copy.exists() {
            continue;
        }
        let folder = copy.parent().unwrap_or(&copy);
        fs::create_dir_all(folder).map_err(HelmError::Temporary)?;
        fs::write(&copy, text.as_bytes()).map_err(HelmError::Temporary)?;
    }
    Ok(staged)
}

/// A folder that nobody else may look into: values may hold secrets. Those that ended runs left go.
fn temporary() -> io::Result<TempDir> {
    STAGED.sweep(&std::env::temp_dir());
    let prefix = STAGED.prefix();
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

impl Staged {
    /// The folder of the copy.
    #[must_use]
    pub fn chart(&self) -> PathBuf {
        self.folder.path().join("chart")
    }

    /// Where the copy of a file is: in the copied chart, beside it, or nowhere, and then it is the file itself.
    #[must_use]
    pub fn path_of(&self, original: &Path) -> PathBuf {
        let beside = self.beside.iter().find(|(path, _)| path == original);
        beside
            .map(|(_, copy)| copy.clone())
            .or_else(|| self.copy_within(original))
            .unwrap_or_else(|| original.to_owned())
    }

    /// `text` with the names of originals for those of copies: what helm says names the copies.
    #[must_use]
    pub fn with_original_names(&self, text: &str) -> String {
        let chart = (self.original.clone(), self.chart());
        let names = self.beside.iter().chain([&chart]);
        names.fold(text.to_owned(), |text, (original, copy)| {
            text.replace(&*copy.to_string_lossy(), &original.to_string_lossy())
        })
    }

    /// The copy of a file that lies in the chart's folder.
    fn copy_within(&self, original: &Path) -> Option<PathBuf> {
        let below = original.strip_prefix(&self.original).ok()?;
        let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
        is_plain.then(|| self.chart().join(below))
    }

    /// Where the copy of a file that lies elsewhere is to be, under its own name.
    fn place_beside(&self, index: usize, original: &Path) -> PathBuf {
        let name = original.file_name().unwrap_or("values.yaml".as_ref());
        self.folder.path().join("beside").join(index.to_string()).join(name)
    }
}

/// Copies a chart and, one in the other, its local dependencies.
struct Stager {
    copier: Copier,
    /// The charts whose dependencies are being copied.
    open: Vec<PathBuf>,
}

impl Stager {
    fn chart(&mut self, from: &Path, to: &Path) -> Result<(), HelmError> {
        if self.open.iter().any(|open| open == from) {
            return Err(HelmError::Circular(from.to_owned()));
        }
        self.copier.folder(from, to)?;
        self.open.push(from.to_owned());
        for dependency in listed(to) {
            if !is_vendored(&dependency, &to.join("charts")) {
                self.dependency(&dependency, from, to)?;
            }
        }
        self.open.pop();
        Ok(())
    }

    /// Copies a local dependency of the chart `from` into its copy `to`.
    fn dependency(&mut self, dependency: &Dependency, from: &Path, to: &Path) -> Result<(), HelmError> {
        let (chart, name) = (from.to_owned(), dependency.name.clone());
        if !dependency.has_plain_name() {
            return Err(HelmError::Name { chart, name });
        }
        let Some(folder) = dependency.folder(from) else {
            let from = dependency.repository.clone();
            return Err(HelmError::Missing { chart, name, from });
        };
        if !folder.join("Chart.yaml").is_file() {
            return Err(HelmError::NoChart { chart, name, folder });
        }
        self.chart(&folder, &to.join("charts").join(name))
    }
}

/// The dependencies that a copied chart lists.
fn listed(chart: &Path) -> Vec<Dependency> {
    let files = ["Chart.yaml", "requirements.yaml"].map(|name| fs::read_to_string(chart.join(name)));
    files.iter().flatten().flat_map(|text| dependencies(text)).collect()
}

/// Whether `charts/` has the dependency, as a folder or a package.
fn is_vendored(dependency: &Dependency, charts: &Path) -> bool {
    let entries = fs::read_dir(charts).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if file.starts_with(['.', '_']) {
            return false;
        }
        let named = || {
            fs::read_to_string(path.join("Chart.yaml"))
                .ok()
                .and_then(|text| chart_name(&text))
        };
        dependency.is_package(file) || file == dependency.name || named().as_ref() == Some(&dependency.name)
    })
}

#[cfg(test)]
mod tests;
