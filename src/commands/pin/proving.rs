//! `--verify-render`: a chart is written only where its render differs in nothing but the digests.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::cli::HelmArgs;
use crate::commands::charts::{Charts, Loaded};
use crate::commands::render_check::{name, on_disk};
use crate::commands::rendering::{Meant, Proof, Renderer, Texts, chart_dir, is_renderable};
use crate::commands::terminal::{say, say_with_help};
use crate::pin::{Plan, Status};
use crate::reference::Reference;

/// Why nothing of a chart is written.
const UNPROVED: &str = "the rendered chart is not proved to differ in nothing but the digest: nothing of it is written";

/// Proves every plan that changes something; a plan that is not proved changes nothing then. Gives how many are not.
pub(super) fn prove(args: &HelmArgs, charts: &Charts, plans: &mut [Plan]) -> usize {
    let changes = |plan: &Plan| !plan.texts.is_empty();
    if !plans.iter().any(changes) {
        return 0;
    }
    let renderer = match Renderer::new(args) {
        Ok(renderer) => renderer,
        Err(refused) => {
            say_with_help(&refused.message, refused.help.as_deref());
            let unproved = plans.iter_mut().filter(|plan| changes(plan));
            return unproved.map(hold_back).count();
        }
    };
    let all: Texts = charts
        .loaded
        .iter()
        .zip(plans.iter())
        .flat_map(|(loaded, plan)| on_disk(loaded, &plan.texts))
        .collect();
    let pinned = plans
        .iter()
        .flat_map(|plan| &plan.entries)
        .filter(|entry| entry.status == Status::Pinned);
    let mut meant = Meant::default();
    for entry in pinned {
        let reference = entry.reference.as_deref().and_then(|text| Reference::parse(text).ok());
        if let Some((reference, digest)) = reference.zip(entry.digest.as_deref()) {
            meant.add(&reference, digest);
        }
    }
    let proofs: Vec<Option<Proof>> = charts
        .loaded
        .par_iter()
        .zip(plans.par_iter())
        .map(|(loaded, plan)| {
            let below = || contains_changes(loaded, &all);
            let wanted = (changes(plan) || below()) && !is_library(loaded);
            let of_plan = || Meant {
                digests: meant.digests.clone(),
                gone: gone(plan),
            };
            wanted.then(|| renderer.prove(loaded, &Texts::new(), &all, &of_plan()))
        })
        .collect();
    let failed: Vec<&Loaded> = charts
        .loaded
        .iter()
        .zip(proofs)
        .filter(|(loaded, proof)| proof.as_ref().is_some_and(|proof| !is_proved(loaded, proof)))
        .map(|(loaded, _)| loaded)
        .collect();
    let is_below = |loaded: &Loaded| {
        let dirs = || failed.iter().filter_map(|failed| chart_dir(failed).ok());
        chart_dir(loaded).is_ok_and(|own| dirs().any(|dir| own.starts_with(dir)))
    };
    let unproved = charts
        .loaded
        .iter()
        .zip(plans)
        .filter(|(loaded, plan)| changes(plan) && is_below(loaded));
    unproved.map(|(_, plan)| hold_back(plan)).count().max(failed.len())
}

/// Whether one of the changed files lies in the chart's folder: a subchart's, whose new values reach the chart, too.
fn contains_changes(loaded: &Loaded, texts: &Texts) -> bool {
    chart_dir(loaded).is_ok_and(|dir| texts.iter().any(|(path, _)| path.starts_with(&dir)))
}

/// The images of a plan that are pinned wherever the chart names them.
fn gone(plan: &Plan) -> BTreeSet<String> {
    let names = |is_pinned: bool| {
        let entries = plan
            .entries
            .iter()
            .filter(move |entry| (entry.status == Status::Pinned) == is_pinned);
        let references = entries.filter_map(|entry| Reference::parse(entry.reference.as_deref()?).ok());
        references
            .map(|reference| reference.normalized())
            .collect::<BTreeSet<String>>()
    };
    let left = names(false);
    names(true).into_iter().filter(|name| !left.contains(name)).collect()
}

/// A library renders nothing, so that there is nothing to prove.
fn is_library(loaded: &Loaded) -> bool {
    let templates = loaded.chart.templates.as_ref();
    !is_renderable(loaded) && templates.is_some_and(|templates| templates.bundle.is_library)
}

/// Whether a proof holds; what speaks against it is said.
fn is_proved(loaded: &Loaded, proof: &Proof) -> bool {
    let name = name(loaded);
    match proof {
        Proof::Holds { .. } => true,
        Proof::Differs(lines) => {
            say(&format!(
                "chartpin: `{name}` is not written: with the digests, it renders otherwise:"
            ));
            for line in lines {
                say(&format!("  {line}"));
            }
            false
        }
        Proof::Unrendered(refused) => {
            let message = format!("`{name}` is not written: {}", refused.message);
            say_with_help(&message, refused.help.as_deref());
            false
        }
    }
}

fn hold_back(plan: &mut Plan) {
    plan.texts.clear();
    for entry in plan.entries.iter_mut().filter(|entry| entry.status == Status::Pinned) {
        entry.take_back(Status::HeldBack, UNPROVED);
    }
}
