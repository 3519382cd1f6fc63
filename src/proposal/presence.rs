//! Whether files that are there run chartpin already: hooks of pre-commit, steps of workflows. Comments and names of other things do not count.

use std::sync::Arc;

use crate::source::SourceFile;
use crate::yaml::{NodeId, ReadError, Tree, read_nodes};

/// What runs chartpin already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// What it is, such as "the hook `chartpin-lint`".
    pub what: String,
    /// Its line, from 1.
    pub line: usize,
}

/// The first hook of a `.pre-commit-config.yaml` that runs chartpin.
///
/// # Errors
/// When the text is no YAML.
pub fn hook_in(file: &SourceFile) -> Result<Option<Presence>, ReadError> {
    let tree = read_nodes(&Arc::clone(&file.text))?;
    let Some(root) = tree.root() else { return Ok(None) };
    // The list itself stood at the top before pre-commit had other settings.
    let repositories = tree.get(root, "repos").unwrap_or(root);
    let hooks = tree
        .items(repositories)
        .iter()
        .flat_map(|repository| items(&tree, *repository, "hooks"));
    Ok(hooks.into_iter().find_map(|hook| {
        let (id, node) = text(&tree, *hook, "id")?;
        let is_ours = id == "chartpin" || id.starts_with("chartpin-");
        let runs_it = || text(&tree, *hook, "entry").is_some_and(|(entry, _)| runs_chartpin(entry));
        (is_ours || runs_it()).then(|| presence(file, &tree, node, format!("the hook `{id}`")))
    }))
}

/// The first step of a workflow of GitHub Actions that runs chartpin, by its action or in a script.
///
/// # Errors
/// When the text is no YAML.
pub fn step_in(file: &SourceFile) -> Result<Option<Presence>, ReadError> {
    let tree = read_nodes(&Arc::clone(&file.text))?;
    let jobs = tree.root().and_then(|root| tree.get(root, "jobs"));
    let jobs = jobs.map(|jobs| tree.entries(jobs)).unwrap_or_default();
    let steps = jobs.iter().flat_map(|job| items(&tree, job.value, "steps"));
    Ok(steps.into_iter().find_map(|step| {
        if let Some((uses, node)) = text(&tree, *step, "uses").filter(|(uses, _)| names_chartpin(uses)) {
            return Some(presence(file, &tree, node, format!("a step that uses `{uses}`")));
        }
        let (_, node) = text(&tree, *step, "run").filter(|(script, _)| runs_chartpin(script))?;
        Some(presence(file, &tree, node, "a step that runs `chartpin`".to_owned()))
    }))
}

fn presence(file: &SourceFile, tree: &Tree, node: NodeId, what: String) -> Presence {
    let line = file.position(tree.node(node).span.start).line;
    Presence { what, line }
}

fn items<'a>(tree: &'a Tree, node: NodeId, key: &str) -> &'a [NodeId] {
    tree.get(node, key).map(|list| tree.items(list)).unwrap_or_default()
}

fn text<'a>(tree: &'a Tree, node: NodeId, key: &str) -> Option<(&'a str, NodeId)> {
    let entry = tree.entry(node, key)?;
    Some((tree.scalar(entry.value)?.value, entry.key_node))
}

/// Whether a command line, or a script, names chartpin as a program, an image or a package.
fn runs_chartpin(script: &str) -> bool {
    let lines = script.lines().filter(|line| !line.trim_start().starts_with('#'));
    let is_separator = |c: char| c.is_whitespace() || "'\"`$(){};|&<>".contains(c);
    lines.flat_map(|line| line.split(is_separator)).any(names_chartpin)
}

/// Whether the last part of a path is chartpin, whatever its version: a program, an action, an image.
fn names_chartpin(word: &str) -> bool {
    let last = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = last.split(['@', ':', '=']).next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name) == "chartpin"
}
