//! Whole charts in place of single files: what a hook wants that is handed the files of a change.

use std::path::{Path, PathBuf};

use super::owner::Owners;
use super::{Lister, absolute, is_package};

/// Each path with the charts that it is a part of in its place, once; a path of no chart stays, unless it is gone or a link that leads nowhere, which a walk
/// over a tree passes over, too.
///
/// A path may be a file or folder in a chart that the change took away: the chart is another one without it.
#[must_use]
pub fn charts_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut owners = Owners::default();
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let full = absolute(path);
        // The file that a folder would have if it were the chart's own: the folder counts as what is in it.
        let mut charts = owners.charts_around(&full.join("Chart.yaml"));
        if charts.is_empty() && is_there(&full) {
            charts.push(full);
        }
        found.append(&mut charts);
    }
    found.sort();
    found.dedup();
    found
}

fn is_there(path: &Path) -> bool {
    let is_link = |data: std::fs::Metadata| data.file_type().is_symlink();
    match std::fs::metadata(path) {
        Ok(_) => true,
        Err(_) => std::fs::symlink_metadata(path).is_ok_and(|data| !is_link(data)),
    }
}

impl Lister<'_> {
    /// A chart without the charts in it, a tree, or a file of no chart.
    pub(super) fn whole(&mut self, path: &Path, is_dir: bool) {
        if is_dir && self.owners.is_chart(path) {
            self.whole_chart(path);
        } else if is_dir {
            self.tree(path);
        } else if !self.selection.excludes(path) {
            let folder = path.parent().unwrap_or(path);
            if is_package(path) {
                self.packages.insert(path.to_owned());
            } else if self.counts(path, folder) {
                self.loose.insert(path.to_owned());
            }
        }
    }

    fn whole_chart(&mut self, chart: &Path) {
        self.chart_dir(chart);
        let mut roots = Owners::override_folders(chart);
        roots.push(chart.to_owned());
        for root in roots {
            for (path, is_dir) in self.below(&root) {
                let is_part = !is_dir && !is_package(&path) && self.counts(&path, &root);
                if is_part && self.owners.chart_of(&path).as_deref() == Some(chart) {
                    self.file(&path, false);
                }
            }
        }
    }
}
