//! `chartpin init`: looks at a repository, and writes a configuration for it. What is there already stays as it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::charts::{Charts, Loaded};
use super::inputs::working_directory;
use super::lint;
use super::terminal::{output_style, print};
use super::{CommandError, Ending};
use crate::chart::{ChartFile, FileRole};
use crate::cli::{Color, InitArgs, PlaceArgs};
use crate::config::FILE_NAME;
use crate::proposal::{HOOK, Survey, WORKFLOW, WRITE_BASELINE, configuration, remote_dependencies};
use crate::reference::Reference;
use crate::report::{ImageRow, Style};
use crate::walk::{absolute, display};
use crate::write;

/// Where pre-commit looks for its hooks.
const HOOK_FILE: &str = ".pre-commit-config.yaml";
/// Where the workflow goes.
const WORKFLOW_FILE: &str = ".github/workflows/chartpin.yml";

/// A file that is offered.
struct Offer {
    path: &'static str,
    what: &'static str,
    text: String,
    /// The flag that asks for it; none is always asked for.
    flag: Option<&'static str>,
    is_wanted: bool,
    /// Whether a file of this path that is there may hold what is offered beside other things.
    is_shared: bool,
}

/// What became of an offer.
enum Outcome {
    Written,
    /// It would be, without `--dry-run`.
    Meant,
    /// It was not asked for.
    Offered,
    /// A file is there that does it already.
    There,
    /// A file is there that does not do it.
    ToAdd,
}

pub(super) fn run(args: &InitArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let root = match &args.path {
        Some(path) => absolute(path),
        None => repository_of(&dir),
    };
    if !root.is_dir() {
        let message = format!("`{}` is no folder", display(&root, &dir));
        return Err(CommandError::usage(
            message,
            Some("name the folder in which the charts are"),
        ));
    }
    let place = PlaceArgs {
        paths: vec![root.clone()],
        config: None,
        no_config: false,
        whole_charts: false,
    };
    let charts = Charts::read(&place, &root)?;
    if charts.loaded.is_empty() {
        let help = "name the folder in which the charts are: `chartpin init PATH`";
        return Err(CommandError::usage(
            "there is nothing to set up, and nothing is written",
            Some(help),
        ));
    }
    let survey = survey(&charts, &root);
    let style = output_style(color);
    let mut out = survey.to_string();
    let mut ending = Ending::Clean;
    for offer in offers(args, &survey) {
        let outcome = match settle(&offer, &root, args.dry_run) {
            Ok(outcome) => outcome,
            Err(error) => {
                // What is written by now is said all the same.
                print(&out)?;
                return Err(error);
            }
        };
        if matches!(outcome, Outcome::ToAdd) {
            ending = Ending::Findings;
        }
        out.push_str(&told(
            &offer,
            &display(&root.join(offer.path), &dir),
            &outcome,
            &survey,
            style,
        ));
    }
    out.push_str(&next(&survey, &display(&root, &dir), style));
    print(&out)?;
    Ok(ending.max(charts.ending))
}

/// The repository that a folder lies in, or the folder itself.
fn repository_of(dir: &Path) -> PathBuf {
    let root = dir.ancestors().find(|dir| dir.join(".git").exists());
    root.unwrap_or(dir).to_owned()
}

fn offers(args: &InitArgs, survey: &Survey) -> [Offer; 3] {
    [
        Offer {
            path: FILE_NAME,
            what: "the configuration",
            text: configuration(survey),
            flag: None,
            is_wanted: true,
            is_shared: false,
        },
        Offer {
            path: HOOK_FILE,
            what: "a hook that lints the charts of a commit",
            text: HOOK.to_owned(),
            flag: Some("--hook"),
            is_wanted: args.hook,
            is_shared: true,
        },
        Offer {
            path: WORKFLOW_FILE,
            what: "a workflow of GitHub Actions that lints pull requests and pushes to `main`",
            text: WORKFLOW.to_owned(),
            flag: Some("--workflow"),
            is_wanted: args.workflow,
            is_shared: false,
        },
    ]
}

/// Writes what is asked for and not there.
fn settle(offer: &Offer, root: &Path, dry_run: bool) -> Result<Outcome, CommandError> {
    let path = root.join(offer.path);
    if let Some(text) = write::peek(&path)? {
        let does_it = !offer.is_shared || text.contains("chartpin");
        return Ok(match (does_it, offer.is_wanted) {
            (true, _) => Outcome::There,
            (false, true) => Outcome::ToAdd,
            (false, false) => Outcome::Offered,
        });
    }
    Ok(match (offer.is_wanted, dry_run) {
        (false, _) => Outcome::Offered,
        (true, true) => Outcome::Meant,
        (true, false) => {
            write::create(&path, &offer.text)?;
            Outcome::Written
        }
    })
}

/// What became of an offer, in words, with its text where the reader is to look at it; `path` is shown for its file.
fn told(offer: &Offer, path: &str, outcome: &Outcome, survey: &Survey, style: Style) -> String {
    let Offer { what, text, .. } = offer;
    let shown = || indented(text);
    match outcome {
        Outcome::Written => heading(&format!("Wrote `{path}`, {what}."), style),
        Outcome::Meant => heading(&format!("Would write `{path}`, {what}:"), style) + &shown(),
        Outcome::There => {
            let mut out = heading(&format!("`{path}` is there, and stays as it is."), style);
            if offer.path == FILE_NAME && !survey.vendored.is_empty() {
                out.push_str("It does not leave out the charts of others; their folders go under `exclude`.\n");
            }
            out
        }
        Outcome::ToAdd => {
            let title = format!("`{path}` is there, and stays as it is. Add {what} to it:");
            heading(&title, style) + &shown()
        }
        Outcome::Offered => {
            let flag = offer.flag.unwrap_or_default();
            heading(&format!("On offer: `{path}`, {what}; `{flag}` writes it:"), style) + &shown()
        }
    }
}

/// What to run now, and where; `folder` is empty for the working directory.
fn next(survey: &Survey, folder: &str, style: Style) -> String {
    let mut steps = vec![("chartpin lint", "shows each finding at its place")];
    if survey.findings.values().sum::<usize>() > 0 {
        steps.push(("chartpin lint --diff", "shows what can be mended without a decision"));
        steps.push((WRITE_BASELINE, "writes the findings of today down"));
    }
    steps.push(("chartpin pin", "shows the digests behind the tags, asking registries"));
    let title = if folder.is_empty() {
        "Next:".to_owned()
    } else {
        format!("Next, in `{folder}`:")
    };
    let mut out = heading(&title, style);
    for (command, meaning) in steps {
        out.push_str(&format_step(command, meaning));
    }
    out
}

fn format_step(command: &str, meaning: &str) -> String {
    format!("  {command}\n      {meaning}\n")
}

fn heading(text: &str, style: Style) -> String {
    if style.color {
        format!("\n\u{1b}[1m{text}\u{1b}[0m\n")
    } else {
        format!("\n{text}\n")
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

/// What lies below the root.
fn survey(charts: &Charts, root: &Path) -> Survey {
    let vendored = vendored(charts, root);
    let is_own = |file: &str| !vendored.iter().any(|folder| is_below(file, folder));
    let mut survey = Survey::default();
    for loaded in &charts.loaded {
        let files = || {
            loaded
                .chart
                .files
                .iter()
                .filter(|file| file.wanted && is_own(&file.source.path))
        };
        survey.charts += usize::from(files().any(|file| file.role == FileRole::ChartYaml));
        for file in files() {
            for site in &file.sites {
                count(&ImageRow::new(&loaded.chart, file, site), &mut survey);
            }
        }
    }
    for finding in charts.groups.iter().flat_map(|group| lint::findings(group, root)) {
        if is_own(&finding.file) {
            *survey.findings.entry(finding.rule.to_owned()).or_insert(0) += 1;
        }
    }
    survey.vendored = vendored;
    survey
}

fn count(row: &ImageRow, survey: &mut Survey) {
    survey.images += 1;
    *survey.shapes.entry(row.idiom.clone()).or_insert(0) += 1;
    let reference = row.reference.as_deref().and_then(|text| Reference::parse(text).ok());
    if let Some(reference) = reference {
        let name = reference.normalized_name();
        let registry = name.split('/').next().unwrap_or_default().to_owned();
        *survey.registries.entry(registry).or_insert(0) += 1;
    }
}

/// The folders of charts that a chart beside them fetches from a repository, and that the configuration does not leave out.
fn vendored(charts: &Charts, root: &Path) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for loaded in charts.loaded.iter().filter(|loaded| loaded.is_on_disk()) {
        let lists = |file: &&ChartFile| matches!(file.role, FileRole::ChartYaml | FileRole::Requirements);
        for file in loaded.chart.files.iter().filter(lists) {
            let Some(folder) = folder_of(loaded, file) else {
                continue;
            };
            for name in remote_dependencies(&file.source.text) {
                let dependency = folder.join("charts").join(name);
                if dependency.join("Chart.yaml").is_file() {
                    folders.insert(display(&dependency, root));
                }
            }
        }
    }
    let files = || charts.loaded.iter().flat_map(|loaded| &loaded.chart.files);
    folders.retain(|folder| files().any(|file| file.wanted && is_below(&file.source.path, folder)));
    folders
}

fn folder_of<'a>(loaded: &'a Loaded, file: &ChartFile) -> Option<&'a Path> {
    loaded.paths.get(file.source.path.as_ref())?.parent()
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
