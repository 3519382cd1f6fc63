#![doc = include_str!("README.md")]

use crate::chart::{Chart, ChartFile, FileRole};
use crate::edit::Edit;
use crate::finding::{Applicability, Severity};
use crate::reference::Reference;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::ImageSite;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "stale-image-annotation",
    summary: "An annotation of `Chart.yaml` names another tag of an image than the values",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::Safe,
    since: "0.1.0",
    looks_at: "the image annotations of `Chart.yaml`",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        if cx.file.role != FileRole::ChartYaml {
            return;
        }
        let Some(reference) = site.reference().filter(|reference| reference.tag().is_some()) else {
            return;
        };
        let named = named(cx.chart, reference);
        let Some((file, other, first)) = named.first() else {
            return;
        };
        let is_listed = |tag: Option<&str>| named.iter().any(|(_, _, known)| known.tag() == tag);
        if is_listed(reference.tag()) || first.tag().is_none() {
            return;
        }
        let (mine, theirs) = (reference.tag().unwrap_or_default(), first.tag().unwrap_or_default());
        let Some(place) = reference.tag_range().and_then(|range| site.place(&range)) else {
            return;
        };
        let mut draft = Draft::new(
            place,
            format!(
                "the annotation says `{mine}`, and the values say `{theirs}` (`{}`)",
                file.source.path
            ),
        )
        .label("another tag")
        .help(format!("write `{theirs}`"))
        .path(&site.path)
        .elsewhere(&file.source.path, other.primary().at, "the values name it here");
        if named.iter().all(|(_, _, known)| known.tag() == first.tag()) && reference.digest().is_none() {
            let edit = Edit {
                span: place,
                text: theirs.to_owned(),
            };
            draft = draft.fix(Applicability::Safe, format!("write `{theirs}`"), edit);
        }
        report.push(draft);
    }))
}

/// The images of the chart's own values with this name.
fn named<'a>(chart: &'a Chart, wanted: &Reference) -> Vec<(&'a ChartFile, &'a ImageSite, &'a Reference)> {
    let Some((file, _)) = chart.defaults() else {
        return Vec::new();
    };
    let name = wanted.normalized_name();
    let sites = file
        .sites
        .iter()
        .filter_map(|site| Some((file, site, site.reference()?)));
    sites
        .filter(|(_, _, reference)| reference.normalized_name() == name)
        .collect()
}
