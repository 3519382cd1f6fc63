//! Filled texts: their parts, each with what it comes from.

use crate::yaml::Step;

/// A part of a filled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    /// Text of the templates.
    Words(String),
    /// A value, as it stands.
    Value(Vec<Step>, String),
    /// `appVersion`, or another field of `Chart.yaml`, of the chart itself.
    Chart(String),
    /// Text made of these values.
    Made(Vec<Vec<Step>>, String),
}

impl Atom {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Value(_, text) | Self::Chart(text) | Self::Made(_, text) => text,
        }
    }
}

/// A text as it is put out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// Its parts.
    pub atoms: Vec<Atom>,
    /// The values that it asks for and that are not there.
    pub absent: Vec<Vec<Step>>,
}

impl Filled {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        self.atoms.iter().map(Atom::text).collect()
    }
}

/// The values that a part is made of.
pub(super) fn values_of(atom: &Atom) -> Vec<Vec<Step>> {
    match atom {
        Atom::Value(steps, _) => vec![steps.clone()],
        Atom::Made(steps, _) => steps.clone(),
        Atom::Words(_) | Atom::Chart(_) => Vec::new(),
    }
}

/// Takes the quotes around a text away, and a comment behind it.
pub(super) fn clean(atoms: &mut Vec<Atom>) {
    let whole: String = atoms.iter().map(Atom::text).collect();
    let quote = whole.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (start, end) = match quote {
        Some(quote) => {
            let close = whole[1..].find(quote).map_or(whole.len(), |at| at + 1);
            (1, close)
        }
        None => (0, whole.find(" #").unwrap_or(whole.len())),
    };
    let end = start + whole.get(start..end).map_or(0, |inner| inner.trim_end().len());
    let mut at = 0;
    let cut = |text: &mut String, at: usize| {
        let from = start.saturating_sub(at).min(text.len());
        let to = end.saturating_sub(at).min(text.len()).max(from);
        *text = text.get(from..to).unwrap_or_default().to_owned();
    };
    for atom in atoms.iter_mut() {
        let length = atom.text().len();
        match atom {
            Atom::Words(text) | Atom::Value(_, text) | Atom::Chart(text) | Atom::Made(_, text) => cut(text, at),
        }
        at += length;
    }
    atoms.retain(|atom| !atom.text().is_empty());
}
