//! Packaged charts (`.tgz`): read into memory within limits, never unpacked to disk. The one home of flate2 and tar.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;

use super::paths::is_values_file;
use super::reading::{MAX_FILE, Problem, Read, decode_text};
use super::templates::{Parts, Templates, within_limit};
use crate::chart::{FileRole, Input, Inputs};
use crate::source::SourceFile;
use crate::system::said;

/// How many bytes a package may unpack to: Helm's own limit.
const MAX_UNPACKED: u64 = 100 * 1024 * 1024;

/// How many folders deep subcharts of a package are rendered.
const MAX_DEPTH: usize = 24;

/// How many entries a package may have.
const MAX_ENTRIES: usize = 20_000;

const BROKEN: Option<&str> = Some("build the package again with `helm package`");

/// What a package holds of use: texts by their names in it.
pub(super) struct Unpacked {
    texts: BTreeMap<PathBuf, String>,
    /// Templates, or why they cannot be read.
    templates: BTreeMap<PathBuf, Result<String, String>>,
}

/// The charts of the package at `path`, its subcharts included, under names behind `shown`.
pub(super) fn read_package(path: &Path, shown: &str, templates: &Templates) -> Result<Read, Problem> {
    let (unpacked, problems) = unpack(path)?;
    let charts = group(unpacked, shown, templates);
    if charts.is_empty() && problems.is_empty() {
        return Err(Problem::new(path, "it holds no `Chart.yaml`", BROKEN));
    }
    Ok(Read { charts, problems })
}

/// Reads the package at `path` into memory, and what of it cannot be read.
pub(super) fn unpack(path: &Path) -> Result<(Unpacked, Vec<Problem>), Problem> {
    let unreadable = |error: std::io::Error| Problem::new(path, format!("cannot read it: {}", said(&error)), None);
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Problem::new(path, "it is no file", BROKEN));
    }
    let file = File::open(path).map_err(unreadable)?;
    let unpacked = GzDecoder::new(BufReader::new(file)).take(MAX_UNPACKED + 1);
    let mut archive = tar::Archive::new(unpacked);
    let broken =
        |error: std::io::Error| Problem::new(path, format!("it is no packaged chart: {}", said(&error)), BROKEN);
    let mut found = Unpacked {
        texts: BTreeMap::new(),
        templates: BTreeMap::new(),
    };
    let mut problems = Vec::new();
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        let entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.into_owned();
        if !name
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            let message = format!("it holds a name that leads out of it: `{}`", name.display());
            return Err(Problem::new(path, message, Some("do not install this package")));
        }
        if count >= MAX_ENTRIES || entry.raw_file_position().saturating_add(entry.size()) > MAX_UNPACKED {
            let message = format!(
                "it unpacks to more than {} MiB or {MAX_ENTRIES} files",
                MAX_UNPACKED / 1024 / 1024
            );
            return Err(Problem::new(path, message, Some("Helm would refuse this package, too")));
        }
        let is_chart_yaml = name
            .file_name()
            .is_some_and(|file| file == "Chart.yaml" || file == "requirements.yaml");
        let is_template = name.iter().any(|part| part == "templates");
        let is_values = is_chart_yaml || is_values_file(&name, Path::new(""));
        if !entry.header().entry_type().is_file() || !(is_values || is_template) {
            continue;
        }
        let inner = path.join(&name);
        let mut bytes = Vec::new();
        entry.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(broken)?;
        match decode_text(&inner, bytes) {
            text if is_template => {
                let text = text.map_err(|problem| problem.message).and_then(within_limit);
                found.templates.insert(name, text);
            }
            Ok(text) => {
                found.texts.insert(name, text);
            }
            Err(problem) => problems.push(problem),
        }
    }
    Ok((found, problems))
}

impl Unpacked {
    /// The folders that are charts, the outermost first.
    fn charts(&self) -> Vec<PathBuf> {
        let mut dirs: Vec<PathBuf> = self
            .texts
            .keys()
            .filter(|name| name.file_name().is_some_and(|file| file == "Chart.yaml"))
            .filter_map(|name| name.parent().map(Path::to_owned))
            .collect();
        dirs.sort_by_key(|dir| dir.components().count());
        dirs
    }

    /// What rendering the outermost chart takes.
    pub(super) fn into_parts(self, shown: &str) -> Option<Parts> {
        let dirs = self.charts();
        dirs.first().map(|dir| self.parts(dir, &dirs, shown))
    }

    fn parts(&self, dir: &Path, dirs: &[PathBuf], shown: &str) -> Parts {
        let text = |name: &str| self.texts.get(&dir.join(name)).cloned();
        let own = dir.join("templates");
        let templates = self
            .templates
            .range(own.clone()..)
            .take_while(|(name, _)| name.starts_with(&own));
        let below = dir.join("charts");
        let is_deep = dir.components().count() > MAX_DEPTH;
        let charts = dirs.iter().filter(|other| !is_deep && other.parent() == Some(&below));
        Parts {
            chart_yaml: text("Chart.yaml"),
            requirements: text("requirements.yaml"),
            values: text("values.yaml"),
            templates: templates
                .map(|(name, text)| (format!("{shown}/{}", name.display()), text.clone()))
                .collect(),
            charts: charts
                .filter_map(|other| {
                    let name = other.file_name()?.to_str()?.to_owned();
                    Some((name, self.parts(other, dirs, shown)))
                })
                .collect(),
        }
    }
}

/// Sorts the files to the charts that they lie in.
fn group(unpacked: Unpacked, shown: &str, templates: &Templates) -> Vec<Inputs> {
    let dirs = unpacked.charts();
    let mut charts: BTreeMap<PathBuf, Inputs> = BTreeMap::new();
    for dir in &dirs {
        let bundle = templates.bundle(unpacked.parts(dir, &dirs, shown), None, 0);
        let wanted = bundle.files.iter().map(|file| Arc::clone(&file.source.path)).collect();
        let inputs = Inputs {
            files: Vec::new(),
            bundle: Some(Arc::new(bundle)),
            wanted,
        };
        charts.insert(dir.clone(), inputs);
    }
    for (name, text) in unpacked.texts {
        let Some(dir) = name
            .ancestors()
            .skip(1)
            .find(|dir| dirs.iter().any(|known| known == dir))
        else {
            continue;
        };
        let role = match name.strip_prefix(dir).ok().and_then(Path::to_str) {
            Some("Chart.yaml") => FileRole::ChartYaml,
            Some("requirements.yaml") => FileRole::Requirements,
            Some("values.yaml") => FileRole::Values,
            _ => FileRole::Override,
        };
        charts.entry(dir.to_owned()).or_default().files.push(Input {
            source: Arc::new(SourceFile::new(format!("{shown}/{}", name.display()), text)),
            role,
            wanted: role != FileRole::Requirements,
        });
    }
    charts.into_values().collect()
}
