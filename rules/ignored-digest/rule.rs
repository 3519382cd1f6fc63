#![doc = include_str!("README.md")]

use crate::chart::FileRole;
use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::Role;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "ignored-digest",
    summary: "Values have a digest key that no template reads",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image in the values of a chart with templates",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|cx, site, report| {
        let own = matches!(cx.file.role, FileRole::Values | FileRole::Override);
        let digest = site.part(Role::Digest).filter(|part| own && !part.inherited);
        let with_usage = digest.and_then(|digest| Some((digest, cx.chart.usage(site)?)));
        let Some((digest, usage)) = with_usage.filter(|(_, usage)| !usage.images.is_empty()) else {
            return;
        };
        let Some(path) = site.path_of(digest) else { return };
        if usage.reading.knows(&path.0) {
            return;
        }
        let field = usage.images[0];
        let message = if digest.is_blank() {
            format!("no template reads `{path}`: a digest there would not reach the pod")
        } else {
            format!("no template reads `{path}`: the pod gets the image without its digest")
        };
        let mut draft = Draft::new(digest.at, message).label("not read").path(&path);
        if digest.is_blank() {
            draft = draft.severity(Severity::Warning);
        }
        if let Some((source, line)) = usage.reading.spot(field) {
            draft = draft.elsewhere(&source.path, line, "the image is put together here");
        }
        report.push(draft.help("read the key in the template, behind `@`, or take it out of the values"));
    }))
}
