//! What lies below the folder that is set up: charts, images, findings, charts of others.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::charts::{Charts, Loaded};
use super::super::lint;
use crate::chart::{ChartFile, FileRole};
use crate::proposal::{Survey, remote_dependencies};
use crate::reference::Reference;
use crate::report::ImageRow;
use crate::walk::display;

/// What lies below `root`.
pub(super) fn survey(charts: &Charts, root: &Path) -> Survey {
    let vendored = vendored(charts, root);
    let is_own = |file: &str| !vendored.iter().any(|folder| is_below(file, folder));
    let mut survey = Survey::default();
    for loaded in &charts.loaded {
        let files = || {
            loaded
                .chart
                .files
                .iter()
                .filter(|file| file.wanted && is_own(&file.source.path))
        };
        survey.charts += usize::from(files().any(|file| file.role == FileRole::ChartYaml));
        for file in files() {
            for site in &file.sites {
                count(&ImageRow::new(&loaded.chart, file, site), &mut survey);
            }
        }
    }
    for finding in charts.groups.iter().flat_map(|group| lint::findings(group, root)) {
        if is_own(&finding.file) {
            *survey.findings.entry(finding.rule.to_owned()).or_insert(0) += 1;
        }
    }
    survey.vendored = vendored;
    survey
}

fn count(row: &ImageRow, survey: &mut Survey) {
    survey.images += 1;
    *survey.shapes.entry(row.idiom.clone()).or_insert(0) += 1;
    let reference = row.reference.as_deref().and_then(|text| Reference::parse(text).ok());
    if let Some(reference) = reference {
        let name = reference.normalized_name();
        let registry = name.split('/').next().unwrap_or_default().to_owned();
        *survey.registries.entry(registry).or_insert(0) += 1;
    }
}

/// The folders of charts that a chart beside them fetches from a repository, and that the configuration does not leave out.
fn vendored(charts: &Charts, root: &Path) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for loaded in charts.loaded.iter().filter(|loaded| loaded.is_on_disk()) {
        let lists = |file: &&ChartFile| matches!(file.role, FileRole::ChartYaml | FileRole::Requirements);
        for file in loaded.chart.files.iter().filter(lists) {
            let Some(folder) = folder_of(loaded, file) else {
                continue;
            };
            for name in remote_dependencies(&file.source.text) {
                let dependency = folder.join("charts").join(name);
                if dependency.join("Chart.yaml").is_file() {
                    folders.insert(display(&dependency, root));
                }
            }
        }
    }
    let files = || charts.loaded.iter().flat_map(|loaded| &loaded.chart.files);
    folders.retain(|folder| files().any(|file| file.wanted && is_below(&file.source.path, folder)));
    folders
}

fn folder_of<'a>(loaded: &'a Loaded, file: &ChartFile) -> Option<&'a Path> {
    loaded.paths.get(file.source.path.as_ref())?.parent()
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
