//! The interpreter: runs templates over values that are not known, both ways at every `if`, and keeps what comes out as pieces with the
//! conditions that they stand under.
//!
//! Knows text, not YAML: what the pieces mean is the business of `lines`.

mod call;
mod choose;
mod evaluate;
mod nodes;
mod output;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gotmpl::parse::{ListNode, SmolStr};

use super::condition::{Conditions, Guards};
use super::file::TemplateFile;
use super::relevance::Relevance;
use super::value::{Origin, PathId, Paths, Piece, PieceKind, Source, Value, Wins};

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

/// A dictionary: what `mergeOverwrite` laid over it, its own entries, what `merge` laid under it.
#[derive(Debug, Clone, Default)]
pub(super) struct Dict {
    /// How many conditions held where it was made.
    pub depth: u32,
    pub over: Vec<Value>,
    pub own: BTreeMap<String, Value>,
    /// The keys of its own that `set` wrote: nothing above or below them counts.
    pub fixed: BTreeSet<String>,
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
    /// Any item of what stands somewhere, where it is one that cannot be told from the others.
    pub guessed: BTreeSet<PathId>,
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
    /// What each chart's templates are rendered with.
    contexts: BTreeSet<u32>,
    guards: Guards,
    /// Guards, guards below them, and both joined: what was asked last.
    last_joined: Option<(Guards, Guards, Option<Guards>)>,
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
    pub(super) fn new(is_complete: bool, images: &BTreeSet<Vec<String>>) -> Self {
        Self {
            paths: Paths::new(),
            conditions: Conditions::default(),
            tests: Vec::new(),
            troubles: Vec::new(),
            unknown: BTreeSet::new(),
            escaped: BTreeSet::new(),
            guessed: BTreeSet::new(),
            required: BTreeSet::new(),
            relevance: Relevance::new(images),
            is_complete,
            files: Vec::new(),
            defines: HashMap::new(),
            dicts: Vec::new(),
            assigned: HashMap::new(),
            roots: vec![Paths::ROOT],
            contexts: BTreeSet::new(),
            guards: Guards::default(),
            last_joined: None,
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

    /// This dictionary is what a chart's templates are rendered with.
    pub(super) fn add_context(&mut self, dict: u32) {
        self.contexts.insert(dict);
    }

    /// What the file of this index puts out, run with `dot` where `guard` holds.
    pub(super) fn render(&mut self, file: u32, nodes: &ListNode, dot: &Value, guards: Guards) -> Vec<Piece> {
        self.guards = guards;
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
    fn deeper<T>(&mut self, unknown: impl FnOnce(&mut Self) -> T, look: impl FnOnce(&mut Self) -> T) -> T {
        if self.look >= MAX_LOOK || !self.spend(1) {
            self.lose();
            return unknown(self);
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
}

fn choices(value: &Value) -> usize {
    match value {
        Value::Choice(_, both) => 1 + choices(&both.0).max(choices(&both.1)),
        _ => 0,
    }
}

/// The values laid over each other, as one.
fn layered(wins: Wins, layers: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for layer in layers {
        match layer {
            Value::Nil => {}
            Value::Layered(inner, layers) if inner == wins => kept.extend(layers.iter().cloned()),
            other => {
                let constant = other
                    .constant()
                    .map(|text| !matches!(text.as_str(), "" | "false" | "0"));
                let is_list = matches!(&other, Value::List(items) if !items.is_empty());
                kept.push(other);
                if is_list || constant.is_some_and(|is_filled| is_filled || wins == Wins::Present) {
                    break;
                }
            }
        }
    }
    match kept.len() {
        0 => Value::Nil,
        1 => kept.remove(0),
        _ => Value::Layered(wins, kept.into()),
    }
}

/// Values that something is made of, as they are found.
pub(super) struct Taint {
    pub paths: BTreeSet<PathId>,
    /// The dictionaries that were looked at: they may hold one another, and themselves.
    dicts: BTreeSet<u32>,
    /// How many values are still looked at.
    left: usize,
}

impl Default for Taint {
    fn default() -> Self {
        Self {
            paths: BTreeSet::new(),
            dicts: BTreeSet::new(),
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
