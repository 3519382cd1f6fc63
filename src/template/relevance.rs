//! Which named templates and files can have to do with images at all: the rest is not run. Most of what a chart puts out is labels, ports and
//! settings.
//!
//! A template can, if it, or one that it calls, speaks of an image or of a key on the way to one, or if what it looks at cannot be told
//! from its text.

use std::collections::{BTreeSet, HashMap};

use gotmpl::parse::{Expr, ListNode, Node, PipeNode, SmolStr};

/// What a template speaks of, those that it calls left out.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The keys that it asks for.
    keys: Vec<SmolStr>,
    /// The templates that it calls.
    calls: Vec<SmolStr>,
    /// Those of them that it calls under no condition.
    always: Vec<SmolStr>,
    /// Whether it may look at anything: all values at once, a text that is a template, a name that is computed.
    is_open: bool,
    /// Whether its text or a key speaks of images.
    is_of_images: bool,
}

impl Words {
    /// What `list` speaks of.
    pub(super) fn of(list: &ListNode) -> Self {
        let mut words = Self::default();
        words.list(list, true);
        words
    }

    fn list(&mut self, list: &ListNode, always: bool) {
        for node in &list.nodes {
            match node {
                Node::List(list) => self.list(list, always),
                Node::Text(text) => self.is_of_images |= text.text.contains("mage"),
                Node::Action(action) => {
                    let known = self.calls.len();
                    self.pipe(&action.pipe);
                    if always {
                        self.always.extend_from_slice(&self.calls[known..]);
                    }
                }
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                    self.pipe(&branch.pipe);
                    self.list(&branch.body, false);
                    if let Some(other) = &branch.else_body {
                        self.list(other, false);
                    }
                }
                Node::Template(call) => {
                    self.calls.push(call.name.clone());
                    if always {
                        self.always.push(call.name.clone());
                    }
                    if let Some(pipe) = &call.pipe {
                        self.pipe(pipe);
                    }
                }
                Node::Define(_) | Node::Break(_) | Node::Continue(_) => {}
            }
        }
    }

    fn pipe(&mut self, pipe: &PipeNode) {
        for command in &pipe.commands {
            match command.args.as_slice() {
                [Expr::Identifier(_, name), Expr::String(_, called), rest @ ..] if *name == "include" => {
                    self.calls.push(SmolStr::new(called));
                    for argument in rest {
                        self.expression(argument);
                    }
                    continue;
                }
                [Expr::Identifier(_, name), ..] if matches!(name.as_str(), "include" | "tpl") => self.is_open = true,
                _ => {}
            }
            for argument in &command.args {
                self.expression(argument);
            }
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Field(_, names) | Expr::Variable(_, _, names) => self.names(names),
            Expr::Chain(_, inner, names) => {
                self.expression(inner);
                self.names(names);
            }
            Expr::String(_, text) => {
                self.is_of_images |= text.contains("mage");
                self.is_open |= text.as_ref() == "Values";
                self.keys.push(SmolStr::new(text));
            }
            Expr::Pipe(_, pipe) => self.pipe(pipe),
            Expr::Identifier(..) | Expr::Dot(_) | Expr::Number(..) | Expr::Bool(..) | Expr::Nil(_) => {}
        }
    }

    fn names(&mut self, names: &[SmolStr]) {
        self.is_of_images |= names.iter().any(|name| name.contains("mage"));
        self.is_open |= names.last().is_some_and(|last| last == "Values");
        self.keys.extend_from_slice(names);
    }
}

/// What is known of the templates of a chart.
#[derive(Debug, Default)]
pub(super) struct Relevance<'a> {
    /// The keys on the way to images.
    keys: BTreeSet<String>,
    words: HashMap<&'a str, &'a Words>,
    known: HashMap<String, bool>,
}

impl<'a> Relevance<'a> {
    /// With these keys on the way to images.
    pub(super) fn new(keys: BTreeSet<String>) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }

    /// Adds a named template.
    pub(super) fn add(&mut self, name: &'a str, words: &'a Words) {
        self.words.insert(name, words);
    }

    /// Whether the template of this name can have to do with images.
    pub(super) fn of_name(&mut self, name: &str) -> bool {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        // A template that calls itself is as relevant as what else it does.
        self.known.insert(name.to_owned(), false);
        let words = self.words.get(name).copied();
        let relevant = words.is_none_or(|words| self.of_words(words));
        self.known.insert(name.to_owned(), relevant);
        relevant
    }

    /// Whether the template of this name calls itself, directly or through others, whatever the values are.
    pub(super) fn is_endless(&self, name: &str) -> bool {
        let mut open: Vec<&str> = vec![name];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(at) = open.pop() {
            let calls = self.words.get(at).map(|words| &words.always);
            for called in calls.into_iter().flatten() {
                if *called == name {
                    return true;
                }
                if seen.insert(called.as_str()) {
                    open.push(called);
                }
            }
        }
        false
    }

    /// Whether a template with these words can.
    pub(super) fn of_words(&mut self, words: &Words) -> bool {
        words.is_open
            || words.is_of_images
            || words.keys.iter().any(|key| self.keys.contains(key.as_str()))
            || words.calls.iter().any(|name| self.of_name(name))
    }
}
