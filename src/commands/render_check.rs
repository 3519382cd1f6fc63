//! `chartpin render-check`: whether the digests that stand reach the pods, and nothing else changes for them.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::charts::{Charts, Loaded};
use super::inputs::working_directory;
use super::rendering::{Meant, Proof, Renderer, Texts, is_renderable};
use super::terminal::{print, say, say_with_help};
use super::{CommandError, Ending};
use crate::cli::RenderCheckArgs;
use crate::pin::{NewText, Options, unpin};
use crate::report::{counted, one_line};

pub(super) fn run(args: &RenderCheckArgs) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let charts = Charts::read(&args.target.place, &dir)?;
    let options = charts.filtered(&args.target.filter)?;
    let renderer = match Renderer::new(&args.helm) {
        Ok(renderer) => renderer,
        Err(refused) => {
            say_with_help(&refused.message, refused.help.as_deref());
            return Ok(Ending::Incomplete.max(charts.ending));
        }
    };
    let proofs: Vec<(&Loaded, Proof)> = charts
        .loaded
        .par_iter()
        .filter(|loaded| is_renderable(loaded))
        .filter_map(|loaded| Some((loaded, check(&renderer, &charts, loaded, &options[loaded.group])?)))
        .collect();
    let mut ending = charts.ending;
    for (loaded, proof) in &proofs {
        ending = ending.max(show(&name(loaded), proof)?);
    }
    say(&format!(
        "{} with digests rendered with and without them",
        counted(proofs.len(), "chart")
    ));
    Ok(ending)
}

/// What rendering a chart with and without its digests says; nothing where it has none that could be taken away.
fn check(renderer: &Renderer, charts: &Charts, loaded: &Loaded, options: &Options) -> Option<Proof> {
    let plan = unpin(&loaded.chart, options, charts.finder(loaded));
    if plan.texts.is_empty() {
        return None;
    }
    let before = on_disk(loaded, &plan.texts);
    let mut meant = Meant::default();
    let files = charts.loaded.iter().flat_map(|loaded| &loaded.chart.files);
    for reference in files.flat_map(|file| &file.sites).filter_map(|site| site.reference()) {
        if let Some(digest) = reference.digest() {
            meant.add(reference, digest);
        }
    }
    Some(renderer.prove(loaded, &before, &Texts::new(), &meant))
}

/// The new texts of a chart's files, by their paths.
pub(super) fn on_disk(loaded: &Loaded, texts: &[NewText]) -> Texts {
    let path = |new: &NewText| -> Option<(PathBuf, Arc<str>)> {
        let path = loaded.paths.get(new.source.path.as_ref())?;
        Some((path.clone(), Arc::clone(&new.text)))
    };
    texts.iter().filter_map(path).collect()
}

/// The name of a chart for a message, in one line.
pub(super) fn name(loaded: &Loaded) -> String {
    let file = loaded.chart.files.first().map(|file| file.source.path.as_ref());
    let folder = file.and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
    one_line(folder.or(loaded.chart.name.as_deref()).unwrap_or("."))
}

fn show(name: &str, proof: &Proof) -> Result<Ending, CommandError> {
    match proof {
        Proof::Holds { pinned, renders } => {
            let renders = match renders {
                1 => "one render".to_owned(),
                many => format!("{many} renders"),
            };
            print(&format!(
                "ok      {name}: {} in {renders}, nothing else differs\n",
                counted(*pinned, "digest")
            ))?;
            Ok(Ending::Clean)
        }
        Proof::Differs(lines) => {
            print(&format!("differs {name}\n"))?;
            for line in lines {
                print(&format!("        {line}\n"))?;
            }
            Ok(Ending::Findings)
        }
        Proof::Unrendered(refused) => {
            say_with_help(&format!("`{name}`: {}", refused.message), refused.help.as_deref());
            Ok(Ending::Incomplete)
        }
    }
}
