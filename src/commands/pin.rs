//! `chartpin pin`: questions, answers, plans; then the files, the lock file or the overlays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::charts::{Charts, Loaded, image_filter};
use super::inputs::working_directory;
use super::network::options;
use super::progress::Progress;
use super::terminal::{error_style, print, say};
use super::writing::{Change, sweep_all, write_all};
use super::{CommandError, Ending};
use crate::cli::{AppVersionPolicy, Color, PinArgs, PinFormat};
use crate::lock::Lock;
use crate::pin::{Entry, Options, Plan, Status, overlay, plan, questions};
use crate::registry::Session;
use crate::report::{PinRun, counted};
use crate::resolution::{Depth, Questions, Resolutions};
use crate::walk::{absolute, display, read_text, slashed};
use crate::write::replace;
use crate::yaml::read_nodes;

/// What stands for the chart's name in the name of an overlay file.
const CHART: &str = "{chart}";

pub(super) fn run(args: &PinArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let charts = Charts::read(&args.place, &dir)?;
    let options: Vec<Options> = charts
        .groups
        .iter()
        .map(|group| of_group(args, &group.settings.pin))
        .collect::<Result<_, _>>()?;
    let locked = if args.locked || args.lock {
        read_lock(&args.lock_file, args.locked, &dir)?
    } else {
        None
    };
    let wanted = wanted(args, &charts, &options);
    let (resolutions, requests) = match &locked {
        Some(lock) if args.locked => (lock.answers(&wanted, &shown(&args.lock_file, &dir)), 0),
        _ => ask(args, &charts, &wanted)?,
    };
    let plans: Vec<Plan> = charts
        .loaded
        .par_iter()
        .map(|loaded| plan_chart(loaded, &charts, &options[loaded.group], &resolutions))
        .collect();
    let mut run = PinRun {
        requests,
        ..PinRun::default()
    };
    let failed = plans
        .iter()
        .flat_map(|plan| &plan.entries)
        .filter(|entry| entry.status == Status::Failed)
        .count();
    let holds_back = failed > 0 && !args.keep_going;
    let targets = match (&args.overlay, holds_back) {
        (Some(file), false) => overlays(file, &charts, &plans, &dir)?,
        _ => BTreeMap::new(),
    };
    for plan in plans {
        plan.warnings
            .iter()
            .for_each(|warning| say(&format!("chartpin: warning: {warning}")));
        run.entries.extend(plan.entries);
        run.texts.extend(plan.texts);
    }
    if (args.write || args.overlay.is_some()) && holds_back {
        hold_back(&mut run, failed);
    } else if args.write {
        write(&charts, &run)?;
        run.written = true;
    } else {
        for (file, text) in &targets {
            replace(file, text)?;
            say(&format!("chartpin: wrote `{}`", shown(file, &dir)));
        }
    }
    if args.lock && !holds_back {
        write_lock(args, &resolutions, locked.as_ref(), &dir)?;
    }
    report(&run, args.format, args.write || args.overlay.is_some(), color)?;
    let pending = args.check && run.count(Status::Pinned) > 0;
    let own = match (failed > 0, pending) {
        (true, _) => Ending::Incomplete,
        (false, true) => Ending::Findings,
        (false, false) => Ending::Clean,
    };
    Ok(own.max(charts.ending))
}

/// What is wanted of the charts of one group: the command line above the configuration.
fn of_group(args: &PinArgs, settings: &crate::config::PinSettings) -> Result<Options, CommandError> {
    let policy = args.app_version.map(|policy| policy == AppVersionPolicy::Pin);
    Ok(Options {
        update: args.update,
        app_version: policy.or(settings.app_version).unwrap_or(false),
        platform: args.platform.clone().or_else(|| settings.platform.clone()),
        filter: image_filter(&args.filter, settings)?,
    })
}

/// The questions of all charts, each once.
fn wanted(args: &PinArgs, charts: &Charts, options: &[Options]) -> Questions {
    let mut out = Questions::new();
    for loaded in charts.loaded.iter().filter(|loaded| loaded.is_on_disk()) {
        let options = &options[loaded.group];
        let depth = if args.lock || options.platform.is_some() {
            Depth::Platforms
        } else {
            Depth::Digest
        };
        for wanted in questions(&loaded.chart, options) {
            let known = out.entry(wanted).or_insert(depth);
            *known = depth.max(*known);
        }
    }
    out
}

fn ask(args: &PinArgs, charts: &Charts, wanted: &Questions) -> Result<(Resolutions, usize), CommandError> {
    if wanted.is_empty() {
        return Ok((Resolutions::new(), 0));
    }
    let cache = (!args.no_cache && !args.cache_ttl.is_zero()).then_some(args.cache_ttl);
    let session = Session::start(options(&args.network, charts, cache)?)?;
    let progress = Progress::new();
    let resolutions = session.resolve(wanted, &progress);
    progress.finish();
    let requests = session.requests();
    session.finish();
    Ok((resolutions, requests))
}

fn plan_chart(loaded: &Loaded, charts: &Charts, options: &Options, resolutions: &Resolutions) -> Plan {
    if loaded.is_on_disk() {
        return plan(&loaded.chart, resolutions, options, charts.finder(loaded));
    }
    let mut plan = plan(&loaded.chart, &Resolutions::new(), options, charts.finder(loaded));
    plan.texts.clear();
    for entry in plan.entries.iter_mut().filter(|entry| entry.status == Status::Failed) {
        entry.status = Status::Skipped;
        entry.reason =
            Some("it is in a packaged chart, which is not written: pin the chart, and package it then".to_owned());
        entry.help = None;
    }
    plan
}

/// Nothing is written where an image has no answer: what would have been pinned says so.
fn hold_back(run: &mut PinRun, failed: usize) {
    let reason = format!(
        "nothing is written, since {} no answer (--keep-going writes the others)",
        match failed {
            1 => "1 image has".to_owned(),
            many => format!("{many} images have"),
        }
    );
    for entry in run.entries.iter_mut().filter(|entry| entry.status == Status::Pinned) {
        entry.status = Status::Skipped;
        entry.after = None;
        entry.reason = Some(reason.clone());
    }
    run.texts.clear();
}

/// Writes the new texts; what interrupted runs left beside the charts goes.
pub(super) fn write(charts: &Charts, run: &PinRun) -> Result<(), CommandError> {
    let folders: BTreeSet<&Path> = charts
        .loaded
        .iter()
        .flat_map(|loaded| loaded.paths.values())
        .filter_map(|path| path.parent())
        .collect();
    sweep_all(folders);
    let paths: BTreeMap<&str, &PathBuf> = charts
        .loaded
        .iter()
        .flat_map(|loaded| &loaded.paths)
        .map(|(shown, path)| (shown.as_str(), path))
        .collect();
    let changes: Vec<Change> = run
        .texts
        .iter()
        .filter_map(|new| {
            Some(Change {
                path: (*paths.get(new.source.path.as_ref())?).clone(),
                shown: new.source.path.clone(),
                before: Arc::clone(&new.source.text),
                after: Arc::clone(&new.text),
            })
        })
        .collect();
    write_all(&changes)?;
    Ok(())
}

fn shown(file: &Path, dir: &Path) -> String {
    display(&absolute(file), dir)
}

fn read_lock(file: &Path, required: bool, dir: &Path) -> Result<Option<Lock>, CommandError> {
    let shown = shown(file, dir);
    let help = "write it with `chartpin pin --lock`";
    if !required && !file.exists() {
        return Ok(None);
    }
    let text = match read_text(file) {
        Ok(text) => text,
        Err(problem) => {
            return Err(CommandError::usage(
                format!("`{shown}`: {}", problem.message),
                Some(help),
            ));
        }
    };
    let lock = Lock::read(&text).map_err(|error| CommandError::usage(format!("`{shown}`: {error}"), Some(help)))?;
    Ok(Some(lock))
}

fn write_lock(
    args: &PinArgs,
    resolutions: &Resolutions,
    previous: Option<&Lock>,
    dir: &Path,
) -> Result<(), CommandError> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let lock = Lock::of(resolutions, previous, &now);
    let text = lock
        .text()
        .map_err(|error| CommandError::usage(error.to_string(), None))?;
    replace(&args.lock_file, &text)?;
    say(&format!(
        "chartpin: wrote {} to `{}`",
        counted(lock.len(), "image"),
        shown(&args.lock_file, dir)
    ));
    Ok(())
}

/// The overlay files and their texts: one for each chart whose own values change.
fn overlays(
    file: &Path,
    charts: &Charts,
    plans: &[Plan],
    dir: &Path,
) -> Result<BTreeMap<PathBuf, String>, CommandError> {
    let pattern = slashed(file);
    let mut out: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (loaded, plan) in charts.loaded.iter().zip(plans) {
        let Some((values, before)) = loaded.chart.defaults() else {
            continue;
        };
        let Some(new) = plan.texts.iter().find(|new| new.source.path == values.source.path) else {
            continue;
        };
        let after = read_nodes(&new.text)
            .map_err(|error| CommandError::usage(format!("`{}`: {error}", values.source.path), None))?;
        let Some(text) = overlay(before, &after) else { continue };
        let name = loaded.chart.name.as_deref().unwrap_or("chart");
        let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && !name.starts_with('.');
        if !is_word {
            return Err(CommandError::usage(
                format!("the chart's name `{name}` cannot be a part of a file's name"),
                None,
            ));
        }
        let target = PathBuf::from(pattern.replace(CHART, name));
        let head =
            format!("# The pinned images of `{name}`, for `helm install -f`. Written by `chartpin pin --overlay`.\n");
        if out.insert(target.clone(), format!("{head}{text}")).is_some() {
            let message = format!("two charts would be written to `{}`", shown(&target, dir));
            let help = "put `{chart}` into the file's name, and pin charts of one name apart";
            return Err(CommandError::usage(message, Some(help)));
        }
    }
    Ok(out)
}

/// Prints what happened: the changes on standard output, the rest on standard error.
pub(super) fn report(run: &PinRun, format: PinFormat, writes: bool, color: Color) -> Result<(), CommandError> {
    match format {
        PinFormat::Human if run.written => print(&run.changed())?,
        PinFormat::Human if writes => {}
        PinFormat::Human | PinFormat::Diff => print(&run.diff())?,
        PinFormat::Json => print(&run.json()?)?,
        PinFormat::Sarif => print(&run.sarif()?)?,
        PinFormat::Github => print(&run.github())?,
    }
    let failures = run.failures(error_style(color))?;
    for text in [failures.trim_end(), run.skipped().trim_end()]
        .iter()
        .filter(|text| !text.is_empty())
    {
        say(text);
    }
    let hint = if writes || run.texts.is_empty() {
        ""
    } else {
        " (--write does it)"
    };
    say(&format!("{}{hint}", run.summary()));
    Ok(())
}

/// The images of all charts, for commands that ask nobody.
pub(super) fn entries(plans: Vec<Plan>) -> PinRun {
    let mut run = PinRun::default();
    for plan in plans {
        let entries: Vec<Entry> = plan.entries;
        run.entries.extend(entries);
        run.texts.extend(plan.texts);
    }
    run
}
