//! Writing files so that each is either old or new, never torn. At the edge; the one home of tempfile.
#![expect(clippy::disallowed_methods, reason = "the edge: files are written here")]

mod error;
mod temporary;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::Builder;

pub use error::WriteError;
pub use temporary::Temporary;

/// Files that take the place of others beside them.
const BESIDE: Temporary = Temporary {
    prefix: ".chartpin-",
    suffix: ".tmp",
};

/// A file whose new text lies beside it, synced, and waits to take its place.
#[derive(Debug)]
pub struct Prepared {
    target: PathBuf,
    before: String,
    temporary: tempfile::TempPath,
}

/// Puts `after` beside `path`, with its mode; a symbolic link is followed to its target.
///
/// # Errors
/// When the file is read-only or the system refuses.
pub fn prepare(path: &Path, before: &str, after: &str) -> Result<Prepared, WriteError> {
    let io = |source| WriteError::Io {
        path: path.to_owned(),
        source,
    };
    let target = path.canonicalize().map_err(io)?;
    let permissions = fs::metadata(&target).map_err(io)?.permissions();
    if permissions.readonly() {
        return Err(WriteError::ReadOnly(path.to_owned()));
    }
    let dir = target.parent().unwrap_or_else(|| Path::new("."));
    let mut temporary = temporary_in(dir, Some(&permissions)).map_err(io)?;
    temporary.write_all(after.as_bytes()).map_err(io)?;
    temporary.as_file().set_permissions(permissions).map_err(io)?;
    keep_owner(&target, temporary.as_file()).map_err(io)?;
    temporary.as_file().sync_all().map_err(io)?;
    Ok(Prepared {
        target,
        before: before.to_owned(),
        temporary: temporary.into_temp_path(),
    })
}

impl Prepared {
    /// Checks that the file is still what it was when it was read.
    ///
    /// # Errors
    /// When somebody changed it, or it cannot be read.
    pub fn check(&self) -> Result<(), WriteError> {
        let now = fs::read(&self.target).map_err(|source| WriteError::Io {
            path: self.target.clone(),
            source,
        })?;
        if now == self.before.as_bytes() {
            Ok(())
        } else {
            Err(WriteError::Changed(self.target.clone()))
        }
    }

    /// The folder of the file, where a symbolic link leads.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.target.parent().unwrap_or_else(|| Path::new(".")).to_owned()
    }

    /// Takes the file's place, unless the file is not what it was.
    ///
    /// # Errors
    /// When somebody changed the file, or the system refuses.
    pub fn commit(self) -> Result<(), WriteError> {
        self.check()?;
        self.temporary.persist(&self.target).map_err(|error| WriteError::Io {
            path: self.target.clone(),
            source: error.error,
        })?;
        Ok(())
    }
}

/// Makes the new names in a folder last through a power cut, where the system can be asked for that.
///
/// # Errors
/// When the system refuses.
#[cfg(unix)]
pub fn settle(folder: &Path) -> Result<(), WriteError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| WriteError::Io {
        path: folder.to_owned(),
        source,
    })
}

/// Nothing: folders are no files here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn settle(_: &Path) -> Result<(), WriteError> {
    Ok(())
}

fn temporary_in(dir: &Path, permissions: Option<&fs::Permissions>) -> io::Result<tempfile::NamedTempFile> {
    let prefix = BESIDE.prefix();
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(BESIDE.suffix);
    if let Some(permissions) = permissions.cloned().or_else(plain) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(dir)
}

/// Takes away the temporary files in a folder that no living process will finish.
pub fn sweep(folder: &Path) {
    BESIDE.sweep(folder);
}

#[cfg(unix)]
fn keep_owner(target: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    let old = fs::metadata(target)?;
    let new = file.metadata()?;
    if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
        return Ok(());
    }
    fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

/// Writes a file that is the program's own, such as a baseline: whole or not at all. One that is there keeps its mode and owner; a symbolic link is
/// followed.
///
/// # Errors
/// When what is there is read-only or no file, or the system refuses.
pub fn replace(path: &Path, text: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::new(path, source);
    let there = fs::symlink_metadata(path).is_ok();
    let target = if there {
        path.canonicalize().map_err(io)?
    } else {
        path.to_owned()
    };
    let permissions = if there {
        let data = fs::metadata(&target).map_err(io)?;
        if !data.is_file() {
            return Err(WriteError::NoFile(path.to_owned()));
        }
        if data.permissions().readonly() {
            return Err(WriteError::ReadOnly(path.to_owned()));
        }
        Some(data.permissions())
    } else {
        None
    };
    let dir = target
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let mut temporary = temporary_in(dir, permissions.as_ref()).map_err(io)?;
    temporary.write_all(text.as_bytes()).map_err(io)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions).map_err(io)?;
        keep_owner(&target, temporary.as_file()).map_err(io)?;
    }
    temporary.as_file().sync_all().map_err(io)?;
    temporary.persist(&target).map_err(|error| io(error.error))?;
    Ok(())
}

/// The text of a file that may be there; nothing where there is none.
///
/// # Errors
/// When what is there is no file that can be read, or is no text.
pub fn peek(path: &Path) -> Result<Option<String>, WriteError> {
    // A pipe would be waited for, whoever might write to it.
    if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        return Err(WriteError::NoFile(path.to_owned()));
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => Ok(None),
        Err(source) => Err(match WriteError::new(path, source) {
            WriteError::Io { path, source } => WriteError::Unread { path, source },
            other => other,
        }),
    }
}

/// Writes a file that is not there yet, with the folders above it: whole or not at all, and never over another.
///
/// # Errors
/// When something of this name is there by now, or the system refuses.
pub fn create(path: &Path, text: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::new(path, source);
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(dir).map_err(io)?;
    let mut temporary = temporary_in(dir, None).map_err(io)?;
    temporary.write_all(text.as_bytes()).map_err(io)?;
    temporary.as_file().sync_all().map_err(io)?;
    temporary.persist_noclobber(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// What a new file may be, of which the system takes away what the user does not want.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such permissions")]
fn plain() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;

    Some(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn plain() -> Option<fs::Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_someone_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("values.yaml");
        fs::write(&path, "a: 1\n").unwrap();
        let prepared = prepare(&path, "a: 1\n", "a: 2\n").unwrap();
        fs::write(&path, "a: 3\n").unwrap();
        assert!(matches!(prepared.commit(), Err(WriteError::Changed(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 3\n");
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "the temporary file is gone"
        );
    }
}
