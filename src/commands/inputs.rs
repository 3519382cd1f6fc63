//! From the paths of the command line to groups of units, each with the configuration that governs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::CommandError;
use super::terminal::{named_folder, say};
use crate::cli::{InputArgs, PlaceArgs};
use crate::config::{RuleFlags, Settings};
use crate::pattern::Pattern;
use crate::source::SourceFile;
use crate::walk::{Found, RootedPattern, Selection, absolute, charts_of, display, nearest_config, read_text, walk};

/// The units under one configuration.
pub(super) struct Group {
    /// What the configuration and the command line say.
    pub settings: Settings,
    /// The folder of the configuration; the working directory where there is none.
    pub root: PathBuf,
    /// What lies below the paths.
    pub found: Found,
}

impl Group {
    /// The file of known findings that the configuration names.
    pub(super) fn baseline(&self) -> Option<PathBuf> {
        Some(self.root.join(self.settings.baseline.as_ref()?))
    }
}

/// Sorts the paths by the configuration that governs each, and lists what lies below them; globs say what else is a values file, and what is not.
pub(super) fn groups(args: &InputArgs, flags: &RuleFlags, dir: &Path) -> Result<Vec<Group>, CommandError> {
    let include = globs(&args.include, "--include", dir)?;
    let exclude = globs(&args.exclude, "--exclude", dir)?;
    groups_below(&args.place, &include, &exclude, flags, dir)
}

/// Sorts the paths by the configuration that governs each, and lists what lies below them.
pub(super) fn groups_at(args: &PlaceArgs, dir: &Path) -> Result<Vec<Group>, CommandError> {
    groups_below(args, &[], &[], &RuleFlags::default(), dir)
}

fn groups_below(
    args: &PlaceArgs,
    include: &[RootedPattern],
    exclude: &[RootedPattern],
    flags: &RuleFlags,
    dir: &Path,
) -> Result<Vec<Group>, CommandError> {
    let mut by_config: BTreeMap<Option<PathBuf>, Vec<PathBuf>> = BTreeMap::new();
    let paths = if args.whole_charts {
        charts_of(&args.paths)
    } else {
        args.paths.clone()
    };
    for path in paths {
        let config = match &args.config {
            Some(config) => Some(absolute(config)),
            None if args.no_config => None,
            None => nearest_config(&absolute(&path)),
        };
        by_config.entry(config).or_default().push(path);
    }
    let mut groups = Vec::new();
    let mut excluded = "";
    for (config, paths) in by_config {
        let settings = settings(config.as_deref(), flags, dir)?;
        let root = config.as_deref().and_then(Path::parent).unwrap_or(dir).to_owned();
        let rooted = |patterns: &[Pattern], more: &[RootedPattern]| -> Vec<RootedPattern> {
            RootedPattern::below(&root, patterns)
                .chain(more.iter().cloned())
                .collect()
        };
        let selection = Selection {
            include: rooted(&settings.include, include),
            exclude: rooted(&settings.exclude, exclude),
            whole_charts: args.whole_charts,
        };
        let found = walk(&paths, &selection);
        if found.units.is_empty() && found.problems.is_empty() {
            let but = left_out(&paths, selection);
            if args.whole_charts {
                excluded = if but.is_empty() { excluded } else { but };
            } else {
                let shown: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
                say(&format!(
                    "chartpin: no charts and no values files below {}{but}",
                    shown.join(", ")
                ));
            }
        }
        groups.push(Group { settings, root, found });
    }
    if args.whole_charts && groups.iter().all(|group| group.found.units.is_empty()) {
        say(&format!("chartpin: the paths are parts of no chart{excluded}"));
    }
    Ok(groups)
}

/// What to say behind "nothing is there" where there is something and globs leave it out.
fn left_out(paths: &[PathBuf], selection: Selection) -> &'static str {
    let all = Selection {
        exclude: Vec::new(),
        ..selection
    };
    if walk(paths, &all).units.is_empty() {
        ""
    } else {
        ", but for what `exclude` leaves out"
    }
}

fn settings(config: Option<&Path>, flags: &RuleFlags, dir: &Path) -> Result<Settings, CommandError> {
    let (shown, text) = match config {
        None => (String::new(), String::new()),
        Some(path) => {
            let shown = named_folder(display(path, dir));
            let text = read_text(path).map_err(|problem| {
                CommandError::usage(format!("`{shown}`: {}", problem.message), problem.help.as_deref())
            })?;
            (shown, text)
        }
    };
    Settings::read(&text, flags).map_err(|error| CommandError::Config {
        source_file: Box::new(SourceFile::new(shown, text)),
        error,
    })
}

fn globs(texts: &[String], flag: &str, dir: &Path) -> Result<Vec<RootedPattern>, CommandError> {
    let compiled = texts.iter().map(|text| {
        let pattern = Pattern::new(text).map_err(|error| CommandError::usage(format!("{flag}: {error}"), None))?;
        Ok(RootedPattern {
            root: dir.to_owned(),
            pattern,
        })
    });
    compiled.collect()
}

/// The working directory.
pub(super) fn working_directory() -> Result<PathBuf, CommandError> {
    std::env::current_dir()
        .map_err(|error| CommandError::usage(format!("there is no working directory: {error}"), None))
}
