//! From edits of a chart's files to their new texts, each judged twice: as YAML, and by finding the images in it again.

use std::sync::Arc;

use super::NewText;
use crate::chart::{Chart, ChartFile};
use crate::edit::{Edit, apply, meant};
use crate::site::{Finder, ImageSite};
use crate::source::Span;
use crate::yaml::{Tree, check_edit};

/// The edits of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileEdits {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The scalars that change, where an edit does not stand in them: values that are not there yet.
    pub scalars: Vec<Span>,
    /// The mappings that get new keys.
    pub grown: Vec<Span>,
    /// The images that change, by their index, and the digest that each has then.
    pub images: Vec<(usize, Option<String>)>,
}

/// The new texts of the files of `chart` that have edits, in their order.
///
/// # Errors
/// When a new text is no YAML, or anything else in the chart would read differently than it is meant to. That is a fault of this program or of
/// a file that two readers read differently; the chart is then left as it is.
pub(super) fn rewrite(chart: &Chart, edits: &[FileEdits], finder: Finder<'_>) -> Result<Vec<NewText>, String> {
    let mut trees: Vec<(Arc<str>, Tree)> = Vec::new();
    let mut texts = Vec::new();
    for (file, edits) in chart
        .files
        .iter()
        .zip(edits)
        .filter(|(_, edits)| !edits.edits.is_empty())
    {
        let shown = &file.source.path;
        let tree = file.tree().ok_or_else(|| format!("`{shown}` cannot be read"))?;
        let refused = |error: &dyn std::fmt::Display| format!("`{shown}` would not read as it should: {error}");
        let text = apply(&file.source.text, &edits.edits).map_err(|error| refused(&error))?;
        let places = edits
            .edits
            .iter()
            .map(|edit| edit.span)
            .chain(edits.scalars.iter().copied());
        let meant = meant(tree, places.collect(), edits.grown.clone());
        let new = check_edit(tree, &text, &meant).map_err(|error| refused(&error))?;
        texts.push(NewText {
            source: Arc::clone(&file.source),
            text: Arc::clone(new.text()),
        });
        trees.push((shown.clone(), new));
    }
    if texts.is_empty() {
        return Ok(texts);
    }
    let after = chart.with_trees(trees, finder);
    for ((old, new), edits) in chart.files.iter().zip(&after.files).zip(edits) {
        reads_back(old, new, edits).map_err(|path| {
            let shown = &old.source.path;
            format!("`{shown}` would not read as it should: `{path}` names another image then")
        })?;
    }
    Ok(texts)
}

/// Whether every image is the one that it was, and has the digest that it is meant to have.
fn reads_back(old: &ChartFile, new: &ChartFile, edits: &FileEdits) -> Result<(), String> {
    if old.sites.len() != new.sites.len() && edits.grown.is_empty() {
        return Err("a value".to_owned());
    }
    for (index, before) in old.sites.iter().enumerate() {
        // A new digest key may be a site of its own, where the image that it belongs to is named elsewhere.
        let same = |after: &&ImageSite| after.path == before.path && after.idiom == before.idiom;
        let nth = old.sites[..index].iter().filter(|site| same(site)).count();
        let after = new
            .sites
            .iter()
            .filter(same)
            .nth(nth)
            .or_else(|| new.sites.iter().find(|site| site.path == before.path));
        let Some(after) = after else {
            return Err(before.path.to_string());
        };
        let planned = edits.images.iter().find(|(image, _)| *image == index);
        let digest = after.reference().and_then(|reference| reference.digest());
        let as_planned = planned.is_none_or(|(_, planned)| planned.as_deref() == digest);
        if !is_same_image(before, after) || !as_planned {
            return Err(before.path.to_string());
        }
    }
    Ok(())
}

/// Whether two sites name the same image, digests aside; templates may leave the tag out where there is a digest.
fn is_same_image(before: &ImageSite, after: &ImageSite) -> bool {
    let (Some(old), Some(new)) = (before.reference(), after.reference()) else {
        return undigested(before) == undigested(after);
    };
    let drops_tag = after.is_told && new.tag().is_none() && new.digest().is_some();
    old.is_same_name(new) && (old.tag() == new.tag() || drops_tag)
}

/// What a site composes, without digest.
fn undigested(site: &ImageSite) -> Option<&str> {
    let text = site.composed.as_ref().map(|composed| composed.text.as_str())?;
    Some(text.split_once('@').map_or(text, |(head, _)| head))
}
