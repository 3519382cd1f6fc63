//! What a chart's templates do with its values: every text that they put out, with the key that it stands under, and every question that
//! they ask.

mod places;
mod run;
mod uses;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gotmpl::parse::{ListNode, Node};

use super::bundle::Bundle;
use super::condition::{Condition, Conditions, Guards, Literal};
use super::file::{BadTemplate, parse};
use super::known;
use super::lines::{Outline, Scalar};
use super::machine::{Machine, Taint, Test, collect_piece};
use super::value::{PathId, Paths, Piece, Text};
use crate::source::{SourceFile, Span};
use run::{Dot, Names, Run};

/// What is known of a chart's templates.
#[derive(Debug)]
pub struct Reading {
    pub(super) paths: Paths,
    pub(super) conditions: Conditions,
    /// The charts: the chart itself first.
    pub(super) charts: Vec<ChartFields>,
    /// What the texts of values come to that are templates themselves.
    pub(super) expansions: HashMap<String, Text>,
    files: Vec<Arc<SourceFile>>,
    outputs: Vec<Output>,
    tests: Vec<Test>,
    uses: HashMap<PathId, Vec<FieldId>>,
    loose: BTreeSet<PathId>,
    escaped: BTreeSet<PathId>,
    guessed: BTreeSet<PathId>,
    required: BTreeSet<PathId>,
    troubles: Vec<(Arc<SourceFile>, BadTemplate)>,
    actions: usize,
    unknown: Vec<(Arc<SourceFile>, usize)>,
}

/// What `.Chart` says of a chart.
#[derive(Debug)]
pub(super) struct ChartFields {
    pub name: String,
    pub version: Option<String>,
    pub app_version: Option<String>,
}

/// What one file puts out.
#[derive(Debug)]
struct Output {
    source: Arc<SourceFile>,
    outline: Outline,
    is_notes: bool,
    is_own: bool,
}

/// A text that templates put out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId {
    output: u32,
    scalar: u32,
}

/// What kind of place a text is put out to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An `image` key.
    Image,
    /// A label, or what selects by one: at most 63 letters, no `@` and no `:`.
    Label,
    /// An annotation.
    Annotation,
    /// The notes that a person reads after installing.
    Notes,
    /// Anything else: arguments, environment, configuration.
    Elsewhere,
}

/// A file of the chart's own templates, and the byte in it.
pub type Spot<'a> = (&'a Arc<SourceFile>, usize);

/// The workload that a text belongs to, as far as the templates say it in constant text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// `kind`
    pub kind: Option<String>,
    /// The container's `name`.
    pub container: Option<String>,
}

impl Reading {
    /// Reads the templates of a chart; `texts` are the strings of its values that hold template expressions, `images` the paths of the
    /// images in them, as the templates of each chart name them.
    #[must_use]
    pub fn new(bundle: &Bundle, texts: &[String], images: &BTreeSet<Vec<String>>) -> Self {
        let mut names = Names::default();
        names.collect(bundle, &bundle.name);
        let mut machine = Machine::new(bundle.is_complete(), images);
        let known = if bundle.is_complete() { &[] } else { known::files() };
        for file in known {
            machine.add(file, false, None);
        }
        let mut run = Run {
            names: &names,
            charts: Vec::new(),
            jobs: Vec::new(),
            files: known.iter().map(|file| Arc::clone(&file.source)).collect(),
        };
        run.add(&mut machine, bundle, Paths::ROOT, &[], (&bundle.name, &bundle.name));
        machine.find_endless();
        let mut outputs = Vec::new();
        let dots: Vec<Dot> = run
            .charts
            .iter()
            .enumerate()
            .map(|(index, chart)| Dot::new(&mut machine, index, chart))
            .collect();
        for job in &run.jobs {
            let Ok(body) = job.file.body() else { continue };
            if !machine.relevance.of_words(&body.words) {
                continue;
            }
            let mut guards = Guards::default();
            for path in &job.guards {
                guards = guards.with(machine.conditions.holds(Condition::Enabled(*path)));
            }
            let dot = &dots[job.chart];
            dot.stand_in(&mut machine, job.name);
            let pieces = machine.render(job.index, &body.nodes, &dot.value, guards);
            outputs.push(Output {
                source: Arc::clone(&job.file.source),
                outline: Outline::read(&pieces),
                is_notes: job.file.source.path.ends_with("NOTES.txt"),
                is_own: job.chart == 0,
            });
        }
        let mut expansions = HashMap::new();
        for text in texts {
            if let (Ok(body), Some(dot)) = (parse(text), dots.first()) {
                let pieces = machine.captured(&body.nodes, &dot.value);
                expansions.insert(text.clone(), pieces);
            }
        }
        Self::finish(machine, run, outputs, expansions, bundle)
    }

    fn finish(
        machine: Machine<'_>,
        run: Run<'_>,
        outputs: Vec<Output>,
        expansions: HashMap<String, Text>,
        bundle: &Bundle,
    ) -> Self {
        let mut uses: HashMap<PathId, Vec<FieldId>> = HashMap::new();
        for (output, found) in outputs.iter().enumerate() {
            for (scalar, field) in found.outline.scalars().iter().enumerate() {
                let id = FieldId {
                    output: u32::try_from(output).unwrap_or(u32::MAX),
                    scalar: u32::try_from(scalar).unwrap_or(u32::MAX),
                };
                for path in taint_of(&field.value) {
                    uses.entry(path).or_default().push(id);
                }
            }
        }
        let loose = expansions.values().flat_map(|text| taint_of(text)).collect();
        let mut troubles: Vec<(Arc<SourceFile>, BadTemplate)> = Vec::new();
        for trouble in &machine.troubles {
            let Some(source) = run.files.get(trouble.origin.file as usize) else {
                continue;
            };
            let at = trouble.origin.at as usize;
            troubles.push((
                Arc::clone(source),
                BadTemplate {
                    message: trouble.message.clone(),
                    span: action_at(&source.text, at),
                },
            ));
        }
        Self {
            actions: bundle
                .files
                .iter()
                .filter_map(|file| file.body().ok())
                .map(|body| {
                    actions(&body.nodes) + body.defines.iter().map(|define| actions(&define.body)).sum::<usize>()
                })
                .sum(),
            unknown: machine
                .unknown
                .iter()
                .filter_map(|(file, at)| Some((Arc::clone(run.files.get(*file as usize)?), *at as usize)))
                .collect(),
            charts: run.charts.into_iter().map(|chart| chart.fields).collect(),
            files: run.files,
            paths: machine.paths,
            conditions: machine.conditions,
            tests: machine.tests,
            escaped: machine.escaped,
            guessed: machine.guessed,
            required: machine.required,
            expansions,
            outputs,
            uses,
            loose,
            troubles,
        }
    }

    /// How many actions the chart's own templates hold.
    #[must_use]
    pub const fn actions(&self) -> usize {
        self.actions
    }

    /// The places that could not be followed, in the chart's templates and those of its dependencies.
    #[must_use]
    pub fn unknown(&self) -> &[(Arc<SourceFile>, usize)] {
        &self.unknown
    }

    /// What Helm would refuse while rendering, with the file.
    #[must_use]
    pub fn troubles(&self) -> &[(Arc<SourceFile>, BadTemplate)] {
        &self.troubles
    }

    fn output(&self, id: FieldId) -> &Output {
        &self.outputs[id.output as usize]
    }

    pub(super) fn scalar(&self, id: FieldId) -> &Scalar {
        self.output(id).outline.scalar(id.scalar as usize)
    }

    /// The conditions that a text stands under.
    pub(super) fn guards(&self, id: FieldId) -> &Guards {
        &self.scalar(id).guards
    }

    /// The conditions that a text stands under besides those of the mapping that it stands in.
    pub(super) fn own_guards(&self, id: FieldId) -> Vec<Literal> {
        let outer = self.output(id).outline.guards(self.scalar(id).node);
        let own = self.guards(id);
        own.below(own.shared_depth(outer))
    }

    /// The mapping that a text stands in: what alternatives of one field share.
    #[must_use]
    pub fn mapping(&self, id: FieldId) -> (u32, usize) {
        (id.output, self.scalar(id).node)
    }

    /// Every text that is put out.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        let outputs = self.outputs.iter().enumerate();
        outputs.flat_map(|(output, found)| {
            (0..found.outline.scalars().len()).map(move |scalar| FieldId {
                output: u32::try_from(output).unwrap_or(u32::MAX),
                scalar: u32::try_from(scalar).unwrap_or(u32::MAX),
            })
        })
    }

    /// The texts that are put out under an `image` key.
    pub fn images(&self) -> impl Iterator<Item = FieldId> {
        self.fields().filter(|id| self.place(*id) == Place::Image)
    }

    /// Whether a text is put out by a template of the chart itself, not of a dependency.
    #[must_use]
    pub fn is_own(&self, id: FieldId) -> bool {
        self.output(id).is_own
    }
}

pub(super) fn taint_of(pieces: &[Piece]) -> BTreeSet<PathId> {
    let mut found = Taint::default();
    for piece in pieces {
        collect_piece(piece, &mut found);
    }
    found.paths
}

/// The bytes of the action that stands at `at`, or the rest of the line.
fn action_at(text: &str, at: usize) -> Span {
    let at = at.min(text.len());
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.find(['\n', '}']).unwrap_or(rest.len());
    let found = rest[..end].trim_end_matches([' ', '-']);
    Span::new(at, at + found.len())
}

fn actions(list: &ListNode) -> usize {
    let count = |node: &Node| match node {
        Node::List(list) => actions(list),
        Node::Action(_) | Node::Template(_) => 1,
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
            1 + actions(&branch.body) + branch.else_body.as_ref().map_or(0, actions)
        }
        Node::Text(_) | Node::Define(_) | Node::Break(_) | Node::Continue(_) => 0,
    };
    list.nodes.iter().map(count).sum()
}
