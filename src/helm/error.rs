//! What goes wrong with helm and with what it is to render, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::copy::{MAX_BYTES, MAX_FILES};
use crate::source::shown_in_line;
use crate::system::said;

/// Why a chart is not rendered.
#[derive(Debug, thiserror::Error)]
pub enum HelmError {
    /// It is not on the search path.
    #[error("`helm` is in no folder of `PATH`")]
    NotInstalled,
    /// What the user named is no program.
    #[error("`{0}` is no program that can be run")]
    NoProgram(PathBuf),
    /// What the environment names is no program.
    #[error("`{0}`, which the variable `HELM_BIN` names, is no program that can be run")]
    NoCaller(PathBuf),
    /// The system did not start it or lost it.
    #[error("cannot run `helm`: {}", said(.0))]
    Broken(#[source] io::Error),
    /// It took too long and was killed.
    #[error("`helm template` took longer than {0} s and was stopped")]
    TimedOut(f64),
    /// It printed too much and was killed.
    #[error("`helm template` printed more than {} and was stopped", size(*.0))]
    TooLong(u64),
    /// It failed.
    #[error("`helm template` failed: {}", if said.is_empty() { status } else { said })]
    Failed {
        /// How it ended.
        status: String,
        /// What it said, in one line.
        said: String,
    },
    /// What it printed is no text.
    #[error("`helm template` printed what is not UTF-8, from byte {0} on")]
    Encoding(usize),
    /// A file or folder of the chart cannot be copied.
    #[error("cannot copy `{path}` to render it: {}", said(source))]
    Copy {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The temporary folder cannot be written.
    #[error("cannot write a temporary copy of the chart: {}", said(.0))]
    Temporary(#[source] io::Error),
    /// Something in a chart that is neither file nor folder.
    #[error("`{0}` is neither a file nor a folder: the chart is not rendered")]
    Irregular(PathBuf),
    /// A symbolic link that leads to a folder above itself.
    #[error("`{0}` leads back to a folder that it lies in: the chart is not rendered")]
    Circle(PathBuf),
    /// A chart with more in it than a chart has.
    #[error("`{0}` holds more than {size} or {MAX_FILES} files with its dependencies: it is not rendered", size = size(MAX_BYTES))]
    TooLarge(PathBuf),
    /// A dependency that is not there.
    #[error("the dependency `{name}` of `{chart}` {}", from.as_deref().map_or_else(
        || "is not in `charts/`, and names no repository".to_owned(),
        |from| format!("comes from `{from}` and is not in `charts/`")
    ))]
    Missing {
        /// The folder of the chart.
        chart: PathBuf,
        /// The dependency.
        name: String,
        /// Its repository.
        from: Option<String>,
    },
    /// A local dependency whose folder holds no chart.
    #[error("the dependency `{name}` of `{chart}` comes from `{folder}`, where no `Chart.yaml` is")]
    NoChart {
        /// The folder of the chart.
        chart: PathBuf,
        /// The dependency.
        name: String,
        /// The folder that it is to come from.
        folder: PathBuf,
    },
    /// A name that is no name of a folder.
    #[error("a dependency of `{chart}` has the name `{name}`, which no folder in `charts/` can have")]
    Name {
        /// The folder of the chart.
        chart: PathBuf,
        /// The dependency.
        name: String,
    },
    /// Charts that depend on each other.
    #[error("`{0}` depends on itself, through its local dependencies")]
    Circular(PathBuf),
}

impl HelmError {
    /// What to do, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotInstalled => Some("install Helm 3 or 4, or name the program: `--helm PATH`".to_owned()),
            Self::NoProgram(_) => Some("`--helm` takes the path of the program itself".to_owned()),
            Self::NoCaller(_) => Some(
                "Helm sets it for its plugins: take it out of the environment, or name the program with `--helm PATH`"
                    .to_owned(),
            ),
            Self::Failed { .. } => Some(
                "the chart has to render with its own values and the files that are pinned: what it asks for besides can \
                 be given with `--set`"
                    .to_owned(),
            ),
            Self::Missing {
                chart, from: Some(_), ..
            } => Some(format!("run `helm dependency build {}` first", chart.display())),
            Self::Missing { name, .. } => Some(format!("put the chart `{name}` into `charts/`")),
            Self::NoChart { .. } | Self::Name { .. } | Self::Circular(_) => {
                Some("correct `dependencies` in `Chart.yaml`".to_owned())
            }
            Self::Broken(_)
            | Self::TimedOut(_)
            | Self::TooLong(_)
            | Self::Encoding(_)
            | Self::Copy { .. }
            | Self::Temporary(_)
            | Self::Irregular(_)
            | Self::Circle(_)
            | Self::TooLarge(_) => None,
        }
    }
}

/// A limit in words.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) {
        format!("{} MiB", bytes / MIB)
    } else {
        format!("{bytes} bytes")
    }
}

/// A line of another program, trimmed, without what could steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    let shown: String = text.chars().map(shown_in_line).collect();
    shown.trim().to_owned()
}
