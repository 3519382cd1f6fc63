//! Where texts are put out: keys, workloads, containers, lines of the chart's own templates.

use std::sync::Arc;

use super::uses::way_step;
use super::{FieldId, Place, Reading, Spot, Workload};
use crate::source::{SourceFile, Span};
use crate::template::condition::{Condition, Guards, Literal};
use crate::template::lines::Scalar;
use crate::template::value::{Origin, Piece, PieceKind};
use crate::yaml::{KeyPath, Step};

impl Reading {
    /// The paths of the values that have to be true for a text to be put out.
    #[must_use]
    pub fn switches(&self, id: FieldId) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        for literal in self.guards(id).below(0) {
            self.collect_switches(literal, &mut found, 6);
        }
        found
    }

    pub(super) fn collect_switches(&self, literal: Literal, found: &mut Vec<Vec<Step>>, left: usize) {
        if !literal.holds || left == 0 || found.len() > 64 {
            return;
        }
        match self.conditions.get(literal.condition) {
            Condition::Truthy(path) => {
                let steps = self.paths.steps(*path).into_iter().map(way_step);
                found.extend(steps.collect::<Option<Vec<Step>>>());
            }
            Condition::All(parts) => parts
                .iter()
                .for_each(|part| self.collect_switches(*part, found, left - 1)),
            _ => {}
        }
    }

    /// What kind of place a text is put out to.
    #[must_use]
    pub fn place(&self, id: FieldId) -> Place {
        let (output, scalar) = (self.output(id), self.scalar(id));
        if output.is_notes {
            return Place::Notes;
        }
        let mut above = output.outline.keys_above(scalar.node);
        let parent = above.next().flatten();
        match parent {
            Some("labels" | "matchLabels" | "commonLabels" | "podLabels" | "selector") => Place::Label,
            Some("annotations") => Place::Annotation,
            _ if scalar.key.as_deref() == Some("image") => Place::Image,
            _ => Place::Elsewhere,
        }
    }

    /// The key that a text is put out under, where it is constant.
    #[must_use]
    pub fn key(&self, id: FieldId) -> Option<&str> {
        self.scalar(id).key.as_deref()
    }

    /// The keys that a text is put out under, as far as they are constant.
    #[must_use]
    pub fn path(&self, id: FieldId) -> KeyPath {
        let (outline, scalar) = (&self.output(id).outline, self.scalar(id));
        let above = outline.keys_above(scalar.node).flatten();
        let mut steps: Vec<Step> = above.map(|key| Step::Key(key.to_owned())).collect();
        steps.reverse();
        steps.extend(scalar.key.as_deref().map(|key| Step::Key(key.to_owned())));
        KeyPath(steps)
    }

    /// The template file that is rendered, and where in the chart's own templates the text comes from.
    #[must_use]
    pub fn template(&self, id: FieldId) -> (&Arc<SourceFile>, Option<Spot<'_>>) {
        let place = self.scalar(id).origin.and_then(|origin| self.place_of(origin));
        (&self.output(id).source, place)
    }

    /// The line of the chart's own templates that a text comes from.
    #[must_use]
    pub fn spot(&self, id: FieldId) -> Option<(&Arc<SourceFile>, Span)> {
        let (source, at) = self.template(id).1?;
        let at = at.min(source.text.len());
        let start = source.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = source.text[at..].find('\n').map_or(source.text.len(), |end| at + end);
        let line = &source.text[start..end];
        let lead = line.len() - line.trim_start().len();
        Some((source, Span::new(start + lead, start + line.trim_end().len().max(lead))))
    }

    pub(super) fn place_of(&self, origin: Origin) -> Option<Spot<'_>> {
        let source = self.files.get(origin.file as usize)?;
        Some((source, origin.at as usize))
    }

    /// The workload and the container that a text belongs to.
    #[must_use]
    pub fn workload(&self, id: FieldId) -> Workload {
        let (outline, node) = (&self.output(id).outline, self.scalar(id).node);
        let constant = |node: usize, key: &str| outline.under(node, key).find_map(words_of);
        Workload {
            kind: constant(outline.document_of(node), "kind"),
            container: self.is_in_container(id).then(|| constant(node, "name")).flatten(),
        }
    }

    /// Whether a text stands in an entry of `containers`, `initContainers` or `ephemeralContainers`.
    #[must_use]
    pub fn is_in_container(&self, id: FieldId) -> bool {
        self.is_among_containers(id) && self.output(id).outline.is_item(self.scalar(id).node)
    }

    /// Whether a text stands in one of these lists, or in an entry of it.
    pub(super) fn is_among_containers(&self, id: FieldId) -> bool {
        let (outline, node) = (&self.output(id).outline, self.scalar(id).node);
        let list = outline.keys_above(node).next().flatten();
        let named = matches!(list, Some("containers" | "initContainers" | "ephemeralContainers"));
        named && !outline.is_embedded(node)
    }

    /// Whether `key` stands beside a text, or may: something is spliced into the same mapping.
    #[must_use]
    pub fn has_beside(&self, id: FieldId, key: &str) -> bool {
        let (outline, node) = (&self.output(id).outline, self.scalar(id).node);
        outline.under(node, key).next().is_some()
            || outline.node_under(node, key).is_some()
            || outline.has_splices(node)
    }

    /// The literal text of a field and its bytes, where it is constant and stands in one piece in the chart's own templates.
    #[must_use]
    pub fn literal(&self, id: FieldId) -> Option<(&Arc<SourceFile>, Span)> {
        let [
            Piece {
                kind: PieceKind::Words(words),
                origin: Some(origin),
                ..
            },
        ] = self.scalar(id).value.as_slice()
        else {
            return None;
        };
        let source = self.files.get(origin.file as usize).filter(|_| origin.is_exact)?;
        let (start, text) = (origin.at as usize, words.as_str());
        let end = text.find(" #").unwrap_or(text.len());
        let text = text[..end].trim_end();
        let inner = text
            .strip_prefix(['"', '\''])
            .map_or(text, |rest| rest.strip_suffix(['"', '\'']).unwrap_or(rest));
        let start = start + text.find(inner).unwrap_or(0);
        let span = Span::new(start, start + inner.len());
        (source.text.get(span.range()) == Some(inner)).then_some((source, span))
    }
}

/// The text of a scalar that is constant wherever it is there.
fn words_of(scalar: &Scalar) -> Option<String> {
    let mut guards = Guards::default();
    let mut text = String::new();
    for piece in &scalar.value {
        let PieceKind::Words(words) = &piece.kind else {
            return None;
        };
        if let Some(joined) = guards.joined(&piece.guards) {
            guards = joined;
            text.push_str(words.as_str());
        }
    }
    Some(text.trim().trim_matches(['"', '\'']).to_owned())
}
