//! What lies in a repository: charts, shapes, registries, findings, charts of others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use crate::report::{counted, one_line};
use crate::typed;

/// How many lines of one list are shown.
const SHOWN: usize = 12;

/// What lies in a repository.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// How many charts there are, those of others left out.
    pub charts: usize,
    /// How many places name an image.
    pub images: usize,
    /// How often each shape is there.
    pub shapes: BTreeMap<String, usize>,
    /// How many of the images that are whole come from each registry.
    pub registries: BTreeMap<String, usize>,
    /// How many findings each rule has.
    pub findings: BTreeMap<String, usize>,
    /// The folders of charts that others wrote, relative to the repository.
    pub vendored: BTreeSet<String>,
}

impl Survey {
    /// Entries, most first.
    pub(super) fn by_count(counts: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
        let mut entries: Vec<(&str, usize)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        entries.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        entries
    }

    fn list(f: &mut fmt::Formatter<'_>, title: &str, counts: &BTreeMap<String, usize>) -> fmt::Result {
        let entries = Self::by_count(counts);
        if entries.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{title}:")?;
        let width = entries[0].1.to_string().len();
        for (name, count) in entries.iter().take(SHOWN) {
            writeln!(f, "  {count:>width$}  {}", one_line(name))?;
        }
        match entries.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} in {}",
            counted(self.images, "image"),
            counted(self.charts, "chart")
        )?;
        Self::list(f, "Shapes in which they are written", &self.shapes)?;
        Self::list(f, "Registries that they come from", &self.registries)?;
        Self::list(f, "Findings", &self.findings)?;
        if self.vendored.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nCharts of others, left out of all counts:")?;
        for folder in self.vendored.iter().take(SHOWN) {
            writeln!(f, "  {}", one_line(folder))?;
        }
        match self.vendored.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

/// What of `Chart.yaml` or `requirements.yaml` says where dependencies come from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Requirements {
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dependency {
    name: String,
    repository: Option<String>,
}

/// The names of the dependencies that come from a repository of charts, not from a folder beside the chart.
#[must_use]
pub fn remote_dependencies(text: &str) -> Vec<String> {
    let requirements: Requirements = typed::parse(text).unwrap_or_default();
    let is_remote = |dependency: &Dependency| {
        let repository = dependency.repository.as_deref().unwrap_or_default();
        !repository.is_empty() && !repository.starts_with("file:")
    };
    let remote = requirements.dependencies.into_iter().filter(is_remote);
    remote.map(|dependency| dependency.name).collect()
}
