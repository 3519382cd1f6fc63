//! `lint --render`: the images that charts render and that no value and no template names whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use crate::chart::Chart;
use crate::cli::{LintArgs, LintFormat};
use crate::commands::charts::{Charts, Loaded};
use crate::commands::inputs::Group;
use crate::commands::render_check::name;
use crate::commands::rendering::{Renderer, is_renderable};
use crate::commands::terminal::{print, say_lines, say_with_help};
use crate::commands::{CommandError, Ending};
use crate::reference::Reference;
use crate::report::{counted, one_line};
use crate::site::Finder;
use crate::template::Bundle;

/// Lists the rendered images of each chart that no site accounts for.
pub(super) fn list(args: &LintArgs, groups: Vec<Group>, dir: &Path) -> Result<Ending, CommandError> {
    let charts = Charts::of(groups, dir);
    let renderer = match Renderer::new(&args.helm) {
        Ok(renderer) => renderer,
        Err(refused) => {
            say_with_help(&refused.message, refused.help.as_deref());
            return Ok(Ending::Incomplete);
        }
    };
    let renderable: Vec<&Loaded> = charts.loaded.iter().filter(|loaded| is_renderable(loaded)).collect();
    let found: Vec<_> = renderable.par_iter().map(|loaded| renderer.images(loaded)).collect();
    let (mut ending, mut lines) = (Ending::Clean, Vec::new());
    for (loaded, images) in renderable.iter().zip(found) {
        match images {
            Err(refused) => {
                let message = format!("`{}`: {}", name(loaded), refused.message);
                say_with_help(&message, refused.help.as_deref());
                ending = Ending::Incomplete;
            }
            Ok(images) => {
                let known = accounted(&loaded.chart, charts.finder(loaded));
                let mut places: BTreeMap<String, String> = BTreeMap::new();
                for image in images.iter().filter(|image| !is_named(&known, &image.image)) {
                    places
                        .entry(image.image.clone())
                        .or_insert_with(|| image.place.to_string());
                }
                lines.extend(
                    places
                        .into_iter()
                        .map(|(image, place)| format!("  {}  {}: {place}", one_line(&image), name(loaded))),
                );
            }
        }
    }
    show(args, &lines)?;
    Ok(ending)
}

fn show(args: &LintArgs, lines: &[String]) -> Result<(), CommandError> {
    if lines.is_empty() {
        return Ok(());
    }
    let are = if lines.len() == 1 { "is" } else { "are" };
    let head = format!(
        "{} {are} rendered and named by no value:",
        counted(lines.len(), "image")
    );
    let text = format!("{head}\n{}\n", lines.join("\n"));
    if args.format == LintFormat::Human {
        print(&format!("\n{text}"))?;
    } else {
        say_lines(text.trim_end());
    }
    Ok(())
}

fn is_named(known: &BTreeSet<String>, image: &str) -> bool {
    let image = Reference::parse(image).map_or_else(|_| image.to_owned(), |reference| reference.pulled());
    known.contains(&image)
}

/// The images that a chart's files name, and those of the values of its dependencies.
fn accounted(chart: &Chart, finder: Finder<'_>) -> BTreeSet<String> {
    let sites = chart.files.iter().flat_map(|file| &file.sites);
    let mut known: BTreeSet<String> = sites.filter_map(|site| Some(site.reference()?.pulled())).collect();
    if let Some(templates) = &chart.templates {
        collect(&templates.bundle, finder, &mut known);
    }
    known
}

fn collect(bundle: &Bundle, finder: Finder<'_>, known: &mut BTreeSet<String>) {
    for dependency in &bundle.dependencies {
        if let Some(values) = dependency.chart.values() {
            let sites = finder.values(values, None, false);
            known.extend(sites.iter().filter_map(|site| Some(site.reference()?.pulled())));
        }
        collect(&dependency.chart, finder, known);
    }
}
