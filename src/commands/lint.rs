//! `chartpin lint`: findings, fixes, baseline.

mod fixing;
mod rendered;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inputs::{Group, groups, working_directory};
use super::reporting::{demand_places, named, write_reports};
use super::terminal::{named_folder, output_style, print, report_problem, say};
use super::writing::{Change, write_all};
use super::{CommandError, Ending};
use crate::baseline::{Baseline, Entry, STALE_BASELINE};
use crate::cli::{Color, InputArgs, LintArgs, LintFormat};
use crate::config::{FailOn, RuleFlags, Settings};
use crate::finding::Finding;
use crate::lint::by_place;
use crate::mend::FixMode;
use crate::report::{ImageRow, Outcome, counted, unified};
use crate::source::{SourceFile, Span};
use crate::walk::{Problem, absolute, display, folder_of, read_text, renamed};
use crate::write;
use fixing::{UnitLint, lint_units};

/// The rule under which unreadable files are reported.
pub(super) const UNREADABLE_FILE: &str = "unreadable-file";

pub(super) fn run(args: &LintArgs, color: Color) -> Result<Ending, CommandError> {
    let dir = working_directory()?;
    let flags = RuleFlags {
        only: args.only.clone(),
        levels: args.rules.clone(),
    };
    let wanted = Wanted {
        mode: match (args.fix || args.diff, args.unsafe_fixes) {
            (false, _) => FixMode::None,
            (true, false) => FixMode::Safe,
            (true, true) => FixMode::Unsafe,
        },
        images: args.format == LintFormat::Html || args.reports.iter().any(|report| report.format == LintFormat::Html),
        fail_on: args.fail_on.map(FailOn::from),
        baseline: args.baseline.as_deref(),
        write_baseline: args.write_baseline,
    };
    let mut run = Run::default();
    let groups = groups(&args.input, &flags, &dir)?;
    let baselines: Vec<PathBuf> = groups.iter().filter_map(Group::baseline).collect();
    let known = args.baseline.iter().chain(&baselines).map(PathBuf::as_path);
    demand_places(&args.reports, named(&args.input.place).chain(known))?;
    for group in &groups {
        run.group(&wanted, group, &dir)?;
    }
    let ending = run.finish(args, color, &dir)?;
    if args.render {
        return Ok(ending.max(rendered::list(args, groups, &dir)?));
    }
    Ok(ending)
}

/// What is found below the paths, images and findings; the files that are no YAML, a line for each; and whether all paths could be read.
pub(super) fn survey(input: &InputArgs, dir: &Path) -> Result<(Outcome, Vec<String>, Ending), CommandError> {
    let wanted = Wanted {
        images: true,
        ..Wanted::default()
    };
    let mut run = Run::default();
    for group in groups(input, &RuleFlags::default(), dir)? {
        run.group(&wanted, &group, dir)?;
    }
    run.sort();
    let ending = if run.trouble { Ending::Trouble } else { Ending::Clean };
    Ok((run.outcome, run.refused, ending))
}

/// The findings of a group, as its configuration has them.
pub(super) fn findings(group: &Group, dir: &Path) -> Vec<Finding> {
    let units = lint_units(group, dir, &Wanted::default());
    units.into_iter().flat_map(|unit| unit.findings).collect()
}

/// What a run is asked for, beyond what the configuration says.
#[derive(Default)]
struct Wanted<'a> {
    mode: FixMode,
    /// Whether the images are wanted beside the findings.
    images: bool,
    fail_on: Option<FailOn>,
    baseline: Option<&'a Path>,
    write_baseline: bool,
}

/// What all groups gave together.
#[derive(Default)]
struct Run {
    outcome: Outcome,
    changes: Vec<Change>,
    fails: bool,
    trouble: bool,
    /// A line for each file that is no YAML.
    refused: Vec<String>,
    /// The findings for a baseline that is to be written, and where.
    baseline: BTreeMap<PathBuf, Vec<Finding>>,
}

impl Run {
    fn group(&mut self, wanted: &Wanted<'_>, group: &Group, dir: &Path) -> Result<(), CommandError> {
        let fail_on = wanted.fail_on.unwrap_or(group.settings.fail_on);
        let units = lint_units(group, dir, wanted);
        let mut findings = Vec::new();
        let mut files = BTreeSet::new();
        for unit in units {
            self.unit(unit, &group.settings, dir, &mut findings, &mut files);
        }
        for problem in &group.found.problems {
            self.problem(problem, &group.settings, dir, &mut findings);
        }
        let file = wanted.baseline.map(Path::to_owned).or_else(|| group.baseline());
        match (wanted.write_baseline, file) {
            (true, None) => {
                return Err(CommandError::usage(
                    "--write-baseline needs a file",
                    Some("say where: --baseline FILE"),
                ));
            }
            (true, Some(file)) => self.baseline.entry(file).or_default().append(&mut findings),
            (false, Some(file)) => self.filter(&file, &group.settings, dir, &files, &mut findings)?,
            (false, None) => {}
        }
        self.fails |= findings.iter().any(|finding| fail_on.fails(finding.severity));
        self.outcome.files += files.len();
        self.outcome.findings.append(&mut findings);
        Ok(())
    }

    fn unit(
        &mut self,
        unit: UnitLint,
        settings: &Settings,
        dir: &Path,
        findings: &mut Vec<Finding>,
        files: &mut BTreeSet<Arc<str>>,
    ) {
        self.outcome.counts = self.outcome.counts.plus(unit.counts);
        self.outcome.suppressed += unit.suppressed;
        self.outcome.fixed += unit.fixed;
        self.outcome.charts += unit.charts;
        self.outcome.inventory.append(unit.inventory);
        self.refused.extend(unit.refused);
        self.outcome
            .sources
            .extend(unit.sources.into_iter().map(|source| (source.path.clone(), source)));
        self.changes.extend(unit.changes);
        files.extend(unit.files);
        findings.extend(unit.findings);
        for problem in &unit.problems {
            self.problem(problem, settings, dir, findings);
        }
        if let Some(bug) = unit.bug {
            say(&format!("chartpin: {bug}"));
            self.trouble = true;
        }
    }

    /// A path that could not be read is a finding, and the run ends in trouble; one that is not there at all is wrong usage.
    fn problem(&mut self, problem: &Problem, settings: &Settings, dir: &Path, findings: &mut Vec<Finding>) {
        self.trouble = true;
        let shown = named_folder(display(&problem.path, dir));
        if problem.is_missing {
            report_problem(problem, &shown);
            return;
        }
        let Some(stamp) = settings.rules_for(&shown).stamp(UNREADABLE_FILE) else {
            return;
        };
        findings.push(Finding {
            rule: stamp.rule,
            severity: stamp.severity,
            message: format!("`{shown}`: {}", problem.message),
            label: String::new(),
            help: problem.help.clone(),
            file: shown.into(),
            span: Span::default(),
            others: Vec::new(),
            path: None,
            fix: None,
        });
    }

    fn filter(
        &mut self,
        file: &Path,
        settings: &Settings,
        dir: &Path,
        files: &BTreeSet<Arc<str>>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), CommandError> {
        let shown = named_folder(display(&absolute(file), dir));
        let unusable = |message: &str| {
            CommandError::usage(
                format!("baseline `{shown}`: {message}"),
                Some("write it with --write-baseline"),
            )
        };
        let text = read_text(file).map_err(|problem| unusable(&problem.message))?;
        let baseline = Baseline::read(&text).map_err(|error| unusable(&error.to_string()))?;
        let folder = folder_of(file, dir);
        let (known, stale) = baseline.filter(findings, &|shown| renamed(shown, dir, &folder));
        self.outcome.baselined += known;
        let rules = settings.rules_for(&shown);
        let Some(stamp) = rules.stamp(STALE_BASELINE) else {
            return Ok(());
        };
        let source = Arc::new(SourceFile::new(shown, text));
        let gone = |entry: &Entry| {
            let is_looked_at = files.contains(renamed(&entry.file, &folder, dir).as_str());
            is_looked_at || !folder.join(&entry.file).exists()
        };
        for (entry, line) in stale
            .iter()
            .filter(|(entry, _)| gone(entry) && rules.stamp(&entry.rule).is_some())
        {
            findings.push(Finding {
                rule: stamp.rule,
                severity: stamp.severity,
                message: format!(
                    "the baseline knows a finding of `{}` in `{}` that is gone",
                    entry.rule, entry.file
                ),
                label: "stale".to_owned(),
                help: Some("write the baseline again with --write-baseline".to_owned()),
                file: source.path.clone(),
                span: source.line_span(*line),
                others: Vec::new(),
                path: None,
                fix: None,
            });
            self.outcome.sources.insert(source.path.clone(), Arc::clone(&source));
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.outcome.findings.sort_by(by_place);
        self.outcome.inventory.images.sort_by(ImageRow::by_place);
    }

    fn finish(mut self, args: &LintArgs, color: Color, dir: &Path) -> Result<Ending, CommandError> {
        self.sort();
        if args.write_baseline {
            for (file, findings) in &self.baseline {
                let folder = folder_of(file, dir);
                let baseline = Baseline::of(findings, &|shown| renamed(shown, dir, &folder));
                let text = baseline
                    .write()
                    .map_err(|error| CommandError::usage(error.to_string(), None))?;
                let shown = display(&absolute(file), dir);
                demand_baseline(file, &shown)?;
                write::replace(file, &text)?;
                say(&format!(
                    "chartpin: wrote {} to `{shown}`",
                    counted(baseline.len(), "finding")
                ));
            }
            return Ok(if self.trouble { Ending::Trouble } else { Ending::Clean });
        }
        if args.diff {
            let diff: String = self
                .changes
                .iter()
                .map(|change| unified(&change.shown, &change.before, &change.after))
                .collect();
            print(&diff)?;
            let ending = if self.changes.is_empty() {
                Ending::Clean
            } else {
                Ending::Findings
            };
            return Ok(if self.trouble { Ending::Trouble } else { ending });
        }
        let folders = self.changes.iter().filter_map(|change| change.path.parent());
        write_all(&self.changes, folders)?;
        let style = output_style(color);
        let plain = output_style(Color::Never);
        // Neither a report that cannot be written nor a standard output that is full takes the other from whoever waits for it.
        let written = write_reports(&args.reports, |format| {
            Ok(self.outcome.render(format.into(), self.fails, plain)?)
        });
        print(&self.outcome.render(args.format.into(), self.fails, style)?)?;
        written?;
        Ok(match (self.trouble, self.fails) {
            (true, _) => Ending::Trouble,
            (false, true) => Ending::Findings,
            (false, false) => Ending::Clean,
        })
    }
}

/// Refuses to write a baseline over what is none.
fn demand_baseline(file: &Path, shown: &str) -> Result<(), CommandError> {
    let Some(known) = write::peek(file)? else {
        return Ok(());
    };
    let refused = |error| {
        CommandError::usage(
            format!("`{shown}` is no baseline ({error}), and is not written over"),
            Some("name another file, or take this one away first"),
        )
    };
    Baseline::read(&known).map(drop).map_err(refused)
}
