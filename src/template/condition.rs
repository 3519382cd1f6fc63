//! Conditions: what templates ask of values, and which of their answers a piece of output stands under.

use std::collections::HashMap;
use std::sync::Arc;

use super::value::{PathId, Text};

/// Index of a condition in [`Conditions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ConditionId(u32);

/// A condition, or its opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Literal {
    /// The condition.
    pub condition: ConditionId,
    /// Whether it is to hold.
    pub holds: bool,
}

impl Literal {
    pub(super) const fn negated(self) -> Self {
        Self {
            condition: self.condition,
            holds: !self.holds,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// Whether the value at the path is neither absent nor empty, as `if` sees it.
    Truthy(PathId),
    /// Whether there is a value at the path.
    Has(PathId),
    /// Whether a subchart's switch is on or absent.
    Enabled(PathId),
    /// Whether the value at the path is of this kind (`kindIs`).
    Kind(PathId, Arc<str>),
    /// Whether a field of `.Chart` says something.
    Chart(u32, Arc<str>),
    /// Whether a text is not empty.
    Filled(Text),
    /// Whether two texts are equal.
    Equal(Text, Text),
    /// Whether all hold.
    All(Vec<Literal>),
    /// Whether one holds.
    Any(Vec<Literal>),
    /// Something that cannot be told from values.
    Opaque,
}

/// The key under which a condition is known, so that the same question is asked once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Known {
    Truthy(PathId),
    Has(PathId),
    Enabled(PathId),
    Kind(PathId, Arc<str>),
    Chart(u32, Arc<str>),
    All(Vec<Literal>),
    Any(Vec<Literal>),
}

/// All conditions of a chart's templates.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    all: Vec<Condition>,
    known: HashMap<Known, ConditionId>,
}

/// What is known of a condition while templates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    /// It is settled.
    Known(bool),
    /// It depends on values.
    Open(Literal),
}

impl Logic {
    pub(super) const fn negated(self) -> Self {
        match self {
            Self::Known(flag) => Self::Known(!flag),
            Self::Open(literal) => Self::Open(literal.negated()),
        }
    }
}

impl Conditions {
    pub(super) fn get(&self, id: ConditionId) -> &Condition {
        &self.all[id.0 as usize]
    }

    /// The literal that `condition` holds.
    pub(super) fn holds(&mut self, condition: Condition) -> Literal {
        let key = match &condition {
            Condition::Truthy(path) => Some(Known::Truthy(*path)),
            Condition::Has(path) => Some(Known::Has(*path)),
            Condition::Enabled(path) => Some(Known::Enabled(*path)),
            Condition::Kind(path, kind) => Some(Known::Kind(*path, Arc::clone(kind))),
            Condition::Chart(chart, field) => Some(Known::Chart(*chart, Arc::clone(field))),
            Condition::All(literals) => Some(Known::All(literals.clone())),
            Condition::Any(literals) => Some(Known::Any(literals.clone())),
            Condition::Filled(_) | Condition::Equal(..) | Condition::Opaque => None,
        };
        if let Some(id) = key.as_ref().and_then(|key| self.known.get(key)) {
            return Literal {
                condition: *id,
                holds: true,
            };
        }
        let id = ConditionId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(condition);
        if let Some(key) = key {
            self.known.insert(key, id);
        }
        Literal {
            condition: id,
            holds: true,
        }
    }

    /// Whether all of `parts` hold.
    pub(super) fn all(&mut self, parts: impl IntoIterator<Item = Logic>) -> Logic {
        let mut open: Vec<Literal> = Vec::new();
        for part in parts {
            match part {
                Logic::Known(false) => return Logic::Known(false),
                Logic::Known(true) => {}
                Logic::Open(literal) if open.contains(&literal.negated()) => return Logic::Known(false),
                Logic::Open(literal) if open.contains(&literal) => {}
                Logic::Open(literal) => open.push(literal),
            }
        }
        match open.as_slice() {
            [] => Logic::Known(true),
            [one] => Logic::Open(*one),
            _ => Logic::Open(self.holds(Condition::All(open))),
        }
    }

    /// Whether one of `parts` holds.
    pub(super) fn any(&mut self, parts: impl IntoIterator<Item = Logic>) -> Logic {
        let mut open: Vec<Literal> = Vec::new();
        for part in parts {
            match part {
                Logic::Known(true) => return Logic::Known(true),
                Logic::Known(false) => {}
                Logic::Open(literal) if open.contains(&literal.negated()) => return Logic::Known(true),
                Logic::Open(literal) if open.contains(&literal) => {}
                Logic::Open(literal) => open.push(literal),
            }
        }
        match open.as_slice() {
            [] => Logic::Known(false),
            [one] => Logic::Open(*one),
            _ => Logic::Open(self.holds(Condition::Any(open))),
        }
    }
}

/// The literals that a piece stands under, the outermost first; shared between all pieces below one `if`.
#[derive(Debug, Clone, Default)]
pub(super) struct Guards(Option<Arc<Guard>>);

#[derive(Debug)]
struct Guard {
    literal: Literal,
    depth: u32,
    outer: Guards,
}

impl Guards {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn depth(&self) -> u32 {
        self.0.as_ref().map_or(0, |guard| guard.depth)
    }

    pub(super) fn with(&self, literal: Literal) -> Self {
        Self(Some(Arc::new(Guard {
            literal,
            depth: self.depth() + 1,
            outer: self.clone(),
        })))
    }

    /// The literals, the innermost first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Literal> {
        let mut at = self;
        std::iter::from_fn(move || {
            let guard = at.0.as_deref()?;
            at = &guard.outer;
            Some(guard.literal)
        })
    }

    /// What these guards say of a condition, where they do.
    pub(super) fn say(&self, literal: Literal) -> Option<bool> {
        self.iter()
            .find(|known| known.condition == literal.condition)
            .map(|known| known.holds == literal.holds)
    }

    /// The literals below the first `depth`, the outermost first.
    pub(super) fn below(&self, depth: u32) -> Vec<Literal> {
        let count = self.depth().saturating_sub(depth) as usize;
        let mut literals: Vec<Literal> = self.iter().take(count).collect();
        literals.reverse();
        literals
    }

    /// The guards below the first `depth`, alone.
    pub(super) fn inner(&self, depth: u32) -> Self {
        let literals = self.below(depth);
        literals
            .into_iter()
            .fold(Self::default(), |inner, literal| inner.with(literal))
    }

    /// These with `inner` below them; nothing where the two contradict each other.
    pub(super) fn joined(&self, inner: &Self) -> Option<Self> {
        if inner.is_empty() {
            return Some(self.clone());
        }
        if self.is_empty() {
            return Some(inner.clone());
        }
        let mut joined = self.clone();
        for literal in inner.below(0) {
            match joined.say(literal) {
                Some(false) => return None,
                Some(true) => {}
                None => joined = joined.with(literal),
            }
        }
        Some(joined)
    }

    /// Whether both are the same guards, not only equal ones.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// How many of the outermost literals both share.
    pub(super) fn shared_depth(&self, other: &Self) -> u32 {
        let depth = self.depth().min(other.depth());
        let (mut a, mut b) = (self.at_depth(depth), other.at_depth(depth));
        let mut shared = depth;
        while let (Some(one), Some(two)) = (&a.0, &b.0) {
            if Arc::ptr_eq(one, two) {
                break;
            }
            if one.literal != two.literal {
                shared = one.depth - 1;
            }
            (a, b) = (&one.outer, &two.outer);
        }
        shared
    }

    /// The outermost `depth` of them.
    pub(super) fn outer(&self, depth: u32) -> Self {
        self.at_depth(depth).clone()
    }

    fn at_depth(&self, depth: u32) -> &Self {
        let mut at = self;
        while let Some(guard) = at.0.as_deref().filter(|guard| guard.depth > depth) {
            at = &guard.outer;
        }
        at
    }
}
