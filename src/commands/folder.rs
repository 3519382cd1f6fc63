//! Folders that the command line names: whether each is one, and what to do where it is not.

use std::io::ErrorKind;
use std::path::Path;

use super::CommandError;
use crate::proposal::shell_word;
use crate::system::said;
use crate::walk::slashed;

/// Refuses what is no folder that files can be written to.
pub(super) fn demand_target(path: &Path) -> Result<(), CommandError> {
    let shown = slashed(path);
    let help = format!("make it first: `mkdir -p {}`", shell_word(&shown));
    demand_folder(path, &shown, &help)
}

/// Refuses what is no folder; `shown` is the path as people see it, `help` what to do where nothing is there.
pub(super) fn demand_folder(path: &Path, shown: &str, help: &str) -> Result<(), CommandError> {
    let (message, help) = match std::fs::metadata(path) {
        Ok(data) if data.is_dir() => return Ok(()),
        Ok(_) => (
            format!("`{shown}` is no folder, but a file"),
            "name a folder".to_owned(),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => match std::fs::read_link(path) {
            Ok(target) => (
                format!("`{shown}` is a link to `{}`, which is not there", slashed(&target)),
                "make what it leads to, or name another folder".to_owned(),
            ),
            Err(_) => (format!("there is no folder `{shown}`"), help.to_owned()),
        },
        Err(error) => {
            let message = format!("`{shown}` cannot be looked at: {}", said(&error));
            (message, "name a folder that you may look into".to_owned())
        }
    };
    Err(CommandError::usage(message, Some(&help)))
}
