//! A chart's templates: what rendering it takes, what they do with its values, and the images that stand in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{Chart, ChartFile, FileRole, MARK};
use crate::reference::Reference;
use crate::site::ImageSite;
use crate::source::Span;
use crate::template::{Bundle, FieldId, Reading, TemplateFile};
use crate::yaml::{Comment, Step, Tree};

/// The templates of a chart.
#[derive(Debug, Clone)]
pub struct Templates {
    /// What rendering the chart takes.
    pub bundle: Arc<Bundle>,
    wanted: BTreeSet<Arc<str>>,
    known: Arc<OnceLock<Arc<Known>>>,
    /// The values of subcharts, once they were asked for.
    values: Arc<OnceLock<Vec<Below>>>,
    /// What was read of the same templates over earlier values.
    earlier: Option<Arc<Known>>,
}

/// The values of a subchart, with the path that they stand at.
pub type Below = (Vec<String>, Arc<Tree>);

/// What was read of templates, and what of the values it depends on.
#[derive(Debug)]
struct Known {
    texts: Vec<String>,
    images: BTreeSet<Vec<String>>,
    reading: Reading,
}

impl Templates {
    pub(super) fn new(bundle: Arc<Bundle>, wanted: Vec<Arc<str>>) -> Self {
        Self {
            bundle,
            wanted: wanted.into_iter().collect(),
            known: Arc::default(),
            values: Arc::default(),
            earlier: None,
        }
    }

    /// The same templates, whose values may be others now: what was read of them stays where it does not depend on what is new.
    pub(super) fn over_new_values(&self, wanted: Vec<Arc<str>>) -> Self {
        Self {
            values: Arc::clone(&self.values),
            earlier: self.known.get().or(self.earlier.as_ref()).cloned(),
            ..Self::new(Arc::clone(&self.bundle), wanted)
        }
    }

    /// Whether one of the chart's own templates speaks of images.
    pub(super) fn mention_images(&self) -> bool {
        self.bundle.mentions_images()
    }

    /// What they do with the values of `chart`; read once.
    pub(super) fn reading(&self, chart: &Chart) -> &Reading {
        let read = || {
            let texts = templated_texts(chart);
            let images = paths_of_images(chart, &self.bundle);
            let earlier = self.earlier.as_ref();
            if let Some(known) = earlier.filter(|known| known.texts == texts && known.images == images) {
                return Arc::clone(known);
            }
            let reading = Reading::new(&self.bundle, &texts, &images);
            Arc::new(Known { texts, images, reading })
        };
        &self.known.get_or_init(read).reading
    }

    /// The values of subcharts, the outermost first; read once.
    pub(super) fn values(&self) -> &[Below] {
        self.values.get_or_init(|| {
            let mut found = Vec::new();
            collect_values(&self.bundle, &[], &mut found);
            found
        })
    }

    /// The templates as files, with the images that stand in them.
    pub(super) fn files(&self) -> Vec<ChartFile> {
        let mut literals = self.literals();
        let file = |file: &Arc<TemplateFile>| {
            let source = Arc::clone(&file.source);
            ChartFile {
                tree: Ok(Arc::new(Tree::bare(&source.text, comments(&source.text)))),
                role: FileRole::Template,
                wanted: self.wanted.contains(&source.path),
                sites: literals.remove(&source.path).unwrap_or_default(),
                source,
            }
        };
        self.bundle.files.iter().map(file).collect()
    }

    /// The images that stand in templates, by the names of those, in their order.
    fn literals(&self) -> BTreeMap<Arc<str>, Vec<ImageSite>> {
        let mut found: BTreeMap<Arc<str>, Vec<ImageSite>> = BTreeMap::new();
        let Some(reading) = self.known.get().map(|known| &known.reading) else {
            return found;
        };
        let mut seen: BTreeSet<(Arc<str>, Span)> = BTreeSet::new();
        for id in reading.images() {
            let Some((source, span)) = reading.literal(id) else {
                continue;
            };
            let text = &source.text[span.range()];
            if is_image(reading, id, text) && seen.insert((source.path.clone(), span)) {
                let site = ImageSite::in_template(reading.path(id), text, span);
                found.entry(source.path.clone()).or_default().push(site);
            }
        }
        for sites in found.values_mut() {
            sites.sort_by_key(ImageSite::start);
        }
        found
    }
}

/// Whether a literal text is an image: that of a container, or one that looks like nothing else.
fn is_image(reading: &Reading, id: FieldId, text: &str) -> bool {
    let reference = Reference::parse(text);
    let looks = reference.is_ok_and(|reference| reference.tag().is_some() || reference.registry().is_some());
    !text.is_empty() && (reading.is_in_container(id) || looks)
}

/// The paths of a chart's images: those in the values of a subchart also without the key of that, as its own templates name them.
fn paths_of_images(chart: &Chart, bundle: &Bundle) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    for site in chart.files.iter().flat_map(|file| &file.sites) {
        let parts = site.parts.iter().filter_map(|part| site.path_of(part));
        for path in parts.chain([site.path.clone()]) {
            let keys = path.0.iter().map_while(|step| match step {
                Step::Key(key) => Some(key.clone()),
                _ => None,
            });
            let keys: Vec<String> = keys.collect();
            let mut at = Some(bundle);
            for (index, key) in keys.iter().enumerate() {
                let Some(above) = at else { break };
                paths.insert(keys[index..].to_vec());
                let below = above.dependencies.iter().find(|dependency| dependency.key == *key);
                at = below.map(|dependency| dependency.chart.as_ref());
            }
        }
    }
    paths
}

/// The strings of a chart's values that hold template expressions.
fn templated_texts(chart: &Chart) -> Vec<String> {
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for file in chart.files.iter().filter(|file| file.source.text.contains("{{")) {
        let Some(tree) = file.tree() else { continue };
        let scalars = tree.nodes().filter_map(|(id, _)| tree.scalar(id));
        texts.extend(
            scalars
                .filter(|scalar| scalar.value.contains("{{"))
                .map(|scalar| scalar.value.to_owned()),
        );
    }
    texts.into_iter().collect()
}

fn collect_values(bundle: &Bundle, above: &[String], found: &mut Vec<Below>) {
    for dependency in &bundle.dependencies {
        let path: Vec<String> = above.iter().cloned().chain([dependency.key.clone()]).collect();
        if let Some(values) = dependency.chart.values() {
            found.push((path.clone(), Arc::clone(values)));
        }
        collect_values(&dependency.chart, &path, found);
    }
}

/// The comments of a template that are meant for this program: YAML's, or the template language's own.
fn comments(text: &str) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let marked = line.find(MARK).and_then(|mark| {
            let before = line[..mark].trim_end();
            let opens = ["#", "/*"].into_iter().find(|opens| before.ends_with(opens))?;
            Some(before.len() - opens.len())
        });
        if let Some(at) = marked {
            let lead = line[..at].trim_end_matches(['{', '-', ' ', '\t']);
            found.push(Comment {
                span: Span::new(start + at, start + line.trim_end().len()),
                trailing: !lead.is_empty(),
            });
        }
        start += line.len();
    }
    found
}
