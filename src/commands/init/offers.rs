//! The files that `init` offers: what of each is there already, and what becomes of the rest.

use std::path::{Path, PathBuf};

use super::super::CommandError;
use super::super::terminal::{heading, named_folder};
use crate::cli::InitArgs;
use crate::config::FILE_NAME;
use crate::proposal::{Presence, Survey, configuration, hook, hook_entry, hook_in, step_in, workflow};
use crate::report::Style;
use crate::source::SourceFile;
use crate::walk::{display, nearest_config, read_text};
use crate::write;
use crate::yaml::ReadError;

use super::Setting;

/// Where pre-commit looks for its hooks.
const HOOK_FILE: &str = ".pre-commit-config.yaml";
/// Where GitHub looks for workflows.
const WORKFLOW_FOLDER: &str = ".github/workflows";
/// The workflow that is offered.
const WORKFLOW_FILE: &str = "chartpin.yml";

/// A file that is offered.
pub(super) struct Offer {
    pub kind: Kind,
    path: PathBuf,
    what: String,
    text: String,
    /// What is added to a file that is there, and how.
    addition: (&'static str, String),
    /// The flag that asks for it; none is always asked for.
    flag: Option<&'static str>,
    pub is_wanted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Configuration,
    Hook,
    Workflow,
}

/// What became of an offer.
pub(super) enum Outcome {
    Written,
    /// It would be, without `--dry-run`.
    Meant,
    /// It was not asked for.
    Offered,
    /// Something does it already: where, and what.
    There(String),
    /// A file is there that does not do it, and why.
    ToAdd(String),
}

pub(super) fn offers(args: &InitArgs, survey: &Survey, setting: &Setting) -> [Offer; 3] {
    let place = &setting.place;
    let root = setting.root();
    [
        Offer {
            kind: Kind::Configuration,
            path: setting.folder.join(FILE_NAME),
            what: "the configuration".to_owned(),
            text: configuration(survey, place),
            addition: ("", String::new()),
            flag: None,
            is_wanted: true,
        },
        Offer {
            kind: Kind::Hook,
            path: root.join(HOOK_FILE),
            what: "a hook that lints the charts of a commit".to_owned(),
            text: hook(place),
            addition: ("Add this to its `repos`", hook_entry(place)),
            flag: Some("--hook"),
            is_wanted: args.hook,
        },
        Offer {
            kind: Kind::Workflow,
            path: root.join(WORKFLOW_FOLDER).join(WORKFLOW_FILE),
            what: format!(
                "a workflow of GitHub Actions that lints pull requests and pushes to `{}`",
                place.branch
            ),
            text: workflow(place),
            addition: ("Add the job to it, or put this into a file beside it", workflow(place)),
            flag: Some("--workflow"),
            is_wanted: args.workflow,
        },
    ]
}

/// Writes what is asked for and not there.
pub(super) fn settle(offer: &Offer, setting: &Setting, dry_run: bool) -> Result<Outcome, CommandError> {
    if let Some(outcome) = there(offer, setting)? {
        return Ok(outcome);
    }
    Ok(match (offer.is_wanted, dry_run) {
        (false, _) => Outcome::Offered,
        (true, true) => Outcome::Meant,
        (true, false) => {
            write::create(&offer.path, &offer.text)?;
            Outcome::Written
        }
    })
}

/// What of an offer is there.
fn there(offer: &Offer, setting: &Setting) -> Result<Option<Outcome>, CommandError> {
    let shown = |path: &Path| display(path, &setting.dir);
    if offer.kind == Kind::Configuration {
        // A second one would take the place of the first for this folder, and not add to it.
        if let Some(config) = nearest_config(&setting.folder) {
            let says = if config == offer.path {
                format!("`{}` is there, and stays as it is.", shown(&config))
            } else {
                let folder = named_folder(shown(&setting.folder));
                format!("`{}` is there for `{folder}`, too, and stays as it is.", shown(&config))
            };
            return Ok(Some(Outcome::There(says)));
        }
        return Ok(write::peek(&offer.path)?
            .map(|_| Outcome::There(format!("`{}` is there, and stays as it is.", shown(&offer.path)))));
    }
    let find = if offer.kind == Kind::Hook { hook_in } else { step_in };
    let text = write::peek(&offer.path)?;
    let own = text.map(|text| SourceFile::new(shown(&offer.path), text));
    let found = own.as_ref().map(find);
    if let (Some(Ok(Some(presence))), Some(file)) = (&found, &own) {
        return Ok(Some(present(file, presence)));
    }
    if offer.kind == Kind::Workflow {
        for path in workflows(&setting.root().join(WORKFLOW_FOLDER)) {
            let Ok(text) = read_text(&path) else { continue };
            let file = SourceFile::new(shown(&path), text);
            if let Ok(Some(presence)) = step_in(&file) {
                return Ok(Some(present(&file, &presence)));
            }
        }
    }
    Ok(found.zip(own).map(|(found, file)| {
        let what = if offer.kind == Kind::Hook { "hook" } else { "step" };
        Outcome::ToAdd(match found {
            Err(error) => unreadable(&file, &error, what),
            Ok(_) => format!(
                "`{}` is there, and stays as it is: no {what} of it runs chartpin.",
                file.path
            ),
        })
    }))
}

fn present(file: &SourceFile, presence: &Presence) -> Outcome {
    let Presence { what, line } = presence;
    Outcome::There(format!("`{}:{line}` has {what}, and stays as it is.", file.path))
}

fn unreadable(file: &SourceFile, error: &ReadError, what: &str) -> String {
    let line = file.position(error.span.start).line;
    format!(
        "`{}:{line}` is no YAML ({}), and stays as it is: nobody can tell whether it has a {what} that runs chartpin.",
        file.path, error.message
    )
}

/// The workflows of a repository, by name.
fn workflows(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_workflow = |path: &PathBuf| {
        path.extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml")
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_workflow).collect();
    found.sort();
    found
}

/// What became of an offer, in words, with its text where the reader is to look at it.
pub(super) fn told(offer: &Offer, outcome: &Outcome, survey: &Survey, setting: &Setting, style: Style) -> String {
    let path = display(&offer.path, &setting.dir);
    let what = &offer.what;
    let shown = || indented(&offer.text);
    match outcome {
        Outcome::Written => heading(&format!("Wrote `{path}`, {what}."), style),
        Outcome::Meant => heading(&format!("Would write `{path}`, {what}:"), style) + &shown(),
        Outcome::There(says) => {
            let mut out = heading(says, style);
            if offer.kind == Kind::Configuration && !survey.vendored.is_empty() {
                out.push_str("It does not leave out the charts of others; their folders go under `exclude`.\n");
            }
            out
        }
        Outcome::ToAdd(says) => {
            let (how, text) = &offer.addition;
            heading(&format!("{says} {how}, {what}:"), style) + &indented(text)
        }
        Outcome::Offered => {
            let flag = offer.flag.unwrap_or_default();
            heading(&format!("On offer: `{path}`, {what}; `{flag}` writes it:"), style) + &shown()
        }
    }
}

fn indented(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("    {line}\n")
        }
    };
    let lines: String = text.lines().map(line).collect();
    format!("\n{lines}")
}
