//! Joining the parts of a site to one reference, with the way back from the reference to the bytes of the file.

use std::ops::Range;

use super::{ImageSite, Part, Role};
use crate::reference::{Reference, ReferenceError, is_hex};
use crate::source::Span;
use crate::yaml::HelmScalar;

/// How one part joins what stands before it; a blank part joins nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Join {
    /// The part.
    pub role: Role,
    /// What is put before it.
    pub before: &'static str,
    /// What is put behind it.
    pub after: &'static str,
}

/// A join with text before the part alone.
pub(super) const fn join(role: Role, before: &'static str) -> Join {
    Join {
        role,
        before,
        after: "",
    }
}

/// A join with text behind the part alone.
pub(super) const fn lead(role: Role, after: &'static str) -> Join {
    Join {
        role,
        before: "",
        after,
    }
}

/// `[registry/]repository[:tag][@digest]`: what most charts do.
pub(super) const STANDARD: &[Join] = &[
    lead(Role::Registry, "/"),
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Digest, "@"),
];

/// `[registry/]namespace/name[:tag][@digest]`: where the head of the repository stands in a key of its own.
pub(super) const NAMESPACED: &[Join] = &[
    lead(Role::Registry, "/"),
    lead(Role::Namespace, "/"),
    join(Role::Repository, ""),
    join(Role::Tag, ":"),
    join(Role::Digest, "@"),
];

/// The composed text, what it reads as, and which bytes of the file it came from.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The text as the chart would put it into `image:`.
    pub text: String,
    /// What the text reads as.
    pub reference: Result<Reference, ReferenceError>,
    /// Runs of the text and the bytes of the file that they were copied from, in order.
    pieces: Vec<(Range<usize>, Span)>,
}

impl Composed {
    /// What templates make of the parts.
    pub(super) fn told(text: String, pieces: Vec<(Range<usize>, Span)>) -> Self {
        Self {
            reference: Reference::parse(&text),
            text,
            pieces,
        }
    }

    /// The reference that one scalar holds whole.
    pub(super) fn whole(part: &Part) -> Self {
        let mut builder = Builder::default();
        builder.part(part, "", "");
        builder.finish()
    }

    /// Moves every piece to where `place` says, for sites inside a scalar.
    pub(super) fn relocate(&mut self, place: impl Fn(Span) -> Span) {
        for (_, span) in &mut self.pieces {
            *span = place(*span);
        }
    }

    /// The bytes of the file behind a range of the composed text; the first piece where it came from several, nothing where from none.
    #[must_use]
    pub fn source(&self, range: &Range<usize>) -> Option<Span> {
        let (piece, span) = self
            .pieces
            .iter()
            .find(|(piece, _)| piece.start < range.end && range.start < piece.end)?;
        if span.len() != piece.len() {
            return Some(*span);
        }
        let start = range.start.max(piece.start) - piece.start;
        let end = range.end.min(piece.end) - piece.start;
        Some(Span::new(span.start + start, span.start + end))
    }
}

#[derive(Default)]
struct Builder {
    text: String,
    pieces: Vec<(Range<usize>, Span)>,
}

impl Builder {
    fn part(&mut self, part: &Part, before: &str, after: &str) {
        self.text.push_str(before);
        let start = self.text.len();
        self.text.push_str(&part.text);
        if !part.inherited {
            self.pieces.push((start..self.text.len(), part.span));
        }
        self.text.push_str(after);
    }

    fn finish(self) -> Composed {
        Composed {
            reference: Reference::parse(&self.text),
            text: self.text,
            pieces: self.pieces,
        }
    }
}

/// Joins `parts`; `app_version` stands in for a tag that is left out.
///
/// A digest that is switched off, or that stands beside one in the tag, is left out: a reference holds one.
pub(super) fn compose(parts: &[Part], joins: &[Join], app_version: Option<&str>) -> Option<Composed> {
    let filled = |role: Role| parts.iter().find(|part| part.role == role && !part.is_blank());
    if let Some(whole) = filled(Role::Override) {
        return Some(Composed::whole(whole));
    }
    filled(Role::Repository)?;
    let headless = parts.iter().any(|part| part.role == Role::Namespace) && filled(Role::Namespace).is_none();
    let tagged_by_template = filled(Role::TagPrefix).is_some() && filled(Role::Tag).is_none();
    if headless || tagged_by_template {
        return None;
    }
    let off = parts
        .iter()
        .any(|part| part.role == Role::UseDigest && part.helm == HelmScalar::Bool(false));
    let mut builder = Builder::default();
    for join in joins {
        match (join.role, filled(join.role)) {
            (Role::Digest, Some(_)) if off || builder.text.contains('@') => {}
            (Role::Digest, Some(part)) if is_hex(&part.text, 64) => builder.part(part, "@sha256:", ""),
            (Role::Variant, Some(_)) if filled(Role::Tag).is_none() && app_version.is_none() => {}
            (Role::Tag, None) => {
                if let Some(version) = app_version {
                    builder.text.push_str(join.before);
                    builder.text.push_str(version);
                    builder.text.push_str(join.after);
                }
            }
            (_, Some(part)) => builder.part(part, join.before, join.after),
            (_, None) => {}
        }
    }
    Some(builder.finish())
}

/// Whether the tag is left out and nothing else pins the image, so that the chart's `appVersion` decides.
pub(super) fn wants_app_version(site: &ImageSite) -> bool {
    let has_slot = site.joins.iter().any(|join| join.role == Role::Tag);
    let repository_is_whole = site
        .filled(Role::Repository)
        .and_then(|part| Reference::parse(&part.text).ok())
        .is_some_and(|reference| !reference.is_name_only());
    let digest_alone = site.part(Role::Tag).is_none() && site.filled(Role::Digest).is_some() && !site.digest_is_off();
    has_slot
        && !repository_is_whole
        && !digest_alone
        && site.filled(Role::Repository).is_some()
        && site.filled(Role::Override).is_none()
        && site.filled(Role::Tag).is_none()
}
