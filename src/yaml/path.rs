//! Key paths: where a node stands in its file.

use std::fmt;

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an item of a sequence, from 0.
    Item(usize),
    /// Into the YAML or JSON that stands inside a scalar.
    Embedded,
}

/// The steps from the root of a document to a node.
///
/// Printed dotted: `[i]` for items, quotes around keys that would not read back (`"artifacthub.io/images"`), `~` for the step into a
/// scalar's own YAML or JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct KeyPath(pub Vec<Step>);

impl KeyPath {
    /// The path one step further down.
    #[must_use]
    pub fn child(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// The innermost key, items and embedding passed over.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// The path with `/` between its steps, as key-path globs match it; a `/` inside a key cannot be told from one between keys.
    #[must_use]
    pub fn slashed(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.clone(),
                Step::Item(index) => index.to_string(),
                Step::Embedded => "~".to_owned(),
            })
            .collect();
        parts.join("/")
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Key(key) if reads_back(key) => write!(f, "{dot}{key}")?,
                Step::Key(key) => write!(f, "{dot}\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))?,
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Embedded => write!(f, "{dot}~")?,
            }
        }
        Ok(())
    }
}

fn reads_back(key: &str) -> bool {
    !key.is_empty()
        && key != "~"
        && !key.contains(|c: char| matches!(c, '.' | '[' | ']' | '"') || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_as_the_contract_says() {
        let path = KeyPath(vec![
            Step::Key("annotations".into()),
            Step::Key("artifacthub.io/images".into()),
            Step::Embedded,
            Step::Item(0),
            Step::Key("image".into()),
        ]);
        assert_eq!(path.to_string(), "annotations.\"artifacthub.io/images\".~[0].image");
        assert_eq!(path.last_key(), Some("image"));
    }
}
