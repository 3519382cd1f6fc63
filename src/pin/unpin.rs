//! Taking digests away again where a tag remains.

use super::key::Value;
use super::rewrite::{FileEdits, rewrite};
use super::shared::Users;
use super::slot::{Slot, present};
use super::wish::{left, meant_sites};
use super::{Entry, Options, Plan, Status};
use crate::chart::{Chart, ChartFile, FileRole};
use crate::edit::Edit;
use crate::reference::Reference;
use crate::site::{Finder, ImageSite, Role};
use crate::source::Span;
use crate::yaml::{HelmScalar, Style, helm_plain};

/// Plans the new texts of `chart` without its digests.
#[must_use]
pub fn unpin(chart: &Chart, options: &Options, finder: Finder<'_>) -> Plan {
    let mut edits: Vec<FileEdits> = chart.files.iter().map(|_| FileEdits::default()).collect();
    let mut entries: Vec<Entry> = Vec::new();
    for (file, of_file) in chart
        .files
        .iter()
        .zip(&mut edits)
        .filter(|(file, _)| file.wanted && file.role != FileRole::Template)
    {
        let users = Users::new(file);
        for (index, site) in meant_sites(file, options) {
            let reference = site.reference().filter(|reference| reference.digest().is_some());
            let Some(reference) = reference else { continue };
            match removal(file, site, index, reference, &users) {
                Ok((scalar, removed)) => {
                    entries.push(entry(chart, file, site, scalar, &removed));
                    of_file.edits.extend(removed);
                    of_file.scalars.push(scalar);
                    of_file.images.push((index, None));
                }
                Err(reason) => entries.push(left(chart, file, site, Status::Skipped, Some(reason))),
            }
        }
    }
    match rewrite(chart, &edits, finder) {
        Ok(texts) => Plan {
            entries,
            texts,
            warnings: Vec::new(),
        },
        Err(reason) => {
            for entry in entries.iter_mut().filter(|entry| entry.status == Status::Unpinned) {
                entry.status = Status::Skipped;
                entry.after = None;
                entry.reason = Some(reason.clone());
            }
            Plan {
                entries,
                ..Plan::default()
            }
        }
    }
}

fn entry(chart: &Chart, file: &ChartFile, site: &ImageSite, scalar: Span, removed: &[Edit]) -> Entry {
    let mut entry = Entry::new(chart, file, site, scalar, Status::Unpinned);
    let kept: String = match removed.first() {
        Some(edit) if scalar.contains(edit.span) => {
            let (start, end) = (edit.span.start - scalar.start, edit.span.end - scalar.start);
            format!("{}{}{}", &entry.before[..start], edit.text, &entry.before[end..])
        }
        _ => String::new(),
    };
    entry.after = Some(kept);
    entry
}

/// The scalar that changes, and the edits that take the digest out of it.
fn removal(
    file: &ChartFile,
    site: &ImageSite,
    index: usize,
    reference: &Reference,
    users: &Users<'_>,
) -> Result<(Span, Vec<Edit>), String> {
    if reference.tag().is_none() {
        return Err("it has no tag: without its digest, nothing would say what it is".to_owned());
    }
    let text: &str = &file.source.text;
    let slot = present(site, file)?;
    let same = |other: usize| {
        let slot_of = |site: &ImageSite| present(site, file).ok().map(|slot| slot.scalar());
        slot_of(&file.sites[other]) == Some(slot.scalar())
    };
    if let Some(reason) = users.stray(index, slot.scalar(), same) {
        return Err(reason);
    }
    let scalar = slot.scalar();
    let edits = match slot {
        Slot::Key { value, .. } => {
            let mut edits = vec![emptied(&value, text)];
            let on = |part: &&crate::site::Part| part.helm == HelmScalar::Bool(true) && !part.inherited;
            edits.extend(site.part(Role::UseDigest).filter(on).map(|switch| Edit {
                span: switch.span,
                text: "false".to_owned(),
            }));
            edits
        }
        Slot::Within { digest, .. } => within(site, text, scalar, digest)?,
        Slot::Behind { .. } | Slot::Tag { .. } | Slot::NewKey { .. } => return Err("it has no digest".to_owned()),
    };
    Ok((scalar, edits))
}

/// The digest goes out of its key: what stands between quotes, or all behind the colon or the anchor, where white space follows it.
fn emptied(value: &Value, text: &str) -> Edit {
    if value.quoted || value.key.is_none() {
        return deletion(value.text);
    }
    if text[value.text.end..].starts_with(|c: char| !c.is_whitespace()) {
        return Edit {
            span: value.text,
            text: "\"\"".to_owned(),
        };
    }
    let start = text[..value.text.start].trim_end().len();
    deletion(Span::new(start, value.text.end))
}

/// The digest and its `@` go; a tag that Helm would then read as a number, and print differently, gets quotes.
fn within(site: &ImageSite, text: &str, scalar: Span, digest: Span) -> Result<Vec<Edit>, String> {
    let at = digest.start - 1;
    if text.as_bytes().get(at) != Some(&b'@') {
        return Err("its digest is joined from several values".to_owned());
    }
    let mut edits = vec![deletion(Span::new(at, digest.end))];
    let plain = site
        .parts
        .iter()
        .any(|part| part.span == scalar && part.style == Style::Plain);
    let kept = &text[scalar.start..at];
    if plain && digest.end == scalar.end && helm_plain(kept).printed() != kept {
        edits = vec![Edit {
            span: scalar,
            text: format!("\"{kept}\""),
        }];
    }
    Ok(edits)
}

fn deletion(span: Span) -> Edit {
    Edit {
        span,
        text: String::new(),
    }
}
