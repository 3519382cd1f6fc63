//! Packaged charts (`.tgz`): read into memory within limits, never unpacked to disk. The one home of flate2 and tar.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;

use super::is_values_file;
use super::reading::{MAX_FILE, Problem, Read, decode_text, reason};
use crate::chart::{FileRole, Input};
use crate::source::SourceFile;

/// How many bytes a package may unpack to: Helm's own limit.
const MAX_UNPACKED: u64 = 100 * 1024 * 1024;

/// How many entries a package may have.
const MAX_ENTRIES: usize = 20_000;

const BROKEN: Option<&str> = Some("build the package again with `helm package`");

/// The charts of the package at `path`, its subcharts included, under names behind `shown`.
pub(super) fn read_package(path: &Path, shown: &str) -> Result<Read, Problem> {
    let file =
        File::open(path).map_err(|error| Problem::new(path, format!("cannot read it: {}", reason(&error)), None))?;
    let unpacked = GzDecoder::new(BufReader::new(file)).take(MAX_UNPACKED + 1);
    let mut archive = tar::Archive::new(unpacked);
    let broken =
        |error: std::io::Error| Problem::new(path, format!("it is no packaged chart: {}", reason(&error)), BROKEN);
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
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
        if !entry.header().entry_type().is_file() || !(is_chart_yaml || is_values_file(&name, Path::new(""))) {
            continue;
        }
        let inner = path.join(&name);
        let mut bytes = Vec::new();
        entry.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(broken)?;
        match decode_text(&inner, bytes) {
            Ok(text) => {
                texts.insert(name, text);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let charts = group(texts, shown);
    if charts.is_empty() && problems.is_empty() {
        return Err(Problem::new(path, "it holds no `Chart.yaml`", BROKEN));
    }
    Ok(Read { charts, problems })
}

/// Sorts the files to the charts that they lie in.
fn group(texts: BTreeMap<PathBuf, String>, shown: &str) -> Vec<Vec<Input>> {
    let dirs: Vec<PathBuf> = texts
        .keys()
        .filter(|name| name.file_name().is_some_and(|file| file == "Chart.yaml"))
        .filter_map(|name| name.parent().map(Path::to_owned))
        .collect();
    let mut charts: BTreeMap<PathBuf, Vec<Input>> = BTreeMap::new();
    for (name, text) in texts {
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
        charts.entry(dir.to_owned()).or_default().push(Input {
            source: Arc::new(SourceFile::new(format!("{shown}/{}", name.display()), text)),
            role,
            wanted: role != FileRole::Requirements,
        });
    }
    charts.into_values().collect()
}
