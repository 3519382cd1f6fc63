//! From paths to the files to read: charts, their values files, packaged charts. At the edge: it lists and reads, and judges nothing.
#![expect(clippy::disallowed_methods, reason = "the edge: files are listed and read here")]

mod ignoring;
mod owner;
mod package;
mod reading;
mod templates;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{WalkBuilder, WalkState};

use crate::chart::FileRole;
use crate::pattern::Pattern;
use ignoring::{unreadable_above, unreadable_in};
pub use owner::{Owners, nearest_config, repository_of};
pub use reading::{MAX_FILE, Problem, Read, read_text, read_unit};
pub use templates::Templates;
pub use whole::charts_of;

/// One chart, or one loose file: what is read and linted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Files on disk.
    Files(Vec<UnitFile>),
    /// A packaged chart.
    Package(PathBuf),
}

/// A file of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is to its chart.
    pub role: FileRole,
    /// Whether findings in it are wanted, or it is read for context alone.
    pub wanted: bool,
}

/// A glob and the folder that it is relative to.
#[derive(Debug, Clone)]
pub struct RootedPattern {
    /// The folder, absolute.
    pub root: PathBuf,
    /// The glob.
    pub pattern: Pattern,
}

impl RootedPattern {
    /// Globs that are relative to one folder.
    pub fn below(root: &Path, patterns: &[Pattern]) -> impl Iterator<Item = Self> {
        patterns.iter().map(|pattern| Self {
            root: root.to_owned(),
            pattern: pattern.clone(),
        })
    }

    fn matches(&self, path: &Path) -> bool {
        path.strip_prefix(&self.root)
            .is_ok_and(|below| self.pattern.matches(&slashed(below)))
    }
}

/// Which files of a tree count.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Further values files.
    pub include: Vec<RootedPattern>,
    /// What is left alone.
    pub exclude: Vec<RootedPattern>,
    /// Whether a chart is looked at without the charts in it, and a file of no chart passed over if a tree would not have it.
    pub whole_charts: bool,
}

impl Selection {
    fn excludes(&self, path: &Path) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    fn includes(&self, path: &Path) -> bool {
        self.include.iter().any(|glob| glob.matches(path))
    }
}

/// `path` from the root of the file system, without `..`; a path that does not exist keeps its form.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let dotted = path.components().any(|part| part == Component::ParentDir);
    let plain = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if dotted {
        plain.canonicalize().unwrap_or(plain)
    } else {
        plain
    }
}

/// `path` as reports show it: relative to `dir`, with `/` between its parts.
#[must_use]
pub fn display(path: &Path, dir: &Path) -> String {
    let common = path
        .components()
        .zip(dir.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = dir.components().count() - common;
    if common <= 1 && up > 0 {
        return slashed(path);
    }
    let steps_up = std::iter::repeat_n(Component::ParentDir, up);
    let shown: PathBuf = steps_up.chain(path.components().skip(common)).collect();
    slashed(&shown)
}

/// `path` with `/` between its parts.
#[must_use]
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// What lies below a set of paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The units, sorted by path.
    pub units: Vec<Unit>,
    /// What could not be listed.
    pub problems: Vec<Problem>,
}

/// Lists the units below `paths`: each a file, a chart, a packaged chart, or a tree of them.
#[must_use]
pub fn walk(paths: &[PathBuf], selection: &Selection) -> Found {
    let mut lister = Lister::new(selection);
    for path in paths {
        let path = &absolute(path);
        match std::fs::metadata(path) {
            Err(error) => lister.problems.push(Problem::missing(path, &error)),
            Ok(metadata) if selection.whole_charts => lister.whole(path, metadata.is_dir()),
            Ok(metadata) if metadata.is_dir() => lister.tree(path),
            Ok(_) if is_package(path) => {
                lister.packages.insert(path.clone());
            }
            Ok(_) => lister.file(path, true),
        }
    }
    lister.finish()
}

/// The unit that the file at `path`, absolute, is read in, as a walk over the tree around it finds it: with every other file of its chart. Nothing
/// where a walk would leave the file alone. The files of `unsaved` are not on disk yet, and count by name and place.
#[must_use]
pub fn unit_of(path: &Path, unsaved: &[&Path], selection: &Selection) -> Option<Unit> {
    let mut lister = Lister::new(selection);
    let chart = lister.owners.chart_of(path);
    if let Some(chart) = &chart {
        lister.tree(chart);
        for dir in Owners::overrides_of(chart).iter().filter(|dir| dir.is_dir()) {
            lister.tree(dir);
        }
    }
    let loose = [path].into_iter().filter(|_| chart.is_none());
    for path in loose.chain(unsaved.iter().copied()) {
        if lister.owners.chart_of(path) == chart && !selection.excludes(path) {
            lister.tree_file(path, path.parent()?);
        }
    }
    let holds = |unit: &Unit| match unit {
        Unit::Files(files) => files.iter().any(|file| file.path == path),
        Unit::Package(_) => false,
    };
    lister.finish().units.into_iter().find(holds)
}

struct Lister<'a> {
    selection: &'a Selection,
    owners: Owners,
    /// The wanted files of each chart.
    charts: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    loose: BTreeSet<PathBuf>,
    packages: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

impl<'a> Lister<'a> {
    fn new(selection: &'a Selection) -> Self {
        Self {
            selection,
            owners: Owners::default(),
            charts: BTreeMap::new(),
            loose: BTreeSet::new(),
            packages: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    fn tree(&mut self, root: &Path) {
        for (path, is_dir) in self.below(root) {
            if is_dir {
                self.chart_dir(&path);
            } else {
                self.tree_file(&path, root);
            }
        }
    }

    /// The folders below `root`, itself included, and the files that nothing leaves out; the former are marked.
    fn below(&mut self, root: &Path) -> Vec<(PathBuf, bool)> {
        if let Some(file) = unreadable_above(root) {
            self.unreadable_ignore_file(&file);
            return Vec::new();
        }
        let unreadable = Arc::new(Mutex::new(BTreeSet::new()));
        let noted = Arc::clone(&unreadable);
        let entries = Mutex::new(Vec::new());
        let walker = WalkBuilder::new(root)
            .hidden(false)
            .require_git(false)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .add_custom_ignore_filename(".helmignore")
            .filter_entry(move |entry| {
                let is_root = entry.depth() == 0;
                if !is_root && matches!(entry.file_name().to_str(), Some(".git" | "node_modules")) {
                    return false;
                }
                let is_dir = !is_root && entry.file_type().is_some_and(|kind| kind.is_dir());
                let file = is_dir.then(|| unreadable_in(entry.path())).flatten();
                let is_readable = file.is_none();
                noted.lock().unwrap_or_else(PoisonError::into_inner).extend(file);
                is_readable
            })
            .build_parallel();
        walker.run(|| {
            Box::new(|entry| {
                entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
                WalkState::Continue
            })
        });
        for file in unreadable.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            self.unreadable_ignore_file(file);
        }
        let mut found = Vec::new();
        for entry in entries.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.problems.push(Problem::listing(root, &error));
                    continue;
                }
            };
            let Some(kind) = entry.file_type() else { continue };
            if kind.is_dir() || kind.is_file() && !self.selection.excludes(entry.path()) {
                found.push((entry.into_path(), kind.is_dir()));
            }
        }
        found
    }

    /// A folder whose ignore file cannot be read is not looked into: nobody knows what of it counts.
    fn unreadable_ignore_file(&mut self, file: &Path) {
        let help = "make it a file, or take it away: its folder is not looked into";
        self.problems
            .push(Problem::new(file, "it is no ignore file that can be read", Some(help)));
    }

    /// A folder with a `Chart.yaml` is a chart: its own files are read even where an ignore file names them.
    fn chart_dir(&mut self, dir: &Path) {
        if !self.owners.is_chart(dir) {
            return;
        }
        for name in ["Chart.yaml", "values.yaml"] {
            let path = dir.join(name);
            if path.is_file() && !self.selection.excludes(&path) {
                self.charts.entry(dir.to_owned()).or_default().insert(path);
            }
        }
    }

    fn tree_file(&mut self, path: &Path, root: &Path) {
        if is_package(path) {
            let vendored = path.parent().is_some_and(|parent| {
                parent.file_name().is_some_and(|name| name == "charts")
                    && parent.parent().is_some_and(|chart| self.owners.is_chart(chart))
            });
            if !vendored {
                self.packages.insert(path.to_owned());
            }
        } else if self.counts(path, root) {
            self.file(path, false);
        }
    }

    /// Whether a file found below `root` is a part of a chart that names images, or a values file.
    fn counts(&mut self, path: &Path, root: &Path) -> bool {
        self.selection.includes(path)
            || self.owners.is_template(path)
            || (is_values_file(path, root) && !self.owners.is_definition(path))
    }

    fn file(&mut self, path: &Path, explicit: bool) {
        match self.owners.chart_of(path) {
            Some(chart) => {
                self.charts.entry(chart).or_default().insert(path.to_owned());
            }
            None if explicit || path.file_name().is_none_or(|name| name != "Chart.yaml") => {
                self.loose.insert(path.to_owned());
            }
            None => {}
        }
    }

    fn finish(mut self) -> Found {
        let mut units: Vec<Unit> = self
            .charts
            .into_iter()
            .map(|(dir, files)| chart_unit(&dir, files, &mut self.owners))
            .collect();
        units.extend(self.loose.into_iter().map(|path| {
            Unit::Files(vec![UnitFile {
                path,
                role: FileRole::Loose,
                wanted: true,
            }])
        }));
        units.extend(self.packages.into_iter().map(Unit::Package));
        Found {
            units,
            problems: self.problems,
        }
    }
}

/// The unit of a chart: the wanted files, and its own two for context.
fn chart_unit(dir: &Path, wanted: BTreeSet<PathBuf>, owners: &mut Owners) -> Unit {
    let own = [
        ("Chart.yaml", FileRole::ChartYaml),
        ("requirements.yaml", FileRole::Requirements),
        ("values.yaml", FileRole::Values),
    ];
    let mut files = Vec::new();
    for (name, role) in own {
        let path = dir.join(name);
        let is_wanted = wanted.contains(&path);
        if is_wanted || path.is_file() {
            files.push(UnitFile {
                path,
                role,
                wanted: is_wanted,
            });
        }
    }
    let own_paths: Vec<PathBuf> = own.iter().map(|(name, _)| dir.join(name)).collect();
    let others = wanted.into_iter().filter(|path| !own_paths.contains(path));
    files.extend(others.map(|path| UnitFile {
        role: if owners.is_template(&path) {
            FileRole::Template
        } else {
            FileRole::Override
        },
        path,
        wanted: true,
    }));
    Unit::Files(files)
}

/// Whether `path` names a packaged chart.
#[must_use]
pub fn is_package(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    [".tgz", ".tar.gz"].iter().any(|ending| lower.ends_with(ending))
}

/// Whether a file found below `root` is a values file by its name and place.
fn is_values_file(path: &Path, root: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else {
        return false;
    };
    if name == "Chart.yaml" || stem.ends_with(".schema") {
        return name == "Chart.yaml";
    }
    let below = path.strip_prefix(root).unwrap_or(path);
    let start = root.iter().rev().take(3).collect::<Vec<_>>().into_iter().rev();
    let folders: Vec<&str> = start
        .chain(below.parent().into_iter().flat_map(Path::iter))
        .filter_map(|part| part.to_str())
        .collect();
    let words = stem.split(['-', '_', '.']);
    words.into_iter().any(|word| word.starts_with("values"))
        || folders
            .iter()
            .any(|folder| matches!(*folder, "values" | "values_overrides"))
        || (folders.last() == Some(&"ci") && stem.contains("values"))
}
