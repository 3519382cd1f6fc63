#![doc = include_str!("README.md")]

use crate::edit::Edit;
use crate::finding::{Applicability, Severity};
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::{ImageSite, Part, Role};
use crate::source::Span;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "unqualified-image",
    summary: "An image reference that leaves out its registry",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|_, site, report| {
        let Some(reference) = site.reference().filter(|reference| reference.registry().is_none()) else {
            return;
        };
        let in_subchart = site.of_subchart && site.part(Role::Whole).is_none();
        let in_parts = site.idiom == "environment" && site.lacks_tag();
        if in_subchart || in_parts {
            return;
        }
        let range = reference.repository_range();
        let Some(place) = site.place(&range) else { return };
        let repository = reference.repository();
        let library = if repository.contains('/') { "" } else { "library/" };
        let whole = reference.normalized_name();
        let mut draft = Draft::new(
            place,
            format!("`{reference}` does not say which registry it comes from"),
        )
        .label("no registry")
        .help(help(site, &whole, library))
        .path(&site.path);
        if let Some(edit) = qualify(site, place, repository, library) {
            draft = draft.fix(Applicability::Unsafe, format!("write `{whole}`"), edit);
        }
        report.push(draft);
    }))
}

/// The edit that names Docker Hub: in a blank registry key where the shape has one, else before the repository.
fn qualify(site: &ImageSite, place: Span, repository: &str, library: &str) -> Option<Edit> {
    let holder = site
        .parts
        .iter()
        .find(|part| part.span.contains(place) && !part.inherited)?;
    if holder.shared || place.len() != repository.len() {
        return None;
    }
    let blank = |part: &&Part| part.is_blank() && !part.inherited && !part.shared && !part.at.is_empty();
    match site.part(Role::Registry).filter(blank) {
        Some(registry) if library.is_empty() => Some(Edit {
            span: registry.at,
            text: "docker.io".to_owned(),
        }),
        _ => Some(Edit {
            span: Span::empty(place.start),
            text: format!("docker.io/{library}"),
        }),
    }
}

/// What to do where Docker Hub is meant.
fn help(site: &ImageSite, whole: &str, library: &str) -> String {
    let blank = site
        .part(Role::Registry)
        .is_some_and(|part| part.is_blank() && !part.inherited);
    match (blank, library.is_empty()) {
        (true, true) => "set `registry: docker.io` if Docker Hub is meant".to_owned(),
        (_, true) => format!("write `{whole}` if Docker Hub is meant"),
        (_, false) => format!("write `{whole}` if the official image of Docker Hub is meant"),
    }
}
