#![doc = include_str!("README.md")]

use crate::chart::{Chart, ChartFile};
use crate::finding::Severity;
use crate::rule::{ChartReport, Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::ImageSite;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "digest-breaks-image-sync",
    summary: "A pinned image in an OpenStack-Helm chart whose local registry is active",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart, and each override laid over it",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        for (file, layers) in chart.layered() {
            if !layers.is_true("images.local_registry.active") {
                continue;
            }
            let excluded = layers.texts(&["images", "local_registry", "exclude"]);
            for site in file.sites.iter().filter(|site| is_synced(site, &excluded)) {
                let Some(reference) = site.reference() else { continue };
                let Some(place) = reference.digest_range().and_then(|range| site.place(&range)) else {
                    continue;
                };
                let draft = Draft::new(
                    place,
                    format!("`{}` is pinned, and the image sync job cannot tag a digest", site.path),
                );
                let draft = draft.label("a digest").path(&site.path);
                report.push(
                    file,
                    draft.help("exclude the key in `local_registry.exclude`, or leave the digest out"),
                );
            }
            report_inherited(chart, file, &excluded, report);
        }
    }))
}

fn is_synced(site: &ImageSite, excluded: &[&str]) -> bool {
    site.idiom == "openstack-tags" && !site.path.last_key().is_some_and(|key| excluded.contains(&key))
}

/// One finding where an override turns the local registry on above pinned defaults.
fn report_inherited(chart: &Chart, file: &ChartFile, excluded: &[&str], report: &mut ChartReport<'_>) {
    let Some((defaults, _)) = chart.defaults().filter(|(defaults, _)| defaults.role != file.role) else {
        return;
    };
    let pinned = |site: &&ImageSite| site.reference().is_some_and(|reference| reference.digest().is_some());
    let count = defaults
        .sites
        .iter()
        .filter(|site| is_synced(site, excluded))
        .filter(pinned)
        .count();
    let active = file.tree().and_then(|tree| {
        let images = tree.get(tree.root()?, "images")?;
        tree.entry(tree.get(images, "local_registry")?, "active")
            .map(|entry| tree.node(entry.value).span)
    });
    if let Some(place) = active.filter(|_| count > 0) {
        let draft = Draft::new(
            place,
            format!("the image sync job cannot tag a digest, and the chart pins {count} of its images"),
        );
        let draft = draft.label("turned on here").path("images.local_registry.active");
        report.push(
            file,
            draft.help("exclude their keys in `local_registry.exclude`, or leave the digests out"),
        );
    }
}
