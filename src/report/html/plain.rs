//! The page without scripts: every image as a row of a table, every finding as an item of a list, all text escaped.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Page;
use crate::report::counted;
use crate::report::snippet::sanitized;

/// The images and the findings as markup.
pub(super) fn render(page: &Page<'_>) -> String {
    let mut out = String::new();
    let whole = page.images.iter().filter(|image| image.row.whole.is_ok());
    let names: BTreeSet<String> = whole.map(|image| image.name.concat()).collect();
    let _ = write!(
        out,
        "<p>Without scripts this page is a list: {} and {}.</p>\n<table>\n<caption>Images</caption>\n<thead><tr><th scope=\"col\">Image</th>\
         <th scope=\"col\">State</th><th scope=\"col\">Place</th><th scope=\"col\">Chart</th></tr></thead>\n<tbody>\n",
        counted(names.len(), "image"),
        counted(page.findings.len(), "finding"),
    );
    for image in &page.images {
        let row = image.row;
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}:{}:{}</td><td>{}</td></tr>",
            escaped(&image.name.concat()),
            image.pinning.as_str(),
            escaped(&row.file),
            row.line,
            row.column,
            escaped(row.chart.as_deref().unwrap_or_default()),
        );
    }
    out.push_str("</tbody>\n</table>\n<h2>Findings</h2>\n<ul>\n");
    for finding in &page.findings {
        let _ = writeln!(out, "<li>{}</li>", escaped(&finding.finding.line_of_text()));
    }
    out.push_str("</ul>\n");
    out
}

/// Text as markup shows it, without what would turn the direction of the line.
fn escaped(text: &str) -> String {
    let text = sanitized(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
