//! What paths say by themselves: how reports show them, and what a file is by its name.

use std::path::{Component, Path, PathBuf};

/// `path` from the root of the file system, without `..`; a path that does not exist keeps its form.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let dotted = path.components().any(|part| part == Component::ParentDir);
    let plain = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if dotted {
        plain.canonicalize().unwrap_or(plain)
    } else {
        plain
    }
}

/// `path` as reports show it: relative to `dir`, with `/` between its parts.
#[must_use]
pub fn display(path: &Path, dir: &Path) -> String {
    let common = path
        .components()
        .zip(dir.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = dir.components().count() - common;
    if common <= 1 && up > 0 {
        return slashed(path);
    }
    let steps_up = std::iter::repeat_n(Component::ParentDir, up);
    let shown: PathBuf = steps_up.chain(path.components().skip(common)).collect();
    slashed(&shown)
}

/// A name that [`display`] gave relative to `from`, relative to `to`. Looks at no file: links keep their names.
#[must_use]
pub fn renamed(shown: &str, from: &Path, to: &Path) -> String {
    if from == to {
        return shown.to_owned();
    }
    let mut path = from.to_owned();
    for part in Path::new(shown).components() {
        if part == Component::ParentDir {
            path.pop();
        } else {
            path.push(part);
        }
    }
    display(&path, to)
}

/// The folder that a file lies in, from the root of the file system; `dir` is the folder that its path is relative to.
#[must_use]
pub fn folder_of(file: &Path, dir: &Path) -> PathBuf {
    absolute(dir.join(file).parent().unwrap_or(dir))
}

/// `path` with `/` between its parts.
#[must_use]
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// Whether `path` names a packaged chart.
#[must_use]
pub fn is_package(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    [".tgz", ".tar.gz"].iter().any(|ending| lower.ends_with(ending))
}

/// Whether a file found below `root` is a values file by its name and place.
pub(super) fn is_values_file(path: &Path, root: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else {
        return false;
    };
    if name == "Chart.yaml" || stem.ends_with(".schema") {
        return name == "Chart.yaml";
    }
    let below = path.strip_prefix(root).unwrap_or(path);
    let start = root.iter().rev().take(3).collect::<Vec<_>>().into_iter().rev();
    let folders: Vec<&str> = start
        .chain(below.parent().into_iter().flat_map(Path::iter))
        .filter_map(|part| part.to_str())
        .collect();
    let words = stem.split(['-', '_', '.']);
    words.into_iter().any(|word| word.starts_with("values"))
        || folders
            .iter()
            .any(|folder| matches!(*folder, "values" | "values_overrides"))
        || (folders.last() == Some(&"ci") && stem.contains("values"))
}
