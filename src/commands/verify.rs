//! `chartpin verify`: asks about the digests that stand, and writes nothing.

use super::charts::{Charts, image_filter};
use super::inputs::working_directory;
use super::network::options;
use super::progress::Progress;
use super::terminal::{output_style, print, say};
use super::{CommandError, Ending};
use crate::cli::{Color, VerifyArgs, VerifyFormat};
use crate::pin::{Options, Verdict, follow_ups, judge, unpinned, verify_questions};
use crate::registry::Session;
use crate::report::VerifyRun;
use crate::resolution::{Platform, Questions, Resolutions};

pub(super) fn run(args: &VerifyArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let charts = Charts::read(&args.place, &dir)?;
    let options_of: Vec<Options> = charts
        .settings()
        .map(|settings| {
            Ok(Options {
                filter: image_filter(&args.filter, settings)?,
                ..Options::default()
            })
        })
        .collect::<Result<_, CommandError>>()?;
    let platforms: Vec<Platform> = args.platform.clone();
    let all = |one: &dyn Fn(&crate::chart::Chart, &Options) -> Questions| -> Questions {
        let mut out = Questions::new();
        for loaded in &charts.loaded {
            out.extend(one(&loaded.chart, &options_of[loaded.group]));
        }
        out
    };
    let mut run = VerifyRun::default();
    let first = all(&|chart, options| verify_questions(chart, options, &platforms));
    let mut resolutions = Resolutions::new();
    if !first.is_empty() {
        let session = Session::start(options(&args.network, &charts, None)?)?;
        let progress = Progress::new();
        resolutions = session.resolve(&first, &progress);
        let more = all(&|chart, options| follow_ups(chart, options, &resolutions));
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
            .extend(judge(&loaded.chart, options, &resolutions, &platforms));
        run.unpinned += unpinned(&loaded.chart, options);
    }
    match args.format {
        VerifyFormat::Human => print(&run.human(output_style(color))?)?,
        VerifyFormat::Json => print(&run.json()?)?,
        VerifyFormat::Sarif => print(&run.sarif()?)?,
        VerifyFormat::Github => print(&run.github())?,
    }
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
