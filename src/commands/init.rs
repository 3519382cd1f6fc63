//! `chartpin init`: looks at a folder with charts, and writes a configuration for it, and at the root of its repository what runs chartpin. What is there
//! already stays as it is.

mod looking;
mod offers;
mod repository;

use std::path::{Path, PathBuf};

use super::charts::Charts;
use super::folder::demand_folder;
use super::inputs::working_directory;
use super::terminal::{heading, named_folder, output_style, print};
use super::{CommandError, Ending};
use crate::cli::{Color, InitArgs, PlaceArgs};
use crate::proposal::{Place, Survey};
use crate::report::Style;
use crate::walk::{absolute, display, repository_of};
use looking::survey;
use offers::{Kind, Outcome, offers, settle, told};

/// What is set up, and where it lies.
struct Setting {
    /// The working directory.
    dir: PathBuf,
    /// The folder with the charts.
    folder: PathBuf,
    /// The root of the repository that the folder lies in, if it lies in one.
    repository: Option<PathBuf>,
    place: Place,
}

impl Setting {
    fn new(dir: PathBuf, path: Option<&Path>) -> Result<Self, CommandError> {
        let folder = match path {
            Some(path) => absolute(path),
            None => repository_of(&dir).unwrap_or(&dir).to_owned(),
        };
        let help = "name the folder in which the charts are: `chartpin init PATH`";
        demand_folder(&folder, &display(&folder, &dir), help)?;
        let repository = repository_of(&folder).map(Path::to_owned);
        let place = Place {
            folder: display(&folder, repository.as_deref().unwrap_or(&folder)),
            branch: repository
                .as_deref()
                .and_then(repository::default_branch)
                .unwrap_or_else(|| "main".to_owned()),
        };
        // What is not UTF-8 has come to be this character, and a file that names it names no folder.
        let wrong = if place.folder.contains(|c: char| c.is_control()) {
            Some("holds a control character")
        } else if place.folder.contains('\u{fffd}') {
            Some("is not UTF-8")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let message = format!("the name `{}` {wrong}", place.folder.escape_debug());
            return Err(CommandError::usage(message, Some("give the folder another name")));
        }
        Ok(Self {
            dir,
            folder,
            repository,
            place,
        })
    }

    /// Where hooks and workflows are read.
    fn root(&self) -> &Path {
        self.repository.as_deref().unwrap_or(&self.folder)
    }
}

pub(super) fn run(args: &InitArgs, color: Color) -> Result<Ending, CommandError> {
    let setting = Setting::new(working_directory()?, args.path.as_deref())?;
    let place = PlaceArgs {
        paths: vec![setting.folder.clone()],
        config: None,
        no_config: false,
        whole_charts: false,
    };
    let charts = Charts::read(&place, &setting.folder)?;
    if charts.loaded.is_empty() {
        let help = "name the folder in which the charts are: `chartpin init PATH`";
        return Err(CommandError::usage(
            "there is nothing to set up, and nothing is written",
            Some(help),
        ));
    }
    let survey = survey(&charts, &setting.folder);
    let style = output_style(color);
    let mut out = survey.to_string();
    let mut ending = Ending::Clean;
    for offer in offers(args, &survey, &setting) {
        if offer.kind == Kind::Hook {
            out.push_str(&where_they_are_read(&setting, style));
        }
        let outcome = match settle(&offer, &setting, args.dry_run) {
            Ok(outcome) => outcome,
            Err(error) => {
                // What is written by now is said all the same.
                print(&out)?;
                return Err(error);
            }
        };
        if offer.is_wanted && matches!(outcome, Outcome::ToAdd(_)) {
            ending = Ending::Findings;
        }
        out.push_str(&told(&offer, &outcome, &survey, &setting, style));
    }
    out.push_str(&next(&survey, &setting, style));
    print(&out)?;
    Ok(ending.max(charts.ending))
}

/// Where hooks and workflows lie, unless that is the folder that is set up.
fn where_they_are_read(setting: &Setting, style: Style) -> String {
    let shown = |path: &Path| named_folder(display(path, &setting.dir));
    let text = match &setting.repository {
        Some(root) if *root == setting.folder => return String::new(),
        Some(root) => format!(
            "Hook and workflow lie at the root of the repository, `{}`, and look at `{}`.",
            shown(root),
            setting.place.folder
        ),
        None => format!(
            "No git repository is around `{}`: pre-commit and GitHub read what follows at the root of one alone. Make it one with `git init`, or run \
             `chartpin init` in one.",
            shown(&setting.folder)
        ),
    };
    heading(&text, style)
}

/// What to run now, and where: at the root of the repository, since that is where hooks and workflows run.
fn next(survey: &Survey, setting: &Setting, style: Style) -> String {
    let place = &setting.place;
    let lint = place.command("lint");
    let mut steps = vec![(lint.clone(), "shows each finding at its place")];
    if survey.findings.values().sum::<usize>() > 0 {
        steps.push((format!("{lint} --diff"), "shows what can be mended without a decision"));
        steps.push((place.write_baseline(), "writes the findings of today down"));
    }
    steps.push((
        place.command("pin"),
        "shows the digests behind the tags, asking registries",
    ));
    let root = display(setting.root(), &setting.dir);
    let title = if root.is_empty() {
        "Next:".to_owned()
    } else {
        format!("Next, in `{root}`:")
    };
    let mut out = heading(&title, style);
    let lines = steps
        .iter()
        .map(|(command, meaning)| format!("  {command}\n      {meaning}\n"));
    out.extend(lines);
    out
}
