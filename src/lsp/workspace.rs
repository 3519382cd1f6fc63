//! The charts that open documents belong to, and what governs each: found and read when a document comes, and again when files change on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::documents::Documents;
use super::group::{Group, Trouble};
use super::project::Project;
use crate::config::FILE_NAME;
use crate::guard::guarded;
use crate::walk::{Owners, Unit, nearest_config, unit_of};

/// A configuration, or none, and the folder that names are relative to.
type GroupKey = (Option<PathBuf>, PathBuf);

/// Whether the file at a path is a configuration by its name.
pub(super) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE_NAME)
}

/// What is done with a file, for a message.
fn reading(path: &Path) -> String {
    format!("reading `{}`", path.display())
}

/// The charts of open documents.
#[derive(Default)]
pub(super) struct Workspace {
    /// The folders that the client has open.
    pub folders: Vec<PathBuf>,
    /// What is wrong with configurations, by their paths.
    pub troubles: BTreeMap<PathBuf, Trouble>,
    groups: BTreeMap<GroupKey, Arc<Group>>,
    /// The projects, by the path of their first file.
    projects: BTreeMap<PathBuf, Project>,
    /// The project of each open document; none where no run would read it.
    owners: BTreeMap<PathBuf, Option<PathBuf>>,
    /// What was known before the disk changed.
    before: (BTreeMap<GroupKey, Arc<Group>>, BTreeMap<PathBuf, Project>),
}

impl Workspace {
    /// Takes note that the document at a path is new, or another one.
    pub(super) fn touch(&mut self, path: &Path) {
        let owner = self.owners.get(path).and_then(Option::as_ref);
        if let Some(project) = owner.and_then(|key| self.projects.get_mut(key)) {
            project.is_stale = true;
        }
    }

    /// Takes note that the document at a path is closed: what is on disk counts again.
    pub(super) fn forget(&mut self, path: &Path) {
        self.touch(path);
        self.owners.remove(path);
    }

    /// Takes note that files changed on disk: all is read again when it is needed next.
    pub(super) fn distrust_disk(&mut self) {
        self.owners.clear();
        self.troubles.clear();
        self.before.0.append(&mut self.groups);
        self.before.1.append(&mut self.projects);
    }

    /// Brings every project up to date; gives the files whose findings may be others now, and what went wrong.
    pub(super) fn settle(&mut self, documents: &Documents) -> (Vec<PathBuf>, Vec<String>) {
        let mut changed = Vec::new();
        let mut said = Vec::new();
        let of_charts = documents
            .iter()
            .map(|document| &document.path)
            .filter(|path| !is_configuration(path));
        for path in of_charts {
            if self.owners.contains_key(path) {
                continue;
            }
            let found = guarded(&reading(path), || self.locate(path, documents));
            let owner = found.unwrap_or_else(|bug| {
                said.push(bug);
                None
            });
            if owner.is_none() {
                changed.push(path.clone());
            }
            self.owners.insert(path.clone(), owner);
        }
        self.before = (BTreeMap::new(), BTreeMap::new());
        let owners = &self.owners;
        self.projects
            .retain(|key, _| owners.values().flatten().any(|owner| owner == key));
        for (key, project) in self.projects.iter_mut().filter(|(_, project)| project.is_stale) {
            said.extend(guarded(&reading(key), || project.refresh(documents)).err());
            let own = owners.iter().filter(|(_, owner)| owner.as_ref() == Some(key));
            changed.extend(own.map(|(path, _)| path.clone()));
        }
        (changed, said)
    }

    /// The project of the document at a path.
    pub(super) fn project(&self, path: &Path) -> Option<&Project> {
        self.projects.get(self.owners.get(path)?.as_ref()?)
    }

    /// Finds the project of a document, and reads it where it is not known yet.
    fn locate(&mut self, path: &Path, documents: &Documents) -> Option<PathBuf> {
        if let Some((key, project)) = self.projects.iter_mut().find(|(_, project)| project.holds(path)) {
            project.is_stale = true;
            return Some(key.clone());
        }
        let chart = Owners::default().chart_of(path);
        let group = self.group_of(chart.as_deref().unwrap_or(path));
        let unsaved: Vec<&Path> = documents
            .iter()
            .map(|document| document.path.as_path())
            .filter(|path| !path.exists())
            .collect();
        let unit = unit_of(path, &unsaved, &group.selection)?;
        let Unit::Files(files) = &unit else { return None };
        let key = files.first()?.path.clone();
        let before = self.before.1.remove(&key).or_else(|| self.projects.remove(&key));
        self.projects.insert(key.clone(), Project::read(unit, group, before));
        Some(key)
    }

    /// The configuration that governs a path. One that is wrong changes nothing: what it said last counts.
    fn group_of(&mut self, path: &Path) -> Arc<Group> {
        let config = nearest_config(path);
        let folders = self.folders.iter().filter(|folder| path.starts_with(folder));
        let folder = folders.max_by_key(|folder| folder.components().count());
        let fallback = folder
            .map_or_else(|| path.parent().unwrap_or(path), PathBuf::as_path)
            .to_owned();
        let key = (config, fallback);
        if let Some(known) = self.groups.get(&key) {
            return Arc::clone(known);
        }
        let (group, trouble) = Group::read(key.0.as_deref(), &key.1);
        let mut group = Arc::new(group);
        if let (Some(trouble), Some(config)) = (trouble, &key.0) {
            let is_wrong = matches!(trouble, Trouble::At(..));
            if let Some(last) = self.before.0.get(&key).filter(|_| is_wrong) {
                group = Arc::clone(last);
            }
            self.troubles.insert(config.clone(), trouble);
        }
        self.groups.insert(key, Arc::clone(&group));
        group
    }
}
