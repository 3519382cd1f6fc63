//! A chart as rules see it: its files read, its sites found, its overrides laid over its defaults, its templates asked what they do with
//! each image.

mod layers;
mod named;
mod needs;
mod templates;
mod told;
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::site::{Defaults, Finder, ImageSite};
use crate::source::SourceFile;
use crate::template::{Bundle, Reading};
use crate::yaml::{ReadError, Step, Tree, other_reader_accepts, read, read_nodes};

pub use layers::{Layers, Value};
pub use needs::Need;
pub use templates::{Below, Templates};
pub use usage::{Outcome, Usage};

/// What every comment that is meant for this program holds.
pub const MARK: &str = "chartpin:";

/// What a file is to its chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileRole {
    /// `Chart.yaml`
    ChartYaml,
    /// `requirements.yaml`, which lists the dependencies of charts of the first API version.
    Requirements,
    /// The chart's own `values.yaml`.
    Values,
    /// Any other values file of the chart: partial, laid over the defaults.
    Override,
    /// A values file without a chart.
    Loose,
    /// A template: no YAML, and never written.
    Template,
}

/// What a chart is read from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Its `Chart.yaml` and its values files.
    pub files: Vec<Input>,
    /// What rendering it takes, where there are templates.
    pub bundle: Option<Arc<Bundle>>,
    /// The templates in which findings are wanted, by their names in reports.
    pub wanted: Vec<Arc<str>>,
}

/// A file before it is read as YAML.
#[derive(Debug, Clone)]
pub struct Input {
    /// The text under its name.
    pub source: Arc<SourceFile>,
    /// What it is to its chart.
    pub role: FileRole,
    /// Whether findings in it are wanted; context is read without.
    pub wanted: bool,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, and where.
    pub error: ReadError,
    /// Whether the other reader takes the text, so that Helm may take it, too.
    pub may_be_fine: bool,
}

/// A file of a chart.
#[derive(Debug)]
pub struct ChartFile {
    /// The text under its name.
    pub source: Arc<SourceFile>,
    /// What it is to its chart.
    pub role: FileRole,
    /// Whether findings in it are wanted.
    pub wanted: bool,
    /// Its nodes, or why there are none.
    pub tree: Result<Arc<Tree>, Refusal>,
    /// The images that it names.
    pub sites: Vec<ImageSite>,
}

impl ChartFile {
    /// The tree, where the file could be read.
    #[must_use]
    pub fn tree(&self) -> Option<&Tree> {
        self.tree.as_deref().ok()
    }
}

/// A chart, or one loose values file.
#[derive(Debug, Default)]
pub struct Chart {
    /// `name` of `Chart.yaml`.
    pub name: Option<String>,
    /// `appVersion` of `Chart.yaml`.
    pub app_version: Option<String>,
    /// Its files: `Chart.yaml`, the defaults, the overrides in the order of their names, its templates.
    pub files: Vec<ChartFile>,
    /// Its templates, and what they do with its values.
    pub templates: Option<Templates>,
}

impl Chart {
    /// Reads a chart's files and finds its sites.
    #[must_use]
    pub fn read(inputs: Inputs, finder: Finder<'_>) -> Self {
        Self::read_by(inputs, finder, parse)
    }

    /// The same, with all comments: for charts that are to be edited, whose comments have to stay.
    #[must_use]
    pub fn read_with_comments(inputs: Inputs, finder: Finder<'_>) -> Self {
        Self::read_by(inputs, finder, |input| parse_with(input, read))
    }

    fn read_by(inputs: Inputs, finder: Finder<'_>, parse: impl Fn(Input) -> ChartFile) -> Self {
        let templates = inputs.bundle.map(|bundle| Templates::new(bundle, inputs.wanted));
        Self::of(inputs.files.into_iter().map(parse).collect(), templates, finder)
    }

    /// The chart of other inputs, mostly the same: what [`Chart::read`] gives, without reading again what did not change.
    #[must_use]
    pub fn reread(self, inputs: Inputs, finder: Finder<'_>) -> Self {
        let templates = inputs.bundle.map(|bundle| match &self.templates {
            Some(known) if Arc::ptr_eq(&known.bundle, &bundle) => known.over_new_values(inputs.wanted),
            _ => Templates::new(bundle, inputs.wanted),
        });
        let files = self.files.into_iter().filter(|file| file.role != FileRole::Template);
        let mut known: BTreeMap<Arc<str>, ChartFile> =
            files.map(|file| (Arc::clone(&file.source.path), file)).collect();
        let file = |input: Input| match known.remove(&input.source.path) {
            Some(file) if file.source.text == input.source.text => ChartFile {
                source: input.source,
                role: input.role,
                wanted: input.wanted,
                tree: file.tree,
                sites: Vec::new(),
            },
            _ => parse(input),
        };
        Self::of(inputs.files.into_iter().map(file).collect(), templates, finder)
    }

    /// The same chart with new trees for some of its files, its sites found again.
    #[must_use]
    pub fn with_trees(&self, mut trees: Vec<(Arc<str>, Tree)>, finder: Finder<'_>) -> Self {
        let file = |old: &ChartFile| {
            let new = trees.iter().position(|(path, _)| *path == old.source.path);
            let (source, tree) = match new.map(|index| trees.swap_remove(index)) {
                Some((path, tree)) => (
                    Arc::new(SourceFile::new(path, Arc::clone(tree.text()))),
                    Ok(Arc::new(tree)),
                ),
                None => (Arc::clone(&old.source), old.tree.clone()),
            };
            ChartFile {
                source,
                role: old.role,
                wanted: old.wanted,
                tree,
                sites: Vec::new(),
            }
        };
        let values = self.files.iter().filter(|file| file.role != FileRole::Template);
        Self::of(values.map(file).collect(), self.templates.clone(), finder)
    }

    fn of(mut files: Vec<ChartFile>, templates: Option<Templates>, finder: Finder<'_>) -> Self {
        files.sort_by(|a, b| (a.role, &a.source.path).cmp(&(b.role, &b.source.path)));
        let text_of = |key: &str| {
            let tree = files.iter().find(|file| file.role == FileRole::ChartYaml)?.tree()?;
            tree.printed(tree.root()?, key)
        };
        let (name, app_version) = (text_of("name"), text_of("appVersion"));
        let dependencies: Vec<String> = files.iter().flat_map(dependencies).collect();
        let found: Vec<Vec<ImageSite>> = {
            let values = files.iter().find(|file| file.role == FileRole::Values);
            let defaults = values.and_then(ChartFile::tree).map(Defaults::new);
            let sites = |file: &ChartFile| match (file.tree(), file.role) {
                (None, _) | (_, FileRole::Requirements | FileRole::Template) => Vec::new(),
                (Some(tree), FileRole::ChartYaml) => finder.annotations(tree),
                (Some(tree), FileRole::Override) => finder.values(tree, defaults.as_ref(), true),
                (Some(tree), FileRole::Values | FileRole::Loose) => finder.values(tree, None, false),
            };
            files.iter().map(sites).collect()
        };
        for (file, mut sites) in files.iter_mut().zip(found) {
            for site in &mut sites {
                site.of_subchart = is_of_subchart(site, &dependencies);
                if let Some(version) = app_version.as_ref().filter(|_| !site.of_subchart) {
                    site.complete_with(version);
                }
            }
            file.sites = sites;
        }
        let mut chart = Self {
            name,
            app_version,
            files,
            templates,
        };
        named::add(&mut chart, &dependencies);
        told::tell(&mut chart);
        chart.add_templates();
        chart
    }

    /// The chart's own templates as files, with the images that stand in them.
    fn add_templates(&mut self) {
        let _ = self.reading();
        let files = self.templates.as_ref().map(Templates::files).unwrap_or_default();
        self.files.extend(files);
    }

    /// What the chart's templates do with its values, where it has any that speak of images.
    #[must_use]
    pub fn reading(&self) -> Option<&Reading> {
        let templates = self.templates.as_ref()?;
        let has_sites = || self.files.iter().any(|file| !file.sites.is_empty());
        (templates.mention_images() || has_sites()).then(|| templates.reading(self))
    }

    /// Whether the chart has templates, and they tell all that they do with its values.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.templates
            .as_ref()
            .is_some_and(|templates| templates.bundle.is_told())
    }

    /// The file of this role; of the overrides, the first.
    #[must_use]
    pub fn file(&self, role: FileRole) -> Option<&ChartFile> {
        self.files.iter().find(|file| file.role == role)
    }

    /// The chart's own values file, where it could be read.
    #[must_use]
    pub fn defaults(&self) -> Option<(&ChartFile, &Tree)> {
        let file = self.file(FileRole::Values)?;
        Some((file, file.tree()?))
    }

    /// The values that a rule asks for presence: the defaults, and each override laid over them, with the file that is on top.
    pub fn layered(&self) -> impl Iterator<Item = (&ChartFile, Layers<'_>)> {
        let is_layer = |file: &&ChartFile| matches!(file.role, FileRole::Values | FileRole::Override);
        let tops = self.files.iter().filter(is_layer);
        tops.filter_map(|file| Some((file, self.layers(file)?)))
    }

    /// The values as they are with `file` on top: it, the defaults, and those of subcharts.
    #[must_use]
    pub fn layers<'a>(&'a self, file: &'a ChartFile) -> Option<Layers<'a>> {
        let own = file.tree()?;
        let defaults = self
            .defaults()
            .filter(|_| file.role == FileRole::Override)
            .map(|(_, tree)| tree);
        Some(Layers::new([own].into_iter().chain(defaults), self.below()))
    }

    /// The values of subcharts, with the keys that they stand under; the outermost first.
    #[must_use]
    pub fn below(&self) -> &[Below] {
        self.templates.as_ref().map(Templates::values).unwrap_or_default()
    }
}

/// The names under which a chart's values reach its subcharts: the aliases of its dependencies, or their names.
fn dependencies(file: &ChartFile) -> Vec<String> {
    let lists = matches!(file.role, FileRole::ChartYaml | FileRole::Requirements);
    let Some((tree, root)) = file
        .tree()
        .filter(|_| lists)
        .and_then(|tree| Some((tree, tree.root()?)))
    else {
        return Vec::new();
    };
    let items = tree
        .get(root, "dependencies")
        .map(|node| tree.items(node))
        .unwrap_or_default();
    let names = items.iter().filter_map(|item| {
        let value = tree.get(*item, "alias").or_else(|| tree.get(*item, "name"))?;
        tree.scalar(value).map(|scalar| scalar.value.to_owned())
    });
    names.collect()
}

/// Whether a file holds values of the chart.
fn is_value_file(file: &ChartFile) -> bool {
    matches!(file.role, FileRole::Values | FileRole::Override)
}

/// Whether the site is a value of a subchart, whose own `appVersion` counts.
fn is_of_subchart(site: &ImageSite, dependencies: &[String]) -> bool {
    matches!(site.path.0.first(), Some(Step::Key(key)) if dependencies.contains(key))
}

fn parse(input: Input) -> ChartFile {
    let comments_matter = input.source.text.contains(MARK);
    parse_with(input, if comments_matter { read } else { read_nodes })
}

fn parse_with(input: Input, read: fn(&Arc<str>) -> Result<Tree, ReadError>) -> ChartFile {
    let tree = read(&input.source.text).map(Arc::new).map_err(|error| Refusal {
        may_be_fine: !error.limit && other_reader_accepts(&input.source.text),
        error,
    });
    ChartFile {
        source: input.source,
        role: input.role,
        wanted: input.wanted,
        tree,
        sites: Vec::new(),
    }
}
