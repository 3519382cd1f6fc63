//! `chartpin verify`: asks about the digests that stand, and writes nothing.

use super::charts::{Charts, Loaded};
use super::inputs::working_directory;
use super::network::options;
use super::progress::Progress;
use super::reporting::{demand_places, named, write_reports};
use super::terminal::{output_style, print, say};
use super::{CommandError, Ending};
use crate::cli::{Color, VerifyArgs, VerifyFormat};
use crate::config::PinSettings;
use crate::pin::{Verdict, follow_ups, judge, unpinned, verify_questions};
use crate::registry::Session;
use crate::report::VerifyRun;
use crate::resolution::{Platform, Questions, Resolutions, merged};

pub(super) fn run(args: &VerifyArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    demand_places(&args.reports, named(&args.target.place))?;
    let charts = Charts::read(&args.target.place, &dir)?;
    let options_of = charts.filtered(&args.target.filter)?;
    let platforms: Vec<Vec<Platform>> = charts.settings().map(|settings| asked_for(args, settings)).collect();
    let all = |one: &dyn Fn(&Loaded) -> Questions| merged(charts.loaded.iter().flat_map(one));
    let mut run = VerifyRun::default();
    let first = all(&|loaded| verify_questions(&loaded.chart, &options_of[loaded.group], &platforms[loaded.group]));
    let mut resolutions = Resolutions::new();
    if !first.is_empty() {
        let session = Session::start(options(&args.network, charts.settings_by_folder(), None)?)?;
        let progress = Progress::new();
        resolutions = session.resolve(&first, &progress);
        let more = all(&|loaded| follow_ups(&loaded.chart, &options_of[loaded.group], &resolutions));
        let said = session.resolve(&more, &progress);
        // What is known already stays where the closer look gets no answer.
        resolutions.extend(said.into_iter().filter(|(_, answer)| answer.is_ok()));
        progress.finish();
        run.requests = session.requests();
        session.finish();
    }
    for loaded in &charts.loaded {
        let options = &options_of[loaded.group];
        run.judged
            .extend(judge(&loaded.chart, options, &resolutions, &platforms[loaded.group]));
        run.unpinned += unpinned(&loaded.chart, options);
    }
    let written = write_reports(&args.reports, |format| rendered(&run, format, Color::Never));
    print(&rendered(&run, args.format, color)?)?;
    written?;
    say(&run.summary());
    let wrong = [
        Verdict::Drift,
        Verdict::Missing,
        Verdict::Child,
        Verdict::PlatformMissing,
    ];
    let own = match (run.has(Verdict::Failed), wrong.iter().any(|verdict| run.has(*verdict))) {
        (true, _) => Ending::Incomplete,
        (false, true) => Ending::Findings,
        (false, false) => Ending::Clean,
    };
    Ok(own.max(charts.ending))
}

fn rendered(run: &VerifyRun, format: VerifyFormat, color: Color) -> Result<String, CommandError> {
    Ok(match format {
        VerifyFormat::Human => run.human(output_style(color))?,
        VerifyFormat::Json => run.json()?,
        VerifyFormat::Sarif => run.sarif()?,
        VerifyFormat::Github => run.github(),
    })
}

/// The platforms that images have to be there for: those of the command line, else the one of the configuration.
fn asked_for(args: &VerifyArgs, settings: &PinSettings) -> Vec<Platform> {
    if args.platform.is_empty() {
        settings.platform.iter().cloned().collect()
    } else {
        args.platform.clone()
    }
}
