//! Comma-separated values (RFC 4180): one row a site, also those that are not whole. The one home of csv.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. No part of an image begins so, but a key or a file of a chart that
//! nobody vouches for may: such a cell gets an apostrophe in front, as spreadsheets themselves mark texts.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use super::super::snippet::sanitized;
use super::super::{ImageRow, ReportError};

const HEAD: [&str; 12] = [
    "chart",
    "file",
    "line",
    "column",
    "path",
    "idiom",
    "state",
    "registry",
    "repository",
    "tag",
    "digest",
    "reference",
];

/// The rows as comma-separated values, the names of the columns first.
///
/// # Errors
/// When the writer fails, which no row makes happen.
pub fn images_csv(rows: &[ImageRow]) -> Result<String, ReportError> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(HEAD).map_err(ReportError::new)?;
    for row in rows {
        let [line, column] = [row.line, row.column].map(|number| number.to_string());
        let cells: [&str; 12] = [
            row.chart.as_deref().unwrap_or_default(),
            &row.file,
            &line,
            &column,
            &row.path,
            &row.idiom,
            &row.state,
            row.registry.as_deref().unwrap_or_default(),
            row.repository.as_deref().unwrap_or_default(),
            row.tag.as_deref().unwrap_or_default(),
            row.digest.as_deref().unwrap_or_default(),
            row.reference.as_deref().unwrap_or_default(),
        ];
        let cells = cells.map(|cell| text_cell(cell).into_owned());
        writer.write_record(&cells).map_err(ReportError::new)?;
    }
    let bytes = writer.into_inner().map_err(ReportError::new)?;
    String::from_utf8(bytes).map_err(ReportError::new)
}

/// A cell that a spreadsheet shows and does not compute.
fn text_cell(text: &str) -> Cow<'_, str> {
    let text = sanitized(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}
