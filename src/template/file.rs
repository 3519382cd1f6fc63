//! One template file: its text and what the parser makes of it. The one home of gotmpl.

use std::sync::{Arc, OnceLock};

use gotmpl::TemplateError;
use gotmpl::parse::{DefineNode, Expr, ListNode, Node, Parser, PipeNode};

use super::blocks::scan;
use super::functions::is_known;
use super::relevance::Words;
use super::variables::undeclared;
use crate::source::{SourceFile, Span};

/// A template file of a chart.
#[derive(Debug)]
pub struct TemplateFile {
    /// The text under its name; empty where the file could not be read.
    pub source: Arc<SourceFile>,
    /// Whether Helm renders it: everything but files whose names begin with `_`.
    pub is_rendered: bool,
    /// Why it could not be read.
    unread: Option<String>,
    parsed: Parsed,
}

/// What the parser makes of a text: one for all files that hold the same, for charts carry copies of the same libraries.
#[derive(Debug, Clone, Default)]
pub struct Parsed(Arc<OnceLock<Result<Body, BadTemplate>>>);

/// What a template file holds.
#[derive(Debug)]
pub(super) struct Body {
    /// What is rendered where the file itself is.
    pub nodes: ListNode,
    /// Its named templates.
    pub defines: Vec<DefineNode>,
    /// What is spoken of where the file itself is rendered.
    pub words: Words,
    /// What each named template speaks of.
    pub define_words: Vec<Words>,
}

/// A template that Helm would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadTemplate {
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl TemplateFile {
    /// A template of this text.
    #[must_use]
    pub fn new(source: SourceFile) -> Self {
        let name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
        Self {
            is_rendered: !name.starts_with('_'),
            source: Arc::new(source),
            unread: None,
            parsed: Parsed::default(),
        }
    }

    /// The same file, parsed together with others of its text.
    #[must_use]
    pub fn sharing(self, parsed: Parsed) -> Self {
        Self { parsed, ..self }
    }

    /// A file that cannot be read as text, for this reason.
    #[must_use]
    pub fn unread(path: &str, reason: String) -> Self {
        Self {
            unread: Some(reason),
            ..Self::new(SourceFile::new(path, ""))
        }
    }

    /// Whether the text speaks of images at all.
    #[must_use]
    pub fn mentions_images(&self) -> bool {
        self.source.text.contains("mage")
    }

    /// What the parser makes of it; parsed once.
    pub(super) fn body(&self) -> Result<&Body, &BadTemplate> {
        let parsed = self.parsed.0.get_or_init(|| match &self.unread {
            Some(reason) => Err(BadTemplate {
                message: reason.clone(),
                span: Span::empty(0),
            }),
            None => parse(&self.source.text),
        });
        parsed.as_ref()
    }

    /// Why Helm would refuse it, where it would.
    #[must_use]
    pub fn error(&self) -> Option<&BadTemplate> {
        self.body().err()
    }
}

/// The nodes of a template's text.
pub(super) fn parse(text: &str) -> Result<Body, BadTemplate> {
    let scanned = scan(text);
    let parsed = Parser::new(&scanned.masked, "{{", "}}").and_then(Parser::parse);
    let (nodes, defines) = parsed.map_err(|error| bad(&error, text))?;
    if let Some(bad) = scanned.unbalanced {
        return Err(bad);
    }
    let unknown = defines
        .iter()
        .map(|define| &define.body)
        .chain([&nodes])
        .find_map(unknown_function);
    let bodies = || defines.iter().map(|define| &define.body).chain([&nodes]);
    if let Some((at, name)) = bodies().find_map(undeclared) {
        return Err(BadTemplate {
            message: format!("the variable `{name}` is declared nowhere around it"),
            span: Span::new(at, at + name.len()),
        });
    }
    match unknown {
        Some((at, name)) => Err(BadTemplate {
            message: format!("Helm has no function `{name}`"),
            span: Span::new(at, at + name.len()),
        }),
        None => Ok(Body {
            words: Words::of(&nodes),
            define_words: defines.iter().map(|define| Words::of(&define.body)).collect(),
            nodes,
            defines,
        }),
    }
}

/// The first call of a function that Helm does not have: Helm refuses the file, whether the call is reached or not.
fn unknown_function(list: &ListNode) -> Option<(usize, String)> {
    list.nodes.iter().find_map(|node| match node {
        Node::List(list) => unknown_function(list),
        Node::Action(action) => unknown_in_pipe(&action.pipe),
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => unknown_in_pipe(&branch.pipe)
            .or_else(|| unknown_function(&branch.body))
            .or_else(|| branch.else_body.as_ref().and_then(unknown_function)),
        Node::Template(call) => call.pipe.as_ref().and_then(unknown_in_pipe),
        Node::Text(_) | Node::Define(_) | Node::Break(_) | Node::Continue(_) => None,
    })
}

fn unknown_in_pipe(pipe: &PipeNode) -> Option<(usize, String)> {
    pipe.commands
        .iter()
        .flat_map(|command| &command.args)
        .find_map(unknown_in)
}

fn unknown_in(expression: &Expr) -> Option<(usize, String)> {
    match expression {
        Expr::Identifier(pos, name) => (!is_known(name)).then(|| (pos.offset, name.to_string())),
        Expr::Pipe(_, pipe) => unknown_in_pipe(pipe),
        Expr::Chain(_, inner, _) => unknown_in(inner),
        _ => None,
    }
}

fn bad(error: &TemplateError, text: &str) -> BadTemplate {
    let (line, message) = match error {
        TemplateError::Parse { line, message, .. } | TemplateError::Lex { line, message, .. } => {
            (*line, message.clone())
        }
        other => (1, other.to_string()),
    };
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let found = text[start..].lines().next().unwrap_or_default();
    let lead = found.len() - found.trim_start().len();
    BadTemplate {
        message,
        span: Span::new(start + lead, start + found.trim_end().len().max(lead)),
    }
}
