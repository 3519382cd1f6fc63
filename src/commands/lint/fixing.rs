//! Linting the units of a group side by side, and mending them: in memory to a fixed point, then written all together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::Wanted;
use crate::chart::{Chart, ChartFile, FileRole, Inputs};
use crate::commands::charts::refused;
use crate::commands::inputs::Group;
use crate::commands::writing::Change;
use crate::finding::Finding;
use crate::guard::guarded;
use crate::lint::{SiteCounts, lint_chart};
use crate::mend::{FixMode, mend};
use crate::report::Inventory;
use crate::site::Finder;
use crate::source::SourceFile;
use crate::walk::{Problem, Templates, Unit, display, read_unit};

/// How often the fixes of one chart are applied before the rest is left to the next run.
const MAX_ROUNDS: usize = 8;

/// What linting one unit gave.
#[derive(Debug, Default)]
pub(super) struct UnitLint {
    pub findings: Vec<Finding>,
    /// The files that findings speak of.
    pub sources: Vec<Arc<SourceFile>>,
    /// The files whose findings were wanted.
    pub files: Vec<Arc<str>>,
    pub charts: usize,
    pub counts: SiteCounts,
    /// Its images, where they are wanted.
    pub inventory: Inventory,
    /// A line for each of its files that is no YAML, where images are wanted.
    pub refused: Vec<String>,
    pub suppressed: usize,
    pub fixed: usize,
    pub changes: Vec<Change>,
    pub problems: Vec<Problem>,
    /// The bug that ended it.
    pub bug: Option<String>,
}

/// Lints all units of a group; a bug in one does not end the others.
pub(super) fn lint_units(group: &Group, dir: &Path, wanted: &Wanted<'_>) -> Vec<UnitLint> {
    let templates = Templates::default();
    let one = |unit: &Unit| {
        let broken = |bug| UnitLint {
            bug: Some(bug),
            ..UnitLint::default()
        };
        guarded("reading a chart", || lint_unit(unit, group, dir, wanted, &templates)).unwrap_or_else(broken)
    };
    group.found.units.par_iter().map(one).collect()
}

fn lint_unit(unit: &Unit, group: &Group, dir: &Path, wanted: &Wanted<'_>, templates: &Templates) -> UnitLint {
    let read = read_unit(unit, dir, templates);
    let mut out = UnitLint {
        problems: read.problems,
        ..UnitLint::default()
    };
    let paths = unit.paths(dir);
    for inputs in read.charts {
        lint_inputs(inputs, group, dir, wanted, &paths, &mut out);
    }
    out
}

fn lint_inputs(
    inputs: Inputs,
    group: &Group,
    dir: &Path,
    asked: &Wanted<'_>,
    paths: &BTreeMap<String, PathBuf>,
    out: &mut UnitLint,
) {
    let settings = &group.settings;
    let finder = Finder {
        idioms: &settings.idioms,
    };
    let rules_for = |shown: &str| {
        if !settings.has_overrides() {
            return settings.rules_for(shown);
        }
        let path = paths.get(shown).cloned().unwrap_or_else(|| dir.join(shown));
        settings.rules_for(&display(&path, &group.root))
    };
    let originals: Vec<Arc<SourceFile>> = inputs.files.iter().map(|input| Arc::clone(&input.source)).collect();
    let mut chart = Chart::read(inputs.clone(), finder);
    let mut lint = lint_chart(&chart, &rules_for);
    let mut inputs = inputs;
    for _ in 0..MAX_ROUNDS {
        let fixed = fix_round(&chart, &lint.findings, asked.mode, paths, &mut inputs);
        if fixed == 0 {
            break;
        }
        out.fixed += fixed;
        chart = Chart::read(inputs.clone(), finder);
        lint = lint_chart(&chart, &rules_for);
    }
    for original in originals {
        let now = inputs.files.iter().find(|input| input.source.path == original.path);
        if let (Some(now), Some(path)) = (
            now.filter(|now| now.source.text != original.text),
            paths.get(original.path.as_ref()),
        ) {
            out.changes.push(Change {
                path: path.clone(),
                shown: original.path.clone(),
                before: original.text.clone(),
                after: now.source.text.clone(),
            });
        }
    }
    let wanted = || chart.files.iter().filter(|file| file.wanted);
    let named = |file: &&ChartFile| {
        let path = &file.source.path;
        let labels = |finding: &Finding| finding.others.iter().any(|label| label.file.as_ref() == Some(path));
        lint.findings
            .iter()
            .any(|finding| finding.file == *path || labels(finding))
    };
    out.sources
        .extend(chart.files.iter().filter(named).map(|file| Arc::clone(&file.source)));
    out.files.extend(wanted().map(|file| file.source.path.clone()));
    if asked.images {
        out.inventory.add(&chart);
        out.refused.extend(refused(&chart));
    }
    out.charts += usize::from(chart.file(FileRole::ChartYaml).is_some());
    out.counts = out.counts.plus(lint.counts);
    out.suppressed += lint.suppressed;
    out.findings.extend(lint.findings);
}

/// Applies what can be applied at once to every file; gives how many findings were mended.
fn fix_round(
    chart: &Chart,
    findings: &[Finding],
    mode: FixMode,
    paths: &BTreeMap<String, PathBuf>,
    inputs: &mut Inputs,
) -> usize {
    let mut fixed = 0;
    let on_disk = |file: &&ChartFile| file.wanted && paths.contains_key(file.source.path.as_ref());
    for file in chart.files.iter().filter(on_disk) {
        let own = findings.iter().filter(|finding| finding.file == file.source.path);
        let Some(mended) = mend(file, own.filter_map(|finding| finding.fix.as_ref()), mode) else {
            continue;
        };
        let mut inputs = inputs.files.iter_mut();
        if let Some(input) = inputs.find(|input| input.source.path == file.source.path) {
            input.source = Arc::new(SourceFile::new(file.source.path.clone(), mended.text));
            fixed += mended.count;
        }
    }
    fixed
}
