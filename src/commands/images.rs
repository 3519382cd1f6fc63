//! `chartpin images`: every site of every chart.

use std::path::Path;

use rayon::prelude::*;

use super::charts::{refused, say_refused};
use super::inputs::{groups, working_directory};
use super::terminal::{print, report_problem, say, say_with_help};
use super::{CommandError, Ending, lint};
use crate::chart::Chart;
use crate::cli::{ImagesArgs, ImagesFormat};
use crate::config::RuleFlags;
use crate::guard::guarded;
use crate::report::{
    ImageRow, ListFormat, Pullable, ReportError, TemplateCounts, View, images_csv, images_json, images_table,
};
use crate::site::Finder;
use crate::walk::{Problem, Templates, Unit, display, read_unit};

pub(super) fn run(args: &ImagesArgs) -> Result<Ending, CommandError> {
    let shows_uses = matches!(args.format, ImagesFormat::Table | ImagesFormat::Json);
    if args.used_by && !shows_uses {
        let help = "take `--format table` or `--format json`";
        return Err(CommandError::usage(
            "this format does not show what uses an image",
            Some(help),
        ));
    }
    let dir = working_directory()?;
    match args.format {
        ImagesFormat::Table => list(args, &dir, |rows, _| Ok(images_table(&rows))),
        ImagesFormat::Json => list(args, &dir, |rows, counts| {
            images_json(rows, args.used_by.then_some(counts))
        }),
        ImagesFormat::Html => page(args, &dir),
        ImagesFormat::Csv => list(args, &dir, |rows, _| images_csv(&rows)),
        ImagesFormat::CycloneDx => pullable(args, &dir, ListFormat::CycloneDx),
        ImagesFormat::Skopeo => pullable(args, &dir, ListFormat::Skopeo),
        ImagesFormat::OcMirror => pullable(args, &dir, ListFormat::OcMirror),
        ImagesFormat::List => pullable(args, &dir, ListFormat::Lines),
    }
}

/// What one unit holds.
struct Listed {
    rows: Vec<ImageRow>,
    counts: TemplateCounts,
    /// A line for each file that is no YAML.
    refused: Vec<String>,
    problems: Vec<Problem>,
}

/// The images as `write` puts them.
fn list(
    args: &ImagesArgs,
    dir: &Path,
    write: impl FnOnce(Vec<ImageRow>, TemplateCounts) -> Result<String, ReportError>,
) -> Result<Ending, CommandError> {
    let mut rows: Vec<ImageRow> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    let mut no_yaml: Vec<String> = Vec::new();
    let mut counts = TemplateCounts::default();
    let mut ending = Ending::Clean;
    let templates = Templates::default();
    for group in groups(&args.input, &RuleFlags::default(), dir)? {
        let finder = Finder {
            idioms: &group.settings.idioms,
        };
        let one = |unit: &Unit| listed(unit, finder, dir, &templates, args.used_by);
        let read = |unit: &Unit| guarded("reading a chart", || one(unit));
        let units: Vec<_> = group.found.units.par_iter().map(read).collect();
        problems.extend(group.found.problems);
        for unit in units {
            let unit = match unit {
                Ok(unit) => unit,
                Err(bug) => {
                    say(&format!("chartpin: {bug}"));
                    ending = Ending::Trouble;
                    continue;
                }
            };
            counts = counts.plus(unit.counts);
            rows.extend(unit.rows);
            no_yaml.extend(unit.refused);
            problems.extend(unit.problems);
        }
    }
    rows.sort_by(ImageRow::by_place);
    print(&write(rows, counts)?)?;
    for problem in &problems {
        report_problem(problem, &display(&problem.path, dir));
    }
    ending = ending.max(say_refused(&no_yaml));
    Ok(if problems.is_empty() { ending } else { Ending::Trouble })
}

fn listed(unit: &Unit, finder: Finder<'_>, dir: &Path, templates: &Templates, used_by: bool) -> Listed {
    let read = read_unit(unit, dir, templates);
    let charts: Vec<Chart> = read
        .charts
        .into_iter()
        .map(|inputs| Chart::read(inputs, finder))
        .collect();
    let counts = charts.iter().map(TemplateCounts::of);
    let rows = charts.iter().flat_map(|chart| ImageRow::of_chart(chart, used_by));
    Listed {
        rows: rows.collect(),
        counts: counts.fold(TemplateCounts::default(), TemplateCounts::plus),
        refused: charts.iter().flat_map(refused).collect(),
        problems: read.problems,
    }
}

/// The images on a page, with the findings beside them; findings do not make a list of images fail.
fn page(args: &ImagesArgs, dir: &Path) -> Result<Ending, CommandError> {
    let (outcome, no_yaml, ending) = lint::survey(&args.input, dir)?;
    print(&outcome.page(View::Images)?)?;
    for finding in outcome
        .findings
        .iter()
        .filter(|finding| finding.rule == lint::UNREADABLE_FILE)
    {
        say_with_help(&finding.message, finding.help.as_deref());
    }
    Ok(ending.max(say_refused(&no_yaml)))
}

/// The images that can be pulled, as a list; says on standard error how many cannot.
fn pullable(args: &ImagesArgs, dir: &Path, format: ListFormat) -> Result<Ending, CommandError> {
    let created = created()?;
    let mut left_out = Vec::new();
    let ending = list(args, dir, |rows, _| {
        let images = Pullable::of(&rows);
        left_out = images.left_out();
        images.render(format, created.as_deref())
    })?;
    for line in &left_out {
        say(line);
    }
    Ok(ending)
}

/// The time that reproducible builds set for what they make (`SOURCE_DATE_EPOCH`), in RFC 3339.
fn created() -> Result<Option<String>, CommandError> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let second = text.to_str().and_then(|text| text.parse().ok());
    let time = second.and_then(|second| jiff::Timestamp::from_second(second).ok());
    let time = time.ok_or_else(|| {
        let help = "it is a number of seconds since 1970";
        CommandError::usage("`SOURCE_DATE_EPOCH` holds no time", Some(help))
    })?;
    Ok(Some(time.to_string()))
}
