//! Walking a tree and asking every idiom about every mapping and sequence.

use std::collections::HashMap;
use std::sync::Arc;

use super::compose::STANDARD;
use super::idiom::{IDIOMS, Idiom, finish};
use super::scope::{Globals, Scope};
use super::{ImageSite, Part, Role, State};
use crate::pattern::Pattern;
use crate::source::Span;
use crate::yaml::{Decoded, KeyPath, Kind, NodeId, Step, Style, Tree, decode, read};

/// Annotations of `Chart.yaml` whose value is a YAML list of images.
const ANNOTATIONS: &[&str] = &["images", "artifacthub.io/images"];

/// How deep YAML may stand inside scalars inside YAML.
const MAX_EMBEDDING: usize = 2;

/// An idiom of one's own: which key plays which role below the paths that a glob matches.
#[derive(Debug, Clone)]
pub struct KeyIdiom {
    /// The name that reports show.
    pub name: String,
    /// The paths of the mappings, or of scalars that hold whole references.
    pub at: Pattern,
    /// The keys and their roles: registry, repository, tag, digest.
    pub keys: Vec<(Role, String)>,
}

/// A chart's own values, as its overrides are laid over them.
pub struct Defaults<'a> {
    tree: &'a Tree,
    globals: Globals,
}

impl<'a> Defaults<'a> {
    /// The defaults of this tree.
    #[must_use]
    pub fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            globals: Globals::read(tree),
        }
    }
}

/// Finds the image sites of files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finder<'a> {
    /// Idioms from the configuration, tried before the built-in ones.
    pub idioms: &'a [KeyIdiom],
}

impl Finder<'_> {
    /// The sites of a values file, in the order of the text; `defaults` is the chart's own values file where this one overrides it.
    #[must_use]
    pub fn values(&self, tree: &Tree, defaults: Option<&Defaults<'_>>, is_override: bool) -> Vec<ImageSite> {
        let inherited = defaults.map(|defaults| defaults.globals.clone()).unwrap_or_default();
        let defaults = defaults.map(|defaults| defaults.tree);
        let mut walk = Walk {
            idioms: self.idioms,
            globals: Globals::read(tree).over(inherited),
            tree,
            default_tree: defaults,
            is_override,
            depth: 0,
            out: Vec::new(),
        };
        for (index, document) in tree.documents().iter().enumerate() {
            let root = defaults.and_then(Tree::root).filter(|_| index == 0);
            walk.node(*document, &mut KeyPath::default(), root);
        }
        in_order(walk.out)
    }

    /// The sites of a `Chart.yaml`: the references that its annotations list.
    #[must_use]
    pub fn annotations(&self, tree: &Tree) -> Vec<ImageSite> {
        let mut out = Vec::new();
        let annotations = tree.root().and_then(|root| tree.get(root, "annotations"));
        for entry in annotations.map(|node| tree.entries(node)).unwrap_or_default() {
            if ANNOTATIONS.contains(&entry.key) {
                let path = KeyPath(vec![
                    Step::Key("annotations".to_owned()),
                    Step::Key(entry.key.to_owned()),
                ]);
                embedded(self.idioms, tree, entry.value, &path, 0, &mut out);
            }
        }
        for site in &mut out {
            site.idiom = "annotation".into();
        }
        in_order(out)
    }
}

fn in_order(mut sites: Vec<ImageSite>) -> Vec<ImageSite> {
    sites.sort_by_key(ImageSite::start);
    sites
}

struct Walk<'a> {
    idioms: &'a [KeyIdiom],
    globals: Globals,
    tree: &'a Tree,
    default_tree: Option<&'a Tree>,
    is_override: bool,
    depth: usize,
    out: Vec<ImageSite>,
}

impl Walk<'_> {
    /// Visits `node`; `default` is the node at the same path of the defaults.
    fn node(&mut self, node: NodeId, path: &mut KeyPath, default: Option<NodeId>) {
        match &self.tree.node(node).kind {
            Kind::Mapping(pairs) => {
                self.mapping(node, path, default);
                let defaults: HashMap<&str, NodeId> = match self.default_tree.zip(default) {
                    Some((tree, node)) => tree
                        .entries(node)
                        .iter()
                        .map(|entry| (entry.key, entry.value))
                        .collect(),
                    None => HashMap::new(),
                };
                for (key, value) in pairs {
                    let name = self.tree.scalar(*key).map_or("?", |key| key.value);
                    let below = if defaults.is_empty() {
                        None
                    } else {
                        defaults.get(name).copied()
                    };
                    let merges = name == "<<" && matches!(self.tree.node(*value).kind, Kind::Alias(_));
                    if !merges {
                        path.0.push(Step::Key(name.to_owned()));
                        self.node(*value, path, below);
                        path.0.pop();
                    }
                }
            }
            Kind::Sequence(items) => {
                for idiom in IDIOMS {
                    if let Idiom::Items(find) = idiom {
                        find(self.tree, node, path, &mut self.out);
                    }
                }
                for (index, item) in items.iter().enumerate() {
                    path.0.push(Step::Item(index));
                    self.node(*item, path, None);
                    path.0.pop();
                }
            }
            Kind::Alias(_) if self.tree.is_mapping(node) => self.mapping(node, path, default),
            Kind::Alias(_) => {}
            Kind::Scalar(..) => embedded(self.idioms, self.tree, node, path, self.depth, &mut self.out),
        }
    }

    /// Whether a key of the mapping, or the one that it stands under, sounds like images: most mappings need no closer look.
    fn may_hold_images(&self, node: NodeId, path: &KeyPath) -> bool {
        let keys = self
            .tree
            .pairs(node)
            .iter()
            .filter_map(|(key, _)| self.tree.scalar(*key));
        let named = matches!(path.0.last(), Some(Step::Key(key)) if sounds_like_image(key));
        let nested = matches!(path.0.as_slice(), [.., Step::Key(above), _] if sounds_like_image(above));
        named
            || nested
            || keys
                .into_iter()
                .any(|key| sounds_like_image(key.value) || key.value == "value" || key.value == "<<")
    }

    fn mapping(&mut self, node: NodeId, path: &KeyPath, default: Option<NodeId>) {
        if self.idioms.is_empty() && !self.may_hold_images(node, path) {
            return;
        }
        let defaults = self.default_tree.zip(default);
        let mut scope = Scope::new(self.tree, node, path, defaults, self.is_override, &self.globals);
        for idiom in self.idioms {
            custom(idiom, &mut scope, &mut self.out);
        }
        for idiom in IDIOMS {
            match idiom {
                Idiom::Keys(keys) => keys.find(&mut scope, &mut self.out),
                Idiom::Entries(find) => find(&mut scope, &mut self.out),
                Idiom::Items(..) => {}
            }
        }
    }
}

/// Whether a key could belong to an image, by the letters that all such keys share.
fn sounds_like_image(key: &str) -> bool {
    let bytes = key.as_bytes();
    let says = |at: usize, word: &[u8]| {
        bytes
            .get(at..at + word.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| match byte.to_ascii_lowercase() {
            b'i' => says(at, b"image"),
            b'r' => says(at, b"repo") || says(at, b"registry"),
            b't' => says(at, b"tag"),
            b'h' => says(at, b"hub"),
            b'a' => says(at, b"account"),
            _ => false,
        })
}

/// A user's idiom on one mapping: the mapping itself, or scalars in it, match its glob.
fn custom(idiom: &KeyIdiom, scope: &mut Scope<'_>, out: &mut Vec<ImageSite>) {
    if idiom.at.matches(&scope.path.slashed()) {
        let mut parts: Vec<Part> = Vec::new();
        for (role, key) in &idiom.keys {
            let index = scope.fields.iter().position(|field| field.key == key && !field.claimed);
            if let Some((index, part)) = index.and_then(|index| Some((index, scope.part(index, *role)?))) {
                scope.fields[index].claimed = true;
                parts.push(part);
            }
        }
        if parts.iter().any(|part| !part.inherited) {
            let site = finish(
                idiom.name.clone(),
                scope.path.clone(),
                scope.span,
                parts,
                STANDARD,
                scope.is_override,
            );
            out.push(ImageSite {
                tag_holds_digest: true,
                ..site
            });
        }
    }
    if !idiom.keys.is_empty() {
        return;
    }
    for index in 0..scope.fields.len() {
        let path = scope.path.child(Step::Key(scope.fields[index].key.to_owned()));
        let free = !scope.fields[index].claimed && !scope.fields[index].inherited;
        let part = scope.part(index, Role::Whole).filter(|part| free && !part.is_blank());
        if let Some(part) = part.filter(|_| idiom.at.matches(&path.slashed())) {
            scope.fields[index].claimed = true;
            out.push(finish(
                idiom.name.clone(),
                path,
                part.at,
                vec![part],
                &[],
                scope.is_override,
            ));
        }
    }
}

/// The sites of YAML or JSON that stands inside the scalar at `node`.
fn embedded(idioms: &[KeyIdiom], tree: &Tree, node: NodeId, path: &KeyPath, depth: usize, out: &mut Vec<ImageSite>) {
    let Some(scalar) = tree.scalar(node) else { return };
    let value = scalar.value.trim_start();
    let structured = match scalar.style {
        Style::Literal | Style::Folded => value.contains(": ") || value.contains(":\n"),
        _ => value.starts_with(['{', '[']) && value.contains(':'),
    };
    let mentions = value.contains("image") || value.contains("Image") || value.contains("IMAGE");
    if depth >= MAX_EMBEDDING || !structured || !mentions {
        return;
    }
    let decoded = decode(tree.text(), &scalar);
    let text: Arc<str> = decoded.text.as_str().into();
    let Ok(inner) = read(&text) else { return };
    let mut walk = Walk {
        idioms,
        globals: Globals::default(),
        tree: &inner,
        default_tree: None,
        is_override: false,
        depth: depth + 1,
        out: Vec::new(),
    };
    for document in inner.documents() {
        if matches!(inner.node(*document).kind, Kind::Scalar(..)) {
            continue;
        }
        walk.node(*document, &mut path.child(Step::Embedded), None);
    }
    let outer = scalar.content();
    out.extend(
        walk.out
            .into_iter()
            .filter(is_named)
            .map(|site| relocated(site, &decoded, outer)),
    );
}

/// Whether a site inside a scalar names an image by itself: fragments there are somebody else's settings.
fn is_named(site: &ImageSite) -> bool {
    site.composed.is_some() || site.state == State::Templated
}

fn relocated(mut site: ImageSite, decoded: &Decoded, outer: Span) -> ImageSite {
    let place = |span: Span| decoded.source_span(span).unwrap_or(outer);
    site.span = place(site.span);
    for part in &mut site.parts {
        part.span = place(part.span);
        part.at = place(part.at);
        part.key = part.key.map(place);
    }
    if let Some(composed) = &mut site.composed {
        composed.relocate(place);
    }
    site
}
