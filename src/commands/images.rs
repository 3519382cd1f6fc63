//! `chartpin images`: every site of every chart.

use rayon::prelude::*;

use super::inputs::{groups, working_directory};
use super::terminal::{print, report_problem};
use super::{CommandError, Ending};
use crate::chart::{Chart, ChartFile};
use crate::cli::{ImagesArgs, ImagesFormat};
use crate::config::RuleFlags;
use crate::report::{ImageRow, TemplateCounts, images_json, images_table};
use crate::site::{Finder, ImageSite};
use crate::walk::{Problem, Templates, display, read_unit};

pub(super) fn run(args: &ImagesArgs) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let mut rows: Vec<ImageRow> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    let mut counts = TemplateCounts::default();
    let templates = Templates::default();
    for group in groups(&args.input, &RuleFlags::default(), &dir)? {
        let finder = Finder {
            idioms: &group.settings.idioms,
        };
        let read: Vec<(Vec<ImageRow>, TemplateCounts, Vec<Problem>)> = group
            .found
            .units
            .par_iter()
            .map(|unit| {
                let read = read_unit(unit, &dir, &templates);
                let charts: Vec<Chart> = read
                    .charts
                    .into_iter()
                    .map(|inputs| Chart::read(inputs, finder))
                    .collect();
                let counts = charts.iter().map(TemplateCounts::of);
                let counts = counts.fold(TemplateCounts::default(), TemplateCounts::plus);
                let rows = charts.iter().flat_map(|chart| chart_rows(chart, args.used_by));
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
    rows.sort_by(|a, b| (&a.file, a.line, a.column, &a.path).cmp(&(&b.file, b.line, b.column, &b.path)));
    print(&match args.format {
        ImagesFormat::Table => images_table(&rows),
        ImagesFormat::Json => images_json(rows, args.used_by.then_some(counts))?,
    })?;
    for problem in &problems {
        report_problem(problem, &display(&problem.path, &dir));
    }
    Ok(if problems.is_empty() {
        Ending::Clean
    } else {
        Ending::Trouble
    })
}

fn chart_rows(chart: &Chart, used_by: bool) -> Vec<ImageRow> {
    let wanted = chart.files.iter().filter(|file| file.wanted);
    let row = |file: &ChartFile, site: &ImageSite| {
        let row = ImageRow::new(chart, file, site);
        if used_by { row.with_uses(chart, file, site) } else { row }
    };
    wanted
        .flat_map(|file| file.sites.iter().map(move |site| row(file, site)))
        .collect()
}
