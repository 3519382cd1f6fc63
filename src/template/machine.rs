//! The interpreter: runs templates over values that are not known, both ways at every `if`, and keeps what comes out as pieces with the
//! conditions that they stand under.
//!
//! Knows text, not YAML: what the pieces mean is the business of `lines`.

mod choose;
mod evaluate;
mod output;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use gotmpl::parse::{BranchNode, ListNode, Node, PipeNode, SmolStr, TemplateNode};

use super::condition::{Conditions, Guards, Literal, Logic};
use super::file::TemplateFile;
use super::relevance::Relevance;
use super::value::{Origin, PathId, Paths, Piece, PieceKind, Source, Text, Value, Words};

/// How many nodes are run for one chart before the rest is given up.
const MAX_STEPS: usize = 1_000_000;

/// How many pieces of text, items of lists and bytes of made text one chart may come to.
const MAX_WORK: usize = 1_000_000;

/// How many faults of one chart's templates are reported.
const MAX_TROUBLES: usize = 50;

/// How deep a value is looked into.
const MAX_LOOK: usize = 24;

/// How deep named templates call each other.
const MAX_CALLS: usize = 100;

/// How deep choices may stand inside choices.
const MAX_CHOICES: usize = 12;

/// A function other than truth tests that looked at a value.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub path: PathId,
    pub function: SmolStr,
    pub origin: Option<Origin>,
}

/// Something that Helm would refuse while rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub message: String,
    pub origin: Origin,
}

/// A dictionary: what `set` wrote over it, its own entries, what `merge` laid under it.
#[derive(Debug, Clone, Default)]
pub(super) struct Dict {
    /// How many conditions held where it was made.
    pub depth: u32,
    pub over: Vec<Value>,
    pub own: BTreeMap<String, Value>,
    /// The keys that `omit` or `unset` took away.
    pub hidden: BTreeSet<String>,
    pub under: Vec<Value>,
}

#[derive(Debug, Clone)]
struct Variable {
    name: SmolStr,
    value: Value,
    /// How many conditions held where it was declared.
    depth: u32,
}

#[derive(Clone, Copy)]
struct Define<'a> {
    node: &'a ListNode,
    file: u32,
}

/// The state of a run.
pub(super) struct Machine<'a> {
    pub paths: Paths,
    pub conditions: Conditions,
    pub tests: Vec<Test>,
    pub troubles: Vec<Trouble>,
    /// The places that could not be followed.
    pub unknown: BTreeSet<(u32, u32)>,
    /// The values that something unknown looks at.
    pub escaped: BTreeSet<PathId>,
    /// The values that `required` asks for.
    pub required: BTreeSet<PathId>,
    /// Which templates can have to do with images.
    pub relevance: Relevance<'a>,
    /// Whether every dependency is there, so that a name that nobody defines is an error.
    pub is_complete: bool,
    files: Vec<(&'a TemplateFile, bool)>,
    defines: HashMap<&'a str, Define<'a>>,
    dicts: Vec<Dict>,
    assigned: HashMap<PathId, Value>,
    /// Where the values of each chart begin.
    roots: Vec<PathId>,
    guards: Guards,
    out: Vec<Piece>,
    variables: Vec<Variable>,
    frame: usize,
    pub calls: Vec<String>,
    file: u32,
    at: u32,
    own_call: Option<Origin>,
    /// Whether what is computed is put out as it is, and nothing depends on it.
    is_printing: bool,
    /// How deep the text stands that is being put together.
    depth: usize,
    steps: usize,
    /// What is left of [`MAX_WORK`].
    work: usize,
    /// How deep a look into a value is.
    look: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(is_complete: bool, keys: BTreeSet<String>) -> Self {
        Self {
            paths: Paths::new(),
            conditions: Conditions::default(),
            tests: Vec::new(),
            troubles: Vec::new(),
            unknown: BTreeSet::new(),
            escaped: BTreeSet::new(),
            required: BTreeSet::new(),
            relevance: Relevance::new(keys),
            is_complete,
            files: Vec::new(),
            defines: HashMap::new(),
            dicts: Vec::new(),
            assigned: HashMap::new(),
            roots: vec![Paths::ROOT],
            guards: Guards::default(),
            out: Vec::new(),
            variables: Vec::new(),
            frame: 0,
            calls: Vec::new(),
            file: 0,
            at: 0,
            own_call: None,
            is_printing: false,
            depth: 0,
            steps: 0,
            work: MAX_WORK,
            look: 0,
        }
    }

    /// Adds a file, and its named templates over those of the same name; `is_own` says whether it belongs to the chart itself.
    pub(super) fn add(&mut self, file: &'a TemplateFile, is_own: bool, name: Option<&'a str>) -> u32 {
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push((file, is_own));
        if let Ok(body) = file.body() {
            for (define, words) in body.defines.iter().zip(&body.define_words) {
                self.relevance.add(&define.name, words);
                let found = Define {
                    node: &define.body,
                    file: index,
                };
                self.defines.insert(&define.name, found);
            }
            if let Some(name) = name {
                self.relevance.add(name, &body.words);
                self.defines.insert(
                    name,
                    Define {
                        node: &body.nodes,
                        file: index,
                    },
                );
            }
        }
        index
    }

    /// Notes the chart's own named templates that call themselves without end; once all files are added.
    pub(super) fn find_endless(&mut self) {
        for (index, (file, is_own)) in self.files.clone().into_iter().enumerate() {
            let Ok(body) = file.body() else { continue };
            for define in body.defines.iter().filter(|_| is_own) {
                if self.relevance.is_endless(&define.name) {
                    let origin = Origin {
                        file: u32::try_from(index).unwrap_or(u32::MAX),
                        at: u32::try_from(define.pos.offset).unwrap_or(u32::MAX),
                        is_exact: true,
                    };
                    let message = format!("`{}` includes itself without end", define.name);
                    self.troubles.push(Trouble { message, origin });
                    break;
                }
            }
        }
    }

    /// The values of a subchart begin at `root`.
    pub(super) fn add_root(&mut self, root: PathId) {
        self.roots.push(root);
    }

    /// What the file of this index puts out, run with `dot` where `guard` holds.
    pub(super) fn render(&mut self, file: u32, nodes: &ListNode, dot: &Value, guard: Option<Literal>) -> Vec<Piece> {
        self.guards = guard.map_or_else(Guards::default, |guard| Guards::default().with(guard));
        self.file = file;
        self.own_call = None;
        self.out.clear();
        self.variables.clear();
        self.frame = 0;
        self.declare("$".into(), dot.clone());
        self.list(nodes, dot);
        std::mem::take(&mut self.out)
    }

    /// A dictionary of these entries.
    pub(super) fn dict(&mut self, dict: Dict) -> u32 {
        let id = u32::try_from(self.dicts.len()).unwrap_or(u32::MAX);
        let depth = self.guards.depth();
        self.dicts.push(Dict { depth, ..dict });
        id
    }

    pub(super) fn dict_mut(&mut self, id: u32) -> &mut Dict {
        &mut self.dicts[id as usize]
    }

    pub(super) fn dict_of(&self, id: u32) -> &Dict {
        &self.dicts[id as usize]
    }

    /// Where the machine stands: in the chart's own templates, the byte; in those of a dependency, where they were called from.
    pub(super) fn origin(&self) -> Option<Origin> {
        match self.files.get(self.file as usize) {
            Some((_, true)) => Some(Origin {
                file: self.file,
                at: self.at,
                is_exact: true,
            }),
            _ => self.own_call.map(|origin| Origin {
                is_exact: false,
                ..origin
            }),
        }
    }

    /// Takes `amount` from what may still be done; where nothing is left, all values may be used and the rest is given up.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        if let Some(left) = self.work.checked_sub(amount) {
            self.work = left;
            return true;
        }
        if self.work > 0 {
            self.work = 0;
            self.steps = MAX_STEPS + 1;
            self.give_up(&[&Value::Path(Paths::ROOT)]);
        }
        false
    }

    /// Looks one step deeper into a value, or says what is known where that is too deep: values may hold themselves.
    fn deeper<T>(&mut self, unknown: T, look: impl FnOnce(&mut Self) -> T) -> T {
        if self.look >= MAX_LOOK || !self.spend(1) {
            self.lose();
            return unknown;
        }
        self.look += 1;
        let found = look(self);
        self.look -= 1;
        found
    }

    /// Notes that something here cannot be followed further, though what it is made of is known.
    pub(super) fn lose(&mut self) {
        self.unknown.insert((self.file, self.at));
    }

    /// Notes that something here cannot be followed, and which values it may look at.
    pub(super) fn give_up(&mut self, values: &[&Value]) -> Value {
        self.lose();
        let taint = self.taint(values);
        self.escaped.extend(taint.iter().copied());
        Value::Opaque(taint)
    }

    /// Notes that `function` looks at these values.
    pub(super) fn test(&mut self, function: &str, values: &[&Value]) {
        let origin = self.origin();
        for path in self.taint(values).iter() {
            self.tests.push(Test {
                path: *path,
                function: function.into(),
                origin,
            });
        }
    }

    pub(super) fn trouble(&mut self, message: String) {
        if self.troubles.len() >= MAX_TROUBLES {
            return;
        }
        let origin = self.origin().unwrap_or(Origin {
            file: self.file,
            at: self.at,
            is_exact: true,
        });
        let trouble = Trouble { message, origin };
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    fn list(&mut self, list: &ListNode, dot: &Value) {
        for node in &list.nodes {
            self.node(node, dot);
        }
    }

    fn node(&mut self, node: &Node, dot: &Value) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            if self.steps == MAX_STEPS + 1 {
                self.give_up(&[&Value::Path(Paths::ROOT)]);
            }
            return;
        }
        match node {
            Node::List(list) => self.list(list, dot),
            Node::Text(text) => {
                self.at = self.place_of(text.pos.offset, &text.text);
                let origin = self.origin();
                self.push(Piece {
                    guards: Guards::default(),
                    kind: PieceKind::Words(Words::new(Arc::clone(&text.text))),
                    origin,
                });
            }
            Node::Action(action) => {
                self.stand(action.pos.offset);
                self.is_printing = action.pipe.decl.is_empty();
                let value = self.pipe(&action.pipe, dot);
                self.is_printing = false;
                self.stand(action.pos.offset);
                if action.pipe.decl.is_empty() {
                    self.emit(&value);
                } else {
                    self.bind(&action.pipe, &value);
                }
            }
            Node::If(branch) => self.branch(branch, dot, false),
            Node::With(branch) => self.branch(branch, dot, true),
            Node::Range(branch) => self.range(branch, dot),
            Node::Template(call) => self.template(call, dot),
            Node::Define(_) | Node::Break(_) | Node::Continue(_) => {}
        }
    }

    /// The byte at which a text node's text stands: behind white space that a trimmed comment left.
    fn place_of(&self, offset: usize, text: &str) -> u32 {
        let source = self
            .files
            .get(self.file as usize)
            .map_or("", |(file, _)| &file.source.text);
        let rest = source.get(offset..).unwrap_or_default();
        let lead = rest.len() - rest.trim_start().len();
        let skipped = (0..=lead)
            .find(|skip| rest.get(*skip..).is_some_and(|rest| rest.starts_with(text)))
            .unwrap_or(0);
        u32::try_from(offset + skipped).unwrap_or(u32::MAX)
    }

    fn stand(&mut self, offset: usize) {
        self.at = u32::try_from(offset).unwrap_or(u32::MAX);
        if matches!(self.files.get(self.file as usize), Some((_, true))) {
            self.own_call = self.origin();
        }
    }

    fn branch(&mut self, branch: &BranchNode, dot: &Value, is_with: bool) {
        let scope = self.variables.len();
        self.stand(branch.pos.offset);
        let value = self.pipe(&branch.pipe, dot);
        let logic = self.truth(&value);
        if !branch.pipe.decl.is_empty() {
            self.bind(&branch.pipe, &value);
        }
        let inner = if is_with { &value } else { dot };
        self.under(logic, |machine| machine.list(&branch.body, inner));
        if let Some(other) = &branch.else_body {
            self.under(logic.negated(), |machine| machine.list(other, dot));
        }
        self.variables.truncate(scope);
    }

    fn range(&mut self, branch: &BranchNode, dot: &Value) {
        let scope = self.variables.len();
        self.stand(branch.pos.offset);
        let value = self.pipe(&branch.pipe, dot);
        self.each(branch, &value);
        if let Some(other) = &branch.else_body {
            let empty = self.truth(&value).negated();
            self.under(empty, |machine| machine.list(other, dot));
        }
        self.variables.truncate(scope);
    }

    fn each(&mut self, branch: &BranchNode, value: &Value) {
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let index = i64::try_from(index).unwrap_or(i64::MAX);
                    self.turn(branch, Value::Number(index), item);
                }
            }
            Value::Dict(id)
                if self.dicts[*id as usize].over.is_empty() && self.dicts[*id as usize].under.is_empty() =>
            {
                for (key, item) in self.dicts[*id as usize].own.clone() {
                    self.turn(branch, Value::words(key, None), &item);
                }
            }
            Value::Choice(literal, both) => {
                let literal = *literal;
                self.under(Logic::Open(literal), |machine| machine.each(branch, &both.0));
                self.under(Logic::Open(literal.negated()), |machine| machine.each(branch, &both.1));
            }
            Value::Number(_) => self.turn(branch, Value::Opaque(Arc::from([])), &Value::Opaque(Arc::from([]))),
            other => {
                let logic = self.truth(other);
                let item = self.element(other);
                let key = match other.path() {
                    Some(path) => Value::hole(Source::Key(path), None, self.origin()),
                    None => Value::Opaque(self.taint(&[other])),
                };
                self.under(logic, |machine| machine.turn(branch, key, &item));
            }
        }
    }

    /// One turn of a loop.
    fn turn(&mut self, branch: &BranchNode, key: Value, item: &Value) {
        let scope = self.variables.len();
        let bind = |machine: &mut Self, name: &SmolStr, value: Value| {
            if branch.pipe.is_assign {
                machine.assign(name, value);
            } else {
                machine.declare(name.clone(), value);
            }
        };
        match branch.pipe.decl.as_slice() {
            [one] => bind(self, one, item.clone()),
            [first, second] => {
                bind(self, first, key);
                bind(self, second, item.clone());
            }
            _ => {}
        }
        self.list(&branch.body, item);
        self.variables.truncate(scope);
    }

    fn template(&mut self, call: &TemplateNode, dot: &Value) {
        self.stand(call.pos.offset);
        let argument = match &call.pipe {
            Some(pipe) => self.pipe(pipe, dot),
            None => Value::Nil,
        };
        let text = self.call(&call.name, &argument);
        self.emit(&text);
    }

    /// What the named template puts out for `dot`.
    pub(super) fn call(&mut self, name: &str, dot: &Value) -> Value {
        let Some(define) = self.defines.get(name).copied() else {
            if self.is_complete {
                self.trouble(format!("no template of the chart or its dependencies defines `{name}`"));
            }
            return self.give_up(&[dot]);
        };
        if self.is_beside_images(name, dot) {
            return Value::Opaque(Arc::from([]));
        }
        if !self.spend(8) {
            return Value::Opaque(Arc::from([]));
        }
        let before = self.calls.iter().filter(|call| *call == name).count();
        if before > 1 || self.calls.len() >= MAX_CALLS {
            return self.give_up(&[dot]);
        }
        self.calls.push(name.to_owned());
        let (file, at, own_call) = (self.file, self.at, self.own_call);
        self.file = define.file;
        let text = self.captured(define.node, dot);
        (self.file, self.at, self.own_call) = (file, at, own_call);
        self.calls.pop();
        Value::Text(text)
    }

    /// Whether a call can be left out: it has nothing to do with images, gets nothing but the context, and prints to a line that has not.
    fn is_beside_images(&mut self, name: &str, dot: &Value) -> bool {
        if !self.is_printing || self.relevance.of_name(name) {
            return false;
        }
        let line = self.line();
        if line.is_none_or(|line| line.contains("mage")) {
            return false;
        }
        let taint = self.taint(&[dot]);
        taint.iter().all(|path| self.roots.contains(path))
    }

    /// The constant text of the line that is being put out; nothing where it began before the text that is being put together.
    fn line(&self) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        for piece in self.out.iter().rev() {
            let PieceKind::Words(words) = &piece.kind else { continue };
            if let Some(at) = words.as_str().rfind('\n') {
                parts.push(&words.as_str()[at..]);
                parts.reverse();
                return Some(parts.concat());
            }
            parts.push(words.as_str());
        }
        parts.reverse();
        (self.depth == 0).then(|| parts.concat())
    }

    /// What `nodes` put out for `dot`, with the conditions inside of them alone.
    pub(super) fn captured(&mut self, nodes: &ListNode, dot: &Value) -> Text {
        let outer = std::mem::take(&mut self.out);
        let frame = std::mem::replace(&mut self.frame, self.variables.len());
        let scope = self.variables.len();
        let is_printing = std::mem::replace(&mut self.is_printing, false);
        self.depth += 1;
        self.declare("$".into(), dot.clone());
        self.list(nodes, dot);
        self.depth -= 1;
        self.is_printing = is_printing;
        self.variables.truncate(scope);
        self.frame = frame;
        let mut pieces = std::mem::replace(&mut self.out, outer);
        let depth = self.guards.depth();
        if depth > 0 {
            for piece in &mut pieces {
                let mut guards = Guards::default();
                for literal in piece.guards.below(depth) {
                    guards = guards.with(literal);
                }
                piece.guards = guards;
            }
        }
        pieces.into()
    }

    fn declare(&mut self, name: SmolStr, value: Value) {
        self.variables.push(Variable {
            name,
            value,
            depth: self.guards.depth(),
        });
    }

    /// Gives a variable a new value, which counts under the conditions that the variable was not declared under.
    fn assign(&mut self, name: &SmolStr, value: Value) {
        let Some(index) = self.variables[self.frame..]
            .iter()
            .rposition(|known| known.name == *name)
        else {
            return;
        };
        let index = self.frame + index;
        let (depth, old) = (self.variables[index].depth, self.variables[index].value.clone());
        let literals = self.guards.below(depth);
        let logic = self.conditions.all(literals.into_iter().map(Logic::Open));
        self.variables[index].value = self.unpruned(logic, value, old);
    }

    fn bind(&mut self, pipe: &PipeNode, value: &Value) {
        for name in &pipe.decl {
            if pipe.is_assign {
                self.assign(name, value.clone());
            } else {
                self.declare(name.clone(), value.clone());
            }
        }
    }
}

fn choices(value: &Value) -> usize {
    match value {
        Value::Choice(_, both) => 1 + choices(&both.0).max(choices(&both.1)),
        _ => 0,
    }
}

/// The values laid over each other, as one.
fn layered(layers: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for layer in layers {
        match layer {
            Value::Nil => {}
            Value::Layered(inner) => kept.extend(inner.iter().cloned()),
            other => {
                let is_whole = !matches!(
                    other,
                    Value::Path(_) | Value::Dict(_) | Value::Choice(..) | Value::Opaque(_)
                );
                kept.push(other);
                if is_whole {
                    break;
                }
            }
        }
    }
    match kept.len() {
        0 => Value::Nil,
        1 => kept.remove(0),
        _ => Value::Layered(kept.into()),
    }
}

/// Values that something is made of, as they are found.
pub(super) struct Taint {
    pub paths: BTreeSet<PathId>,
    /// How many values are still looked at: values may hold one another.
    left: usize,
}

impl Default for Taint {
    fn default() -> Self {
        Self {
            paths: BTreeSet::new(),
            left: 20_000,
        }
    }
}

/// The values that a piece is made of.
pub(super) fn collect_piece(piece: &Piece, found: &mut Taint) {
    found.left = found.left.saturating_sub(1);
    if found.left == 0 {
        return;
    }
    if let PieceKind::Hole(source, _) = &piece.kind {
        match source {
            Source::Value(path) | Source::Yaml(path) => {
                found.paths.insert(*path);
            }
            Source::Text(text, _) => text.iter().for_each(|piece| collect_piece(piece, found)),
            Source::Opaque(taint) => found.paths.extend(taint.iter().copied()),
            Source::Chart(..) | Source::Key(_) => {}
        }
    }
}
