#![doc = include_str!("README.md")]

use crate::finding::Severity;
use crate::rule::{Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::site::Role;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "tag-in-repository",
    summary: "A `repository` that holds the tag or digest, beside a key for it",
    severity: Severity::Warning,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each image",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::site(|_, site, report| {
        let (Some(repository), Some(reference)) = (site.filled(Role::Repository), site.repository_reference()) else {
            return;
        };
        if repository.inherited || repository.templated || site.part(Role::Tag).is_none() {
            return;
        }
        let range = reference
            .tag_range()
            .or_else(|| reference.digest_range())
            .unwrap_or_default();
        let place = crate::source::Span::new(repository.span.start + range.start, repository.span.start + range.end);
        let place = if repository.span.contains(place) {
            place
        } else {
            repository.span
        };
        let kind = if reference.tag().is_some() { "tag" } else { "digest" };
        let draft = Draft::new(
            place,
            format!("the {kind} of `{reference}` stands in the repository, not in a key of its own"),
        );
        let draft = draft.label(format!("a {kind}")).path(&site.path);
        let Some(tag) = site.filled(Role::Tag) else {
            let help = match kind {
                "tag" => "move it to the `tag` key: charts put `:` and the tag behind the repository",
                _ => "move it to a key of its own: charts put `:` and the tag behind the repository",
            };
            report.push(draft.help(help));
            return;
        };
        let joined = format!("{}:{}", repository.text, tag.text);
        let draft = draft
            .severity(Severity::Error)
            .help(format!("remove it: the chart would ask for `{joined}`"));
        report.push(if tag.inherited {
            draft
        } else {
            draft.other(tag.span, "and a tag here")
        });
    }))
}
