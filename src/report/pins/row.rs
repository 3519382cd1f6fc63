//! The versioned JSON of `pin`, `unpin` and `verify`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::pin::Entry;

/// What `chartpin pin --format json` and `chartpin unpin --format json` print.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "chartpin pin report")]
pub struct PinReport {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// Whether the files were written; without `--write`, `pinned` says what would be.
    pub(super) written: bool,
    /// Every image, by file and position.
    pub(super) pins: Vec<PinRow>,
    /// How many requests were sent.
    pub(super) requests: usize,
}

/// What `chartpin verify --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "chartpin verify report")]
pub struct VerifyReport {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// Every image that carries a digest, by file and position.
    pub(super) pins: Vec<VerifyRow>,
    /// How many requests were sent.
    pub(super) requests: usize,
}

/// One image. Lines and columns count from 1, columns in characters.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PinRow {
    /// The chart's name.
    chart: Option<String>,
    /// Relative to the working directory, with `/`.
    file: String,
    /// The line of the scalar that carries the digest, or of the image's name where there is none.
    line: usize,
    /// The column of that scalar.
    column: usize,
    /// The dotted key path.
    path: String,
    /// The reference as the chart composes it, without digest.
    reference: Option<String>,
    /// The digest, `algorithm:hex`.
    digest: Option<String>,
    /// The media type of what the digest names, where a registry said it.
    media_type: Option<String>,
    /// The text of the scalar before.
    before: String,
    /// The text of the scalar after, where it changes.
    after: Option<String>,
    /// `pinned`, `unpinned`, `already`, `failed` or `skipped`; of `verify`: `ok`, `drift`, `missing`, `child`, `platform-missing` or `failed`.
    status: &'static str,
    /// Why.
    reason: Option<String>,
}

/// One digest that stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VerifyRow {
    #[serde(flatten)]
    pub(super) row: PinRow,
    /// The digest that the tag names now.
    pub(super) current: Option<String>,
}

impl PinRow {
    pub(super) fn new(entry: &Entry, status: &'static str) -> Self {
        let place = entry.source.position(entry.span.start);
        Self {
            chart: entry.chart.clone(),
            file: entry.source.path.to_string(),
            line: place.line,
            column: place.column,
            path: entry.path.clone(),
            reference: entry.reference.clone(),
            digest: entry.digest.clone(),
            media_type: entry.media_type.clone(),
            before: entry.before.clone(),
            after: entry.after.clone(),
            status,
            reason: entry.reason.clone(),
        }
    }
}
