//! From text to [`Tree`], through granit-parser.

use std::sync::{Arc, OnceLock};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, options};

use super::placeholder::{mask, placeholders};
use super::tree::{Anchor, Comment, Kind, Node, NodeId, Style, Tree};
use crate::source::{Span, floor_boundary};

/// How deep collections may nest; real values files stay under 30.
pub const MAX_DEPTH: usize = 255;

/// How many comments may stand between a key and its value.
const MAX_COMMENTS: usize = 100_000;

/// A text that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong, in one line.
    pub message: String,
    /// Where reading stopped.
    pub span: Span,
    /// Whether a limit of this program stopped it, and not the syntax.
    pub limit: bool,
}

/// Reads all documents of `text`, without its comments: a tenth faster.
///
/// # Errors
/// As [`read`].
pub fn read_nodes(text: &Arc<str>) -> Result<Tree, ReadError> {
    read_with(text, false)
}

/// Reads all documents of `text`.
///
/// The text is read as it stands where that works; where a placeholder is in the parser's way (`%%%X%%%`, an unquoted `{{ ... }}`), it is
/// masked first. Spans are those of `text` in both cases.
///
/// # Errors
/// When the text is no YAML, with or without its placeholders, or nests deeper than [`MAX_DEPTH`].
pub fn read(text: &Arc<str>) -> Result<Tree, ReadError> {
    read_with(text, true)
}

fn read_with(text: &Arc<str>, comments: bool) -> Result<Tree, ReadError> {
    let found = placeholders(text);
    let plain = Builder::run(text, text, comments);
    let in_the_way = match &plain {
        Ok(builder) => builder.braces,
        Err(error) => !error.limit,
    };
    let read = if in_the_way && !found.is_empty() {
        Builder::run(&mask(text, &found), text, comments)
    } else {
        plain
    };
    read.map(|builder| Tree {
        text: Arc::clone(text),
        nodes: builder.nodes,
        documents: builder.documents,
        comments: comments.then_some(builder.comments),
        placeholders: found,
        sorted: OnceLock::new(),
    })
}

/// A collection that is still open.
struct Open {
    node: NodeId,
    /// The key that waits for its value, where the collection is a mapping.
    key: Option<NodeId>,
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
    comments: Vec<Comment>,
    open: Vec<Open>,
    anchors: Vec<(usize, NodeId)>,
    last: Option<NodeId>,
    /// Whether `{{` was read as a flow mapping within a flow mapping, which Helm refuses.
    braces: bool,
}

impl Builder {
    /// Reads `masked`, whose bytes stand where those of `text` do.
    fn run(masked: &str, text: &str, comments: bool) -> Result<Self, ReadError> {
        let options = options! {
            emit_comments: comments,
            emit_anchor_events: true,
            max_buffered_comment_events: MAX_COMMENTS,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        let mut builder = Self::default();
        for event in Parser::new_from_str_with_options(masked, options) {
            let (event, span) = event.map_err(|error| read_error(&error, text))?;
            let range = span.byte_range().unwrap_or_default();
            builder.event(event, range.into(), masked, text);
        }
        Ok(builder)
    }

    fn event(&mut self, event: Event<'_>, span: Span, masked: &str, text: &str) {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let style = style_of(style);
                let span = match style {
                    Style::Literal | Style::Folded => with_block_header(masked, span, &value),
                    _ => span,
                };
                let value = if span.is_empty() { "" } else { value.as_ref() };
                let kept =
                    (masked.get(span.range()) != Some(value)).then(|| unmasked(value, span, style, masked, text));
                let id = self.push(Kind::Scalar(style, kept), span, anchor);
                self.nodes[id.0 as usize].yaml_tag = tag.map(|tag| tag.original().into());
                self.attach(id);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let id = self.push(Kind::Sequence(Vec::new()), span, anchor);
                self.nodes[id.0 as usize].yaml_tag = tag.map(|tag| tag.original().into());
                self.open.push(Open { node: id, key: None });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.braces |= text[span.start..].starts_with("{{");
                let id = self.push(Kind::Mapping(Vec::new()), span, anchor);
                self.nodes[id.0 as usize].yaml_tag = tag.map(|tag| tag.original().into());
                self.open.push(Open { node: id, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let node = &mut self.nodes[open.node.0 as usize];
                    node.span.end = node.span.end.max(span.end);
                    self.attach(open.node);
                }
            }
            Event::Alias(anchor) => {
                if let Some((_, target)) = self.anchors.iter().rev().find(|(known, _)| *known == anchor) {
                    let target = *target;
                    if let Some(anchor) = &mut self.nodes[target.0 as usize].anchor {
                        anchor.aliases += 1;
                    }
                    let id = self.push(Kind::Alias(target), span, 0);
                    self.attach(id);
                }
            }
            Event::Anchor(_, _) => {
                if let Some(last) = self.last {
                    self.nodes[last.0 as usize].anchor = Some(Anchor { span, aliases: 0 });
                }
            }
            Event::Comment(..) => {
                let line_start = text[..span.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
                let trailing = !text[line_start..span.start]
                    .trim_start_matches('\u{feff}')
                    .trim()
                    .is_empty();
                self.comments.push(Comment { span, trailing });
            }
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind, span: Span, anchor: usize) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node {
            kind,
            span,
            anchor: None,
            yaml_tag: None,
        });
        if anchor > 0 {
            self.anchors.push((anchor, id));
        }
        self.last = Some(id);
        id
    }

    /// Hangs a finished node below the collection that is open, or makes it a document.
    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.documents.push(id);
            return;
        };
        match &mut self.nodes[open.node.0 as usize].kind {
            Kind::Sequence(items) => items.push(id),
            Kind::Mapping(pairs) => match open.key.take() {
                Some(key) => pairs.push((key, id)),
                None => open.key = Some(id),
            },
            Kind::Scalar(..) | Kind::Alias(_) => {}
        }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        ScalarStyle::Plain => Style::Plain,
    }
}

/// The value with the placeholders in it again; where quotes or folding stand between, the text of the token has to do.
fn unmasked(value: &str, span: Span, style: Style, masked: &str, text: &str) -> Box<str> {
    if masked.get(span.range()) == text.get(span.range()) {
        return value.into();
    }
    let content = match style {
        Style::SingleQuoted | Style::DoubleQuoted => Span::new(span.start + 1, span.end - 1),
        _ => span,
    };
    text.get(content.range()).unwrap_or(value).into()
}

/// Widens the span of a block scalar's body to its header (`|2-`), which stands at the end of an earlier line.
///
/// An empty scalar at the end of the text comes with its header already.
fn with_block_header(text: &str, body: Span, value: &str) -> Span {
    let first = text[body.start..].chars().next();
    if matches!(first, Some('|' | '>')) && !body.is_empty() && !value.starts_with(['|', '>']) {
        return body;
    }
    let body = without_partial_line(text, body);
    let mut end = body.start;
    loop {
        let before = text[..end].trim_end_matches(['\n', '\r']);
        if before.len() == end && end != body.start {
            return body;
        }
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        if let Some(at) = block_header(&before[line_start..]) {
            return Span::new(line_start + at, body.end.max(before.len()));
        }
        if line_start == 0 {
            return body;
        }
        end = line_start;
    }
}

/// Cuts the indentation of a less indented comment that the parser counts to the body.
fn without_partial_line(text: &str, body: Span) -> Span {
    let kept = text[body.range()].trim_end_matches([' ', '\t']).len();
    let ends_line = text[body.end..].is_empty() || text[body.end..].starts_with(['\n', '\r']);
    let cut = body.start + kept;
    if ends_line || !text[..cut].ends_with(['\n', '\r']) {
        body
    } else {
        Span::new(body.start, cut)
    }
}

/// Where in `line` a block header stands: `|` or `>` after white space, its indicators, nothing more but a comment.
fn block_header(line: &str) -> Option<usize> {
    line.char_indices()
        .filter(|(at, c)| matches!(c, '|' | '>') && (*at == 0 || line[..*at].ends_with([' ', '\t', '\u{feff}'])))
        .find(|(at, _)| {
            let rest = line[at + 1..].trim_start_matches(|c: char| c == '+' || c == '-' || c.is_ascii_digit());
            let comment = rest.trim_start_matches([' ', '\t']);
            comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len())
        })
        .map(|(at, _)| at)
}

fn read_error(error: &granit_parser::ScanError, text: &str) -> ReadError {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let last = text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
    let at = floor_boundary(text, at).min(last);
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let limit = matches!(
        error.kind(),
        ErrorKind::TooManyComments | ErrorKind::RecursionLimitExceeded
    );
    let message = match error.kind() {
        ErrorKind::RecursionLimitExceeded => format!("nests deeper than {MAX_DEPTH} levels"),
        ErrorKind::TooManyComments => format!("more than {MAX_COMMENTS} comments in a row"),
        _ => error.info(),
    };
    ReadError {
        message,
        span: Span::new(at, end),
        limit,
    }
}
