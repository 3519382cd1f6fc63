//! The templates of charts and of what they depend on: read once a run, however many charts depend on them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;

use super::display;
use super::ignoring::{unreadable_above, unreadable_in};
use super::package::unpack;
use super::reading::read_text;
use crate::source::SourceFile;
use crate::template::{Bundle, Dependency, Parsed, TemplateFile};
use crate::yaml::{NodeId, Tree, read_nodes};

/// The largest template that is read, in bytes: the limit of Helm 3 for files of charts.
const MAX_TEMPLATE: usize = 5 * 1024 * 1024;

/// How many charts are read below one.
const MAX_CHARTS: usize = 2_000;

/// How deep charts may depend on each other.
const MAX_DEPTH: usize = 12;

/// The templates of every chart that a run met.
#[derive(Debug, Default)]
pub struct Templates {
    known: Mutex<HashMap<PathBuf, Option<Arc<Bundle>>>>,
    /// What was parsed, by its text.
    texts: Mutex<HashMap<Arc<str>, Parsed>>,
}

/// The files of a chart that rendering takes, in memory.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub chart_yaml: Option<String>,
    pub requirements: Option<String>,
    pub values: Option<String>,
    /// The templates by their shown paths, or why they cannot be read.
    pub templates: BTreeMap<String, Result<String, String>>,
    /// The charts in `charts/`, by the name of their folder.
    pub charts: BTreeMap<String, Parts>,
}

impl Templates {
    /// The templates of the chart in `dir`, under names relative to `base`; nothing where it has none and depends on nothing that has.
    #[must_use]
    pub fn of(&self, dir: &Path, base: &Path) -> Option<Arc<Bundle>> {
        self.at(dir, base, 0)
    }

    fn at(&self, dir: &Path, base: &Path, depth: usize) -> Option<Arc<Bundle>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bundle) = known().get(dir) {
            return bundle.clone();
        }
        let bundle = self.read(dir, base, depth);
        known().entry(dir.to_owned()).or_insert(bundle).clone()
    }

    fn read(&self, dir: &Path, base: &Path, depth: usize) -> Option<Arc<Bundle>> {
        let has_templates = dir.join("templates").is_dir();
        let has_charts = dir.join("charts").is_dir();
        let chart_yaml = read_text(&dir.join("Chart.yaml")).ok()?;
        let requirements = read_text(&dir.join("requirements.yaml")).ok();
        let depends = requirements.is_some() || chart_yaml.contains("dependencies:");
        if !has_templates && !has_charts && !depends || depth > MAX_DEPTH {
            return None;
        }
        let mut left = MAX_CHARTS;
        let parts = parts_of(dir, base, Some(chart_yaml), requirements, &mut left);
        let bundle = self.bundle(parts, Some((dir, base)), depth);
        (!bundle.files.is_empty() || !bundle.dependencies.is_empty()).then(|| Arc::new(bundle))
    }

    fn template(&self, path: String, text: Result<String, String>) -> TemplateFile {
        let text = match text {
            Ok(text) => text,
            Err(reason) => return TemplateFile::unread(&path, reason),
        };
        let source = SourceFile::new(path, text);
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let parsed = texts.entry(Arc::clone(&source.text)).or_default().clone();
        TemplateFile::new(source).sharing(parsed)
    }

    /// The chart of these parts; `place` is its folder, where its dependencies of `file://` are looked for.
    pub(super) fn bundle(&self, parts: Parts, place: Option<(&Path, &Path)>, depth: usize) -> Bundle {
        let tree = |text: &Option<String>| {
            text.as_ref()
                .and_then(|text| read_nodes(&Arc::from(text.as_str())).ok())
        };
        let chart = tree(&parts.chart_yaml);
        let requirements = tree(&parts.requirements);
        let mut bundle = Bundle::default().with_values(parts.values).with_chart(chart.as_ref());
        bundle.files = parts
            .templates
            .into_iter()
            .map(|(path, text)| Arc::new(self.template(path, text)))
            .collect();
        let mut unpacked: BTreeMap<String, Arc<Bundle>> = BTreeMap::new();
        if depth <= MAX_DEPTH {
            for (folder, below) in parts.charts {
                let below_place = place.map(|(dir, base)| (dir.join("charts").join(&folder), base));
                let place = below_place.as_ref().map(|(dir, base)| (dir.as_path(), *base));
                let chart = self.bundle(below, place, depth + 1);
                let name = if chart.name.is_empty() {
                    folder
                } else {
                    chart.name.clone()
                };
                unpacked.insert(name, Arc::new(chart));
            }
        }
        let declared: Vec<Declared> = [&chart, &requirements]
            .into_iter()
            .flatten()
            .flat_map(declared)
            .collect();
        let mut taken: Vec<String> = Vec::new();
        for wanted in declared {
            let local = || {
                let (dir, base) = place?;
                let path = wanted.repository.as_deref()?.strip_prefix("file://")?;
                let path = dir.join(path);
                self.at(&path.canonicalize().unwrap_or(path), base, depth + 1)
            };
            match unpacked.get(&wanted.name).cloned().or_else(local) {
                Some(chart) => bundle.dependencies.push(Dependency {
                    key: wanted.alias.unwrap_or_else(|| wanted.name.clone()),
                    condition: wanted.condition,
                    chart,
                }),
                None => bundle.missing.push(wanted.name.clone()),
            }
            taken.push(wanted.name);
        }
        let others = unpacked.into_iter().filter(|(name, _)| !taken.contains(name));
        bundle.dependencies.extend(others.map(|(key, chart)| Dependency {
            key,
            condition: None,
            chart,
        }));
        bundle
    }
}

/// A dependency as it is declared.
struct Declared {
    name: String,
    alias: Option<String>,
    repository: Option<String>,
    condition: Option<String>,
}

fn declared(tree: &Tree) -> Vec<Declared> {
    let list = tree.root().and_then(|root| tree.get(root, "dependencies"));
    let items = list.map(|list| tree.items(list)).unwrap_or_default();
    let one = |item: &NodeId| {
        Some(Declared {
            name: tree.printed(*item, "name")?,
            alias: tree.printed(*item, "alias"),
            repository: tree.printed(*item, "repository"),
            condition: tree.printed(*item, "condition"),
        })
    };
    items.iter().filter_map(one).collect()
}

/// The files of the chart in `dir`, what its `.helmignore` names left out.
fn parts_of(
    dir: &Path,
    base: &Path,
    chart_yaml: Option<String>,
    requirements: Option<String>,
    left: &mut usize,
) -> Parts {
    let mut parts = Parts {
        chart_yaml,
        requirements,
        values: read_text(&dir.join("values.yaml")).ok(),
        ..Parts::default()
    };
    for path in listed(&dir.join("templates")) {
        let text = read_text(&path).map_err(|problem| problem.message);
        parts
            .templates
            .insert(display(&path, base), text.and_then(within_limit));
    }
    let Ok(entries) = dir.join("charts").read_dir() else {
        return parts;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        if *left == 0 {
            break;
        }
        *left -= 1;
        if path.is_dir() && path.join("Chart.yaml").is_file() {
            let chart_yaml = read_text(&path.join("Chart.yaml")).ok();
            let requirements = read_text(&path.join("requirements.yaml")).ok();
            parts
                .charts
                .insert(name, parts_of(&path, base, chart_yaml, requirements, left));
        } else if super::is_package(&path)
            && let Ok((charts, _)) = unpack(&path)
        {
            parts
                .charts
                .extend(charts.into_parts(&display(&path, base)).map(|below| (name, below)));
        }
    }
    parts
}

/// A template's text, where it is not larger than Helm takes.
pub(super) fn within_limit(text: String) -> Result<String, String> {
    if text.len() > MAX_TEMPLATE {
        let limit = MAX_TEMPLATE / 1024 / 1024;
        return Err(format!("it is larger than {limit} MiB, and is not read"));
    }
    Ok(text)
}

/// Adds the files below `dir`, links followed.
fn list(dir: &Path, left: usize, paths: &mut Vec<PathBuf>) {
    for entry in dir.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir()) || (is_link && path.is_dir());
        if is_dir && left > 0 {
            list(&path, left - 1, paths);
        } else if !is_dir {
            paths.push(path);
        }
    }
}

/// The files below a folder of templates, in the order of their paths.
fn listed(templates: &Path) -> Vec<PathBuf> {
    if !templates.is_dir() || unreadable_above(templates).is_some() {
        return Vec::new();
    }
    let has_ignore_file = templates
        .ancestors()
        .take(2)
        .any(|dir| dir.join(".helmignore").is_file());
    if !has_ignore_file {
        let mut paths = Vec::new();
        list(templates, MAX_DEPTH, &mut paths);
        paths.sort();
        return paths;
    }
    let walker = WalkBuilder::new(templates)
        .standard_filters(false)
        .parents(true)
        .add_custom_ignore_filename(".helmignore")
        .follow_links(true)
        .filter_entry(|entry| entry.depth() == 0 || unreadable_in(entry.path()).is_none())
        .build();
    let files = walker
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut paths: Vec<PathBuf> = files.map(ignore::DirEntry::into_path).collect();
    paths.sort();
    paths
}
