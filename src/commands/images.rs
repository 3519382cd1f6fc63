//! `chartpin images`: every site of every chart.

use rayon::prelude::*;

use super::inputs::{groups, working_directory};
use super::terminal::{print, report_problem};
use super::{CommandError, Ending};
use crate::chart::Chart;
use crate::cli::{ImagesArgs, ImagesFormat};
use crate::config::RuleFlags;
use crate::report::{ImageRow, images_json, images_table};
use crate::site::Finder;
use crate::walk::{Problem, display, read_unit};

pub(super) fn run(args: &ImagesArgs) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let mut rows: Vec<ImageRow> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    for group in groups(&args.input, &RuleFlags::default(), &dir)? {
        let finder = Finder {
            idioms: &group.settings.idioms,
        };
        let read: Vec<(Vec<ImageRow>, Vec<Problem>)> = group
            .found
            .units
            .par_iter()
            .map(|unit| {
                let read = read_unit(unit, &dir);
                let charts = read.charts.into_iter().map(|inputs| Chart::read(inputs, finder));
                (charts.flat_map(|chart| chart_rows(&chart)).collect(), read.problems)
            })
            .collect();
        problems.extend(group.found.problems);
        for (unit_rows, unit_problems) in read {
            rows.extend(unit_rows);
            problems.extend(unit_problems);
        }
    }
    rows.sort_by(|a, b| (&a.file, a.line, a.column, &a.path).cmp(&(&b.file, b.line, b.column, &b.path)));
    print(&match args.format {
        ImagesFormat::Table => images_table(&rows),
        ImagesFormat::Json => images_json(rows)?,
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

fn chart_rows(chart: &Chart) -> Vec<ImageRow> {
    let wanted = chart.files.iter().filter(|file| file.wanted);
    wanted
        .flat_map(|file| file.sites.iter().map(|site| ImageRow::new(chart, file, site)))
        .collect()
}
