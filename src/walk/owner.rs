//! Which chart a file belongs to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::FILE_NAME;

/// Finds the chart of a file, remembering which folders are charts.
#[derive(Debug, Default)]
pub struct Owners {
    charts: HashMap<PathBuf, bool>,
}

impl Owners {
    /// Whether `dir` holds a `Chart.yaml`.
    pub fn is_chart(&mut self, dir: &Path) -> bool {
        if let Some(known) = self.charts.get(dir) {
            return *known;
        }
        let is_chart = dir.join("Chart.yaml").is_file();
        self.charts.insert(dir.to_owned(), is_chart);
        is_chart
    }

    /// The chart that `path` is a values file of: the chart above it, or `<chart>` beside a `values_overrides/<chart>/`.
    ///
    /// `path` is absolute, so that charts above the paths of a run are found, too.
    pub fn chart_of(&mut self, path: &Path) -> Option<PathBuf> {
        path.ancestors().skip(1).find_map(|dir| {
            let own = self.is_chart(dir).then(|| dir.to_owned());
            own.or_else(|| self.beside_overrides(dir))
        })
    }

    /// The chart that `dir` overrides where it is a `values_overrides/<chart>`: OpenStack-Helm's layout.
    fn beside_overrides(&mut self, dir: &Path) -> Option<PathBuf> {
        let name = dir.file_name()?;
        let overrides = dir
            .parent()
            .filter(|parent| parent.file_name().is_some_and(|name| name == "values_overrides"))?;
        let base = overrides.parent()?;
        [base.join(name), base.join("charts").join(name)]
            .into_iter()
            .find(|chart| self.is_chart(chart))
    }

    /// The charts that a file at `path` is a part of: the nearest one above it, and each that carries the one before in its `charts`.
    pub fn charts_around(&mut self, path: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut next = self.chart_of(path);
        while let Some(chart) = next {
            let folder = chart.parent().filter(|folder| folder.ends_with("charts"));
            let carrier = folder.and_then(Path::parent);
            next = carrier.filter(|carrier| self.is_chart(carrier)).map(Path::to_owned);
            found.push(chart);
        }
        found
    }

    /// The folders beside or above `chart` that may hold its overrides: the places in which [`Owners::chart_of`] knows it.
    pub fn override_folders(chart: &Path) -> Vec<PathBuf> {
        let Some((base, name)) = chart.parent().zip(chart.file_name()) else {
            return Vec::new();
        };
        let above = base.parent().filter(|_| base.ends_with("charts"));
        let bases = std::iter::once(base).chain(above);
        let folders = bases.map(|base| base.join("values_overrides").join(name));
        folders.filter(|folder| folder.is_dir()).collect()
    }

    /// Whether `path` lies in the `templates` of a chart.
    pub fn is_template(&mut self, path: &Path) -> bool {
        self.is_below(path, "templates")
    }

    /// Whether `path` lies in the `crds` of a chart.
    pub fn is_definition(&mut self, path: &Path) -> bool {
        self.is_below(path, "crds")
    }

    fn is_below(&mut self, path: &Path, folder: &str) -> bool {
        path.ancestors().skip(1).any(|dir| {
            let is_folder = dir.file_name().is_some_and(|name| name == folder);
            is_folder && dir.parent().is_some_and(|parent| self.is_chart(parent))
        })
    }
}

/// The nearest configuration at or above `path`, up to the root of its repository: whatever has its name, since what cannot be read would
/// otherwise be passed over in silence.
#[must_use]
pub fn nearest_config(path: &Path) -> Option<PathBuf> {
    let start = if path.is_dir() { Some(path) } else { path.parent() };
    for dir in start?.ancestors() {
        let config = dir.join(FILE_NAME);
        if config.symlink_metadata().is_ok() {
            return Some(config);
        }
        if is_repository(dir) {
            return None;
        }
    }
    None
}

/// The root of the repository that `path`, absolute, lies in: a folder with `.git`, which is a file in submodules and further working trees.
#[must_use]
pub fn repository_of(path: &Path) -> Option<&Path> {
    path.ancestors().find(|dir| is_repository(dir))
}

fn is_repository(dir: &Path) -> bool {
    dir.join(".git").exists()
}
