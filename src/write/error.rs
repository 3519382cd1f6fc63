//! Why a file was not written, and what to do about it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::system::said;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody changed the file since it was read.
    #[error("`{0}` was changed by someone else meanwhile: it is left alone")]
    Changed(PathBuf),
    /// The file is read-only.
    #[error("`{0}` is read-only: nothing is written")]
    ReadOnly(PathBuf),
    /// What is there is no file.
    #[error("`{0}` is there, and is no file: nothing is written")]
    NoFile(PathBuf),
    /// What is there is a link that leads nowhere.
    #[error("`{path}` is a link to `{target}`, which is not there: nothing is written")]
    Dangling {
        /// The link.
        path: PathBuf,
        /// Where it leads, as it says.
        target: PathBuf,
    },
    /// Something above it is no folder.
    #[error("cannot write `{path}`: `{above}` is no folder")]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// What is in the place of a folder.
        above: PathBuf,
    },
    /// The file cannot be read, or is no text.
    #[error("cannot read `{path}`: {}", unread(source))]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two names of one file get different texts.
    #[error("`{0}` is one file under several names, which would get different texts: nothing is written")]
    Shared(PathBuf),
    /// The system refused.
    #[error("cannot write `{path}`: {}", said(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl WriteError {
    /// What to do, where that is known.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Dangling { .. } => Some("take the link away, or make what it leads to"),
            Self::NoFolder { .. } => Some("give what is there another name, or take it away"),
            _ => None,
        }
    }

    /// Why `path` is not written, out of what the system said.
    pub(super) fn new(path: &Path, source: io::Error) -> Self {
        let above = path
            .ancestors()
            .skip(1)
            .find(|above| fs::symlink_metadata(above).is_ok());
        if let Some(above) = above.filter(|above| !above.is_dir()) {
            return Self::NoFolder {
                path: path.to_owned(),
                above: above.to_owned(),
            };
        }
        match fs::read_link(path) {
            Ok(target) if source.kind() == io::ErrorKind::NotFound => Self::Dangling {
                path: path.to_owned(),
                target,
            },
            _ => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// Why a file is not read as text.
fn unread(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => said(error),
    }
}
