//! `chartpin images`: every site of every chart.

use std::path::Path;

use rayon::prelude::*;

use super::inputs::{groups, working_directory};
use super::terminal::{print, report_problem, say_with_help};
use super::{CommandError, Ending, lint};
use crate::chart::Chart;
use crate::cli::{ImagesArgs, ImagesFormat};
use crate::config::RuleFlags;
use crate::report::{ImageRow, ReportError, TemplateCounts, View, images_json, images_table};
use crate::site::Finder;
use crate::walk::{Problem, Templates, display, read_unit};

pub(super) fn run(args: &ImagesArgs) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    match args.format {
        ImagesFormat::Table => list(args, &dir, |rows, _| Ok(images_table(&rows))),
        ImagesFormat::Json => list(args, &dir, |rows, counts| {
            images_json(rows, args.used_by.then_some(counts))
        }),
        ImagesFormat::Html => page(args, &dir),
    }
}

/// The images as `write` puts them.
fn list(
    args: &ImagesArgs,
    dir: &Path,
    write: impl FnOnce(Vec<ImageRow>, TemplateCounts) -> Result<String, ReportError>,
) -> Result<Ending, CommandError> {
    let mut rows: Vec<ImageRow> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    let mut counts = TemplateCounts::default();
    let templates = Templates::default();
    for group in groups(&args.input, &RuleFlags::default(), dir)? {
        let finder = Finder {
            idioms: &group.settings.idioms,
        };
        let read: Vec<(Vec<ImageRow>, TemplateCounts, Vec<Problem>)> = group
            .found
            .units
            .par_iter()
            .map(|unit| {
                let read = read_unit(unit, dir, &templates);
                let charts: Vec<Chart> = read
                    .charts
                    .into_iter()
                    .map(|inputs| Chart::read(inputs, finder))
                    .collect();
                let counts = charts.iter().map(TemplateCounts::of);
                let counts = counts.fold(TemplateCounts::default(), TemplateCounts::plus);
                let rows = charts.iter().flat_map(|chart| ImageRow::of_chart(chart, args.used_by));
                (rows.collect(), counts, read.problems)
            })
            .collect();
        problems.extend(group.found.problems);
        for (unit_rows, unit_counts, unit_problems) in read {
            counts = counts.plus(unit_counts);
            rows.extend(unit_rows);
            problems.extend(unit_problems);
        }
    }
    rows.sort_by(ImageRow::by_place);
    print(&write(rows, counts)?)?;
    for problem in &problems {
        report_problem(problem, &display(&problem.path, dir));
    }
    Ok(if problems.is_empty() {
        Ending::Clean
    } else {
        Ending::Trouble
    })
}

/// The images on a page, with the findings beside them; findings do not make a list of images fail.
fn page(args: &ImagesArgs, dir: &Path) -> Result<Ending, CommandError> {
    let (outcome, ending) = lint::survey(&args.input, dir)?;
    print(&outcome.page(View::Images)?)?;
    for finding in outcome
        .findings
        .iter()
        .filter(|finding| finding.rule == lint::UNREADABLE_FILE)
    {
        say_with_help(&finding.message, finding.help.as_deref());
    }
    Ok(ending)
}
