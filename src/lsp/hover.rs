//! What is known of the image under the cursor.

use std::fmt::Write as _;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind, Position, Range};

use super::links::page;
use super::view::View;
use crate::finding::Finding;
use crate::floating::FloatingTags;
use crate::report::{ImageRow, Pinning, page_url};
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
    let style = Style {
        markdown: view.abilities.markdown,
    };
    let kind = if style.markdown {
        MarkupKind::Markdown
    } else {
        MarkupKind::PlainText
    };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent {
            kind,
            value: text(view, site, style),
        }),
        range: Some(view.range(part.at)),
    })
}

fn text(view: &View<'_>, site: &ImageSite, style: Style) -> String {
    let of_site = |finding: &&Finding| {
        let is_in_part = site
            .parts
            .iter()
            .any(|part| !part.inherited && part.at.contains(finding.span));
        is_in_part || finding.path.as_deref() == Some(&site.path.to_string())
    };
    let findings: Vec<&Finding> = view.findings().filter(of_site).collect();
    let told = findings.iter().any(|finding| Pinning::is_told_by(finding.rule));
    let mut out = String::new();
    let _ = write!(out, "{}\n\n{}\n", headline(site, style), standing(site, told, style));
    if let Some(page) = page(site) {
        let _ = write!(out, "\n{}\n", style.link("Page of the image", &page));
    }
    uses(view, site, style, &mut out);
    if !findings.is_empty() {
        out.push_str("\nFindings:\n\n");
    }
    for finding in findings {
        let rule = style.link(finding.rule, &page_url(finding.rule));
        let _ = writeln!(out, "- {rule}: {}", style.prose(&finding.message));
    }
    out
}

/// The reference, spelled out where it is whole.
fn headline(site: &ImageSite, style: Style) -> String {
    match (site.reference(), &site.composed) {
        (Some(reference), _) if site.lacks_tag() => style.code(&reference.normalized_name()),
        (Some(reference), _) => style.code(&reference.normalized()),
        (None, Some(composed)) => style.code(&composed.text),
        (None, None) => "An image that is not whole here".to_owned(),
    }
}

/// How far the reference is known, and whether it can come to mean another image; `told` says that a finding calls it floating.
fn standing(site: &ImageSite, told: bool, style: Style) -> String {
    let known = match site.state {
        State::Literal => "The file says it whole",
        State::Templated => "A placeholder stands in it",
        State::Fragment => "A part of it lives elsewhere",
        State::Deleted => "An override deletes it",
    };
    if site.state == State::Deleted {
        return format!("{known}.");
    }
    let key = style.code(&site.path.to_string());
    let reference = site.reference().filter(|_| !site.lacks_tag());
    let patterns = FloatingTags::default().compile().unwrap_or_default();
    let (word, why) = match Pinning::of(reference, told, &patterns) {
        Pinning::Pinned => ("pinned", " to a digest"),
        Pinning::Floating if reference.is_some_and(|reference| reference.tag().is_none()) => {
            ("floating", ": it has neither tag nor digest")
        }
        Pinning::Floating => ("floating", ": its tag is moved to newer builds"),
        Pinning::Incomplete if told => ("floating", ": its tag is moved to newer builds"),
        Pinning::Tag => ("not pinned", ": its tag can be moved"),
        Pinning::Incomplete => return format!("{known}; key {key}."),
    };
    format!("{known}; {}{why}. Key {key}.", style.strong(word))
}

/// The workloads, containers and templates that use it.
fn uses(view: &View<'_>, site: &ImageSite, style: Style, out: &mut String) {
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
        let workload = style.code(one.workload.as_deref().unwrap_or("?"));
        let what = match &one.container {
            Some(container) => format!("{workload}, container {}", style.code(container)),
            None => format!("{workload}, {}", style.code(&one.key)),
        };
        let place = style.code(one.place.as_ref().unwrap_or(&one.template));
        let _ = writeln!(out, "- {what}: {place}");
    }
    if let Some(more) = uses.len().checked_sub(MAX_USES).filter(|more| *more > 0) {
        let _ = writeln!(out, "- and {more} more");
    }
}

/// How texts are written: as Markdown, or plainly.
#[derive(Debug, Clone, Copy)]
struct Style {
    markdown: bool,
}

impl Style {
    /// A text of a file, whatever it holds.
    fn code(self, text: &str) -> String {
        let line = text.replace(['\n', '\r'], " ");
        if self.markdown { fenced(line) } else { line }
    }

    fn strong(self, word: &str) -> String {
        if self.markdown {
            format!("**{word}**")
        } else {
            word.to_owned()
        }
    }

    fn link(self, name: &str, target: &str) -> String {
        if self.markdown {
            format!("[{name}]({target})")
        } else {
            format!("{name} <{target}>")
        }
    }

    /// A message as text, what stands in backticks as code: whatever a file says, it becomes neither a link nor a picture.
    fn prose(self, message: &str) -> String {
        if !self.markdown {
            return message.to_owned();
        }
        let part = |(index, part): (usize, &str)| {
            if index % 2 == 1 && !part.is_empty() {
                return self.code(part);
            }
            let escaped = part
                .chars()
                .flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c]));
            escaped.collect()
        };
        message.split('`').enumerate().map(part).collect()
    }
}

/// A line as code, between as many backticks as it needs.
fn fenced(mut line: String) -> String {
    if line.is_empty() {
        // Two backticks with nothing between them would be one end of a code, and what comes behind the other end no code.
        line.push(' ');
    }
    let runs = line.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::Style;

    const MARKDOWN: Style = Style { markdown: true };
    const PLAIN: Style = Style { markdown: false };

    #[test]
    fn no_message_becomes_a_link_or_a_picture() {
        assert_eq!(MARKDOWN.prose("`a:1` is [b](c)"), "`a:1` is \\[b\\]\\(c\\)");
        assert_eq!(
            MARKDOWN.prose("`x`![](http://y)`z` is"),
            "`x`\\!\\[\\]\\(http\\:\\/\\/y\\)`z` is"
        );
    }

    #[test]
    fn no_text_leaves_its_code() {
        assert_eq!(MARKDOWN.code("a:1"), "`a:1`");
        assert_eq!(MARKDOWN.code("a``b"), "```a``b```");
        assert_eq!(MARKDOWN.code("`x\ny"), "`` `x y ``");
        assert_eq!(MARKDOWN.code(""), "` `");
    }

    #[test]
    fn what_is_plain_has_no_marks() {
        assert_eq!(PLAIN.prose("`a:1` is [b](c)"), "`a:1` is [b](c)");
        assert_eq!(PLAIN.code("`x\ny"), "`x y");
        assert_eq!(PLAIN.link("page", "https://example.com"), "page <https://example.com>");
        assert_eq!(PLAIN.strong("pinned"), "pinned");
    }
}
