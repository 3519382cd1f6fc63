//! The charts of a run, read into memory at once: what is asked of registries is asked for all of them together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::inputs::{Group, groups_at};
use super::terminal::{report_problem, say, say_with_help};
use super::{CommandError, Ending};
use crate::chart::{Chart, ChartFile};
use crate::cli::{ImageFilterArgs, PlaceArgs};
use crate::config::PinSettings;
use crate::guard::guarded;
use crate::pattern::PatternError;
use crate::pin::{ImageFilter, Options};
use crate::site::Finder;
use crate::walk::{Problem, Templates, Unit, display, read_unit};

/// A chart, and where it comes from.
pub(super) struct Loaded {
    pub chart: Chart,
    /// The index of the group that it belongs to.
    pub group: usize,
    /// Its files on disk, by their names in reports; none for a packaged chart.
    pub paths: BTreeMap<String, PathBuf>,
}

impl Loaded {
    /// Whether its files are on disk, so that they can be written.
    pub(super) fn is_on_disk(&self) -> bool {
        !self.paths.is_empty()
    }
}

/// The charts of a run.
pub(super) struct Charts {
    pub groups: Vec<Group>,
    pub loaded: Vec<Loaded>,
    /// How reading them went: trouble where a path cannot be read, incomplete where a file is no YAML.
    pub ending: Ending,
}

/// What one unit holds.
type Contents = (Vec<(Chart, BTreeMap<String, PathBuf>)>, Vec<Problem>);

impl Charts {
    /// Reads every chart below the paths.
    pub(super) fn read(place: &PlaceArgs, dir: &Path) -> Result<Self, CommandError> {
        Ok(Self::of(groups_at(place, dir)?, dir))
    }

    /// Reads every chart of these groups; what cannot be read is said, and the rest is read.
    pub(super) fn of(groups: Vec<Group>, dir: &Path) -> Self {
        let mut charts = Self {
            groups: Vec::new(),
            loaded: Vec::new(),
            ending: Ending::Clean,
        };
        let templates = Templates::default();
        for (index, group) in groups.iter().enumerate() {
            let read = |unit: &Unit| guarded("reading a chart", || contents(unit, group, dir, &templates));
            let units: Vec<_> = group.found.units.par_iter().map(read).collect();
            for problem in &group.found.problems {
                charts.trouble(problem, dir);
            }
            for unit in units {
                let (found, problems) = match unit {
                    Ok(contents) => contents,
                    Err(bug) => {
                        say(&format!("chartpin: {bug}"));
                        charts.ending = Ending::Trouble;
                        continue;
                    }
                };
                for problem in &problems {
                    charts.trouble(problem, dir);
                }
                for (chart, paths) in found {
                    charts.ending = charts.ending.max(say_refused(&refused(&chart)));
                    charts.loaded.push(Loaded {
                        chart,
                        group: index,
                        paths,
                    });
                }
            }
        }
        charts.groups = groups;
        charts
    }

    fn trouble(&mut self, problem: &Problem, dir: &Path) {
        report_problem(problem, &display(&problem.path, dir));
        self.ending = Ending::Trouble;
    }

    /// The finder of a chart's group.
    pub(super) fn finder(&self, loaded: &Loaded) -> Finder<'_> {
        Finder {
            idioms: &self.groups[loaded.group].settings.idioms,
        }
    }

    /// What is wanted of each group where nothing but a filter is said.
    pub(super) fn filtered(&self, args: &ImageFilterArgs) -> Result<Vec<Options>, CommandError> {
        let one = |settings: &PinSettings| {
            Ok(Options {
                filter: image_filter(args, settings)?,
                ..Options::default()
            })
        };
        self.settings().map(one).collect()
    }

    /// The configuration of each group, with its folder.
    pub(super) fn settings_by_folder(&self) -> impl Iterator<Item = (&Path, &PinSettings)> {
        self.groups
            .iter()
            .map(|group| (group.root.as_path(), &group.settings.pin))
    }

    /// The configuration of each group.
    pub(super) fn settings(&self) -> impl Iterator<Item = &PinSettings> {
        self.groups.iter().map(|group| &group.settings.pin)
    }
}

/// A line for each file of a chart that is no YAML: it may name images that are then not looked at.
pub(super) fn refused(chart: &Chart) -> Vec<String> {
    let wanted = chart.files.iter().filter(|file| file.wanted);
    let line = |file: &ChartFile| {
        let error = &file.tree.as_ref().err()?.error;
        let place = file.source.position(error.span.start);
        let path = &file.source.path;
        Some(format!(
            "`{path}:{}:{}`: {error}: its images are not looked at",
            place.line, place.column
        ))
    };
    wanted.filter_map(line).collect()
}

/// Says what was refused, which makes a run incomplete.
pub(super) fn say_refused(refused: &[String]) -> Ending {
    for line in refused {
        say_with_help(line, Some("`chartpin lint` shows the place"));
    }
    if refused.is_empty() {
        Ending::Clean
    } else {
        Ending::Incomplete
    }
}

fn contents(unit: &Unit, group: &Group, dir: &Path, templates: &Templates) -> Contents {
    let finder = Finder {
        idioms: &group.settings.idioms,
    };
    let paths = unit.paths(dir);
    let read = read_unit(unit, dir, templates);
    let charts = read
        .charts
        .into_iter()
        .map(|inputs| (Chart::read_with_comments(inputs, finder), paths.clone()));
    (charts.collect(), read.problems)
}

/// The images that are meant: those of the command line where it names any, else those of the configuration; what either leaves out is left out.
pub(super) fn image_filter(args: &ImageFilterArgs, settings: &PinSettings) -> Result<ImageFilter, CommandError> {
    let include = if args.include.is_empty() {
        &settings.include
    } else {
        &args.include
    };
    let exclude: Vec<String> = settings.exclude.iter().chain(&args.exclude).cloned().collect();
    let wrong = |error: PatternError| {
        CommandError::usage(
            error.to_string(),
            Some("globs have `*`, `**`, `?`, `[...]` and `{a,b}`"),
        )
    };
    ImageFilter::new(include, &exclude).map_err(wrong)
}
