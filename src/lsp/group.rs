//! The configuration that governs a file, with everything that follows from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::baseline::Baseline;
use crate::config::{ConfigError, RuleFlags, Settings};
use crate::site::Finder;
use crate::walk::{RootedPattern, Selection, folder_of, read_text};

/// What charts under one configuration share.
pub(super) struct Group {
    /// The folder of the configuration, or of the workspace where there is none: names in reports are relative to it.
    pub root: PathBuf,
    /// What the configuration says.
    pub settings: Settings,
    /// Which files count.
    pub selection: Selection,
    /// The findings that are known, and the folder that they are relative to.
    pub baseline: Option<(PathBuf, Baseline)>,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A place in its text.
    At(Box<ConfigError>, Arc<str>),
    /// It, or a file that it names, cannot be read.
    Unreadable(String),
}

impl Group {
    /// The group of the configuration at `config`, and what is wrong with it: it then counts as empty, a baseline as none.
    pub(super) fn read(config: Option<&Path>, fallback: &Path) -> (Self, Option<Trouble>) {
        let root = config.and_then(Path::parent).unwrap_or(fallback).to_owned();
        let text = config.map_or(Ok(String::new()), |path| {
            read_text(path).map_err(|problem| problem.message)
        });
        let (text, unreadable) = match text {
            Ok(text) => (text, None),
            Err(message) => (String::new(), Some(Trouble::Unreadable(message))),
        };
        match Settings::read(&text, &RuleFlags::default()) {
            Ok(settings) => {
                let (group, trouble) = Self::of(root, settings);
                (group, unreadable.or(trouble))
            }
            Err(error) => {
                let (group, _) = Self::of(root, Settings::default());
                (group, Some(Trouble::At(Box::new(error), text.into())))
            }
        }
    }

    fn of(root: PathBuf, settings: Settings) -> (Self, Option<Trouble>) {
        let selection = Selection {
            include: RootedPattern::below(&root, &settings.include).collect(),
            exclude: RootedPattern::below(&root, &settings.exclude).collect(),
            whole_charts: false,
        };
        let baseline = settings.baseline.as_ref().map(|file| {
            let text = read_text(&root.join(file)).map_err(|problem| problem.message)?;
            let baseline = Baseline::read(&text).map_err(|error| error.to_string())?;
            Ok::<_, String>((folder_of(Path::new(file), &root), baseline))
        });
        let (baseline, trouble) = match baseline.transpose() {
            Ok(baseline) => (baseline, None),
            Err(message) => (None, Some(Trouble::Unreadable(format!("baseline: {message}")))),
        };
        let group = Self {
            root,
            settings,
            selection,
            baseline,
        };
        (group, trouble)
    }

    /// How images are found.
    pub(super) fn finder(&self) -> Finder<'_> {
        Finder {
            idioms: &self.settings.idioms,
        }
    }
}
