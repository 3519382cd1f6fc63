//! Which named templates and files can have to do with images at all: the rest is not run. Most of what a chart puts out is labels, ports and
//! settings.
//!
//! A template can, if it, or one that it calls, speaks of an image or asks for a value on the way to one, or if what it looks at cannot be
//! told from its text.

use std::collections::{BTreeSet, HashMap};

use gotmpl::parse::{CommandNode, Expr, ListNode, Node, PipeNode, SmolStr};

use super::value::PathStep;

/// The functions that take a key of their first argument: behind `.Values`, the key belongs to the path.
const KEYED: [&str; 5] = ["index", "get", "hasKey", "set", "unset"];

/// What a template speaks of, those that it calls left out.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The keys that it asks for, of whatever.
    keys: Vec<SmolStr>,
    /// The paths below `.Values` that it asks for.
    paths: Vec<Box<[SmolStr]>>,
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
                Node::Text(text) => self.is_of_images |= speaks_of_images(&text.text),
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
            self.command(command);
        }
    }

    fn command(&mut self, command: &CommandNode) {
        let arguments = match command.args.as_slice() {
            [Expr::Identifier(_, name), Expr::String(_, called), rest @ ..] if *name == "include" => {
                self.calls.push(SmolStr::new(called));
                rest
            }
            [Expr::Identifier(_, name), of, rest @ ..] if KEYED.contains(&name.as_str()) => match below_values(of) {
                Some(names) => self.keyed(names, rest),
                None => &command.args,
            },
            all @ [Expr::Identifier(_, name), ..] if matches!(name.as_str(), "include" | "tpl") => {
                self.is_open = true;
                all
            }
            all => all,
        };
        for argument in arguments {
            self.expression(argument);
        }
    }

    /// Notes the path of `names` and the constant keys behind it, and gives what follows those.
    fn keyed<'e>(&mut self, names: &[SmolStr], rest: &'e [Expr]) -> &'e [Expr] {
        let mut path = names.to_vec();
        let mut left = rest;
        while let [Expr::String(_, key), more @ ..] = left {
            path.push(SmolStr::new(key));
            left = more;
        }
        self.path(path);
        left
    }

    fn path(&mut self, path: Vec<SmolStr>) {
        self.is_open |= path.is_empty();
        self.paths.push(path.into());
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Field(_, names) | Expr::Variable(_, _, names) => self.names(names),
            Expr::Chain(_, inner, names) => {
                self.expression(inner);
                self.names(names);
            }
            Expr::String(_, text) => {
                // A word alone is a key: it counts where it is one on the way to an image, or that of a container.
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                self.is_of_images |= text.as_ref() == "image" || (text.contains("mage") && !text.chars().all(is_word));
                self.is_open |= text.as_ref() == "Values";
                self.keys.push(SmolStr::new(text));
            }
            Expr::Pipe(_, pipe) => self.pipe(pipe),
            Expr::Identifier(..) | Expr::Dot(_) | Expr::Number(..) | Expr::Bool(..) | Expr::Nil(_) => {}
        }
    }

    fn names(&mut self, names: &[SmolStr]) {
        if let Some(path) = path_in(names) {
            return self.path(path.to_vec());
        }
        self.is_of_images |= names.iter().any(|name| name.contains("mage"));
        self.keys.extend_from_slice(names);
    }
}

/// Whether text speaks of images, the secrets that they are pulled with aside.
fn speaks_of_images(text: &str) -> bool {
    text.match_indices("mage")
        .any(|(at, _)| !text[at..].starts_with("magePullSecrets"))
}

/// The path below `.Values` that an expression names.
fn below_values(expression: &Expr) -> Option<&[SmolStr]> {
    match expression {
        Expr::Field(_, names) | Expr::Variable(_, _, names) => path_in(names),
        _ => None,
    }
}

/// The names behind `Values`.
fn path_in(names: &[SmolStr]) -> Option<&[SmolStr]> {
    let at = names.iter().rposition(|name| name == "Values")?;
    Some(&names[at + 1..])
}

/// What is known of the templates of a chart.
#[derive(Debug, Default)]
pub(super) struct Relevance<'a> {
    /// The paths of images, as each chart's own templates name them.
    images: Vec<Vec<String>>,
    /// The keys that those begin with.
    keys: BTreeSet<String>,
    words: HashMap<&'a str, &'a Words>,
    known: HashMap<String, bool>,
    recursive: HashMap<String, bool>,
}

impl<'a> Relevance<'a> {
    /// With these paths of images.
    pub(super) fn new(images: &BTreeSet<Vec<String>>) -> Self {
        Self {
            keys: images.iter().filter_map(|path| path.first().cloned()).collect(),
            images: images.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// Adds a named template.
    pub(super) fn add(&mut self, name: &'a str, words: &'a Words) {
        self.words.insert(name, words);
    }

    /// Whether the template of this name, or one that it calls, can have to do with images.
    pub(super) fn of_name(&mut self, name: &str) -> bool {
        let mut seen: BTreeSet<&str> = BTreeSet::from([name]);
        let mut open: Vec<&str> = vec![name];
        let mut relevant = false;
        while let Some(at) = open.pop().filter(|_| !relevant) {
            relevant = match (self.known.get(at), self.words.get(at)) {
                (Some(known), _) => *known,
                (None, None) => true,
                (None, Some(words)) => {
                    let calls = words.calls.iter().map(SmolStr::as_str);
                    open.extend(calls.filter(|called| seen.insert(called)));
                    self.says(words)
                }
            };
        }
        let known = if relevant { BTreeSet::from([name]) } else { seen };
        self.known
            .extend(known.into_iter().map(|name| (name.to_owned(), relevant)));
        relevant
    }

    /// Whether the template of this name calls itself, directly or through others, whatever the values are.
    pub(super) fn is_endless(&self, name: &str) -> bool {
        self.calls_itself(name, |words| &words.always)
    }

    /// Whether the template of this name calls one that may call itself, directly or through others.
    pub(super) fn is_recursive(&mut self, name: &str) -> bool {
        if let Some(known) = self.recursive.get(name) {
            return *known;
        }
        let mut recursive = self.calls_itself(name, |words| &words.calls);
        self.recursive.insert(name.to_owned(), recursive);
        let calls = self.words.get(name).map_or_else(Vec::new, |words| words.calls.clone());
        recursive |= calls.iter().any(|called| self.is_recursive(called));
        self.recursive.insert(name.to_owned(), recursive);
        recursive
    }

    fn calls_itself(&self, name: &str, calls: impl Fn(&'a Words) -> &'a [SmolStr]) -> bool {
        let mut open: Vec<&str> = vec![name];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(at) = open.pop() {
            let called = self.words.get(at).map(|words| calls(words));
            for called in called.into_iter().flatten() {
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
        self.says(words) || words.calls.iter().any(|name| self.of_name(name))
    }

    /// Whether the words themselves say so, whatever they call.
    fn says(&self, words: &Words) -> bool {
        words.is_open
            || words.is_of_images
            || words.keys.iter().any(|key| self.keys.contains(key.as_str()))
            || words.paths.iter().any(|path| self.of_keys(path))
    }

    /// Whether a path of the values leads to an image, or into one.
    pub(super) fn of_steps(&self, steps: &[&PathStep]) -> bool {
        let fits = |(step, known): (&&PathStep, &String)| match step {
            PathStep::Key(key) => **key == **known,
            PathStep::Any => true,
        };
        self.images.iter().any(|image| steps.iter().zip(image).all(fits))
    }

    /// The same for keys.
    fn of_keys(&self, keys: &[SmolStr]) -> bool {
        let fits = |(key, known): (&SmolStr, &String)| key == known;
        self.images.iter().any(|image| keys.iter().zip(image).all(fits))
    }
}
