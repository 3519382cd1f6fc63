//! What rendering a chart takes: its templates, and those of its dependencies with the values that reach them.

use std::sync::{Arc, OnceLock};

use super::file::TemplateFile;
use crate::yaml::{Tree, read_nodes};

/// A chart as rendering sees it.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// `name` of `Chart.yaml`.
    pub name: String,
    /// `version` of `Chart.yaml`.
    pub version: Option<String>,
    /// `appVersion` of `Chart.yaml`.
    pub app_version: Option<String>,
    /// Whether it is a library, of which nothing is rendered.
    pub is_library: bool,
    /// Its templates, in the order of their paths.
    pub files: Vec<Arc<TemplateFile>>,
    values_text: Option<Arc<str>>,
    values: OnceLock<Option<Arc<Tree>>>,
    /// The charts that it depends on, as far as they are there.
    pub dependencies: Vec<Dependency>,
    /// The names of those that are declared and not there.
    pub missing: Vec<String>,
}

/// A chart that another one depends on.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The key of the parent's values that holds its values: its alias, or its name.
    pub key: String,
    /// The dotted path, in the parent's values, of the switch that turns it on.
    pub condition: Option<String>,
    /// The chart.
    pub chart: Arc<Bundle>,
}

impl Bundle {
    /// This chart with the text of its values.
    #[must_use]
    pub fn with_values(self, text: Option<String>) -> Self {
        Self {
            values_text: text.map(Arc::from),
            ..self
        }
    }

    /// This chart with what its `Chart.yaml` says of it.
    #[must_use]
    pub fn with_chart(self, tree: Option<&Tree>) -> Self {
        let said = |key: &str| tree.and_then(|tree| tree.printed(tree.root()?, key));
        Self {
            name: said("name").unwrap_or_default(),
            version: said("version"),
            app_version: said("appVersion"),
            is_library: said("type").as_deref() == Some("library"),
            ..self
        }
    }

    /// This chart with another text for one of its own templates, or with one more.
    #[must_use]
    pub fn with_template(mut self, file: Arc<TemplateFile>) -> Self {
        match self
            .files
            .binary_search_by(|known| known.source.path.cmp(&file.source.path))
        {
            Ok(index) => self.files[index] = file,
            Err(index) => self.files.insert(index, file),
        }
        self
    }

    /// Whether all templates that could read the chart's values are there and can be read, so that what none of them does is not done.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.renders() && !self.is_library && self.is_complete() && self.files.iter().all(|file| file.error().is_none())
    }

    /// Its own values, where they can be read.
    #[must_use]
    pub fn values(&self) -> Option<&Arc<Tree>> {
        let read = || {
            self.values_text
                .as_ref()
                .and_then(|text| read_nodes(text).ok())
                .map(Arc::new)
        };
        self.values.get_or_init(read).as_ref()
    }

    /// Whether one of its own templates speaks of images.
    #[must_use]
    pub fn mentions_images(&self) -> bool {
        self.files.iter().any(|file| file.mentions_images())
    }

    /// Whether any chart in it has templates that are rendered.
    #[must_use]
    pub fn renders(&self) -> bool {
        let own = !self.is_library && self.files.iter().any(|file| file.is_rendered);
        own || self.dependencies.iter().any(|dependency| dependency.chart.renders())
    }

    /// Whether every chart that is declared is there, at every level.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
            && self
                .dependencies
                .iter()
                .all(|dependency| dependency.chart.is_complete())
    }
}
