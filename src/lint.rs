//! From a chart to its findings: every rule that is on, ignore comments, one order.

use std::sync::Arc;

use crate::chart::{Chart, ChartFile, FileRole};
use crate::finding::Finding;
use crate::rule::{ChartReport, Check, Context, Report, Rule, Stamp};
use crate::site::State;
use crate::suppress::{UNUSED_IGNORE, suppress};

/// A rule that is on, with the severity and the options of a run.
pub struct ActiveRule {
    /// Its card.
    pub rule: &'static Rule,
    /// What its findings are stamped with.
    pub stamp: Stamp,
    /// Its check.
    pub check: Check,
}

/// The rules that are on for a file.
#[derive(Default)]
pub struct RuleSet(pub Vec<ActiveRule>);

impl RuleSet {
    /// The stamp of the rule of this id, where it is on.
    #[must_use]
    pub fn stamp(&self, id: &str) -> Option<Stamp> {
        self.0
            .iter()
            .find(|active| active.rule.id == id)
            .map(|active| active.stamp)
    }
}

/// How many sites of which state were seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SiteCounts {
    /// All of them.
    pub sites: usize,
    /// Those that the files say whole.
    pub literal: usize,
    /// Those with placeholders.
    pub templated: usize,
    /// Those with a part elsewhere.
    pub fragments: usize,
    /// Those that an override deletes.
    pub deleted: usize,
}

impl SiteCounts {
    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            sites: self.sites + other.sites,
            literal: self.literal + other.literal,
            templated: self.templated + other.templated,
            fragments: self.fragments + other.fragments,
            deleted: self.deleted + other.deleted,
        }
    }

    fn add(&mut self, state: State) {
        self.sites += 1;
        match state {
            State::Literal => self.literal += 1,
            State::Templated => self.templated += 1,
            State::Fragment => self.fragments += 1,
            State::Deleted => self.deleted += 1,
        }
    }
}

/// What linting one chart gave.
#[derive(Debug, Default)]
pub struct ChartLint {
    /// The findings in the files that are wanted, by file and position.
    pub findings: Vec<Finding>,
    /// How many findings ignore comments took away.
    pub suppressed: usize,
    /// The sites of the files that are wanted.
    pub counts: SiteCounts,
}

/// Lints one chart; `rules_for` gives the rules that are on for the file of this path.
pub fn lint_chart(chart: &Chart, rules_for: &dyn Fn(&str) -> Arc<RuleSet>) -> ChartLint {
    let mut out = ChartLint::default();
    let mut findings = Vec::new();
    let leader = chart.file(FileRole::Values).or_else(|| chart.files.first());
    if let Some(leader) = leader {
        for active in &rules_for(&leader.source.path).0 {
            if let Check::Chart(check) = &active.check {
                check(chart, &mut ChartReport::new(active.stamp, &mut findings));
            }
        }
    }
    for file in chart.files.iter().filter(|file| file.wanted) {
        let rules = rules_for(&file.source.path);
        lint_file(chart, file, &rules, &mut findings);
        file.sites.iter().for_each(|site| out.counts.add(site.state));
    }
    findings.retain(|finding| {
        chart
            .files
            .iter()
            .any(|file| file.wanted && file.source.path == finding.file)
    });
    findings.sort_by(by_place);
    findings.dedup_by(|a, b| a.rule == b.rule && a.span == b.span && a.file == b.file && a.message == b.message);
    for file in chart.files.iter().filter(|file| file.wanted) {
        let rules = rules_for(&file.source.path);
        let ran = |id: &str| rules.stamp(id).is_some();
        out.suppressed += suppress(file, &mut findings, &ran, rules.stamp(UNUSED_IGNORE));
    }
    findings.sort_by(by_place);
    out.findings = findings;
    out
}

fn lint_file(chart: &Chart, file: &ChartFile, rules: &RuleSet, findings: &mut Vec<Finding>) {
    let cx = Context { chart, file };
    for active in &rules.0 {
        let mut report = Report::new(active.stamp, file, findings);
        match &active.check {
            Check::File(check) => check(&cx, &mut report),
            Check::Site(check) => file.sites.iter().for_each(|site| check(&cx, site, &mut report)),
            Check::Chart(_) | Check::Engine => {}
        }
    }
}

/// The order of reports: by file, then position, then rule.
#[must_use]
pub fn by_place(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    (&a.file, a.span, a.rule, &a.message).cmp(&(&b.file, b.span, b.rule, &b.message))
}
