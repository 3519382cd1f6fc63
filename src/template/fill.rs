//! Texts with holes, filled from the values of a chart: what a pod would get.

mod filled;

use std::cell::Cell;
use std::collections::BTreeMap;

use super::condition::{Condition, Guards, Literal};
use super::reading::{FieldId, Reading};
use super::value::{Alter, PathId, PathStep, Piece, PieceKind, Source};
use crate::yaml::Step;
pub use filled::{Atom, Filled};
use filled::{clean, values_of};

/// How deep texts of values may be templates that print other values.
const MAX_DEPTH: usize = 4;

/// How many conditions are asked for the texts of one image.
const FUEL: u32 = 200_000;

/// What stands at a path of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Absent,
    /// Null.
    Null,
    /// A scalar, as Helm prints it.
    Scalar {
        /// The text.
        text: String,
        /// Whether `if` takes it for true.
        is_true: bool,
        /// Its kind, as `kindIs` calls it.
        kind: &'static str,
    },
    /// A mapping or a list.
    Collection {
        /// Whether nothing is in it.
        is_empty: bool,
        /// Its kind, as `kindIs` calls it.
        kind: &'static str,
    },
}

/// The values that texts are filled from.
pub trait Values {
    /// What stands at the end of these steps.
    fn at(&self, steps: &[Step]) -> Found;
}

/// Why a text cannot be told from values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untold;

/// Values laid under the holes of texts; steps of `binding` stand for what `range` goes through.
pub struct Filling<'a> {
    /// The templates.
    pub reading: &'a Reading,
    /// The values.
    pub values: &'a dyn Values,
    /// The path of the site that is looked at.
    pub binding: &'a [Step],
    fuel: Cell<u32>,
}

impl<'a> Filling<'a> {
    /// Values laid under the holes of the texts of `reading`.
    #[must_use]
    pub fn new(reading: &'a Reading, values: &'a dyn Values, binding: &'a [Step]) -> Self {
        Self {
            reading,
            values,
            binding,
            fuel: Cell::new(FUEL),
        }
    }
}

impl Filling<'_> {
    /// The text of a field where it is put out, quotes around it taken away.
    ///
    /// # Errors
    /// When it depends on what values do not say.
    pub fn fill(&self, id: FieldId) -> Result<Filled, Untold> {
        let mut filled = Filled::default();
        let scalar = self.reading.scalar(id);
        match written_alone(&scalar.value) {
            Some(path) => self.written(path, &mut filled)?,
            None => self.pieces(&scalar.value, &scalar.guards, &mut filled, 0)?,
        }
        clean(&mut filled.atoms);
        Ok(filled)
    }

    /// Whether a field is put out at all; nothing where values do not say it.
    #[must_use]
    pub fn is_active(&self, id: FieldId) -> Option<bool> {
        self.all(self.reading.guards(id).iter())
    }

    /// Whether a field is the one of its alternatives that values choose, where its mapping is put out.
    #[must_use]
    pub fn is_chosen(&self, id: FieldId) -> Option<bool> {
        self.all(self.reading.own_guards(id).into_iter())
    }

    /// What the fields come to, one for each mapping that they stand in; nothing for one that cannot be told.
    #[must_use]
    pub fn chosen(&self, ids: &[FieldId]) -> BTreeMap<(u32, usize), (FieldId, Option<Filled>)> {
        let mut found: BTreeMap<(u32, usize), (FieldId, Option<Filled>)> = BTreeMap::new();
        for id in ids {
            let filled = match self.is_chosen(*id) {
                Some(false) => continue,
                Some(true) => self.fill(*id).ok(),
                None => None,
            };
            let entry = found
                .entry(self.reading.mapping(*id))
                .or_insert_with(|| (*id, filled.clone()));
            let is_same = matches!((&entry.1, &filled), (Some(old), Some(new)) if old.text() == new.text());
            if !is_same {
                entry.1 = None;
            }
        }
        found
    }

    fn all(&self, literals: impl Iterator<Item = Literal>) -> Option<bool> {
        let mut is_known = true;
        for literal in literals {
            match self.literal(literal, 0) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    fn pieces(&self, pieces: &[Piece], outer: &Guards, filled: &mut Filled, depth: usize) -> Result<(), Untold> {
        for piece in pieces {
            let inner = piece.guards.below(outer.depth());
            match self.all(inner.into_iter()) {
                None => return Err(Untold),
                Some(false) => {}
                Some(true) => self.piece(piece, filled, depth)?,
            }
        }
        Ok(())
    }

    fn piece(&self, piece: &Piece, filled: &mut Filled, depth: usize) -> Result<(), Untold> {
        let (source, changes) = match &piece.kind {
            PieceKind::Words(words) => {
                filled.atoms.push(Atom::Words(words.as_str().to_owned()));
                return Ok(());
            }
            PieceKind::Hole(source, changes) => (source, changes.as_deref().unwrap_or_default()),
        };
        match source {
            Source::Value(path) => self.value(*path, changes, filled, depth),
            Source::Chart(chart, field) => {
                let text = self.chart_field(*chart, field).unwrap_or_default();
                let after = altered(&text, changes).ok_or(Untold)?;
                filled.atoms.push(Atom::Chart(after));
                Ok(())
            }
            Source::Text(text, _) => {
                let mut inner = Filled::default();
                self.pieces(text, &Guards::default(), &mut inner, depth)?;
                let before = inner.text();
                let after = altered(&before, changes).ok_or(Untold)?;
                filled.absent.append(&mut inner.absent);
                if before == after {
                    filled.atoms.append(&mut inner.atoms);
                } else {
                    let values = inner.atoms.iter().flat_map(values_of).collect();
                    filled.atoms.push(Atom::Made(values, after));
                }
                Ok(())
            }
            Source::Key(path) if changes.is_empty() => {
                let Step::Key(key) = self.item_of(*path).ok_or(Untold)? else {
                    return Err(Untold);
                };
                filled.atoms.push(Atom::Words(key.clone()));
                Ok(())
            }
            Source::Yaml(_) | Source::Key(_) | Source::Opaque(_) => Err(Untold),
        }
    }

    /// The text that stands at a path, written as YAML under a key: quotes do not count there.
    fn written(&self, path: PathId, filled: &mut Filled) -> Result<(), Untold> {
        let found = self.steps(path).map(|steps| self.values.at(&steps));
        match found {
            Some(Found::Scalar {
                kind: "string", text, ..
            }) if !text.contains("{{") => self.value(path, &[], filled, 0),
            _ => Err(Untold),
        }
    }

    fn value(&self, path: PathId, changes: &[Alter], filled: &mut Filled, depth: usize) -> Result<(), Untold> {
        let steps = self.steps(path).ok_or(Untold)?;
        let text = match self.values.at(&steps) {
            Found::Absent => {
                filled.absent.push(steps);
                return Ok(());
            }
            Found::Null => return Ok(()),
            Found::Scalar { text, .. } => text,
            Found::Collection { .. } => return Err(Untold),
        };
        if text.contains("{{") && changes.contains(&Alter::Template) {
            let expansion = self.reading.expansions.get(&text).filter(|_| depth < MAX_DEPTH);
            let expansion = expansion.ok_or(Untold)?;
            return self.pieces(expansion, &Guards::default(), filled, depth + 1);
        }
        let after = altered(&text, changes).ok_or(Untold)?;
        filled.atoms.push(if after == text {
            Atom::Value(steps, text)
        } else {
            Atom::Made(vec![steps], after)
        });
        Ok(())
    }

    /// The steps of a path, with those of the binding where anything may stand.
    fn steps(&self, path: PathId) -> Option<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        for step in self.reading.paths.steps(path) {
            steps.push(match step {
                PathStep::Key(key) => Step::Key(key.to_string()),
                PathStep::Any => {
                    let bound = self.binding.get(steps.len())?;
                    self.binding.starts_with(&steps).then(|| bound.clone())?
                }
            });
        }
        Some(steps)
    }

    /// The key or item that is looked at of what stands at a path.
    fn item_of(&self, path: PathId) -> Option<&Step> {
        let steps = self.steps(path)?;
        let item = self.binding.get(steps.len())?;
        self.binding.starts_with(&steps).then_some(item)
    }

    fn chart_field(&self, chart: u32, field: &str) -> Option<String> {
        let chart = self.reading.charts.get(chart as usize)?;
        match field {
            "AppVersion" => chart.app_version.clone(),
            "Version" => chart.version.clone(),
            "Name" => Some(chart.name.clone()),
            _ => None,
        }
    }

    fn literal(&self, literal: Literal, depth: usize) -> Option<bool> {
        self.condition(literal, depth).map(|holds| holds == literal.holds)
    }

    fn condition(&self, literal: Literal, depth: usize) -> Option<bool> {
        self.fuel.set(self.fuel.get().saturating_sub(1));
        if depth > 24 || self.fuel.get() == 0 {
            return None;
        }
        match self.reading.conditions.get(literal.condition) {
            Condition::Truthy(path) => Some(match self.values.at(&self.steps(*path)?) {
                Found::Absent | Found::Null => false,
                Found::Scalar { is_true, .. } => is_true,
                Found::Collection { is_empty, .. } => !is_empty,
            }),
            Condition::Has(path) => Some(!matches!(
                self.values.at(&self.steps(*path)?),
                Found::Absent | Found::Null
            )),
            Condition::Enabled(path) => Some(match self.values.at(&self.steps(*path)?) {
                Found::Scalar { is_true, kind, .. } => is_true || kind != "bool",
                _ => true,
            }),
            Condition::Kind(path, wanted) => Some(match self.values.at(&self.steps(*path)?) {
                Found::Absent | Found::Null => **wanted == *"invalid",
                Found::Scalar { kind, .. } | Found::Collection { kind, .. } => **wanted == *kind,
            }),
            Condition::Chart(chart, field) => {
                Some(self.chart_field(*chart, field).is_some_and(|text| !text.is_empty()))
            }
            Condition::Filled(text) => self.plain(text, depth).map(|text| !text.is_empty()),
            Condition::Equal(left, right) => Some(self.plain(left, depth)? == self.plain(right, depth)?),
            Condition::All(parts) => {
                let said: Vec<Option<bool>> = parts.iter().map(|part| self.literal(*part, depth + 1)).collect();
                if said.contains(&Some(false)) {
                    return Some(false);
                }
                said.iter().all(Option::is_some).then_some(true)
            }
            Condition::Any(parts) => {
                let said: Vec<Option<bool>> = parts.iter().map(|part| self.literal(*part, depth + 1)).collect();
                if said.contains(&Some(true)) {
                    return Some(true);
                }
                said.iter().all(Option::is_some).then_some(false)
            }
            Condition::Opaque => None,
        }
    }

    fn plain(&self, pieces: &[Piece], depth: usize) -> Option<String> {
        let mut filled = Filled::default();
        if depth > 12 {
            return None;
        }
        self.pieces(pieces, &Guards::default(), &mut filled, MAX_DEPTH.min(depth + 1))
            .ok()?;
        Some(filled.text())
    }
}

/// The path of a value that is all of a text, and is written as YAML there.
fn written_alone(pieces: &[Piece]) -> Option<PathId> {
    match pieces {
        [
            Piece {
                kind: PieceKind::Hole(Source::Yaml(path), None),
                ..
            },
        ] => Some(*path),
        _ => None,
    }
}

fn altered(text: &str, changes: &[Alter]) -> Option<String> {
    changes
        .iter()
        .try_fold(text.to_owned(), |text, change| change.apply(&text))
}
