//! A chart, or one loose file, as an editor has it: the files on disk, read once, with the open documents in their place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::documents::{Document, Documents};
use super::group::Group;
use crate::chart::{Chart, ChartFile, FileRole, Input, Inputs};
use crate::finding::Finding;
use crate::lint::lint_chart;
use crate::source::SourceFile;
use crate::template::{Bundle, TemplateFile};
use crate::walk::{Templates, Unit, UnitFile, display, read_unit, renamed};
use crate::yaml::read_nodes;

/// The texts of documents that rendering takes: what a file is, its name, its text.
type RenderTexts = Vec<(FileRole, Arc<str>, Arc<str>)>;

/// A chart, or one loose file.
pub(super) struct Project {
    /// The configuration that governs it.
    pub group: Arc<Group>,
    /// Its files, and what each is.
    files: Vec<UnitFile>,
    /// What stands on disk.
    disk: Inputs,
    /// What rendering takes, with documents in it; and those documents.
    bundle: Option<(RenderTexts, Arc<Bundle>)>,
    /// What the chart was read from last.
    inputs: Inputs,
    chart: Option<Chart>,
    findings: Vec<Finding>,
    /// Whether a document is another one since.
    pub is_stale: bool,
}

impl Project {
    /// Reads what is on disk; what `before` knew stays where it is still so.
    pub(super) fn read(unit: Unit, group: Arc<Group>, before: Option<Self>) -> Self {
        let read = read_unit(&unit, &group.root, &Templates::default());
        let files = match unit {
            Unit::Files(files) => files,
            Unit::Package(_) => Vec::new(),
        };
        Self {
            group,
            files,
            disk: read.charts.into_iter().next().unwrap_or_default(),
            bundle: None,
            inputs: Inputs::default(),
            chart: before.and_then(|before| before.chart),
            findings: Vec::new(),
            is_stale: true,
        }
    }

    /// Whether the file at this path is one of its own.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// The name of a file in reports.
    pub(super) fn shown(&self, path: &Path) -> String {
        display(path, &self.group.root)
    }

    /// Where the file of this name is.
    pub(super) fn path(&self, shown: &str) -> PathBuf {
        let own = self.files.iter().find(|file| self.shown(&file.path) == shown);
        own.map_or_else(|| self.group.root.join(shown), |file| file.path.clone())
    }

    /// The chart as it was read last.
    pub(super) fn chart(&self) -> Option<&Chart> {
        self.chart.as_ref()
    }

    /// What the chart was read from last.
    pub(super) fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The file of this name, as it was read last.
    pub(super) fn file(&self, shown: &str) -> Option<&ChartFile> {
        self.chart
            .as_ref()?
            .files
            .iter()
            .find(|file| *file.source.path == *shown)
    }

    /// The findings in the file of this name.
    pub(super) fn findings<'a>(&'a self, shown: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| *finding.file == *shown)
    }

    /// Reads and lints the chart again with the documents as they are now. Where a bug ends that, there is neither a chart nor a finding.
    pub(super) fn refresh(&mut self, documents: &Documents) {
        self.is_stale = false;
        self.findings.clear();
        let before = self.chart.take();
        self.inputs = self.with_documents(documents);
        let finder = self.group.finder();
        let chart = match before {
            Some(before) => before.reread(self.inputs.clone(), finder),
            None => Chart::read(self.inputs.clone(), finder),
        };
        self.findings = lint_chart(&chart, &|shown| self.group.settings.rules_for(shown)).findings;
        if let Some((folder, baseline)) = &self.group.baseline {
            let named = |shown: &str| renamed(shown, &self.group.root, folder);
            baseline.clone().filter(&mut self.findings, &named);
        }
        self.chart = Some(chart);
    }

    /// The files on disk with the documents in their place.
    fn with_documents(&mut self, documents: &Documents) -> Inputs {
        let mut inputs = self.disk.clone();
        let mut texts = RenderTexts::new();
        for file in &self.files {
            let Some(document) = documents.at(&file.path) else {
                continue;
            };
            let shown: Arc<str> = display(&file.path, &self.group.root).into();
            if matches!(file.role, FileRole::Template | FileRole::ChartYaml) {
                texts.push((file.role, Arc::clone(&shown), Arc::clone(&document.text)));
            }
            if file.role != FileRole::Template {
                put(&mut inputs.files, file, shown, document);
            }
        }
        if !texts.is_empty() {
            inputs.bundle = self.bundle_with(texts);
        }
        inputs
    }

    /// What rendering takes, with these texts in it; the same as before where they are.
    fn bundle_with(&mut self, texts: RenderTexts) -> Option<Arc<Bundle>> {
        if let Some((_, bundle)) = self.bundle.as_ref().filter(|(known, _)| *known == texts) {
            return Some(Arc::clone(bundle));
        }
        let has_template = texts.iter().any(|(role, ..)| *role == FileRole::Template);
        if self.disk.bundle.is_none() && !has_template {
            return None;
        }
        let mut bundle = self.disk.bundle.as_deref().cloned().unwrap_or_default();
        for (role, shown, text) in &texts {
            let known = bundle.files.iter().find(|file| file.source.path == *shown);
            bundle = match role {
                FileRole::ChartYaml => bundle.with_chart(read_nodes(text).ok().as_ref()),
                _ if known.is_some_and(|file| file.source.text == *text) => bundle,
                _ => {
                    let source = SourceFile::new(Arc::clone(shown), Arc::clone(text));
                    bundle.with_template(Arc::new(TemplateFile::new(source)))
                }
            };
        }
        let bundle = Arc::new(bundle);
        self.bundle = Some((texts, Arc::clone(&bundle)));
        Some(bundle)
    }
}

/// Puts a document in the place of a file; a file that is not on disk yet is added.
fn put(files: &mut Vec<Input>, file: &UnitFile, shown: Arc<str>, document: &Document) {
    let known = files.iter_mut().find(|input| input.source.path == shown);
    let input = Input {
        source: Arc::new(SourceFile::new(shown, Arc::clone(&document.text))),
        role: file.role,
        wanted: file.wanted,
    };
    match known {
        Some(known) => *known = input,
        None => files.push(input),
    }
}
