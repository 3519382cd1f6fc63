//! The dependencies that a chart's own files name. It must not know of the file system.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::yaml::{NodeId, read_nodes};

/// What a local repository begins with.
const LOCAL: &str = "file://";

/// An entry of `dependencies` in `Chart.yaml` or `requirements.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Where it comes from; nothing where it is kept in `charts/` by hand.
    pub(super) repository: Option<String>,
}

impl Dependency {
    /// The folder of a local dependency of the chart in `chart`: relative to the chart, and without regard to links, as Helm takes it.
    pub(super) fn folder(&self, chart: &Path) -> Option<PathBuf> {
        let path = self.repository.as_deref()?.strip_prefix(LOCAL)?;
        Some(without_dots(&chart.join(path)))
    }

    /// Whether a file in `charts/` is the dependency's package: `name-1.2.3.tgz`.
    pub(super) fn is_package(&self, file: &str) -> bool {
        let version = file
            .strip_suffix(".tgz")
            .or_else(|| file.strip_suffix(".tar.gz"))
            .and_then(|stem| stem.strip_prefix(self.name.as_str()))
            .and_then(|rest| rest.strip_prefix('-'))
            .map(|version| version.strip_prefix('v').unwrap_or(version));
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// Whether a folder of `charts/` can have the dependency's name; Helm passes over those that begin with `.` or `_`.
    pub(super) fn has_plain_name(&self) -> bool {
        !self.name.starts_with(['.', '_']) && !self.name.contains(['/', '\\', '\0', ':']) && !self.name.is_empty()
    }
}

/// The dependencies that a file lists; none where it cannot be read, which helm then says itself.
pub(super) fn dependencies(text: &str) -> Vec<Dependency> {
    let Ok(tree) = read_nodes(&Arc::from(text)) else {
        return Vec::new();
    };
    let list = tree.root().and_then(|root| tree.get(root, "dependencies"));
    let items = list.map(|list| tree.items(list)).unwrap_or_default();
    let dependency = |item: &NodeId| {
        Some(Dependency {
            name: tree.printed(*item, "name")?,
            repository: tree.printed(*item, "repository"),
        })
    };
    items.iter().filter_map(dependency).collect()
}

/// The name of the chart whose `Chart.yaml` this is.
pub(super) fn chart_name(text: &str) -> Option<String> {
    let tree = read_nodes(&Arc::from(text)).ok()?;
    tree.printed(tree.root()?, "name")
}

/// `path` without `.` and `..`.
fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
