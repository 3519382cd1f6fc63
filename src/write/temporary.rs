//! Names of temporary files and folders that say which process of which machine will finish them, so that what a run leaves behind that was
//! ended can be told from what another one is at.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// After which time what another machine made counts as left by a run that is gone.
const ABANDONED: Duration = Duration::from_secs(3600);

/// A kind of temporary files or folders; between the beginning and the end of their names stand the machine, the process and a random word.
#[derive(Debug, Clone, Copy)]
pub struct Temporary {
    /// What their names begin with.
    pub prefix: &'static str,
    /// What their names end with.
    pub suffix: &'static str,
}

impl Temporary {
    /// What a name begins with that this process makes, up to the random word of six letters.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}{}-{}-", self.prefix, machine(), std::process::id())
    }

    /// Takes away those in a folder that no living process will finish. What cannot be looked at, or is somebody else's, stays.
    pub fn sweep(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let is_left = entry
                .file_name()
                .to_str()
                .is_some_and(|name| self.is_left(name, &entry));
            if !is_left {
                continue;
            }
            // What another run takes away at the same moment is gone all the same.
            let _ = match entry.file_type() {
                Ok(kind) if kind.is_file() => fs::remove_file(entry.path()),
                Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()),
                _ => Ok(()),
            };
        }
    }

    /// Whether the name is one of these, and its process is gone: not to be seen on this machine, or too long ago on another.
    fn is_left(&self, name: &str, entry: &fs::DirEntry) -> bool {
        let inner = name
            .strip_prefix(self.prefix)
            .and_then(|rest| rest.strip_suffix(self.suffix));
        let parts: Vec<&str> = inner.map(|inner| inner.split('-').collect()).unwrap_or_default();
        let [host, process, word] = parts.as_slice() else {
            return false;
        };
        let is_ours =
            process.parse::<u32>().is_ok() && word.len() == 6 && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let here = *host == machine() && Path::new("/proc/self").exists();
        let is_gone = || {
            if here {
                return !Path::new("/proc").join(process).exists();
            }
            let modified = entry.metadata().and_then(|data| data.modified());
            modified.is_ok_and(|at| at.elapsed().unwrap_or_default() > ABANDONED)
        };
        is_ours && is_gone()
    }
}

/// The name of this machine, as far as a file's name can hold it.
fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    if name.is_empty() { "machine".to_owned() } else { name }
}
