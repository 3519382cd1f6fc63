//! Listing what lies below a path, and sorting it by the charts that it belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{WalkBuilder, WalkState};

use super::ignoring::{unreadable_above, unreadable_in};
use super::paths::{is_package, is_values_file};
use super::{Found, Owners, Problem, Selection, Unit, UnitFile};
use crate::chart::FileRole;

/// What is found of a tree, or of several, one after the other.
pub(super) struct Lister<'a> {
    pub selection: &'a Selection,
    pub owners: Owners,
    /// The wanted files of each chart.
    charts: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    pub loose: BTreeSet<PathBuf>,
    pub packages: BTreeSet<PathBuf>,
    pub problems: Vec<Problem>,
}

impl<'a> Lister<'a> {
    pub(super) fn new(selection: &'a Selection) -> Self {
        Self {
            selection,
            owners: Owners::default(),
            charts: BTreeMap::new(),
            loose: BTreeSet::new(),
            packages: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn tree(&mut self, root: &Path) {
        for (path, is_dir) in self.below(root) {
            if is_dir {
                self.chart_dir(&path);
            } else {
                self.tree_file(&path, root);
            }
        }
    }

    /// The folders below `root`, itself included, and the files that nothing leaves out; the former are marked.
    pub(super) fn below(&mut self, root: &Path) -> Vec<(PathBuf, bool)> {
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

    /// A folder with a `Chart.yaml` is a chart: its own files are read even where an ignore file names them, and where they cannot be, such as
    /// links that lead nowhere, that is said.
    pub(super) fn chart_dir(&mut self, dir: &Path) {
        if !self.owners.is_chart(dir) {
            return;
        }
        for name in ["Chart.yaml", "values.yaml"] {
            let path = dir.join(name);
            let is_there = path.symlink_metadata().is_ok() && !path.is_dir();
            if is_there && !self.selection.excludes(&path) {
                self.charts.entry(dir.to_owned()).or_default().insert(path);
            }
        }
    }

    pub(super) fn tree_file(&mut self, path: &Path, root: &Path) {
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
    pub(super) fn counts(&mut self, path: &Path, root: &Path) -> bool {
        self.selection.includes(path)
            || self.owners.is_template(path)
            || (is_values_file(path, root) && !self.owners.is_definition(path))
    }

    pub(super) fn file(&mut self, path: &Path, explicit: bool) {
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

    pub(super) fn finish(mut self) -> Found {
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
