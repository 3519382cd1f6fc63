//! What is known of the image under the cursor.

use std::fmt::Write as _;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind, Position, Range};

use super::links::page;
use super::view::View;
use crate::finding::Finding;
use crate::floating::{FloatingTags, deciding_tag, floats};
use crate::report::{ImageRow, page_url};
use crate::site::{ImageSite, State};

/// How many uses are listed.
const MAX_USES: usize = 12;

/// What is known of the image at a position; nothing where none stands.
pub(super) fn hover(view: &View<'_>, position: Position) -> Option<Hover> {
    let at = view.span(Range {
        start: position,
        end: position,
    });
    let (site, part) = view.site(at)?;
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text(view, site),
        }),
        range: Some(view.range(part.at)),
    })
}

fn text(view: &View<'_>, site: &ImageSite) -> String {
    let mut out = String::new();
    let _ = write!(out, "{}\n\n{}\n", headline(site), standing(site));
    if let Some(page) = page(site) {
        let _ = write!(out, "\n[Page of the image]({page})\n");
    }
    uses(view, site, &mut out);
    let of_site = |finding: &&Finding| {
        let is_in_part = site
            .parts
            .iter()
            .any(|part| !part.inherited && part.at.contains(finding.span));
        is_in_part || finding.path.as_deref() == Some(&site.path.to_string())
    };
    let findings: Vec<&Finding> = view.findings().filter(of_site).collect();
    if !findings.is_empty() {
        out.push_str("\nFindings:\n\n");
    }
    for finding in findings {
        let _ = writeln!(
            out,
            "- [{}]({}): {}",
            finding.rule,
            page_url(finding.rule),
            prose(&finding.message)
        );
    }
    out
}

/// The reference, spelled out where it is whole.
fn headline(site: &ImageSite) -> String {
    match (site.reference(), &site.composed) {
        (Some(reference), _) if site.lacks_tag() => code(&reference.normalized_name()),
        (Some(reference), _) => code(&reference.normalized()),
        (None, Some(composed)) => code(&composed.text),
        (None, None) => "An image that is not whole here".to_owned(),
    }
}

/// How far the reference is known, and whether it can come to mean another image.
fn standing(site: &ImageSite) -> String {
    let known = match site.state {
        State::Literal => "The file says it whole",
        State::Templated => "A placeholder stands in it",
        State::Fragment => "A part of it lives elsewhere",
        State::Deleted => "An override deletes it",
    };
    let patterns = FloatingTags::default().compile().unwrap_or_default();
    let tag = deciding_tag(site).map(|(tag, _)| tag);
    let pinned = match (site.reference(), tag) {
        _ if site.state == State::Deleted => return format!("{known}."),
        (Some(reference), _) if reference.digest().is_some() => "**pinned** to a digest",
        (_, Some(tag)) if floats(tag, &patterns) => "**floating**: its tag is moved to newer builds",
        (Some(_), None) if site.state == State::Literal => "**floating**: it has neither tag nor digest",
        (Some(_), _) => "**not pinned**: its tag can be moved",
        (None, _) => return format!("{known}; key {}.", code(&site.path.to_string())),
    };
    format!("{known}; {pinned}. Key {}.", code(&site.path.to_string()))
}

/// The workloads, containers and templates that use it.
fn uses(view: &View<'_>, site: &ImageSite, out: &mut String) {
    if view.chart.reading().is_none() {
        return;
    }
    let row = ImageRow::new(view.chart, view.file, site).with_uses(view.chart, view.file, site);
    let uses = row.used_by.unwrap_or_default();
    if uses.is_empty() {
        out.push_str("\nNo template is known to use it.\n");
        return;
    }
    out.push_str("\nUsed by:\n\n");
    for one in uses.iter().take(MAX_USES) {
        let workload = one.workload.as_deref().unwrap_or("?");
        let what = match &one.container {
            Some(container) => format!("{}, container {}", code(workload), code(container)),
            None => format!("{}, {}", code(workload), code(&one.key)),
        };
        let _ = writeln!(out, "- {what}: {}", code(one.place.as_ref().unwrap_or(&one.template)));
    }
    if let Some(more) = uses.len().checked_sub(MAX_USES).filter(|more| *more > 0) {
        let _ = writeln!(out, "- and {more} more");
    }
}

/// A text of a file as code, whatever it holds.
fn code(text: &str) -> String {
    let mut text = text.replace(['\n', '\r'], " ");
    if text.is_empty() {
        // Two backticks with nothing between them would be one end of a code, and what comes behind the other end no code.
        text.push(' ');
    }
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A message as text, what stands in backticks as code: whatever a file says, it becomes neither a link nor a picture.
fn prose(message: &str) -> String {
    let part = |(index, part): (usize, &str)| {
        if index % 2 == 1 && !part.is_empty() {
            return code(part);
        }
        let escaped = part
            .chars()
            .flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c]));
        escaped.collect()
    };
    message.split('`').enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::{code, prose};

    #[test]
    fn no_message_becomes_a_link_or_a_picture() {
        assert_eq!(prose("`a:1` is [b](c)"), "`a:1` is \\[b\\]\\(c\\)");
        assert_eq!(
            prose("`x`![](http://y)`z` is"),
            "`x`\\!\\[\\]\\(http\\:\\/\\/y\\)`z` is"
        );
    }

    #[test]
    fn no_text_leaves_its_code() {
        assert_eq!(code("a:1"), "`a:1`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x\ny"), "`` `x y ``");
        assert_eq!(code(""), "` `");
    }
}
