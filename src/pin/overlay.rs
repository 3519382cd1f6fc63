//! Override values: what differs between a chart's values and their pinned text, and nothing else.

use crate::yaml::{Kind, NodeId, Scalar, Style, Tree, helm_plain};

/// The values of `after` that differ from `before`, as the text of a values file to be laid over `before`; `None` where nothing differs.
///
/// Helm replaces lists whole, so a list in which something differs is written whole.
#[must_use]
pub fn overlay(before: &Tree, after: &Tree) -> Option<String> {
    let layer = difference(before, before.root()?, after, after.root()?)?;
    let mut out = String::new();
    layer.write(after, 0, &mut out);
    Some(out)
}

/// What is laid over.
enum Layer<'a> {
    /// Keys of a mapping.
    Keys(Vec<(&'a str, Layer<'a>)>),
    /// A whole value.
    Node(NodeId),
}

fn difference<'a>(before: &Tree, old: NodeId, after: &'a Tree, new: NodeId) -> Option<Layer<'a>> {
    if before.is_mapping(old) && after.is_mapping(new) {
        let entries = after.entries(new).into_iter().filter_map(|entry| {
            let layer = match before.get(old, entry.key) {
                Some(old) => difference(before, old, after, entry.value)?,
                None => Layer::Node(entry.value),
            };
            Some((entry.key, layer))
        });
        let keys: Vec<_> = entries.collect();
        return (!keys.is_empty()).then_some(Layer::Keys(keys));
    }
    (!same(before, old, after, new)).then_some(Layer::Node(new))
}

fn same(before: &Tree, old: NodeId, after: &Tree, new: NodeId) -> bool {
    match (before.scalar(old), after.scalar(new)) {
        (Some(old), Some(new)) => {
            return old.value == new.value && (old.style == Style::Plain) == (new.style == Style::Plain);
        }
        (None, None) => {}
        _ => return false,
    }
    if before.is_mapping(old) || after.is_mapping(new) {
        let (old, new) = (before.entries(old), after.entries(new));
        return old.len() == new.len()
            && old
                .iter()
                .zip(&new)
                .all(|(old, new)| old.key == new.key && same(before, old.value, after, new.value));
    }
    let (old, new) = (before.items(old), after.items(new));
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(before, *old, after, *new))
}

impl Layer<'_> {
    fn write(&self, tree: &Tree, indent: usize, out: &mut String) {
        match self {
            Self::Node(node) => write_node(tree, *node, indent, out),
            Self::Keys(keys) => {
                for (key, layer) in keys {
                    pad(indent, out);
                    out.push_str(&quoted(key));
                    out.push(':');
                    match layer {
                        Self::Node(node) => write_behind_key(tree, *node, indent, out),
                        Self::Keys(_) => {
                            out.push('\n');
                            layer.write(tree, indent + 2, out);
                        }
                    }
                }
            }
        }
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A value behind its key: on the same line, or below it.
fn write_behind_key(tree: &Tree, node: NodeId, indent: usize, out: &mut String) {
    if let Some(text) = inline(tree, node) {
        out.push(' ');
        out.push_str(&text);
        out.push('\n');
    } else {
        out.push('\n');
        write_node(tree, node, indent + 2, out);
    }
}

/// A value on lines of its own.
fn write_node(tree: &Tree, node: NodeId, indent: usize, out: &mut String) {
    if let Some(text) = inline(tree, node) {
        pad(indent, out);
        out.push_str(&text);
        out.push('\n');
        return;
    }
    for entry in tree.entries(node) {
        pad(indent, out);
        out.push_str(&quoted(entry.key));
        out.push(':');
        write_behind_key(tree, entry.value, indent, out);
    }
    for item in tree.items(tree.resolve(node)) {
        pad(indent, out);
        if let Some(text) = inline(tree, *item) {
            out.push_str("- ");
            out.push_str(&text);
            out.push('\n');
        } else {
            out.push_str("-\n");
            write_node(tree, *item, indent + 2, out);
        }
    }
}

/// A scalar, or an empty collection, on one line.
fn inline(tree: &Tree, node: NodeId) -> Option<String> {
    if let Some(scalar) = tree.scalar(node) {
        let tagged = tree.node(tree.resolve(node)).yaml_tag.is_some();
        let keeps_type = scalar.style == Style::Plain && !tagged && !scalar.value.contains('\n');
        let is_text = matches!(helm_plain(scalar.value), crate::yaml::HelmScalar::Text(_));
        return Some(match (keeps_type, is_text) {
            (true, false) if scalar.is_null() => "null".to_owned(),
            (true, false) => scalar.value.to_owned(),
            _ => quoted(as_helm_reads(tree, &scalar)),
        });
    }
    match &tree.node(tree.resolve(node)).kind {
        Kind::Mapping(_) => tree.entries(node).is_empty().then(|| "{}".to_owned()),
        Kind::Sequence(items) => items.is_empty().then(|| "[]".to_owned()),
        Kind::Scalar(..) | Kind::Alias(_) => None,
    }
}

/// The value of a scalar; Helm's parser sees no final line break in a block scalar that ends with the file where the file has none.
fn as_helm_reads<'a>(tree: &Tree, scalar: &Scalar<'a>) -> &'a str {
    let is_block = matches!(scalar.style, Style::Literal | Style::Folded);
    let is_last = scalar.span.end >= tree.text().len() && !tree.text().ends_with('\n');
    if is_block && is_last {
        scalar.value.trim_end_matches('\n')
    } else {
        scalar.value
    }
}

/// A text that YAML reads back as it is: plain where it is made of harmless letters, else with JSON's quotes, which are YAML's.
fn quoted(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_text = matches!(helm_plain(text), crate::yaml::HelmScalar::Text(_));
    if starts_well && is_text && text.chars().all(harmless) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
