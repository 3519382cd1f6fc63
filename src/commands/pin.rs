//! `chartpin pin`: questions, answers, plans; then the files, the lock file or the overlays.

mod outputs;
mod proving;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::charts::{Charts, Loaded, image_filter};
use super::inputs::working_directory;
use super::network::options;
use super::progress::Progress;
use super::reporting::{demand_places, named, write_reports};
use super::terminal::{error_style, print, say, say_lines};
use super::writing::{Change, write_all};
use super::{CommandError, Ending};
use crate::cli::{AppVersionPolicy, Color, PinArgs, PinFormat};
use crate::pin::{Entry, Options, Plan, Status, Wishes, breaks_parent, plan};
use crate::registry::Session;
use crate::report::{Deed, PinRun};
use crate::resolution::{Depth, Questions, Resolutions, Wanted, merged};
use outputs::{LockFile, Overlays};

pub(super) fn run(args: &PinArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let lock_file = (args.lock || args.locked).then_some(&args.lock_file);
    let outputs = lock_file.into_iter().chain(&args.overlay).map(PathBuf::as_path);
    demand_places(&args.reports, named(&args.target.place).chain(outputs))?;
    let charts = Charts::read(&args.target.place, &dir)?;
    let options: Vec<Options> = charts
        .groups
        .iter()
        .map(|group| of_group(args, &group.settings.pin))
        .collect::<Result<_, _>>()?;
    let lock = LockFile::open(args, &dir)?;
    let wishes: Vec<Wishes<'_>> = charts
        .loaded
        .par_iter()
        .map(|loaded| Wishes::of(&loaded.chart, &options[loaded.group]))
        .collect();
    let standing: BTreeMap<Wanted, Wanted> = if args.lock {
        wishes.iter().flat_map(Wishes::standing).collect()
    } else {
        BTreeMap::new()
    };
    let mut wanted = wanted(args, &charts, &wishes);
    wanted.extend(lock.unknown(&standing));
    let (resolutions, requests) = match lock.answers(&wanted) {
        Some(answers) => (answers, 0),
        None => ask(args, &charts, &wanted)?,
    };
    let mut plans: Vec<Plan> = charts
        .loaded
        .par_iter()
        .zip(&wishes)
        .map(|(loaded, wishes)| plan_chart(loaded, args, &charts, wishes, &resolutions))
        .collect();
    spare_parents(&charts, &mut plans);
    let unanswered = lock.say_unanswered(&standing, &resolutions);
    let is_failed = |entry: &&Entry| entry.status == Status::Failed;
    let failed = unanswered + plans.iter().flat_map(|plan| &plan.entries).filter(is_failed).count();
    let holds_back = failed > 0 && !args.keep_going;
    let unproved = if args.verify_render && !holds_back {
        proving::prove(&args.helm, &charts, &mut plans)
    } else {
        0
    };
    let overlays = match &args.overlay {
        Some(file) if !holds_back => Overlays::new(file, args, &charts, &plans, &dir)?,
        _ => Overlays::default(),
    };
    let mut run = PinRun {
        requests,
        ..entries(plans)
    };
    let written = if holds_back {
        if args.write || args.overlay.is_some() {
            hold_back(&mut run, failed);
        }
        Ok(())
    } else {
        let written = write_outputs(args, &charts, &mut run, &overlays, &dir);
        written.and_then(|()| {
            if args.lock {
                lock.write(&standing, &resolutions, &dir)
            } else {
                Ok(())
            }
        })
    };
    let written = written.and(write_reports(&args.reports, |format| rendered(&run, format)));
    let said = report(&run, args.format, args.keep_going, color);
    written.and(said)?;
    let pending = args.check && run.count(Status::Pinned) > 0;
    let own = match (failed + unproved > 0, pending) {
        (true, _) => Ending::Incomplete,
        (false, true) => Ending::Findings,
        (false, false) => Ending::Clean,
    };
    Ok(own.max(charts.ending))
}

/// Writes the charts, or the overlays in their place.
fn write_outputs(
    args: &PinArgs,
    charts: &Charts,
    run: &mut PinRun,
    overlays: &Overlays,
    dir: &Path,
) -> Result<(), CommandError> {
    if args.write {
        write(charts, run)?;
        run.deed = Deed::Written;
    } else if args.overlay.is_some() {
        overlays.write(dir)?;
        run.deed = Deed::Overlay;
    }
    Ok(())
}

/// What is wanted of the charts of one group: the command line above the configuration.
fn of_group(args: &PinArgs, settings: &crate::config::PinSettings) -> Result<Options, CommandError> {
    let own = settings.options(image_filter(&args.target.filter, settings)?);
    let policy = args.app_version.map(|policy| policy == AppVersionPolicy::Pin);
    Ok(Options {
        update: args.update,
        own_values: args.overlay.is_some(),
        app_version: policy.unwrap_or(own.app_version),
        platform: args.platform.clone().or(own.platform),
        ..own
    })
}

/// The questions of all charts, each once.
fn wanted(args: &PinArgs, charts: &Charts, wishes: &[Wishes<'_>]) -> Questions {
    let is_target = |(loaded, _): &(&Loaded, _)| loaded.is_on_disk() || args.overlay.is_some();
    let of_chart = |(_, wishes): (_, &Wishes<'_>)| {
        let depth = if args.lock { Depth::Platforms } else { wishes.depth() };
        wishes.questions().into_iter().map(move |wanted| (wanted, depth))
    };
    merged(charts.loaded.iter().zip(wishes).filter(is_target).flat_map(of_chart))
}

fn ask(args: &PinArgs, charts: &Charts, wanted: &Questions) -> Result<(Resolutions, usize), CommandError> {
    if wanted.is_empty() {
        return Ok((Resolutions::new(), 0));
    }
    let cache = (!args.no_cache && !args.cache_ttl.is_zero()).then_some(args.cache_ttl);
    let session = Session::start(options(&args.network, charts.settings_by_folder(), cache)?)?;
    let progress = Progress::new();
    let resolutions = session.resolve(wanted, &progress);
    progress.finish();
    let requests = session.requests();
    session.finish();
    Ok((resolutions, requests))
}

fn plan_chart(
    loaded: &Loaded,
    args: &PinArgs,
    charts: &Charts,
    wishes: &Wishes<'_>,
    resolutions: &Resolutions,
) -> Plan {
    if loaded.is_on_disk() || args.overlay.is_some() {
        return plan(wishes, resolutions, charts.finder(loaded));
    }
    let plan = plan(wishes, &Resolutions::new(), charts.finder(loaded));
    left_in_package(plan, Status::Failed)
}

/// Leaves the subcharts alone whose digests would reach other images of the charts that they are in.
fn spare_parents(charts: &Charts, plans: &mut [Plan]) {
    let of_parent = |parent: usize, sub: usize| {
        let [parent_chart, sub_chart] = [parent, sub].map(|index| &charts.loaded[index].chart);
        breaks_parent(parent_chart, &plans[parent], sub_chart, &plans[sub])
    };
    let parents: Vec<usize> = (0..plans.len())
        .filter(|index| !charts.loaded[*index].chart.below().is_empty())
        .collect();
    let changed: Vec<usize> = (0..plans.len())
        .filter(|index| !plans[*index].texts.is_empty())
        .collect();
    let pairs = parents
        .iter()
        .flat_map(|parent| changed.iter().map(move |sub| (*parent, *sub)));
    let broken: Vec<(usize, String)> = pairs
        .filter(|(parent, sub)| parent != sub)
        .filter_map(|(parent, sub)| Some((sub, of_parent(parent, sub)?)))
        .collect();
    for (sub, reason) in broken {
        let plan = &mut plans[sub];
        plan.texts.clear();
        for entry in plan.entries.iter_mut().filter(|entry| entry.status == Status::Pinned) {
            entry.take_back(Status::Skipped, &reason);
        }
    }
}

/// The plan of a packaged chart, which is not written: what could have changed is left alone.
pub(super) fn left_in_package(mut plan: Plan, changing: Status) -> Plan {
    plan.texts.clear();
    for entry in plan.entries.iter_mut().filter(|entry| entry.status == changing) {
        entry.take_back(
            Status::Skipped,
            "it is in a packaged chart, which is not written: change the chart, and package it then",
        );
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
        entry.take_back(Status::HeldBack, &reason);
    }
    run.texts.clear();
}

/// Writes the new texts; what interrupted runs left beside the charts goes.
pub(super) fn write(charts: &Charts, run: &PinRun) -> Result<(), CommandError> {
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
    let files = charts.loaded.iter().flat_map(|loaded| loaded.paths.values());
    write_all(&changes, files.filter_map(|path| path.parent()))?;
    Ok(())
}

/// Prints what happened: the changes on standard output, the rest on standard error.
pub(super) fn report(run: &PinRun, format: PinFormat, keeps_going: bool, color: Color) -> Result<(), CommandError> {
    print(&rendered(run, format)?)?;
    let failures = run.failures(error_style(color))?;
    for text in [failures.trim_end(), run.skipped().trim_end()]
        .iter()
        .filter(|text| !text.is_empty())
    {
        say_lines(text);
    }
    say(&run.summary(keeps_going));
    Ok(())
}

fn rendered(run: &PinRun, format: PinFormat) -> Result<String, CommandError> {
    Ok(match format {
        PinFormat::Human if run.deed == Deed::Written => run.changed(),
        PinFormat::Human if run.deed == Deed::Overlay => String::new(),
        PinFormat::Human | PinFormat::Diff => run.diff(),
        PinFormat::Json => run.json()?,
        PinFormat::Sarif => run.sarif()?,
        PinFormat::Github => run.github(),
    })
}

/// The plans of all charts together; what a person should know besides is said.
pub(super) fn entries(plans: Vec<Plan>) -> PinRun {
    let mut run = PinRun::default();
    for plan in plans {
        for warning in &plan.warnings {
            say(&format!("chartpin: warning: {warning}"));
        }
        run.entries.extend(plan.entries);
        run.texts.extend(plan.texts);
    }
    run
}
