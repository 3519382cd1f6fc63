//! A chart as rules see it: its files read, its sites found, its overrides laid over its defaults.

use std::sync::Arc;

use crate::site::{Defaults, Finder, ImageSite};
use crate::source::SourceFile;
use crate::yaml::{NodeId, ReadError, Step, Tree, other_reader_accepts, read, read_nodes};

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
    pub tree: Result<Tree, Refusal>,
    /// The images that it names.
    pub sites: Vec<ImageSite>,
}

impl ChartFile {
    /// The tree, where the file could be read.
    #[must_use]
    pub fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref().ok()
    }
}

/// A chart, or one loose values file.
#[derive(Debug, Default)]
pub struct Chart {
    /// `name` of `Chart.yaml`.
    pub name: Option<String>,
    /// `appVersion` of `Chart.yaml`.
    pub app_version: Option<String>,
    /// Its files: `Chart.yaml`, the defaults, the overrides in the order of their names.
    pub files: Vec<ChartFile>,
}

impl Chart {
    /// Reads a chart's files and finds its sites.
    #[must_use]
    pub fn read(inputs: Vec<Input>, finder: Finder<'_>) -> Self {
        Self::of(inputs.into_iter().map(parse).collect(), finder)
    }

    /// The same, with all comments: for charts that are to be edited, whose comments have to stay.
    #[must_use]
    pub fn read_with_comments(inputs: Vec<Input>, finder: Finder<'_>) -> Self {
        let files = inputs.into_iter().map(|input| parse_with(input, read));
        Self::of(files.collect(), finder)
    }

    /// The same chart with new trees for some of its files, its sites found again.
    #[must_use]
    pub fn with_trees(&self, mut trees: Vec<(Arc<str>, Tree)>, finder: Finder<'_>) -> Self {
        let file = |old: &ChartFile| {
            let new = trees.iter().position(|(path, _)| *path == old.source.path);
            let (role, wanted) = (old.role, old.wanted);
            let Some((path, tree)) = new.map(|index| trees.swap_remove(index)) else {
                let source = Arc::clone(&old.source);
                return parse(Input { source, role, wanted });
            };
            ChartFile {
                source: Arc::new(SourceFile::new(path, Arc::clone(tree.text()))),
                role,
                wanted,
                tree: Ok(tree),
                sites: Vec::new(),
            }
        };
        Self::of(self.files.iter().map(file).collect(), finder)
    }

    fn of(mut files: Vec<ChartFile>, finder: Finder<'_>) -> Self {
        files.sort_by(|a, b| (a.role, &a.source.path).cmp(&(b.role, &b.source.path)));
        let text_of = |key: &str| {
            let tree = files.iter().find(|file| file.role == FileRole::ChartYaml)?.tree()?;
            let scalar = tree.scalar(tree.get(tree.root()?, key)?)?;
            (!scalar.is_null() && !scalar.value.is_empty()).then(|| scalar.value.to_owned())
        };
        let (name, app_version) = (text_of("name"), text_of("appVersion"));
        let dependencies: Vec<String> = files.iter().flat_map(dependencies).collect();
        let found: Vec<Vec<ImageSite>> = {
            let values = files.iter().find(|file| file.role == FileRole::Values);
            let defaults = values.and_then(ChartFile::tree).map(Defaults::new);
            let sites = |file: &ChartFile| match (file.tree(), file.role) {
                (None, _) | (_, FileRole::Requirements) => Vec::new(),
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
        Self {
            name,
            app_version,
            files,
        }
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
        let defaults = self.defaults();
        let base = defaults.map(|(file, tree)| (file, Layers { trees: vec![tree] }));
        let overrides = self.files.iter().filter(|file| file.role == FileRole::Override);
        let overrides = overrides.filter_map(move |file| {
            let trees = [file.tree()?].into_iter().chain(defaults.map(|(_, tree)| tree));
            Some((file, Layers { trees: trees.collect() }))
        });
        base.into_iter().chain(overrides)
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

/// Whether the site is a value of a subchart, whose own `appVersion` counts.
fn is_of_subchart(site: &ImageSite, dependencies: &[String]) -> bool {
    matches!(site.path.0.first(), Some(Step::Key(key)) if dependencies.contains(key))
}

fn parse(input: Input) -> ChartFile {
    let comments_matter = input.source.text.contains(MARK);
    parse_with(input, if comments_matter { read } else { read_nodes })
}

fn parse_with(input: Input, read: fn(&Arc<str>) -> Result<Tree, ReadError>) -> ChartFile {
    let tree = read(&input.source.text).map_err(|error| Refusal {
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

/// Values files laid one over the other, as Helm lays them: mappings merge, anything else replaces, null deletes.
#[derive(Debug, Clone)]
pub struct Layers<'a> {
    /// The top layer first.
    trees: Vec<&'a Tree>,
}

/// A value, and which layer it comes from (0 is the top).
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// The tree of the layer.
    pub tree: &'a Tree,
    /// The node in it, aliases not followed.
    pub node: NodeId,
    /// The index of the layer.
    pub layer: usize,
}

impl<'a> Layers<'a> {
    /// The value at this path, as Helm would read it.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<Value<'a>> {
        for (layer, tree) in self.trees.iter().enumerate() {
            let mut node = tree.root()?;
            let mut found = true;
            for key in path {
                match tree.get(node, key) {
                    Some(below) => node = below,
                    None if tree.is_mapping(node) => {
                        found = false;
                        break;
                    }
                    None => return None,
                }
            }
            if found {
                let deleted = tree.scalar(node).is_some_and(|scalar| scalar.is_null());
                return (!deleted).then_some(Value { tree, node, layer });
            }
        }
        None
    }

    /// Whether the value at this dotted path is true.
    #[must_use]
    pub fn is_true(&self, dotted: &str) -> bool {
        let path: Vec<&str> = dotted.split('.').collect();
        let value = self.get(&path).and_then(|value| value.tree.scalar(value.node));
        value.is_some_and(|scalar| crate::yaml::helm_scalar(&scalar) == crate::yaml::HelmScalar::Bool(true))
    }

    /// The texts of the list at this path; nothing where there is none.
    #[must_use]
    pub fn texts(&self, path: &[&str]) -> Vec<&'a str> {
        let list = self.get(path);
        let items = list
            .iter()
            .flat_map(|value| value.tree.items(value.node).iter().map(|item| (value.tree, *item)));
        items
            .filter_map(|(tree, item)| tree.scalar(item).map(|scalar| scalar.value))
            .collect()
    }

    /// The keys of the mapping at this path that are not deleted, the top layer's first.
    #[must_use]
    pub fn keys(&self, path: &[&str]) -> Vec<&'a str> {
        let mut keys: Vec<&'a str> = Vec::new();
        for tree in &self.trees {
            let node = tree
                .root()
                .and_then(|root| path.iter().try_fold(root, |node, key| tree.get(node, key)));
            for entry in node.map(|node| tree.entries(node)).unwrap_or_default() {
                let full: Vec<&str> = path.iter().copied().chain([entry.key]).collect();
                if !keys.contains(&entry.key) && self.get(&full).is_some() {
                    keys.push(entry.key);
                }
            }
        }
        keys
    }
}
