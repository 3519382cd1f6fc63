//! What a git repository says of itself in its files, without git: which branch changes are merged into.

use std::path::{Path, PathBuf};

use crate::walk::read_text;

/// The branches that repositories begin with, where nothing else is said.
const USUAL: [&str; 2] = ["main", "master"];

/// The branch that changes are merged into: the one that the remote has as its default, else the usual one that is there, else the one that is checked
/// out, in the first working tree.
pub(super) fn default_branch(root: &Path) -> Option<String> {
    let own = git_folder(root)?;
    // A further working tree has a folder of its own, with the place of the one that all of them share.
    let shared = read_text(&own.join("commondir")).map_or_else(|_| own.clone(), |path| own.join(path.trim()));
    let branch = |file: PathBuf, prefix: &str| {
        let text = read_text(&file).ok()?;
        let name = text.trim().strip_prefix("ref:")?.trim().strip_prefix(prefix)?;
        is_branch(name).then(|| name.to_owned())
    };
    let packed = read_text(&shared.join("packed-refs")).unwrap_or_default();
    let is_there = |name: &&str| {
        ["refs/heads", "refs/remotes/origin"].iter().any(|folder| {
            let reference = format!("{folder}/{name}");
            shared.join(&reference).is_file() || packed.lines().any(|line| line.ends_with(&format!(" {reference}")))
        })
    };
    branch(shared.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/")
        .or_else(|| USUAL.iter().copied().find(is_there).map(str::to_owned))
        .or_else(|| branch(shared.join("HEAD"), "refs/heads/"))
}

/// The folder that git keeps what it knows in: `.git`, or where the file of that name says.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = read_text(&git).ok()?;
    Some(root.join(text.trim().strip_prefix("gitdir:")?.trim()))
}

/// Whether git takes it for the name of a branch; `.invalid` stands where the branch is kept in another way.
fn is_branch(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(|c: char| c.is_whitespace() || c.is_control())
}
