//! A run over all charts of a bundle: which files are rendered, under which names, with which dot.

use std::collections::HashMap;
use std::sync::Arc;

use super::ChartFields;
use crate::source::SourceFile;
use crate::template::bundle::Bundle;
use crate::template::file::TemplateFile;
use crate::template::machine::{Dict, Machine};
use crate::template::value::{PathId, Value};

/// How many charts one chart may depend on, directly and through others.
const MAX_CHARTS: usize = 200;

/// The names under which files are templates, `CHART/templates/FILE`, so that they can be included.
#[derive(Default)]
pub(super) struct Names {
    pub(super) by_path: HashMap<(String, String), String>,
}

impl Names {
    /// Those of the chart with this full name.
    pub(super) fn collect(&mut self, bundle: &Bundle, chart: &str) {
        for file in &bundle.files {
            let path = file.source.path.to_string();
            let below = path
                .rfind("/templates/")
                .map_or_else(|| path.clone(), |at| path[at + 1..].to_owned());
            self.by_path
                .insert((chart.to_owned(), path), format!("{chart}/{below}"));
        }
        for dependency in &bundle.dependencies {
            if self.by_path.len() < MAX_CHARTS * 1000 && chart.matches("/charts/").count() < 12 {
                self.collect(&dependency.chart, &full_name(chart, &dependency.key));
            }
        }
    }
}

/// The name that Helm has for a chart in another: by its alias, where it has one.
fn full_name(above: &str, name: &str) -> String {
    format!("{above}/charts/{name}")
}

pub(super) struct Run<'a> {
    pub(super) names: &'a Names,
    pub(super) charts: Vec<RunChart>,
    pub(super) jobs: Vec<Job<'a>>,
    pub(super) files: Vec<Arc<SourceFile>>,
}

pub(super) struct RunChart {
    pub(super) fields: ChartFields,
    pub(super) root: PathId,
    pub(super) full_name: String,
}

pub(super) struct Job<'a> {
    pub(super) file: &'a TemplateFile,
    /// `.Template.Name`
    pub(super) name: &'a str,
    pub(super) index: u32,
    pub(super) chart: usize,
    /// The switches of the charts around it, which all have to be on.
    pub(super) guards: Vec<PathId>,
}

impl<'a> Run<'a> {
    /// Adds a chart, of this name and full name, below its dependencies, so that its own templates win.
    pub(super) fn add(
        &mut self,
        machine: &mut Machine<'a>,
        bundle: &'a Bundle,
        root: PathId,
        guards: &[PathId],
        (name, chart): (&str, &str),
    ) {
        let index = self.charts.len();
        if index >= MAX_CHARTS {
            return;
        }
        self.charts.push(RunChart {
            fields: ChartFields {
                name: name.to_owned(),
                version: bundle.version.clone(),
                app_version: bundle.app_version.clone(),
            },
            root,
            full_name: chart.to_owned(),
        });
        for dependency in &bundle.dependencies {
            let below = machine.paths.key(root, &dependency.key);
            machine.add_root(below);
            let switch = dependency.condition.as_ref().and_then(|paths| paths.split(',').next());
            let switch = switch.map(|dotted| {
                dotted
                    .trim()
                    .split('.')
                    .fold(root, |path, key| machine.paths.key(path, key))
            });
            let guards: Vec<PathId> = guards.iter().copied().chain(switch).collect();
            let key = dependency.key.as_str();
            self.add(
                machine,
                &dependency.chart,
                below,
                &guards,
                (key, &full_name(chart, key)),
            );
        }
        for file in &bundle.files {
            let name = self
                .names
                .by_path
                .get(&(chart.to_owned(), file.source.path.to_string()));
            let file_index = machine.add(file, index == 0, name.map(String::as_str));
            self.files.push(Arc::clone(&file.source));
            if file.is_rendered && !bundle.is_library {
                self.jobs.push(Job {
                    file,
                    name: name.map_or("", String::as_str),
                    index: file_index,
                    chart: index,
                    guards: guards.to_vec(),
                });
            }
        }
    }
}

/// The dot that a chart's templates are rendered with.
pub(super) struct Dot {
    pub(super) value: Value,
    /// Its `.Template`.
    pub(super) template: u32,
}

impl Dot {
    pub(super) fn new(machine: &mut Machine<'_>, index: usize, chart: &RunChart) -> Self {
        let mut template = Dict::default();
        let base = format!("{}/templates", chart.full_name);
        template.own.insert("BasePath".to_owned(), Value::words(base, None));
        let template = machine.dict(template);
        let mut dot = Dict::default();
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        dot.own.insert("Values".to_owned(), Value::Path(chart.root));
        dot.own.insert("Chart".to_owned(), Value::Chart(number, "".into()));
        dot.own.insert("Template".to_owned(), Value::Dict(template));
        for name in ["Release", "Capabilities", "Files", "Subcharts"] {
            dot.own.insert(name.to_owned(), Value::Object(name.into()));
        }
        let dot = machine.dict(dot);
        machine.add_context(dot);
        machine.add_context(template);
        Self {
            value: Value::Dict(dot),
            template,
        }
    }

    /// Says which file is rendered.
    pub(super) fn stand_in(&self, machine: &mut Machine<'_>, name: &str) {
        let template = machine.dict_mut(self.template);
        template.own.insert("Name".to_owned(), Value::words(name, None));
    }
}
