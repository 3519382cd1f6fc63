//! Errors of the configuration: what is wrong, on which line, and what was probably meant.

use crate::pattern::{Pattern, PatternError};
use crate::rule::Options;
use crate::rules;
use crate::source::{Span, floor_boundary};
use crate::suggest::nearest;
use crate::typed;
use crate::yaml::{NodeId, Tree};

use super::RuleSetting;

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Span,
    /// What to do.
    pub help: Option<String>,
}

/// The configuration's nodes, to find the place of an error.
pub(super) struct Places<'a> {
    pub(super) tree: Option<&'a Tree>,
}

impl Places<'_> {
    /// The key at the end of `path`, whose steps are keys or indexes.
    fn key(&self, path: &[&str]) -> Option<Span> {
        let tree = self.tree?;
        let mut node = tree.root()?;
        let mut span = None;
        for step in path {
            if let Some(entry) = tree.entry(node, step) {
                span = Some(tree.node(entry.key_node).span);
                node = entry.value;
            } else {
                let index: usize = step.parse().ok()?;
                node = *tree.items(node).get(index)?;
            }
        }
        span
    }

    /// The scalar of this value below the top-level `key`.
    fn value(&self, key: &str, value: &str) -> Option<Span> {
        let tree = self.tree?;
        let top = tree.node(tree.get(tree.root()?, key)?).span;
        let holds = |id: NodeId| tree.scalar(id).is_some_and(|scalar| scalar.value == value);
        tree.nodes()
            .find(|(id, node)| top.contains(node.span) && holds(*id))
            .map(|(_, node)| node.span)
    }

    /// An error at the scalar of this value below the top-level `key`.
    pub(super) fn wrong(&self, key: &str, value: &str, message: String) -> ConfigError {
        ConfigError {
            message,
            span: self.value(key, value).or_else(|| self.key(&[key])).unwrap_or_default(),
            help: None,
        }
    }

    pub(super) fn error(&self, key: &str, error: &PatternError) -> ConfigError {
        ConfigError {
            message: error.to_string(),
            span: self
                .value(key, &error.text)
                .or_else(|| self.key(&[key]))
                .unwrap_or_default(),
            help: Some("globs have `*`, `**`, `?`, `[...]` and `{a,b}`".to_owned()),
        }
    }
}

pub(super) fn compile(globs: &[String], places: &Places<'_>, key: &str) -> Result<Vec<Pattern>, ConfigError> {
    globs
        .iter()
        .map(|glob| Pattern::new(glob).map_err(|error| places.error(key, &error)))
        .collect()
}

pub(super) fn check_rule(
    id: &str,
    setting: &RuleSetting,
    places: &Places<'_>,
    above: &[&str],
) -> Result<(), ConfigError> {
    let path: Vec<&str> = above.iter().copied().chain([id]).collect();
    let span = places.key(&path).unwrap_or_default();
    let Some(rule) = rules::find(id) else {
        return Err(ConfigError {
            message: format!("there is no rule `{id}`"),
            span,
            help: did_you_mean(id, rules::ALL.iter().map(|rule| rule.id))
                .or_else(|| Some("`chartpin explain` lists the rules".to_owned())),
        });
    };
    let Err(error) = (rule.check)(&Options::new(setting.options.clone())) else {
        return Ok(());
    };
    let (message, unknown, help) = explain(&format!("{id}: {error}"));
    let option = unknown.and_then(|name| places.key(&path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>()));
    Err(ConfigError {
        message,
        span: option.unwrap_or(span),
        help,
    })
}

pub(super) fn typed_error(text: &str, error: &typed::TypedError) -> ConfigError {
    let (message, unknown, help) = explain(&error.message);
    let at = floor_boundary(text, error.offset.unwrap_or(0));
    let rest = &text[at..];
    let found = unknown.and_then(|name| {
        rest.find(&name)
            .map(|start| Span::new(at + start, at + start + name.len()))
    });
    let word = rest.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(rest.len());
    ConfigError {
        message,
        span: found.unwrap_or_else(|| Span::new(at, at + word)),
        help,
    }
}

/// Takes serde's list of expected names off a message and turns it into a suggestion; gives the unknown name, too.
fn explain(message: &str) -> (String, Option<String>, Option<String>) {
    let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    if let Some(head) = message.strip_suffix(", there are no fields") {
        return (
            head.to_owned(),
            quoted(head).pop(),
            Some("the rule has no options but `severity`".to_owned()),
        );
    }
    let Some((head, expected)) = message.split_once(", expected ") else {
        return (message.to_owned(), None, None);
    };
    let names = quoted(expected);
    let unknown = head.contains("unknown ").then(|| quoted(head).pop()).flatten();
    if names.is_empty() {
        return (message.to_owned(), None, None);
    }
    let all = format!("expected {expected}");
    let help = unknown
        .as_deref()
        .and_then(|name| did_you_mean(name, names.iter().map(String::as_str)));
    (head.to_owned(), unknown, help.or(Some(all)))
}

fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|near| format!("did you mean `{near}`?"))
}
