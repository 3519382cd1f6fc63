//! `chartpin unpin`: digests go where a tag remains.

use rayon::prelude::*;

use super::charts::Charts;
use super::inputs::working_directory;
use super::pin::{entries, left_in_package, report, write};
use super::{CommandError, Ending};
use crate::cli::{Color, UnpinArgs};
use crate::pin::{Plan, Status, unpin};
use crate::report::{Deed, PinRun};

pub(super) fn run(args: &UnpinArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let charts = Charts::read(&args.target.place, &dir)?;
    let options = charts.filtered(&args.target.filter)?;
    let plans: Vec<Plan> = charts
        .loaded
        .par_iter()
        .map(|loaded| {
            let plan = unpin(&loaded.chart, &options[loaded.group], charts.finder(loaded));
            if loaded.is_on_disk() {
                plan
            } else {
                left_in_package(plan, Status::Unpinned)
            }
        })
        .collect();
    let mut run = PinRun {
        takes_away: true,
        ..entries(plans)
    };
    if args.write {
        write(&charts, &run)?;
        run.deed = Deed::Written;
    }
    report(&run, args.format.into(), true, color)?;
    Ok(charts.ending)
}
