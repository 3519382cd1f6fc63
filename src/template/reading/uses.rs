//! Which texts and questions what stands at a path goes into.

use std::collections::BTreeSet;

use super::{FieldId, Reading, Spot, taint_of};
use crate::template::value::{PathId, PathStep, Paths, Piece, PieceKind, Source};
use crate::yaml::Step;

impl Reading {
    /// The paths that `steps` may be called by, and those of mappings around it.
    pub(in crate::template) fn matching(&self, steps: &[Step]) -> (Vec<PathId>, Vec<PathId>) {
        let (mut here, mut around) = (vec![Paths::ROOT], Vec::new());
        for step in steps {
            around.extend(here.iter().copied());
            here = here.iter().flat_map(|id| self.paths.below(*id, step)).collect();
        }
        (here, around)
    }

    /// The ways to the items that a text is put out for, one by one: `None` stands for any key or item. Nothing where an item is meant that
    /// cannot be told from the others.
    #[must_use]
    pub fn items_of(&self, id: FieldId) -> Vec<Vec<Option<Step>>> {
        let mut ways: BTreeSet<Vec<Option<Step>>> = BTreeSet::new();
        for path in taint_of(&self.scalar(id).value) {
            let above = std::iter::successors(Some(path), |path| self.paths.parent(*path));
            if above.clone().any(|path| self.guessed.contains(&path)) {
                return Vec::new();
            }
            let item = above.into_iter().find(|path| *self.paths.step(*path) == PathStep::Any);
            let steps = item.map(|item| self.paths.steps(item)).unwrap_or_default();
            ways.insert(steps.into_iter().map(way_step).collect());
        }
        let is_outer = |way: &&Vec<Option<Step>>| {
            ways.iter()
                .any(|other| other.len() > way.len() && other.starts_with(way))
        };
        ways.iter()
            .filter(|way| !is_outer(way) && !way.is_empty())
            .cloned()
            .collect()
    }

    /// The ways to what is written as YAML, whole, among the containers of a pod: a list of them, or one.
    #[must_use]
    pub fn written_containers(&self) -> BTreeSet<Vec<Option<Step>>> {
        let texts = self
            .fields()
            .filter(|id| self.key(*id).is_none() && self.is_among_containers(*id));
        let pieces = texts.flat_map(|id| &self.scalar(id).value);
        let paths = pieces.filter_map(|piece| match &piece.kind {
            PieceKind::Hole(Source::Yaml(path), _) => Some(*path),
            _ => None,
        });
        let is_certain = |path: &PathId| {
            let mut above = std::iter::successors(Some(*path), |path| self.paths.parent(*path));
            !above.any(|path| self.guessed.contains(&path))
        };
        let way = |path: PathId| self.paths.steps(path).into_iter().map(way_step).collect();
        paths.filter(is_certain).map(way).collect()
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

    /// Whether something that could not be followed may look at what stands at one of these paths.
    fn any_escapes(&self, paths: &[PathId]) -> bool {
        paths.iter().any(|path| self.escaped.contains(path))
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
        let is_around = || around.iter().any(|path| *path != Paths::ROOT && is_used(path));
        !here.is_empty() || is_around() || self.any_escapes(&around)
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

pub(super) fn way_step(step: &PathStep) -> Option<Step> {
    match step {
        PathStep::Key(key) => Some(Step::Key(key.to_string())),
        PathStep::Any => None,
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
