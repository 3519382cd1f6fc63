//! Copying the folders of charts, with new texts for some of their files. It must not know of dependencies.

use std::collections::HashMap;
use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::HelmError;

/// The most that is copied for one chart, in bytes.
pub(super) const MAX_BYTES: u64 = 200 * 1024 * 1024;
/// The most files and folders that are copied for one chart.
pub(super) const MAX_FILES: usize = 50_000;

/// Copies folders, up to a limit for all of them together.
pub(super) struct Copier {
    /// New texts by the paths of their files, links followed.
    texts: HashMap<PathBuf, Arc<str>>,
    /// The folder whose size is limited.
    root: PathBuf,
    files_left: usize,
    bytes_left: u64,
}

impl Copier {
    /// A copier of the chart in `root` and what belongs to it.
    pub(super) fn new(root: &Path, texts: &[(PathBuf, Arc<str>)]) -> Self {
        let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
        Self {
            texts: texts
                .iter()
                .map(|(path, text)| (real(path), Arc::clone(text)))
                .collect(),
            root: root.to_owned(),
            files_left: MAX_FILES,
            bytes_left: MAX_BYTES,
        }
    }

    /// Copies a folder. Symbolic links are followed, as Helm follows them; modes are not kept, so that the copy can be deleted.
    pub(super) fn folder(&mut self, from: &Path, to: &Path) -> Result<(), HelmError> {
        self.folder_below(from, to, &mut Vec::new())
    }

    /// `above` are the folders that the copy is in, links followed.
    fn folder_below(&mut self, from: &Path, to: &Path, above: &mut Vec<PathBuf>) -> Result<(), HelmError> {
        let failed = |source| copy_error(from, source);
        let real = from.canonicalize().map_err(failed)?;
        if above.contains(&real) {
            return Err(HelmError::Circle(from.to_owned()));
        }
        self.count(1, 0)?;
        fs::create_dir_all(to).map_err(HelmError::Temporary)?;
        above.push(real);
        for entry in fs::read_dir(from).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if name == ".git" {
                continue;
            }
            let (from, to) = (from.join(&name), to.join(&name));
            match kind(&from)? {
                kind if kind.is_dir() => self.folder_below(&from, &to, above)?,
                kind if kind.is_file() => self.file(&from, &to)?,
                _ => return Err(HelmError::Irregular(from)),
            }
        }
        above.pop();
        Ok(())
    }

    /// Copies a file that is known to be one, or writes its new text.
    fn file(&mut self, from: &Path, to: &Path) -> Result<(), HelmError> {
        let failed = |source| copy_error(from, source);
        if !self.texts.is_empty()
            && let Some(text) = self.texts.get(&from.canonicalize().map_err(failed)?)
        {
            let text = Arc::clone(text);
            self.count(1, text.len() as u64)?;
            return fs::write(to, text.as_bytes()).map_err(HelmError::Temporary);
        }
        let mut source = File::open(from).map_err(failed)?.take(self.bytes_left + 1);
        let mut target = File::create(to).map_err(HelmError::Temporary)?;
        let copied = io::copy(&mut source, &mut target).map_err(failed)?;
        self.count(1, copied)
    }

    fn count(&mut self, files: usize, bytes: u64) -> Result<(), HelmError> {
        let left = self
            .files_left
            .checked_sub(files)
            .zip(self.bytes_left.checked_sub(bytes));
        (self.files_left, self.bytes_left) = left.ok_or_else(|| HelmError::TooLarge(self.root.clone()))?;
        Ok(())
    }
}

/// What a path leads to. A link to a device or a pipe is not opened: that may wait for ever.
fn kind(path: &Path) -> Result<FileType, HelmError> {
    let data = fs::metadata(path).map_err(|source| copy_error(path, source))?;
    Ok(data.file_type())
}

fn copy_error(path: &Path, source: io::Error) -> HelmError {
    HelmError::Copy {
        path: path.to_owned(),
        source,
    }
}
