//! Baselines: findings that a repository has today and does not want to hear of, so that new ones stand out.
//!
//! An entry is bound to rule, file, key path and message, not to a line: it survives edits elsewhere in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The rule under which entries without a finding are reported.
pub const STALE_BASELINE: &str = "stale-baseline";

/// What an entry is bound to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, relative to the working directory.
    pub file: String,
    /// The rule's id.
    pub rule: String,
    /// The key path, where the finding has one.
    pub path: Option<String>,
    /// The finding's message.
    pub message: String,
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        Self {
            file: finding.file.to_string(),
            rule: finding.rule.to_owned(),
            path: finding.path.clone(),
            message: finding.message.clone(),
        }
    }
}

/// The entries of a baseline and how often each may occur.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Entry, usize>,
}

/// A baseline that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BaselineError(String);

impl Baseline {
    /// The baseline of these findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut entries = BTreeMap::new();
        for finding in findings {
            *entries.entry(Entry::of(finding)).or_insert(0) += 1;
        }
        Self { entries }
    }

    /// Reads the text of a baseline: one JSON object a line, as [`Baseline::write`] writes it.
    ///
    /// # Errors
    /// When a line is no entry.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let mut entries = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let entry: Entry =
                serde_json::from_str(line).map_err(|error| BaselineError(format!("line {}: {error}", index + 1)))?;
            *entries.entry(entry).or_insert(0) += 1;
        }
        Ok(Self { entries })
    }

    /// The text of the baseline, sorted.
    ///
    /// # Errors
    /// When an entry cannot be written as JSON, which no text makes happen.
    pub fn write(&self) -> Result<String, BaselineError> {
        let mut out = String::new();
        for (entry, count) in &self.entries {
            let line = serde_json::to_string(entry).map_err(|error| BaselineError(error.to_string()))?;
            for _ in 0..*count {
                out.push_str(&line);
                out.push('\n');
            }
        }
        Ok(out)
    }

    /// How many findings the baseline holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the findings that the baseline knows out of `findings`; gives how many, and the entries that are left over.
    pub fn filter(&self, findings: &mut Vec<Finding>) -> (usize, Vec<Entry>) {
        let mut left = self.entries.clone();
        let before = findings.len();
        findings.retain(|finding| match left.get_mut(&Entry::of(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        let stale = left.into_iter().filter(|(_, count)| *count > 0).map(|(entry, _)| entry);
        (before - findings.len(), stale.collect())
    }
}
