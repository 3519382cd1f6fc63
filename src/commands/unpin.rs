//! `chartpin unpin`: digests go where a tag remains.

use rayon::prelude::*;

use super::charts::{Charts, image_filter};
use super::inputs::working_directory;
use super::pin::{entries, report, write};
use super::{CommandError, Ending};
use crate::cli::{Color, UnpinArgs};
use crate::pin::{Options, Plan, unpin};

pub(super) fn run(args: &UnpinArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let charts = Charts::read(&args.place, &dir)?;
    let options: Vec<Options> = charts
        .settings()
        .map(|settings| {
            Ok(Options {
                filter: image_filter(&args.filter, settings)?,
                ..Options::default()
            })
        })
        .collect::<Result<_, CommandError>>()?;
    let plans: Vec<Plan> = charts
        .loaded
        .par_iter()
        .filter(|loaded| loaded.is_on_disk())
        .map(|loaded| unpin(&loaded.chart, &options[loaded.group], charts.finder(loaded)))
        .collect();
    let mut run = entries(plans);
    if args.write {
        write(&charts, &run)?;
        run.written = true;
    }
    report(&run, args.format, args.write, color)?;
    Ok(charts.ending)
}
