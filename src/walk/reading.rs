//! Reading the files of a unit into memory, within limits.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::package::read_package;
use super::paths::slashed;
use super::{Templates, Unit, display};
use crate::chart::{FileRole, Input, Inputs};
use crate::source::SourceFile;
use crate::system::said;

/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 16 * 1024 * 1024;

/// A path that could not be listed or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path.
    pub path: PathBuf,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
    /// Whether the path was asked for and is not there, which ends a run before it begins.
    pub is_missing: bool,
}

impl Problem {
    /// A problem with `path`.
    #[must_use]
    pub fn new(path: &Path, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            path: path.to_owned(),
            message: message.into(),
            help: help.map(str::to_owned),
            is_missing: false,
        }
    }

    pub(super) fn missing(path: &Path, error: &std::io::Error) -> Self {
        Self {
            is_missing: true,
            ..Self::new(path, said(error), None)
        }
    }

    pub(super) fn listing(root: &Path, error: &ignore::Error) -> Self {
        let io = error.io_error().map(said);
        Self::new(
            root,
            io.map_or_else(|| error.to_string(), |io| format!("cannot list it: {io}")),
            None,
        )
    }
}

/// What reading a unit gave: charts (several where a package holds subcharts), and what could not be read.
#[derive(Debug, Default)]
pub struct Read {
    /// The files of each chart.
    pub charts: Vec<Inputs>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads the files of `unit`, under names relative to `dir`; `templates` remembers those of the run.
#[must_use]
pub fn read_unit(unit: &Unit, dir: &Path, templates: &Templates) -> Read {
    match unit {
        Unit::Package(path) => read_package(path, &display(path, dir), templates).unwrap_or_else(|problem| Read {
            charts: Vec::new(),
            problems: vec![problem],
        }),
        Unit::Files(files) => {
            let mut read = Read::default();
            let mut inputs = Inputs::default();
            for file in files {
                if file.role == FileRole::Template {
                    inputs.wanted.push(display(&file.path, dir).into());
                    continue;
                }
                if file.role == FileRole::ChartYaml {
                    inputs.bundle = file.path.parent().and_then(|chart| templates.of(chart, dir));
                }
                match read_text(&file.path) {
                    Ok(text) => inputs.files.push(Input {
                        source: Arc::new(SourceFile::new(display(&file.path, dir), text)),
                        role: file.role,
                        wanted: file.wanted,
                    }),
                    Err(problem) if file.wanted => read.problems.push(problem),
                    Err(_) => {}
                }
            }
            read.charts.push(inputs);
            read
        }
    }
}

/// The text of a file of at most [`MAX_FILE`] bytes.
///
/// # Errors
/// When the file cannot be opened, is too large, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Problem> {
    let io = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound
            && let Ok(target) = path.read_link()
        {
            let message = format!("it is a link to `{}`, which is not there", slashed(&target));
            return Problem::new(path, message, Some("mend the link, or take it away"));
        }
        Problem::new(path, format!("cannot read it: {}", said(&error)), None)
    };
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(Problem::new(
            path,
            "it is no file",
            Some("name files and folders alone"),
        ));
    }
    let file = File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len().min(MAX_FILE + 1);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    decode_text(path, bytes)
}

pub(super) fn decode_text(path: &Path, bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("it is larger than {} MiB", MAX_FILE / 1024 / 1024);
        return Err(Problem::new(
            path,
            message,
            Some("a values file that large is generated: leave it out with `exclude`"),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::new(
            path,
            format!("it is not UTF-8, from byte {at} on"),
            Some("save the file as UTF-8"),
        )
    })
}
