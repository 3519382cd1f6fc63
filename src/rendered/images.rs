//! The images of a document: what keys named `image` say.

use super::document::Document;
use super::place::Place;
use crate::reference::Reference;
use crate::yaml::{KeyPath, Kind, NodeId, Step, Tree};

/// The lists of a pod whose items run an image.
const CONTAINERS: &[&str] = &["containers", "initContainers", "ephemeralContainers"];

/// An image in rendered manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedImage {
    /// The reference as rendered; in a container it may be none that a cluster takes.
    pub image: String,
    /// Where it stands.
    pub place: Place,
    /// The container that runs it.
    pub container: Option<String>,
}

impl RenderedImage {
    /// Whether the reference has a digest.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        Reference::parse(&self.image).is_ok_and(|reference| reference.digest().is_some())
    }
}

/// The images of a document, in the order of the text. An image that several aliases show is one.
pub(super) fn of(document: &Document) -> Vec<RenderedImage> {
    let tree = &document.tree;
    let mut found = Vec::new();
    tree.walk(document.root, &mut |trail, id| {
        let Kind::Mapping(pairs) = &tree.node(id).kind else {
            return;
        };
        for (key, value) in pairs {
            let key = tree.scalar(*key).map_or("", |key| key.value);
            if !matches!(key, "image" | "reference") {
                continue;
            }
            let path = trail.path(tree).child(Step::Key(key.to_owned()));
            let container = in_containers(&path).then(|| name(tree, id));
            let Some(image) = image(tree, *value, container.is_some()).filter(|_| is_image(&path)) else {
                continue;
            };
            found.push(RenderedImage {
                image: image.to_owned(),
                place: document.place(&path),
                container: container.flatten(),
            });
        }
    });
    found
}

/// Whether a cluster or an operator takes the value at `path` for an image: a key `image`, or the `reference` of an image volume
/// (`ImageVolumeSource` of the Kubernetes API).
pub(super) fn is_image(path: &KeyPath) -> bool {
    match path.0.as_slice() {
        [.., Step::Key(last)] if last == "image" => true,
        [.., Step::Key(above), Step::Key(last)] => above == "image" && last == "reference",
        _ => false,
    }
}

/// Whether the path ends in an entry of an item of a list of containers.
fn in_containers(path: &KeyPath) -> bool {
    matches!(path.0.as_slice(), [.., Step::Key(list), Step::Item(_), Step::Key(_)] if CONTAINERS.contains(&list.as_str()))
}

/// The text of an image: in a container whatever stands there, elsewhere what has more than the one word that `auto` has, too.
fn image(tree: &Tree, value: NodeId, is_sure: bool) -> Option<&str> {
    let scalar = tree.scalar(value).filter(|scalar| !scalar.is_null())?;
    let is_reference = || Reference::parse(scalar.value).is_ok_and(|reference| is_telling(&reference));
    let is_some = !scalar.value.is_empty() && (is_sure || is_reference());
    is_some.then_some(scalar.value)
}

/// Whether a reference has more than one word, and so is neither a version nor a mode: a registry, a path, a tag or a digest.
pub(super) fn is_telling(reference: &Reference) -> bool {
    reference.repository().contains('/')
        || reference.registry().is_some()
        || reference.tag().is_some()
        || reference.digest().is_some()
}

fn name(tree: &Tree, container: NodeId) -> Option<String> {
    let scalar = tree.scalar(tree.get(container, "name")?)?;
    Some(scalar.value.to_owned())
}

impl Document {
    /// The place at `path` of this document.
    pub(super) fn place(&self, path: &KeyPath) -> Place {
        Place {
            document: self.label.clone(),
            namespace: self.identity.namespace.clone(),
            template: self.template.clone(),
            path: path.to_string(),
        }
    }
}
