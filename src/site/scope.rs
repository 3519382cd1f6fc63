//! One mapping as the idioms see it: its scalars under their keys, what an override inherits, what is claimed already.

use std::collections::{HashMap, HashSet};

use super::plausible::{folded, is_image_key};
use super::{Part, Role};
use crate::source::Span;
use crate::yaml::{Entry, HelmScalar, KeyPath, Kind, NodeId, Scalar, Tree, helm_scalar, is_placeholder_word};

/// How many fields are found by looking at each.
const SMALL: usize = 32;

/// What a values file says once for all its images, as parts that count as inherited.
#[derive(Debug, Clone, Default)]
pub(super) struct Globals {
    /// `global.imageRegistry`, `global.image.registry`, `image.registry` of an `image` without name, and at the root `imageRegistry`,
    /// `defaultImageRegistry` (Strimzi) or `registry` (Datadog).
    pub registry: Option<Part>,
    /// `imageNamespace` beside `imageRegistry` (cert-manager), `defaultImageRepository` beside `defaultImageRegistry` (Strimzi).
    pub namespace: Option<Part>,
    /// `global.hub` (Istio).
    pub hub: Option<Part>,
    /// `global.tag` beside `global.hub` (Istio).
    pub tag: Option<Part>,
    /// `defaultImageTag` (Strimzi).
    pub default_tag: Option<Part>,
    /// Whether a version stands near the root that templates may put behind images, or a comment speaks of `appVersion`.
    pub has_version: bool,
}

impl Globals {
    /// Reads them from the first document of `tree`: from its root, its `global`, and the `global` of its first-level mappings.
    pub(super) fn read(tree: &Tree) -> Self {
        let mut found = Self::default();
        let Some(root) = tree.root() else { return found };
        let nested = tree
            .entries(root)
            .into_iter()
            .filter_map(|entry| tree.get(entry.value, "global"));
        let globals: Vec<NodeId> = tree.get(root, "global").into_iter().chain(nested).collect();
        let filled = |node: NodeId, keys: &[&str], role: Role| {
            let value = keys.iter().try_fold(node, |node, key| tree.get(node, key))?;
            let part = scalar_part(tree, value, role)?;
            let usable = !part.is_blank() && !part.templated && matches!(part.helm, HelmScalar::Text(_));
            usable.then_some(Part {
                inherited: true,
                ..part
            })
        };
        for global in &globals {
            let registry = filled(*global, &["imageRegistry"], Role::Registry);
            found.registry = found
                .registry
                .or(registry)
                .or_else(|| filled(*global, &["image", "registry"], Role::Registry));
            found.hub = found.hub.or_else(|| filled(*global, &["hub"], Role::Registry));
            found.tag = found.tag.or_else(|| filled(*global, &["tag"], Role::Tag));
        }
        let nameless = tree.get(root, "image").is_some_and(|image| {
            !["repository", "name", "image", "repo"]
                .iter()
                .any(|key| tree.get(image, key).is_some())
        });
        let of_image = || filled(root, &["image", "registry"], Role::Registry).filter(|_| nameless);
        found.registry = found
            .registry
            .or_else(of_image)
            .or_else(|| filled(root, &["imageRegistry"], Role::Registry))
            .or_else(|| filled(root, &["defaultImageRegistry"], Role::Registry))
            .or_else(|| filled(root, &["registry"], Role::Registry).filter(|part| part.text.contains('.')));
        let near_root = tree
            .entries(root)
            .into_iter()
            .flat_map(|entry| tree.entries(entry.value));
        let mut keys = near_root
            .chain(tree.entries(root))
            .filter(|entry| tree.scalar(entry.value).is_some());
        found.has_version = keys.any(|entry| is_version_key(entry.key)) || tree.text().contains("appVersion");
        let namespaces = ["imageNamespace", "defaultImageRepository"];
        found.namespace = namespaces.iter().find_map(|key| filled(root, &[key], Role::Namespace));
        found.default_tag = filled(root, &["defaultImageTag"], Role::Tag);
        found
    }

    /// These, and those of the defaults where these are silent.
    pub(super) fn over(self, defaults: Self) -> Self {
        Self {
            registry: self.registry.or(defaults.registry),
            namespace: self.namespace.or(defaults.namespace),
            hub: self.hub.or(defaults.hub),
            tag: self.tag.or(defaults.tag),
            default_tag: self.default_tag.or(defaults.default_tag),
            has_version: self.has_version || defaults.has_version,
        }
    }
}

/// Whether a key holds a version that may be that of images: `tag`, `release`, `productVersion`.
fn is_version_key(key: &str) -> bool {
    let key = folded(key);
    matches!(key.as_str(), "tag" | "release") || (key.ends_with("version") && key != "apiversion")
}

/// One entry of the mapping.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    /// The key as written.
    pub key: &'a str,
    /// The key as idioms compare it.
    pub folded: String,
    /// Where the key stands; nowhere in this file for an inherited field.
    pub key_span: Option<Span>,
    /// The value's node, of this file's tree or of the defaults'.
    pub value: NodeId,
    /// The value, where it is a scalar.
    pub scalar: Option<Scalar<'a>>,
    /// Whether the field comes from the chart's defaults.
    pub inherited: bool,
    /// Whether an idiom has taken it for a part of a site.
    pub claimed: bool,
}

/// A mapping and where it stands.
pub(super) struct Scope<'a> {
    /// The tree of the file.
    pub tree: &'a Tree,
    /// The defaults' tree and the mapping at the same path, where this file overrides a chart.
    pub defaults: Option<(&'a Tree, NodeId)>,
    /// The path of the mapping.
    pub path: &'a KeyPath,
    /// The bytes that stand for the mapping here: its own, or those of the alias.
    pub span: Span,
    /// Its entries.
    pub fields: Vec<Field<'a>>,
    /// The first field of each folded name, where there are so many that looking at each takes longer.
    names: HashMap<String, usize>,
    /// Whether the file overrides a chart's defaults.
    pub is_override: bool,
    /// What the file says once for all its images.
    pub globals: &'a Globals,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        tree: &'a Tree,
        node: NodeId,
        path: &'a KeyPath,
        defaults: Option<(&'a Tree, NodeId)>,
        is_override: bool,
        globals: &'a Globals,
    ) -> Self {
        let field = |tree: &'a Tree, entry: Entry<'a>, inherited: bool| Field {
            key: entry.key,
            folded: folded(entry.key),
            key_span: (!inherited).then(|| tree.node(entry.key_node).span),
            value: entry.value,
            scalar: tree.scalar(entry.value),
            inherited,
            claimed: false,
        };
        let mut fields: Vec<Field<'a>> = tree
            .entries(node)
            .into_iter()
            .map(|entry| field(tree, entry, false))
            .collect();
        if let Some((tree, node)) = defaults {
            let own: HashSet<&str> = fields.iter().map(|field| field.key).collect();
            let rest = tree.entries(node).into_iter().filter(|entry| !own.contains(entry.key));
            fields.extend(rest.map(|entry| field(tree, entry, true)));
        }
        let mut names = HashMap::new();
        if fields.len() > SMALL {
            for (index, field) in fields.iter().enumerate() {
                names.entry(field.folded.clone()).or_insert(index);
            }
        }
        Self {
            tree,
            defaults,
            path,
            span: tree.node(node).span,
            fields,
            names,
            is_override,
            globals,
        }
    }

    /// The innermost key of the path, as idioms compare keys.
    pub(super) fn parent(&self) -> String {
        self.path.last_key().map(folded).unwrap_or_default()
    }

    /// Whether one of the three innermost keys of the path names images: `image`, `images.web`, `image.product.engine`.
    pub(super) fn is_under_image_key(&self) -> bool {
        let keys = self.path.0.iter().rev().filter_map(|step| match step {
            crate::yaml::Step::Key(key) => Some(key.as_str()),
            _ => None,
        });
        keys.take(3).any(is_image_key)
    }

    /// The index of the unclaimed scalar field of this folded name.
    pub(super) fn find(&self, folded: &str) -> Option<usize> {
        let index = self.place(folded)?;
        let field = &self.fields[index];
        (field.scalar.is_some() && !field.claimed).then_some(index)
    }

    /// Whether the mapping has a key of this folded name, whatever its value.
    pub(super) fn has(&self, folded: &str) -> bool {
        self.place(folded).is_some()
    }

    fn place(&self, folded: &str) -> Option<usize> {
        if self.names.is_empty() {
            return self.fields.iter().position(|field| field.folded == folded);
        }
        self.names.get(folded).copied()
    }

    /// Whether the defaults have the key of field `index`.
    pub(super) fn is_in_defaults(&self, index: usize) -> bool {
        let key = self.fields[index].key;
        self.defaults.is_some_and(|(tree, node)| tree.get(node, key).is_some())
    }

    /// The part that field `index` makes in `role`.
    pub(super) fn part(&self, index: usize, role: Role) -> Option<Part> {
        let field = &self.fields[index];
        let tree = match self.defaults {
            Some((tree, _)) if field.inherited => tree,
            _ => self.tree,
        };
        scalar_part(tree, field.value, role).map(|part| Part {
            key: field.key_span,
            name: Some(field.key.into()),
            inherited: field.inherited,
            ..part
        })
    }
}

/// The part that the scalar at `node` makes in `role`, aliases followed.
pub(super) fn scalar_part(tree: &Tree, node: NodeId, role: Role) -> Option<Part> {
    let scalar = tree.scalar(node)?;
    let helm = helm_scalar(&scalar);
    let text = if helm == HelmScalar::Null {
        String::new()
    } else {
        scalar.value.trim_end_matches('\n').to_owned()
    };
    let is_alias = matches!(tree.node(node).kind, Kind::Alias(_));
    let at = if is_alias { tree.node(node).span } else { scalar.span };
    Some(Part {
        role,
        shared: is_alias || tree.node(node).anchor.as_ref().is_some_and(|anchor| anchor.aliases > 0),
        templated: tree.is_templated(scalar.span) || is_placeholder_word(&text),
        text,
        span: scalar.content(),
        at,
        key: None,
        name: None,
        style: scalar.style,
        helm,
        inherited: false,
    })
}
