//! Baselines: findings that a repository has today and does not want to hear of, so that new ones stand out.
//!
//! An entry is bound to rule, file and key path (to the message where there is no path), not to a line or a version: it survives edits
//! elsewhere in the file and releases of the image.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The name that a baseline has where nothing else is said.
pub const FILE_NAME: &str = ".chartpin-baseline.jsonl";
/// The rule under which entries without a finding are reported.
pub const STALE_BASELINE: &str = "stale-baseline";

/// What an entry is bound to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, relative to the folder of the baseline, so that it is known from wherever chartpin runs.
    pub file: String,
    /// The rule's id.
    pub rule: String,
    /// The key path, where the finding has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The finding's message, where it has no path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Entry {
    fn of(finding: &Finding, named: &dyn Fn(&str) -> String) -> Self {
        Self {
            file: named(&finding.file),
            rule: finding.rule.to_owned(),
            path: finding.path.clone(),
            message: finding.path.is_none().then(|| finding.message.clone()),
        }
    }
}

/// The entries of a baseline, each with the lines of the file that it stands on: it may occur as often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Entry, Vec<usize>>,
}

/// A baseline that cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BaselineError(String);

impl Baseline {
    /// The baseline of these findings; `named` gives the name of a file relative to the folder of the baseline.
    #[must_use]
    pub fn of(findings: &[Finding], named: &dyn Fn(&str) -> String) -> Self {
        let mut sorted: Vec<Entry> = findings.iter().map(|finding| Entry::of(finding, named)).collect();
        sorted.sort();
        let mut entries: BTreeMap<Entry, Vec<usize>> = BTreeMap::new();
        for (index, entry) in sorted.into_iter().enumerate() {
            entries.entry(entry).or_default().push(index + 1);
        }
        Self { entries }
    }

    /// Reads the text of a baseline: one JSON object a line, as [`Baseline::write`] writes it.
    ///
    /// # Errors
    /// When a line is no entry.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let mut entries: BTreeMap<Entry, Vec<usize>> = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut entry: Entry =
                serde_json::from_str(line).map_err(|error| BaselineError(format!("line {}: {error}", index + 1)))?;
            entry.message = entry.message.filter(|_| entry.path.is_none());
            entries.entry(entry).or_default().push(index + 1);
        }
        Ok(Self { entries })
    }

    /// The text of the baseline, sorted.
    ///
    /// # Errors
    /// When an entry cannot be written as JSON, which no text makes happen.
    pub fn write(&self) -> Result<String, BaselineError> {
        let mut out = String::new();
        for (entry, lines) in &self.entries {
            let line = serde_json::to_string(entry).map_err(|error| BaselineError(error.to_string()))?;
            for _ in lines {
                out.push_str(&line);
                out.push('\n');
            }
        }
        Ok(out)
    }

    /// How many findings the baseline holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the findings that the baseline knows out of `findings`; gives how many, and the entries that are left over with their lines.
    ///
    /// `named` gives the name of a file relative to the folder of the baseline.
    pub fn filter(
        mut self,
        findings: &mut Vec<Finding>,
        named: &dyn Fn(&str) -> String,
    ) -> (usize, Vec<(Entry, usize)>) {
        let before = findings.len();
        findings.retain(|finding| {
            let known = self.entries.get_mut(&Entry::of(finding, named));
            known.and_then(Vec::pop).is_none()
        });
        let left = self.entries.into_iter();
        let stale = left.flat_map(|(entry, lines)| lines.into_iter().map(move |line| (entry.clone(), line)));
        (before - findings.len(), stale.collect())
    }
}
