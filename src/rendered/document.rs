//! From the text of a render to its documents: where one ends, which template it comes from, and what it calls itself.

use std::ops::Range;
use std::sync::Arc;

use super::RenderedError;
use crate::source::{SourceFile, Span};
use crate::yaml::{Kind, NodeId, Tree, read_nodes};

/// What Helm writes in the line behind the `---` of every document.
const SOURCE: &str = "# Source: ";

/// One document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) tree: Arc<Tree>,
    pub(super) root: NodeId,
    pub(super) identity: Identity,
    /// The template that it comes from.
    pub(super) template: Option<Arc<str>>,
    /// Kind and name, for people.
    pub(super) label: Arc<str>,
}

/// What a cluster knows a document by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) api_version: Option<Arc<str>>,
    pub(super) kind: Option<Arc<str>>,
    pub(super) namespace: Option<Arc<str>>,
    pub(super) name: Option<Arc<str>>,
}

/// Reads all documents of `text`.
///
/// Each is read on its own: a line that begins with `---` ends a document wherever it stands, and what is odd in one document
/// is no matter to the next.
pub(super) fn read(text: &str) -> Result<Vec<Document>, RenderedError> {
    let mut documents = Vec::new();
    let mut template: Option<Arc<str>> = None;
    let mut first_line = 1;
    for range in chunks(text) {
        let chunk = &text[range];
        if let Some(source) = source(chunk) {
            template = Some(source.into());
        }
        read_chunk(chunk, first_line, template.as_ref(), &mut documents)?;
        first_line += chunk.matches('\n').count();
    }
    Ok(documents)
}

/// The ranges of the documents, each with the `---` that opens it.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_marker(line) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
}

/// Whether a line ends one document and opens the next (YAML 1.2.2, section 9.1.2), which it does within scalars, too.
fn is_marker(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// The template that Helm names in the second line of a document. Such a comment further down is the template's own.
fn source(chunk: &str) -> Option<&str> {
    let mut lines = chunk.lines();
    lines.next().filter(|line| is_marker(line))?;
    lines.next()?.strip_prefix(SOURCE).map(str::trim_end)
}

fn read_chunk(
    chunk: &str,
    first_line: usize,
    template: Option<&Arc<str>>,
    out: &mut Vec<Document>,
) -> Result<(), RenderedError> {
    let file = SourceFile::new("", chunk);
    let refused = |span: Span, problem: &str| RenderedError {
        line: first_line + file.line_of(span.start) - 1,
        template: template.map(ToString::to_string),
        problem: super::place::excerpt(problem, problem.len()),
    };
    let tree = read_nodes(&file.text).map_err(|error| refused(error.span, &error.message))?;
    if let Some(span) = odd_key(&tree) {
        return Err(refused(span, "a key is no scalar"));
    }
    let tree = Arc::new(tree);
    for root in tree.documents() {
        if tree.scalar(*root).is_some_and(|scalar| scalar.is_null()) {
            continue;
        }
        if !tree.is_mapping(*root) {
            return Err(refused(
                tree.node(*root).span,
                "a manifest is a mapping, and this is none",
            ));
        }
        out.push(Document::new(&tree, *root, template, out.len()));
    }
    Ok(())
}

/// A key that is a collection: no manifest has one, and [`Tree::entries`] passes over it.
fn odd_key(tree: &Tree) -> Option<Span> {
    let keys = tree.nodes().flat_map(|(_, node)| match &node.kind {
        Kind::Mapping(pairs) => pairs.as_slice(),
        _ => &[],
    });
    keys.map(|(key, _)| *key)
        .find(|key| tree.scalar(*key).is_none())
        .map(|key| tree.node(key).span)
}

impl Document {
    fn new(tree: &Arc<Tree>, root: NodeId, template: Option<&Arc<str>>, index: usize) -> Self {
        let metadata = tree.get(root, "metadata");
        let of_metadata = |key| metadata.and_then(|node| text_at(tree, node, key));
        let identity = Identity {
            api_version: text_at(tree, root, "apiVersion"),
            kind: text_at(tree, root, "kind"),
            namespace: of_metadata("namespace"),
            name: of_metadata("name"),
        };
        let label = match (&identity.kind, &identity.name) {
            (Some(kind), Some(name)) => format!("{kind}/{name}"),
            (Some(kind), None) => kind.to_string(),
            _ => format!("document {}", index + 1),
        };
        Self {
            tree: Arc::clone(tree),
            root,
            identity,
            template: template.cloned(),
            label: label.into(),
        }
    }

    /// Whether the document holds data that workloads read: such documents are what checksums are made of.
    pub(super) fn holds_data(&self) -> bool {
        self.is_secret() || self.identity.kind.as_deref() == Some("ConfigMap")
    }

    /// Whether the document's values are not for everybody's eyes.
    pub(super) fn is_secret(&self) -> bool {
        self.identity.kind.as_deref() == Some("Secret")
    }
}

fn text_at(tree: &Tree, node: NodeId, key: &str) -> Option<Arc<str>> {
    let scalar = tree.scalar(tree.get(node, key)?)?;
    (!scalar.is_null()).then(|| scalar.value.into())
}
