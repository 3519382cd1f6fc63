//! Which texts and questions what stands at a path goes into.

use std::collections::BTreeSet;

use super::{FieldId, Reading, Spot};
use crate::template::value::{PathId, PathStep, Paths, Piece, PieceKind, Source};
use crate::yaml::Step;

impl Reading {
    /// The paths that `steps` may be called by, and those of mappings around it.
    pub(in crate::template) fn matching(&self, steps: &[Step]) -> (Vec<PathId>, Vec<PathId>) {
        let (mut here, mut around) = (vec![Paths::ROOT], Vec::new());
        for step in steps {
            around.extend(here.iter().copied());
            let below = here.iter().flat_map(|id| self.paths.below(*id));
            here = below.copied().filter(|id| fits(self.paths.step(*id), step)).collect();
        }
        (here, around)
    }

    /// The texts that what stands at a path goes into.
    #[must_use]
    pub fn uses(&self, steps: &[Step]) -> Vec<FieldId> {
        let (here, _) = self.matching(steps);
        let found = here.iter().filter_map(|path| self.uses.get(path)).flatten();
        let found: BTreeSet<FieldId> = found.copied().collect();
        found.into_iter().collect()
    }

    /// The texts into which a mapping around a path goes whole.
    #[must_use]
    pub fn spliced(&self, steps: &[Step]) -> Vec<FieldId> {
        let (_, around) = self.matching(steps);
        let found = around.iter().filter_map(|path| self.uses.get(path)).flatten();
        let found: BTreeSet<FieldId> = found.copied().collect();
        found.into_iter().collect()
    }

    /// The functions that look at what stands at a path, with the place in the chart's own templates.
    #[must_use]
    pub fn tests(&self, steps: &[Step]) -> Vec<(&str, Option<Spot<'_>>)> {
        let (here, _) = self.matching(steps);
        let tests = self.tests.iter().filter(|test| here.contains(&test.path));
        tests
            .map(|test| {
                (
                    test.function.as_str(),
                    test.origin.and_then(|origin| self.place_of(origin)),
                )
            })
            .collect()
    }

    /// Whether something that could not be followed may look at what stands at a path.
    #[must_use]
    pub fn may_escape(&self, steps: &[Step]) -> bool {
        let (here, around) = self.matching(steps);
        here.iter().chain(&around).any(|path| self.escaped.contains(path))
    }

    /// Whether `required` asks for what stands at a path.
    #[must_use]
    pub fn is_required(&self, steps: &[Step]) -> bool {
        let (here, _) = self.matching(steps);
        here.iter().any(|path| self.required.contains(path))
    }

    /// Whether templates speak of what stands at a path at all: print it, test it, hand it or what is around it on.
    #[must_use]
    pub fn knows(&self, steps: &[Step]) -> bool {
        let (here, around) = self.matching(steps);
        let is_used = |path: &PathId| {
            self.uses.contains_key(path)
                || self.loose.contains(path)
                || self.tests.iter().any(|test| test.path == *path)
        };
        !here.is_empty() || around.iter().any(|path| *path != Paths::ROOT && is_used(path)) || self.may_escape(steps)
    }

    /// The keys right below `steps` that templates print behind `@`, with whether `sha256:` stands there already.
    #[must_use]
    pub fn digest_keys(&self, id: FieldId, steps: &[Step]) -> Vec<(String, bool)> {
        let (here, _) = self.matching(steps);
        let mut found = Vec::new();
        digest_keys(&self.scalar(id).value, &self.paths, &here, &mut found);
        found
    }
}

fn fits(step: &PathStep, wanted: &Step) -> bool {
    match (step, wanted) {
        (PathStep::Key(key), Step::Key(wanted)) => **key == **wanted,
        (PathStep::Any, Step::Key(_) | Step::Item(_)) => true,
        (PathStep::Key(_), Step::Item(_)) | (_, Step::Embedded) => false,
    }
}

fn digest_keys(pieces: &[Piece], paths: &Paths, parents: &[PathId], found: &mut Vec<(String, bool)>) {
    let mut before = String::new();
    for piece in pieces {
        match &piece.kind {
            PieceKind::Words(words) => before.push_str(words.as_str()),
            PieceKind::Hole(Source::Value(path), _) => {
                let is_below = paths.parent(*path).is_some_and(|parent| parents.contains(&parent));
                if let (true, PathStep::Key(key)) = (is_below, paths.step(*path)) {
                    if before.ends_with("@sha256:") {
                        found.push((key.to_string(), true));
                    } else if before.ends_with('@') {
                        found.push((key.to_string(), false));
                    }
                }
                before.clear();
            }
            PieceKind::Hole(Source::Text(text, _), _) => {
                digest_keys(text, paths, parents, found);
                before.clear();
            }
            PieceKind::Hole(..) => before.clear(),
        }
    }
}
